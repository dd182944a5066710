"""What the daemon receives at this moment, as objects: the lines of its live feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.views.shape import Line

Sensor = Annotated[str, "name of the sensor"]
HardwareId = Annotated[str, "as the sensor reports it"]
Axis = Annotated[list[float], "acceleration along this axis, gravity removed, in mg"]


@dataclass(frozen=True)
class LiveView(Line):
    """The daemon works; once a second."""

    kind: Literal["live"]
    now_utc: Annotated[str, "the computer's time"]


@dataclass(frozen=True)
class LiveSensorView(Line):
    """A sensor was connected or disconnected, or its battery was measured."""

    kind: Literal["live_sensor"]
    sensor: Sensor
    hardware_id: HardwareId
    connected: Annotated[bool, "true: there is a link to it now"]
    since_utc: Annotated[str, "since when that is so"]
    battery_mv: Annotated[int | None, "the cell's voltage, newest report; null if not known"]


@dataclass(frozen=True)
class LiveEventView(Line):
    """A burst, a tremor bout or a mark, as the sensor reported it within the last ten minutes."""

    kind: Literal["live_event"]
    sensor: Sensor
    hardware_id: HardwareId
    reported_kind: Annotated[str, "`twitch`, `jerk`, `spasm`, `movement`, `unlike`, `tremor` or `mark`"]
    at_utc: Annotated[str, "when it began"]
    duration_s: Annotated[float | None, "seconds; null for a mark"]
    peak_mg: Annotated[float | None, "peak acceleration, without gravity; null for a mark"]
    frequency_hz: Annotated[float | None, "of a tremor bout, or null"]


@dataclass(frozen=True)
class LiveSamplesView(Line):
    """Samples of a connected sensor, in the order in which they were taken; not stored."""

    kind: Literal["live_samples"]
    hardware_id: HardwareId
    rate_hz: Annotated[float, "samples a second"]
    lost: Annotated[int, "samples lost in transit since the previous line"]
    x_mg: Axis
    y_mg: Axis
    z_mg: Axis


@dataclass(frozen=True)
class LiveTapView(Line):
    """A push that is larger than any twitch, as in the tap test."""

    kind: Literal["live_tap"]
    hardware_id: HardwareId
    peak_mg: Annotated[float, "peak acceleration, without gravity"]


LIVE_VIEWS: tuple[type[Line], ...] = (
    LiveView,
    LiveSensorView,
    LiveEventView,
    LiveSamplesView,
    LiveTapView,
)
