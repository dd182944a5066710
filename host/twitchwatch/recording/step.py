"""Sensors of coarse steps: what the step is, and the noise that it amounts to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.model import LSB_MG, RANGE_G

_COARSE = 4.0
_SMALLEST_SHARE = 5
_RESOLVED_G = 1e-6
_COARSEST_G = 0.05
"""No accelerometer of a wearable has larger steps: 8 bits over +-2 g are 0.016 g."""

_ALIVE_STEPS = 20
_SEED = 20260301


class Steps:
    """Which values occur, from all samples; and, from that, the noise for those of a coarse sensor."""

    def __init__(self) -> None:
        self._half = round(RANGE_G / _RESOLVED_G)
        self._occurs = np.zeros((3, 2 * self._half + 1), np.bool_)
        self._least = np.full(3, np.inf)
        self._most = np.full(3, -np.inf)

    def add(self, acc_g: NDArray[np.float64]) -> None:
        """Take the samples (n, 3) into account."""
        self._least = np.minimum(self._least, acc_g.min(axis=0))
        self._most = np.maximum(self._most, acc_g.max(axis=0))
        places = np.rint(acc_g.clip(-RANGE_G, RANGE_G) / _RESOLVED_G).astype(np.int32) + self._half
        for axis in range(3):
            self._occurs[axis, places[:, axis]] = True

    def step_g(self) -> float:
        """The least difference between values, in g, of the coarsest axis; 0 if none is to be seen."""
        within = np.rint(np.stack([self._least, self._most]).clip(-RANGE_G, RANGE_G) / _RESOLVED_G)
        first, last = within.astype(np.int32) + self._half
        step = max(_step_g(self._occurs[axis, first[axis] : last[axis] + 1]) for axis in range(3))
        return step if step < _COARSEST_G else 0.0

    def noise(self) -> NoiseOfStep | None:
        """The noise to add, if the step is coarse."""
        step = self.step_g()
        if step * 1000 <= _COARSE * LSB_MG:
            return None
        spans = self._most - self._least
        alive = (spans > 0) | (spans.max() < _ALIVE_STEPS * step)
        return NoiseOfStep(step, alive)


class NoiseOfStep:
    """Noise that is even within a coarse step.

    An even error of one step has step / 12^(1/2) rms (Bennett 1948), but a hand at rest may hold still on one
    value, and then the detector would see no noise, take the wire for broken, and each change of value for a
    twitch. With this noise its floor, and so its limit, is that of the step. An axis that never changes while
    the others do is left as it is, for it is broken. Always the same noise for the same file.
    """

    def __init__(self, step_g: float, alive: NDArray[np.bool_]) -> None:
        self._step_g = step_g
        self._alive = alive
        self._random = np.random.default_rng(_SEED)

    def added(self, acc_g: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next samples (n, 3) with their noise."""
        noise = self._random.uniform(-self._step_g / 2, self._step_g / 2, acc_g.shape)
        noisy: NDArray[np.float64] = acc_g + noise * self._alive
        return noisy


def _step_g(occurs: NDArray[np.bool_]) -> float:
    values = np.flatnonzero(occurs)
    return float(np.percentile(np.diff(values), _SMALLEST_SHARE)) * _RESOLVED_G if len(values) > 1 else 0.0
