"""Noise for sensors whose own does not suit the detector: hidden by a coarse step, or missing above a band.

The detector takes its noise for white up to 52 Hz. On a sensor of coarse steps a hand at rest holds still on
one value; then the detector sees no noise, and takes each change of value for a twitch. With noise of 0.6 of
a step in all, such twitches are as rare as the ring's own false ones. Noise that ends at 25 Hz resembles
twitches more often than white noise does; with its like above 25 Hz it does not. Either raises the noise that
the detector sees, and so the limit that is stated: `python -m validation.sources`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.floor import Floor
from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ

_COARSE = 4.0
"""In steps of the ring's sensor, which is fine enough."""

LEAST_STEPS = 0.6
"""Noise of an axis, rms over 52 Hz: with 0.4 still hands have up to 6 false twitches an hour, with 0.6 up to
1 (`validation.sources`, seeds for tuning).
"""

FILLED_BELOW_HZ = 70.0
"""Rates from here on need no noise above their band: still hands at 62.5 Hz and more have none."""

_TAPS = 65
_SEED = 20260301


@dataclass(frozen=True, eq=False, slots=True)
class Missing:
    """Noise to add, in mg rms over 52 Hz, for each axis (3,): white, and above `above_hz` only."""

    white_mg: NDArray[np.float64]
    high_mg: NDArray[np.float64]
    above_hz: float


def missing(floor: Floor, step_mg: float, true_rate_hz: float, alive: NDArray[np.bool_]) -> Missing:
    """What a sensor with this floor lacks; an axis that is not `alive` (3,) stays as it is."""
    least_mg = LEAST_STEPS * step_mg if step_mg > _COARSE * LSB_MG else 0.0
    white_mg = np.sqrt(np.maximum(0.0, least_mg**2 - floor.noise_mg**2)) * alive
    high_mg = floor.top_mg * alive if true_rate_hz < FILLED_BELOW_HZ else np.zeros(3)
    return Missing(white_mg, high_mg, true_rate_hz / 2)


class Whitening:
    """Adds what is missing to samples at 104 Hz, in order; always the same for the same recording."""

    def __init__(self, what: Missing) -> None:
        self._what = what
        self._white, self._high = (np.random.default_rng([_SEED, part]) for part in range(2))
        self._past = self._high.standard_normal((_TAPS - 1, 3))
        self._taps: NDArray[np.float64] | None = None

    def added(self, acc_g: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next samples (n, 3) with their noise."""
        noisy = acc_g
        if self._what.white_mg.any():
            noisy = noisy + self._white.standard_normal(acc_g.shape) * (self._what.white_mg / 1000)
        if self._what.high_mg.any() and len(acc_g):
            noisy = noisy + self._above(len(acc_g)) * (self._what.high_mg / 1000)
        return noisy

    def _above(self, count: int) -> NDArray[np.float64]:
        # Scipy takes its time to import, and most recordings do without.
        from scipy.signal import fftconvolve, firwin

        if self._taps is None:
            cut = min(0.95, 2 * self._what.above_hz / SAMPLE_RATE_HZ)
            self._taps = np.asarray(firwin(_TAPS, cut, pass_zero=False))
        noise = np.concatenate([self._past, self._high.standard_normal((count, 3))])
        self._past = noise[-(_TAPS - 1) :]
        return np.asarray(fftconvolve(noise, self._taps[:, None], mode="valid", axes=0))
