"""One bout of tremor at rest: rhythmic, sustained, swelling and ebbing softly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.sim.twitch import random_direction

RAMP_S = 3.0

WANDER_HZ = 0.1
"""SD of the momentary frequency within a bout. Assumption: rest tremor is steady to a few tenths of a
hertz."""

_WANDER_KNOTS_S = 2.0
_SECOND_HARMONIC = 0.15


def tremor_bout(
    rng: np.random.Generator, *, frequency_hz: float, rms_mg: float, duration_s: float, rate_hz: int = 104
) -> NDArray[np.float64]:
    """Acceleration (n, 3) in mg of a bout whose vector rms between its ramps (3 s each) is `rms_mg`.

    The second harmonic has its own direction, so that the finger moves on a bent ellipse.
    """
    count = round(duration_s * rate_hz)
    t_s = np.arange(count) / rate_hz
    knots_s = np.arange(0, duration_s + 2 * _WANDER_KNOTS_S, _WANDER_KNOTS_S)
    momentary_hz = frequency_hz + np.interp(t_s, knots_s, rng.normal(0, WANDER_HZ, len(knots_s)))
    phase = 2 * np.pi * (rng.uniform() + np.cumsum(momentary_hz) / rate_hz)
    swing = np.outer(np.sin(phase), random_direction(rng))
    swing += _SECOND_HARMONIC * np.outer(np.sin(2 * phase), random_direction(rng))
    ramp = np.clip(np.minimum(t_s, t_s[-1] - t_s) / RAMP_S, 0, 1)
    plateau_rms = np.sqrt((swing[ramp == 1] ** 2).sum(axis=1).mean())
    return np.asarray(swing * (np.sin(ramp * np.pi / 2) ** 2 * rms_mg / plateau_rms)[:, None])
