"""What was found in a recording, as JSON objects and as a page for people."""

from __future__ import annotations

from typing import Any

from shared.protocol.records import JERK, MOVEMENT, SPASM, TWITCH, Event, Tremor
from twitchwatch.analysis.input import TO_TELL, input_faults
from twitchwatch.analysis.nights import REASONS
from twitchwatch.cli.events import MOVED, doubt
from twitchwatch.cli.page import NO_DIAGNOSIS, Page, magnitude, plural, span
from twitchwatch.detection import KINDS, Detection, Hole
from twitchwatch.export.json_lines import look_to_json
from twitchwatch.recording import SAMPLE_RATE_HZ


def timeline(found: Detection) -> list[dict[str, Any]]:
    """Events, tremor bouts and gaps in order of time, as objects."""
    lines = [_event(event, found) for event in found.events]
    lines += [_bout(bout) for bout in found.bouts]
    lines += [_hole(hole) for hole in found.holes]
    return sorted(lines, key=lambda line: line["start_s"])


def summary(found: Detection) -> dict[str, Any]:
    """The object that comes last."""
    totals = found.totals
    values = {
        "kind": "summary",
        "source": found.source,
        "rate_hz": found.rate_hz,
        "duration_s": found.duration_s,
        "rest_s": totals.rest_s,
        "moving_s": totals.moving_s,
        "not_worn_s": totals.not_worn_s,
        "lost_s": totals.lost_s,
        "unusable_s": totals.unusable_s,
        "tremor_s": totals.tremor_s,
        "bridged_s": totals.bridged_s,
        "noise_mg": totals.noise_mg,
        "input": [fault.name for fault in input_faults(totals.input)],
        "detection_limit_mg": totals.detection_limit_mg,
        "twitches": found.count(TWITCH),
        "tremors": len(found.bouts),
        "jerks": found.count(JERK),
        "spasms": found.count(SPASM),
        "movements": found.count(MOVEMENT),
        "absorbed": found.absorbed,
        "detector_version": found.version,
        "parameters_crc": found.parameters_crc,
    }
    return {key: _brief(value) for key, value in values.items()}


def _event(event: Event, found: Detection) -> dict[str, Any]:
    line = {
        "kind": KINDS[event.kind],
        "start_s": _brief(event.sample / SAMPLE_RATE_HZ),
        "duration_s": event.duration_ms / 1000,
        "peak_mg": event.peak_ug / 1000,
        "noise_mg": event.noise_ug / 1000,
    }
    if event.kind == MOVEMENT:
        return {**line, "reason": REASONS.get(event.reason, ""), "tilt_mg": event.tilt_ug / 1000}
    look = found.looks.get(event)
    return {
        **line,
        "axis": "xyz"[event.axis],
        "second_look": None if look is None else look_to_json(look),
    }


def _bout(bout: Tremor) -> dict[str, Any]:
    return {
        "kind": "tremor",
        "start_s": _brief(bout.sample / SAMPLE_RATE_HZ),
        "duration_s": bout.duration_ms / 1000,
        "peak_mg": bout.peak_ug / 1000,
        "frequency_hz": bout.frequency_milli_hz / 1000,
        "spread_hz": bout.spread_milli_hz / 1000,
        "amplitude_mg": bout.amplitude_ug / 1000,
        "amplitude_dps": bout.amplitude_mdps / 1000 if bout.amplitude_mdps else None,
        "cycles": bout.cycles,
    }


def _hole(hole: Hole) -> dict[str, Any]:
    return {
        "kind": "gap",
        "start_s": _brief(hole.start_s),
        "duration_s": _brief(hole.duration_s),
        "bridged": hole.bridged,
    }


def _brief(value: Any) -> Any:
    # A thousandth is a millisecond, a microgravity: beyond what is known.
    return round(value, 3) if isinstance(value, float) else value


def show(found: Detection) -> None:
    """Print a table of what was found, and what it comes to in words."""
    page = Page()
    page.heading(f"{found.source}: {span(found.duration_s)} at {found.rate_hz:.4g} Hz")
    page.gap()
    lines = timeline(found)
    if lines:
        page.table(
            ("Start", "Lasts", "What", "Peak", "Details"),
            [_row(line) for line in lines],
            right=("Start", "Lasts", "Peak"),
            styles=["bold" if line["kind"] == "tremor" else "" for line in lines],
        )
        page.gap()
    for sentence in _sentences(found):
        page.say(sentence)
    for fault in input_faults(found.totals.input):
        if fault.bit & TO_TELL:
            page.say(f"{fault.words[0].upper()}{fault.words[1:]}.")
    _say_gaps(page, found)
    page.gap()
    page.say(NO_DIAGNOSIS)


def _row(line: dict[str, Any]) -> tuple[str, ...]:
    peak = magnitude(line["peak_mg"], "mg") if "peak_mg" in line else "-"
    match line["kind"]:
        case "tremor":
            details = f"{line['frequency_hz']:.1f} Hz, {magnitude(line['amplitude_mg'], 'mg')} rms"
            if line["amplitude_dps"] is not None:
                details += f", {magnitude(line['amplitude_dps'], 'deg/s')}"
        case "movement":
            details = MOVED.get(line["reason"], "")
        case "gap":
            details = "bridged" if line["bridged"] else "no samples"
        case _:
            details = f"along {line['axis']}{doubt(line['second_look'], line['kind'])}"
    return _clock(line["start_s"]), span(line["duration_s"]), line["kind"], peak, details


def _clock(seconds: float) -> str:
    minutes, tenths = divmod(round(seconds * 10), 600)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}:{minutes:02d}" if hours else f"{minutes}") + f":{tenths / 10:04.1f}"


def _sentences(found: Detection) -> list[str]:
    totals = found.totals
    spent = [f"at rest {span(totals.rest_s)}"]
    if totals.tremor_s:
        spent[0] += f" ({span(totals.tremor_s)} of it in tremor)"
    for name, seconds in (
        ("moving", totals.moving_s),
        ("not worn", totals.not_worn_s),
        ("lost", totals.lost_s),
        ("unusable", totals.unusable_s),
    ):
        if seconds:
            spent.append(f"{name} {span(seconds)}")
    told = [", ".join(spent).capitalize() + "."]
    if found.bouts:
        total_s = sum(bout.duration_ms for bout in found.bouts) / 1000
        mean_hz = sum(bout.frequency_milli_hz * bout.duration_ms for bout in found.bouts) / total_s / 1e6
        told.append(f"Tremor: {plural(len(found.bouts), 'bout')}, {span(total_s)} in all, {mean_hz:.1f} Hz.")
    else:
        told.append("Tremor: none found.")
    twitches = plural(found.count(TWITCH), "twitch").capitalize()
    told.append(f"{twitches} in {span(totals.seen_s)} in which one could be seen.")
    if totals.detection_limit_mg is not None:
        told.append(
            f"The noise at rest was {magnitude(totals.noise_mg or 0.0, 'mg')}: "
            f"twitches below about {magnitude(totals.detection_limit_mg, 'mg')} may be missed."
        )
    return told


def _say_gaps(page: Page, found: Detection) -> None:
    longer = [hole for hole in found.holes if not hole.bridged]
    if longer:
        page.say(
            f"The recording has {plural(len(longer), 'gap')} of more than 1 s; "
            "the detector started afresh after each."
        )
    if found.totals.bridged_s:
        bridged = len(found.holes) - len(longer)
        page.say(
            f"{plural(bridged, 'gap').capitalize()} of at most 1 s, {span(found.totals.bridged_s)} in all, "
            "filled by a straight line: nothing could be seen there."
        )
