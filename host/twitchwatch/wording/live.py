"""The live view in words: sensors, events and pushes as they come."""

from __future__ import annotations

from datetime import datetime

from twitchwatch.clock.zone import LOCAL
from twitchwatch.views.live import LiveEventView, LiveSensorView, LiveTapView
from twitchwatch.views.shape import Line
from twitchwatch.wording.units import magnitude, span

NO_DAEMON = (
    "No data: nothing is being collected. Start `twitchwatch run`, or install it once with"
    " `twitchwatch service install`."
)
NO_SENSOR = "No data: no sensor is connected. Press its button, or put it on its charger near this computer."
HANGS = "No data: the daemon does not answer. The values shown are old."
STALE = "No data: the sensor is connected, but its samples no longer arrive. The waveform shown is old."
LOST = (
    "No data: this page has no connection to the dashboard. Check that `twitchwatch dashboard` is running,"
    " close other live pages, then reload this one."
)
PAUSED = "Paused after ten minutes, because a live view keeps the sensor's radio on and uses its battery."
TAP = "Tap the ring with a finger: the acceleration that the sensor measures is shown here."


def words_of(line: Line) -> str:
    """A line of the feed as a sentence; empty if it needs none."""
    match line:
        case LiveSensorView():
            return sensor_words(line)
        case LiveEventView():
            return event_words(line)
        case LiveTapView():
            return f"The sensor registered your tap: {magnitude(line.peak_mg, 'mg')}."
    return ""


def sensor_words(line: LiveSensorView) -> str:
    """Whether a sensor is connected, since when, and its battery."""
    state = "connected" if line.connected else "not connected"
    battery = "" if line.battery_mv is None else f" Battery {line.battery_mv / 1000:.2f} V."
    return f"{line.sensor}: {state} since {_clock(line.since_utc):%H:%M:%S}.{battery}"


def event_words(line: LiveEventView) -> str:
    """What happened, when, and how large it was."""
    parts = [f"{_clock(line.at_utc):%H:%M:%S}: {line.reported_kind}"]
    if line.frequency_hz is not None:
        parts.append(f"{line.frequency_hz:.1f} Hz")
    if line.peak_mg is not None:
        parts.append(magnitude(line.peak_mg, "mg"))
    if line.duration_s is not None:
        parts.append(span(line.duration_s))
    return ", ".join(parts)


def _clock(utc: str) -> datetime:
    return datetime.fromisoformat(utc).astimezone(LOCAL)
