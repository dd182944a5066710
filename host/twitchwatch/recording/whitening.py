"""Noise for sensors whose own does not suit the detector: hidden by a coarse step, coloured, or cut off.

The detector assumes that its noise is white up to 52 Hz. On a sensor with coarse steps a hand at rest stays
on one value; then the detector sees no noise, and mistakes each change of value for a twitch. With a total
noise of 0.6 of a step, such twitches are as rare as the ring's own false ones. Noise that ends at 25 Hz, or
falls with frequency, resembles twitches more often than white noise does; once noise is added until it is
level from 10 Hz on, it does not. All of it raises the noise that the detector sees, and so the limit that is
stated: `python -m validation.sources`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.analysis.contract import SLOWEST_HZ
from twitchwatch.recording.floor import Floor
from twitchwatch.recording.held import Held
from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ

_COARSE = 4.0
"""In steps of the ring's sensor, which is fine enough."""

LEAST_STEPS = 0.6
"""Noise of an axis, rms over 52 Hz: with 0.4 still hands have up to 6 false twitches an hour, with 0.6 up to
1 (`validation.sources`, seeds for tuning). Below the ring's rate the flicker between two values has fewer
frequencies to spread over, so its density rises.
"""

FILLED_BELOW_HZ = 70.0
"""Rates from here on need no noise above their band: still hands at 62.5 Hz and more have none."""

RED = (-2.3, -0.6)
"""Exponents of a density that is filled up. Flicker noise has -1 and a random walk -2; one that falls faster
is a motion's."""

LEVEL_FROM_HZ = 10.0
"""Lower, the limit would rise without need: still hands have 0 to 0.3 false twitches an hour with 10 Hz, and
with 6 Hz (`validation.sources`, seeds for tuning)."""

_NOISIEST_MG = 5.0
"""An MPU-6050 has this on its worst axis (0.7 mg/rtHz, measured); more is motion, not noise."""

_TAPS = 65
_SEED = 20260301
_GRID_HZ = np.linspace(0, SAMPLE_RATE_HZ / 2, 53)


@dataclass(frozen=True, eq=False, slots=True)
class Missing:
    """Noise to add, in mg rms over 52 Hz: white_mg (3,) for each axis, and shaped_mg (53, 3) at 0 to 52 Hz.

    levelled: the second makes up for the colour of the sensor's own. step_mg: the sensor's.
    """

    white_mg: NDArray[np.float64]
    shaped_mg: NDArray[np.float64]
    step_mg: float = 0.0
    levelled: bool = False

    @classmethod
    def nothing(cls) -> Missing:
        """None at all."""
        return cls(np.zeros(3), np.zeros((len(_GRID_HZ), 3)))


def missing(floor: Floor, step_mg: float, true_rate_hz: float, alive: NDArray[np.bool_]) -> Missing:
    """What a sensor with this floor is missing; an axis that is not `alive` (3,) stays as it is."""
    least_mg = LEAST_STEPS * step_mg if step_mg > _COARSE * LSB_MG else 0.0
    least_mg *= max(1.0, SAMPLE_RATE_HZ / true_rate_hz) ** 0.5
    white_mg = np.sqrt(np.maximum(0.0, least_mg**2 - floor.noise_mg**2)) * alive
    if true_rate_hz < SLOWEST_HZ:
        # It shows tremor only, to which no other noise is to be added.
        return Missing(white_mg, np.zeros((len(_GRID_HZ), 3)), step_mg)
    ends_hz = true_rate_hz / 2
    hz = _GRID_HZ
    above = hz >= (ends_hz if true_rate_hz < FILLED_BELOW_HZ else np.inf)
    if _is_red(floor, white_mg):
        return Missing(white_mg, _levelling_mg(floor, ends_hz, above) * alive, step_mg, levelled=True)
    return Missing(white_mg, np.where(above[:, None], floor.top_mg, 0.0) * alive, step_mg)


def _levelling_mg(floor: Floor, ends_hz: float, above: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What is missing from 10 Hz on: of red noise below the end of its band, and all of it above."""
    hz = _GRID_HZ
    within = (floor.hz >= floor.clear_hz) & (floor.hz <= 0.9 * ends_hz)
    own = np.interp(hz, floor.hz[within], floor.density[within])
    from_hz = max(LEVEL_FROM_HZ, floor.clear_hz)
    level = floor.level(from_hz)
    lacks = np.where(above, level, np.maximum(0.0, level - own)) * (hz >= from_hz)
    # The density is that of quiet windows and a mean of axes; the noise of each axis is measured by itself.
    in_band = (hz >= 9.4) & (hz <= min(28.0, 0.9 * ends_hz))
    return np.asarray(np.sqrt(lacks / own[in_band].mean())[:, None] * floor.noise_mg)


def _is_red(floor: Floor, white_mg: NDArray[np.float64]) -> bool:
    steepest, least = RED
    plausible = floor.is_line and float(floor.noise_mg.max()) < _NOISIEST_MG
    return plausible and steepest < floor.slope(white_mg) < least


class Whitening:
    """Adds what is missing to samples at 104 Hz, in order; always the same for the same recording.

    An axis that is stuck gets none, so that the detector sees it.
    """

    def __init__(self, what: Missing) -> None:
        self._what = what
        self._held = Held(what.step_mg)
        self._white, self._shaped = (np.random.default_rng([_SEED, part]) for part in range(2))
        self._past = self._shaped.standard_normal((_TAPS - 1, 3))
        self._taps: NDArray[np.float64] | None = None

    def added(self, acc_g: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next samples (n, 3) with their noise."""
        white, shaped = self._what.white_mg.any(), self._what.shaped_mg.any()
        if not len(acc_g) or not (white or shaped):
            return acc_g
        noise_mg = np.zeros(acc_g.shape)
        if white:
            noise_mg += self._white.standard_normal(acc_g.shape) * self._what.white_mg
        if shaped:
            noise_mg += self._next_shaped(len(acc_g))
        return acc_g + np.where(self._held.stuck(acc_g), 0.0, noise_mg / 1000)

    def _next_shaped(self, count: int) -> NDArray[np.float64]:
        # Scipy takes its time to import, and most recordings do without.
        from scipy.signal import fftconvolve, firwin2

        if self._taps is None:
            gains = self._what.shaped_mg.T
            self._taps = np.column_stack(
                [firwin2(_TAPS, _GRID_HZ, gain, fs=SAMPLE_RATE_HZ) for gain in gains]
            )
        noise = np.concatenate([self._past, self._shaped.standard_normal((count, 3))])
        self._past = noise[-(_TAPS - 1) :]
        return np.asarray(fftconvolve(noise, self._taps, mode="valid", axes=0))
