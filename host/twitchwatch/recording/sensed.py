"""What the sensor would have sampled: stretches of a recording, one after the other, at 104 Hz in int16."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.even import AsTheyAre, Evener, Filled, Interpolated
from twitchwatch.recording.model import SAMPLE_RATE_HZ, Segment
from twitchwatch.recording.outline import Stretch, smooth
from twitchwatch.recording.resample import Resampler, conversion, grid_step_s, quantise
from twitchwatch.recording.series import Stamps
from twitchwatch.recording.spool import Spool
from twitchwatch.recording.whitening import Missing, Whitening


class Sensed:
    """Takes the values of stretches in order, and makes segments of them.

    stamps: of all samples; the first stretch begins at `start_s`. Values have 3 or 6 `channels`.
    missing: the noise that the detector needs besides the sensor's own.
    """

    def __init__(
        self, rate_hz: float, stamps: Stamps, start_s: float, channels: int, missing: Missing
    ) -> None:
        self._whitening = Whitening(missing)
        self._ratio = conversion(rate_hz)
        self._step_s = grid_step_s(rate_hz)
        self.holes: list[tuple[float, float]] = []
        """Bridged, as (start_s, duration_s)."""
        self._stamps = stamps
        self._start_s = start_s
        self._channels = channels
        self._placed = Spool("<f8")
        self._acc = Spool("<i2", 3)
        self._gyro = Spool("<f4", 3) if channels > 3 else None
        self._bounds: list[tuple[int, int]] = []
        # Start on the timeline, and place in what was made.

    def stretch(self, stretch: Stretch) -> None:
        """Begin a stretch."""
        self._stretch = stretch
        self._since = len(self._placed)
        self._evener: Evener = AsTheyAre()
        if not stretch.jitters(self._step_s):
            on_grid = smooth(self._stamps, stretch, self._step_s, self._placed)
            self._evener = Filled(self._step_s) if on_grid else Interpolated(self._step_s)
        self._resampler = Resampler(self._ratio, self._channels)
        start_s = stretch.first_s - self._start_s
        end = self._bounds[-1][0] + len(self._acc) - self._bounds[-1][1] if self._bounds else 0
        self._bounds.append((max(round(start_s * SAMPLE_RATE_HZ), end), len(self._acc)))

    def feed(self, row: int, values: NDArray[np.float64]) -> None:
        """Take the samples of the stretch from `row` of the recording on."""
        at = self._since + row - self._stretch.first
        self._keep(self._resampler.feed(self._evener.feed(self._placed.read(at, len(values)), values)))

    def end(self) -> None:
        """End the stretch."""
        self._keep(self._resampler.feed(self._evener.end()))
        self._keep(self._resampler.end())
        since_s = self._stretch.first_s - self._start_s
        self.holes += [(since_s + hole_s, duration_s) for hole_s, duration_s in self._evener.holes]

    def _keep(self, values: NDArray[np.float64]) -> None:
        self._acc.append(quantise(self._whitening.added(values[:, :3])))
        if self._gyro is not None:
            self._gyro.append(values[:, 3:])

    def segments(self) -> tuple[Segment, ...]:
        """Of all stretches."""
        acc, gyro = self._acc.whole(), None if self._gyro is None else self._gyro.whole()
        ends = [first for _, first in self._bounds[1:]] + [len(acc)]
        return tuple(
            Segment(start, acc[first:end], None if gyro is None else gyro[first:end])
            for (start, first), end in zip(self._bounds, ends, strict=True)
        )
