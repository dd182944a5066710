"""`twitchwatch flags`: what stands out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import NightChoice, database_option, device_option, json_option, night_options
from twitchwatch.cli.output import write_json
from twitchwatch.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twitchwatch.cli.archive import Sensor
    from twitchwatch.cli.page import Page
    from twitchwatch.flags import Flag

TITLES = {
    "tremor": "Rhythmic shaking (tremor)",
    "escalation": "Twitching more often",
    "easing": "Twitching less often",
    "no_data": "No data",
}
UNITS = {"s": "s", "h": "h", "hz": "Hz", "mg": "mg", "days": "days"}


@click.command("flags")
@click.option("--check", is_flag=True, help="End with exit code 6 where a finding is open, for scripts.")
@night_options
@device_option
@database_option
@json_option
def command(choice: NightChoice, device: str | None, database: Path, as_json: bool, check: bool) -> int:
    """Say what stands out: tremor, twitching that becomes more or less frequent, nights without data.

    Each finding comes with its evidence, what it may mean, what to try, and when to see a doctor. That there
    are twitches at all is never one: everyone has them.
    """
    from twitchwatch.cli.archive import NOTHING_YET, read_sensors
    from twitchwatch.cli.page import Page
    from twitchwatch.export.json_lines import flag_to_json
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        sensors = read_sensors(store, device)
        received = {status.device.id: status.last_record_received_utc_us for status in store.status()}
    flags = findings(sensors, received, choice, now_utc_us=int(time.time()) * 1_000_000)
    if as_json:
        for flag in flags:
            write_json(flag_to_json(flag))
    elif not sensors:
        Page().say(NOTHING_YET)
    else:
        _show(Page(), flags)
    wanting = any(flag.state == "new" for flag in flags)
    return Exit.ATTENTION if check and wanting else Exit.OK


def findings(
    sensors: Sequence[Sensor], received: dict[int, int | None], choice: NightChoice, *, now_utc_us: int
) -> list[Flag]:
    """Flags of the nights asked for, sensor by sensor; a sensor's silence belongs to no night.

    received: by device number, when its newest record came. Nights not asked for still are the baseline.
    """
    from twitchwatch.flags import Sight, raise_flags, silence_flag

    found: list[Flag] = []
    for sensor in sensors:
        flags = raise_flags(sensor.nights, now_utc_us=now_utc_us)
        found += [flag for flag in flags if flag.night is None or flag.night in choice]
        device = sensor.device
        sight = Sight(device.name, device.first_seen_utc_us, device.last_seen_utc_us, received.get(device.id))
        silence = silence_flag(sight, now_utc_us)
        if silence is not None and choice.everything:
            found.append(silence)
    return sorted(found, key=lambda flag: flag.since_utc_us)


def _show(page: Page, flags: Sequence[Flag]) -> None:
    from twitchwatch.cli.archive import evening
    from twitchwatch.cli.page import NO_DIAGNOSIS

    for flag in flags:
        when = f"night of {evening(flag.night)}" if flag.night else "now"
        page.heading(f"{TITLES.get(flag.kind, flag.kind)}: {when}, {flag.device}")
        page.say(flag.words, indent=2)
        for title, text in (
            ("May mean", flag.may_mean),
            ("To try", flag.to_try),
            ("See a doctor", flag.see_doctor),
            ("Evidence", _evidence(flag)),
            ("Taken back by", flag.taken_back_by),
        ):
            if text:
                page.say(text, label=title, indent=2)
        page.gap()
    if not flags:
        page.say("Nothing stands out. See `twitchwatch nights` for what was recorded.")
    page.say(NO_DIAGNOSIS)


def _evidence(flag: Flag) -> str:
    named = {**flag.evidence, **flag.statistics}.items()
    told = [_plain(name, value) for name, value in named if value is not None]
    return ", ".join((*told, f"confidence {flag.confidence}"))


def _plain(name: str, value: float | str | tuple[str, ...]) -> str:
    from datetime import datetime

    from twitchwatch.cli.local_time import LOCAL

    stem, _, unit = name.rpartition("_")
    if unit == "utc":
        name, told = stem, f"{datetime.fromisoformat(str(value)).astimezone(LOCAL):%H:%M:%S}"
    elif isinstance(value, tuple):
        told = " / ".join(value)
    elif isinstance(value, float):
        told = f"{value:.3g}"
    else:
        told = str(value)
    if unit in UNITS:
        name, told = stem, f"{told} {UNITS[unit]}"
    return f"{name.replace('_', ' ')} {told}"
