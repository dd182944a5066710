"""Sensors of coarse steps: what the step is, and the noise that it amounts to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.model import LSB_MG

_COARSE = 4.0
_SMALLEST_SHARE = 5
_RESOLVED_G = 1e-6
_COARSEST_G = 0.05
"""No accelerometer of a wearable has larger steps: 8 bits over +-2 g are 0.016 g."""

_ALIVE_STEPS = 20
_SEED = 20260301


def step_g(acc_g: NDArray[np.float64]) -> float:
    """The least difference between values of (n, 3), in g, of the coarsest axis; 0 if none is to be seen."""
    step = max((_step_g(axis) for axis in acc_g.T), default=0.0)
    return step if step < _COARSEST_G else 0.0


def with_noise_of_step(acc_g: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Values (n, 3) of a sensor whose `step` in g is coarse, with noise that is even within a step.

    An even error of one step has step / 12^(1/2) rms (Bennett 1948), but a hand at rest may hold still on one
    value, and then the detector would see no noise, take the wire for broken, and each change of value for a
    twitch. With this noise its floor, and so its limit, is that of the step. An axis that never changes while
    the others do is left as it is, for it is broken. Always the same noise for the same file.
    """
    if step * 1000 <= _COARSE * LSB_MG:
        return acc_g
    spans = np.ptp(acc_g, axis=0)
    alive = (spans > 0) | (spans.max(initial=0.0) < _ALIVE_STEPS * step)
    noise = np.random.default_rng(_SEED).uniform(-step / 2, step / 2, acc_g.shape)
    noisy: NDArray[np.float64] = acc_g + noise * alive
    return noisy


def _step_g(axis: NDArray[np.float64]) -> float:
    values = np.unique(np.rint(axis / _RESOLVED_G)) * _RESOLVED_G
    return float(np.percentile(np.diff(values), _SMALLEST_SHARE)) if len(values) > 1 else 0.0
