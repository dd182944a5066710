"""What a sensor delivers, measured from all its samples before they are converted."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twitchwatch.analysis.contract import Contract
from twitchwatch.recording.excerpt import Excerpt
from twitchwatch.recording.floor import Floor, floor_of
from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ
from twitchwatch.recording.rate import Pace
from twitchwatch.recording.series import EvenStamps, Stamps
from twitchwatch.recording.step import Steps
from twitchwatch.recording.upsampled import measured_rate_hz
from twitchwatch.recording.whitening import Missing, missing

_ALIKE = 0.02
"""Of the ring's clock and step."""

_OFTEN = 0.5
"""Of the samples of a window: a sensor that changes so often does not repeat one value for a whole window."""


class Values:
    """Takes all accelerations in order, and keeps what their step, range, noise and spectrum follow from."""

    def __init__(self) -> None:
        self.steps = Steps()
        self.excerpt = Excerpt()

    def add(self, acc_g: NDArray[np.float64]) -> None:
        """Take the next samples (n, 3), in g."""
        self.steps.add(acc_g)
        self.excerpt.add(acc_g)


class Measured:
    """The sensor behind `values` that were taken at `pace`."""

    def __init__(self, values: Values, pace: Pace) -> None:
        self._steps = values.steps
        self._windows = _alive(values.excerpt.windows)
        self._pace = pace
        self.step_g = values.steps.step_g()
        """The smallest difference between values, in g; 0 if none can be seen."""

    @property
    def at_end(self) -> int:
        """Samples at the end of the sensor's own range, if that is smaller than ours."""
        return self._steps.at_end

    @cached_property
    def floor(self) -> Floor:
        """Noise and spectrum at rest."""
        return floor_of(self._windows, self._pace.rate_hz)

    @cached_property
    def band_hz(self) -> float:
        """Up to where the samples hold information."""
        rate_hz = self._pace.rate_hz
        noise_g = float(self.floor.noise_mg.max()) / 1000
        return min(self.floor.band_hz, measured_rate_hz(self._windows, rate_hz, self.step_g, noise_g) / 2)

    @cached_property
    def missing(self) -> Missing:
        """The noise that the detector needs besides the sensor's own."""
        if self._is_ring():
            return Missing.nothing()
        true_rate_hz = min(self._pace.rate_hz, 2 * self.band_hz)
        return missing(self.floor, 1000 * self.step_g, true_rate_hz, self._steps.alive)

    def _is_ring(self) -> bool:
        """Whether this is what the ring's own sensor recorded: the ring adds nothing to it either."""
        same_step = abs(1000 * self.step_g / LSB_MG - 1) < _ALIKE
        return same_step and abs(self._pace.rate_hz / SAMPLE_RATE_HZ - 1) < _ALIKE

    def contract(self, stamps: Stamps, lost: float) -> Contract:
        """All of it."""
        own = not isinstance(stamps, EvenStamps)
        return Contract(
            rate_hz=self._pace.rate_hz,
            band_hz=self.band_hz,
            step_mg=1000 * self.step_g,
            range_g=self._steps.range_g,
            noise_mg=float(np.sqrt((self.floor.noise_mg**2).mean())),
            slope=self.floor.slope(self.missing.white_mg),
            levelled=self.missing.levelled,
            stamps="batches" if self._pace.batched else "own" if own else "counted",
            late_ms=1000 * self._pace.late_s if own else 0.0,
            lost=lost,
        )


def _alive(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Windows (m, 256, 3) without those of a sensor that stood still: their noise of zero is not its own.

    Those of a coarse sensor stay: it repeats values in every window.
    """
    changed = (np.diff(windows, axis=1) != 0).any(axis=2).mean(axis=1)
    moving = changed > 0
    if not moving.any() or np.quantile(changed[moving], 0.25) < _OFTEN:
        return windows
    kept: NDArray[np.float64] = windows[moving]
    return kept
