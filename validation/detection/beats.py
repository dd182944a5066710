"""Heartbeats, and how they shake a hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.backgrounds import chip_noise_mg, gravity
from validation.detection.scenes import Signal

_BEATS_HZ = (0.9, 1.3)
_BREATH_HZ = 0.25

Rng = np.random.Generator


def beats_s(rng: Rng, seconds: float, arrhythmia: float) -> NDArray[np.float64]:
    """Times of heart beats; three quarters of the intervals' variance go with the breath."""
    mean_s = 1 / rng.uniform(*_BEATS_HZ)
    phase = rng.uniform(0, 2 * np.pi)
    times = [rng.uniform(0, mean_s)]
    while times[-1] < seconds:
        breath = np.sqrt(1.5) * np.sin(2 * np.pi * _BREATH_HZ * times[-1] + phase)
        times.append(times[-1] + mean_s * max(0.3, 1 + arrhythmia * (breath + 0.5 * rng.standard_normal())))
    return np.array(times[:-1])


def bare(rng: Rng, seconds: float) -> Signal:
    """A still hand in mg without pulse or breath."""
    count = round(seconds * SAMPLE_RATE_HZ)
    return gravity(rng, count) + chip_noise_mg("LSM6DS3TR-C") * rng.standard_normal((count, 3))
