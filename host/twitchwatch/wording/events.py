"""Events in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from twitchwatch.analysis.night import WholeNight
from twitchwatch.views.events import (
    Logged,
    Look,
    PlacedBout,
    PlacedBurst,
    PlacedGap,
    PlacedMark,
    PlacedMovement,
    PlacedUncounted,
)
from twitchwatch.wording.units import magnitude, plural, span

if TYPE_CHECKING:
    from twitchwatch.views.recordings import DetectedBout

_NOT_COUNTED = {
    "no_tremor": "not tremor, by your annotation",
    "left_out_tremor": "in a stretch that you left out",
}
# Why an event counts as movement.
MOVED = {"tilt": "the hand turned", "vigorous": "vigorous", "rhythmic": "rhythmic, as in brushing teeth"}


def doubted(line: Logged) -> bool:
    """Whether the waveform check suggests something else, but not with certainty."""
    if isinstance(line, PlacedBout):
        return line.shown is False
    if not isinstance(line, PlacedBurst | PlacedMovement) or line.verdict is not None:
        return False
    look = line.waveform_check
    return look is not None and look.kind != line.reported_kind and not look.certain


def doubt(look: Look | None, reported: str) -> str:
    """Why the waveform check disagrees with the reported kind; empty if it agrees."""
    if look is None or look.kind == reported:
        return ""
    if look.certain:
        return f"; reported as {reported}, but {look.reason}"
    return f"; {look.reason}"


def swing(bout: PlacedBout | PlacedUncounted | DetectedBout) -> str:
    """Frequency and amplitude of a tremor bout."""
    words = f"{bout.frequency_hz:.1f} Hz, {magnitude(bout.amplitude_mg, 'mg')} rms"
    if bout.amplitude_dps is not None:
        words += f", {magnitude(bout.amplitude_dps, 'deg/s')}"
    return words


def machine_words(frequencies_hz: Iterable[float]) -> str:
    """A sentence on the machines that shook the hand, and how fast."""
    rates = " and ".join(dict.fromkeys(f"{hz:.1f}" for hz in frequencies_hz))
    return f"A machine shook the hand {rates} times a second: too steady for a tremor, so it does not count."


def details(line: Logged) -> str:
    """Further details of an event."""
    match line:
        case PlacedUncounted():
            return f"{swing(line)}; {_NOT_COUNTED[line.kind]}"
        case PlacedBout():
            return swing(line) + ("; its waveform does not show it" if line.shown is False else "")
        case PlacedGap():
            return f"{line.count:,} {line.what}: {line.cause}"
        case PlacedMark():
            return "you pressed the button"
        case PlacedMovement():
            return MOVED.get(line.reason or "", "")
    return f"along {line.axis}{doubt(line.waveform_check, line.reported_kind)}{_mistrust(line)}"


def _mistrust(line: PlacedBurst) -> str:
    look = line.waveform_check
    by_its_look = look is not None and look.certain
    if line.kind == "left_out":
        return f"; {line.reported_kind} in a stretch that you left out"
    if line.verdict is not None:
        return f"; reported as {line.reported_kind}, annotated by you"
    return (
        ""
        if line.kind == line.reported_kind or by_its_look
        else "; the sensor's settings were wrong at that time"
    )


def event_row(line: Logged, zone: tzinfo) -> tuple[str, ...]:
    """Its time, kind, duration, strength, number and further details."""
    at = datetime.fromisoformat(line.utc).astimezone(zone)
    peak_mg = getattr(line, "peak_mg", None)
    return (
        f"{at:%H:%M:%S}",
        line.kind.replace("_", " ") + ("?" if doubted(line) else ""),
        "-" if isinstance(line, PlacedMark) else span(line.duration_s),
        "-" if peak_mg is None else magnitude(peak_mg, "mg"),
        getattr(line, "id", "-"),
        details(line),
    )


def counted_words(night: WholeNight) -> str:
    """How many twitches there were, and how accurate the times are."""
    reported = f"{plural(night.twitches, 'twitch').capitalize()} in {night.rest_h:.1f} h of rest."
    if night.absorbed:
        reported += f" {plural(len(night.absorbed), 'burst').capitalize()} counted with a tremor."
    if night.clock_error_s >= 1:
        reported += f" Times are accurate to {span(night.clock_error_s)}."
    return reported
