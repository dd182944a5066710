"""`twitchwatch flags`: what stands out, and `twitchwatch flags ack`: that it was seen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import NightChoice, database_option, device_option, json_option, night_options
from twitchwatch.cli.output import write_json, write_line
from twitchwatch.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from twitchwatch.cli.page import Page
    from twitchwatch.flags import Flag

UNITS = {"s": "s", "h": "h", "hz": "Hz", "mg": "mg", "days": "days"}


@click.group("flags", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Show also what is resolved.")
@click.option("--check", is_flag=True, help="End with exit code 6 where a finding is new, for scripts.")
@night_options
@device_option
@database_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    choice: NightChoice,
    device: str | None,
    database: Path,
    everything: bool,
    as_json: bool,
    check: bool,
) -> int:
    """Say what stands out: tremor, twitching that becomes more or less frequent, nights without data.

    Each finding comes with its evidence, what it may mean, what to try, and when to see a doctor. That there
    are twitches at all is never one: everyone has them. A finding is new until it is acknowledged (`flags
    ack`), and resolved once what would take it back has come true.
    """
    if context.invoked_subcommand is not None:
        context.obj = database
        return Exit.OK
    from twitchwatch.cli.archive import NOTHING_YET, chosen_devices
    from twitchwatch.cli.page import Page
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.export.json_lines import flag_to_json
    from twitchwatch.findings import derive
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        wanted = None if device is None else {one.hardware_id for one in chosen_devices(store, device)}
        known = bool(store.devices())
        found = derive(store, LOCAL, int(time.time()) * 1_000_000)
    flags = [flag for flag in chosen(found, choice, wanted) if everything or flag.state != "resolved"]
    if as_json:
        for flag in flags:
            write_json(flag_to_json(flag))
    elif not known and not flags:
        Page().say(NOTHING_YET)
    else:
        _show(Page(), flags)
    wanting = any(flag.state == "new" and flag.urgency != "note" for flag in flags)
    return Exit.ATTENTION if check and wanting else Exit.OK


@command.command("ack")
@click.argument("numbers", metavar="ID...", type=int, nargs=-1, required=True)
@click.option(
    "--database",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The database with your records; `flags --database` does as well.",
)
@click.pass_obj
def acknowledge(known: Path, numbers: tuple[int, ...], database: Path | None) -> None:
    """Note that you have seen these findings; they are new again only if they become more urgent.

    ID is the number that `twitchwatch flags` shows with each finding.
    """
    from twitchwatch import findings
    from twitchwatch.flags.titles import title_of
    from twitchwatch.store import Store

    with Store.open_existing(database or known) as store:
        for number in numbers:
            row = findings.acknowledge(store, number, int(time.time()) * 1_000_000)
            write_line(f"Acknowledged: {number}, {title_of(row.kind, row.scope).lower()}.")


def chosen(flags: Sequence[Flag], choice: NightChoice, sensors: Collection[str] | None) -> list[Flag]:
    """Flags of these sensors (all when None) of which some night was asked for; silence belongs to none."""
    return [
        flag
        for flag in flags
        if (sensors is None or flag.sensor in sensors)
        and (
            choice.everything
            if flag.night is None
            else choice.overlaps(flag.night, flag.last_night or flag.night)
        )
    ]


def when_of(flag: Flag) -> str:
    """The nights of a flag, in words."""
    from twitchwatch.cli.archive import evening

    if flag.night is None:
        return "now"
    if flag.last_night in (None, flag.night):
        return f"night of {evening(flag.night)}"
    assert flag.last_night is not None
    return f"{evening(flag.night)} to {evening(flag.last_night)}"


def _show(page: Page, flags: Sequence[Flag]) -> None:
    from twitchwatch.cli.page import NO_DIAGNOSIS
    from twitchwatch.flags.titles import title_of

    found = [flag for flag in flags if flag.urgency != "note"]
    notes = [flag for flag in flags if flag.urgency == "note"]
    for flag in found:
        page.heading(f"{title_of(flag.kind, flag.scope)}: {when_of(flag)}, {flag.device}")
        page.say(flag.words, indent=2)
        for title, text in (
            ("May mean", flag.may_mean),
            ("To try", flag.to_try),
            ("See a doctor", flag.see_doctor),
            ("Evidence", _evidence(flag)),
            ("Taken back by", flag.taken_back_by),
            ("State", _state(flag)),
        ):
            if text:
                page.say(text, label=title, indent=2)
        page.gap()
    if not found:
        page.say("Nothing stands out. See `twitchwatch nights` for what was recorded.")
        page.gap()
    for flag in notes:
        page.heading(f"Good to know: {when_of(flag)}, {flag.device}")
        page.say(f"{flag.words} {flag.may_mean}", indent=2)
        page.say(f"{_state(flag)}; `--json` has the figures.", label="State", indent=2)
        page.gap()
    page.say(NO_DIAGNOSIS)


def _state(flag: Flag) -> str:
    if flag.state == "new":
        return f"new; `twitchwatch flags ack {flag.id}` says that you have seen it"
    return f"{flag.state} (number {flag.id})"


def _evidence(flag: Flag) -> str:
    named = {**flag.evidence, **flag.statistics}.items()
    told = [_plain(name, value) for name, value in named if value is not None and value != ()]
    return ", ".join((*told, f"confidence {flag.confidence}"))


def _plain(name: str, value: float | str | tuple[str, ...]) -> str:
    from datetime import datetime

    from twitchwatch.clock.zone import LOCAL

    stem, _, unit = name.rpartition("_")
    if unit == "utc":
        at = datetime.fromisoformat(str(value)).astimezone(LOCAL)
        name, told = stem, f"{at:%Y-%m-%d %H:%M:%S}"
    elif isinstance(value, tuple):
        told = " / ".join(value)
    elif isinstance(value, float):
        told = f"{value:.3g}"
    else:
        told = str(value)
    if unit in UNITS:
        name, told = stem, f"{told} {UNITS[unit]}"
    return f"{name.replace('_', ' ')} {told}"
