"""Events in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twitchwatch.views.events import (
    Logged,
    Look,
    PlacedBout,
    PlacedBurst,
    PlacedGap,
    PlacedMark,
    PlacedMovement,
)
from twitchwatch.wording.units import magnitude

if TYPE_CHECKING:
    from twitchwatch.views.recordings import DetectedBout

# Why it is called movement.
MOVED = {"tilt": "the hand turned", "vigorous": "vigorous", "rhythmic": "rhythmic, as in brushing teeth"}


def doubted(line: Logged) -> bool:
    """Whether the waveform check sees something else, but not for certain."""
    if isinstance(line, PlacedBout):
        return line.shown is False
    if not isinstance(line, PlacedBurst | PlacedMovement):
        return False
    look = line.waveform_check
    return look is not None and look.kind != line.reported_kind and not look.certain


def doubt(look: Look | None, reported: str) -> str:
    """What the waveform check has against the reported kind; nothing if it agrees."""
    if look is None or look.kind == reported:
        return ""
    if look.certain:
        return f"; reported as {reported}, but {look.reason}"
    return f"; {look.reason}"


def swing(bout: PlacedBout | DetectedBout) -> str:
    """Frequency and amplitude of a tremor bout."""
    words = f"{bout.frequency_hz:.1f} Hz, {magnitude(bout.amplitude_mg, 'mg')} rms"
    if bout.amplitude_dps is not None:
        words += f", {magnitude(bout.amplitude_dps, 'deg/s')}"
    return words


def details(line: Logged) -> str:
    """What else is known of an event."""
    match line:
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
    return "" if line.kind == line.reported_kind or by_its_look else "; the sensor was set wrongly then"
