"""A stored waveform as columns, for a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.analysis.waveform import Waveform
from twitchwatch.views.shape import Line

Axis = Annotated[list[float], "acceleration along this axis, gravity removed, in mg"]


@dataclass(frozen=True)
class WaveformView(Line):
    """The samples around an event or of a bout."""

    kind: Literal["waveform"]
    seq: Annotated[int, "number of its record"]
    rate_hz: Annotated[float, "samples a second"]
    x_mg: Axis
    y_mg: Axis
    z_mg: Axis


def waveform_view(waveform: Waveform) -> WaveformView:
    """The waveform without gravity, which is its median on each axis."""
    import numpy as np

    motion = waveform.motion_mg - np.median(waveform.motion_mg, axis=0)
    x, y, z = ([round(float(value), 2) for value in motion[:, axis]] for axis in range(3))
    return WaveformView("waveform", waveform.seq, round(waveform.rate_hz, 3), x, y, z)
