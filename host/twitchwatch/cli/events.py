"""`twitchwatch events`: everything that was seen in a night, one line each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twitchwatch.cli.options import NightChoice, database_option, device_option, json_option, night_options
from twitchwatch.cli.output import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twitchwatch.analysis.night import Night, NightGap, NightMark
    from twitchwatch.cli.page import Page

# Why it is called movement.
MOVED = {"tilt": "the hand turned", "vigorous": "vigorous", "rhythmic": "rhythmic, as in brushing teeth"}


@click.command("events")
@night_options
@device_option
@database_option
@json_option
def command(choice: NightChoice, device: str | None, database: Path, as_json: bool) -> None:
    """List events in order of time: those of the last night, unless others are asked for.

    Twitches, tremor bouts, jerks, spasms, movements; also your marks (the sensor's button), and gaps where
    the sensor lost data. The host looks at each waveform again: what is certainly no twitch is listed as a
    disturbance, or as unclear, and not counted.
    """
    from twitchwatch.cli.archive import chosen_nights, read_sensors, why_nothing
    from twitchwatch.cli.page import Page
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        sensors = read_sensors(store, device)
    nights = chosen_nights(sensors, choice)
    if choice.everything and nights:
        nights = [night for night in nights if night.date == nights[-1].date]
    if as_json:
        for night in nights:
            for line in lines_of(night):
                write_json(line)
    elif nights:
        _show(Page(), nights)
    else:
        Page().say(why_nothing(sensors, choice))


def lines_of(night: Night) -> list[dict[str, Any]]:
    """What a night holds, in order of time, each as an object."""
    from twitchwatch.export.json_lines import events_to_json

    found: list[dict[str, Any]] = [*events_to_json(night)]
    found += [_mark(mark) for mark in night.marks]
    found += [_gap(gap) for gap in night.gaps]
    place = {"device": night.device, "night": night.date.isoformat()}
    return [
        {"kind": line["kind"], **place, **line} for line in sorted(found, key=lambda line: str(line["utc"]))
    ]


def _mark(mark: NightMark) -> dict[str, Any]:
    from twitchwatch.export.json_lines import iso

    return {"kind": "mark", "utc": iso(mark.utc_us), "seq": mark.seq}


def _gap(gap: NightGap) -> dict[str, Any]:
    from twitchwatch.export.json_lines import iso

    return {
        "kind": "gap",
        "utc": iso(gap.utc_us),
        "duration_s": gap.duration_s,
        "what": gap.what,
        "cause": gap.cause,
        "count": gap.count,
        "seq": gap.seq,
    }


def _show(page: Page, nights: Sequence[Night]) -> None:
    from twitchwatch.cli.archive import evening
    from twitchwatch.cli.page import NO_DIAGNOSIS, plural, span

    for night in nights:
        page.heading(f"{evening(night.date)}, {night.device}")
        lines = lines_of(night)
        if lines:
            page.table(
                ("Time", "What", "Lasts", "Peak", "Details"),
                [_row(line) for line in lines],
                right=("Lasts", "Peak"),
                styles=["bold" if line["kind"] in ("tremor", "mark") else "" for line in lines],
            )
        else:
            page.say("No events.")
        if any(_doubted(line) for line in lines):
            page.say("? A second look at its waveform sees something else, but not for certain.")
        told = f"{plural(night.twitches, 'twitch').capitalize()} in {night.rest_h:.1f} h of rest."
        if night.absorbed:
            told += f" {plural(len(night.absorbed), 'burst').capitalize()} counted with a tremor."
        if night.clock_error_s >= 1:
            told += f" Times are right to {span(night.clock_error_s)}."
        page.say(told)
        page.gap()
    page.say(NO_DIAGNOSIS)


def _doubted(line: dict[str, Any]) -> bool:
    if line["kind"] == "tremor":
        return line["shown"] is False
    look = line.get("second_look")
    return look is not None and look["kind"] != line["told"] and not look["certain"]


def doubt(look: dict[str, Any] | None, told: str) -> str:
    """What a second look has to say against the kind that was told; nothing where it agrees."""
    if look is None or look["kind"] == told:
        return ""
    if look["certain"]:
        return f"; told as {told}, but {look['reason']}"
    return f"; {look['reason']}"


def _mistrust(line: dict[str, Any]) -> str:
    look = line["second_look"]
    by_its_look = look is not None and look["certain"]
    return "" if line["kind"] == line["told"] or by_its_look else "; the sensor was set wrongly then"


def _row(line: dict[str, Any]) -> tuple[str, ...]:
    from datetime import datetime

    from twitchwatch.cli.page import magnitude, span
    from twitchwatch.clock.zone import LOCAL

    at = datetime.fromisoformat(line["utc"]).astimezone(LOCAL)
    match line["kind"]:
        case "tremor":
            details = f"{line['frequency_hz']:.1f} Hz, {magnitude(line['amplitude_mg'], 'mg')} rms"
            if line["amplitude_dps"] is not None:
                details += f", {magnitude(line['amplitude_dps'], 'deg/s')}"
            if line["shown"] is False:
                details += "; its waveform does not show it"
        case "gap":
            details = f"{line['count']:,} {line['what']}: {line['cause']}"
        case "mark":
            details = "you pressed the button"
        case "movement":
            details = MOVED.get(line["reason"], "")
        case _:
            details = f"along {line['axis']}{doubt(line['second_look'], line['told'])}{_mistrust(line)}"
    return (
        f"{at:%H:%M:%S}",
        line["kind"] + ("?" if _doubted(line) else ""),
        span(line["duration_s"]) if "duration_s" in line else "-",
        magnitude(line["peak_mg"], "mg") if "peak_mg" in line else "-",
        details,
    )
