"""Axes that hold a value for longer than a hand could: broken, however coarse the step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.model import SAMPLE_RATE_HZ

ALL_S = 10.0
"""By the square of the step in mg: for so long no hand holds one value on all three axes.

Of 41 hands at rest (142 min of Cavanagh et al. 2018, rounded to these steps) the longest time is a hundredth
of it or less: 0.03 s at 1 mg, 0.15 s at 3.9 mg, 1.2 s at 8 mg, 18 s at 16 mg. A sleeping hand is quieter.
"""

ONE_S = 10 * ALL_S
"""The same for one axis; there 0.13, 1.2, 35 and 92 s."""

MOVED_STEPS = 20
"""An axis that holds a value while another one moves by so many steps is broken, too."""

_FINEST_MG = 0.5
_SAME_G = 1e-7
"""Resampling leaves less of a constant."""

_SHORT = SAMPLE_RATE_HZ


class Held:
    """Takes samples (n, 3) in g at 104 Hz, in order."""

    def __init__(self, step_mg: float) -> None:
        square = max(step_mg, _FINEST_MG) ** 2
        self._all, self._one = (seconds * square * SAMPLE_RATE_HZ for seconds in (ALL_S, ONE_S))
        self._moved_g = MOVED_STEPS * step_mg / 1000
        self._last: NDArray[np.float64] | None = None
        self._since = np.zeros(4, np.int64)
        # Samples since a change: of each axis, and of any.
        self._extent = np.zeros((3, 2, 3))
        # For each axis, the least and the greatest of all since it changed.

    def stuck(self, acc_g: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n, 3): whether an axis has held its value for too long by then."""
        if not len(acc_g):
            return np.zeros((0, 3), np.bool_)
        if self._last is None:
            self._last = acc_g[:1]
            self._extent[:] = acc_g[0]
        steps_g = np.diff(np.concatenate([self._last, acc_g]), axis=0)
        changed: NDArray[np.bool_] = np.abs(steps_g) > _SAME_G
        self._last = acc_g[-1:].copy()
        together = self._lengths(3, np.asarray(changed.any(axis=1)))
        found = np.repeat((together > self._all)[:, None], 3, axis=1)
        for axis in range(3):
            lengths = self._lengths(axis, changed[:, axis])
            found[:, axis] |= lengths > self._one
            found[:, axis] |= self._others_moved(axis, acc_g, changed[:, axis], lengths)
        return found

    def _lengths(self, place: int, changed: NDArray[np.bool_]) -> NDArray[np.int64]:
        index = np.arange(len(changed))
        lengths = index - np.maximum.accumulate(np.where(changed, index, -1 - self._since[place]))
        self._since[place] = lengths[-1]
        return lengths

    def _others_moved(
        self, axis: int, acc_g: NDArray[np.float64], changed: NDArray[np.bool_], lengths: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        moved = np.zeros(len(acc_g), np.bool_)
        starts = np.flatnonzero(changed)
        bounds = [0, *starts[starts > 0].tolist(), len(acc_g)]
        for number in np.flatnonzero(np.diff(bounds) > 0):
            first, end = bounds[number], bounds[number + 1]
            last = end == len(acc_g)
            if lengths[end - 1] < _SHORT and not last:
                continue
            values = acc_g[first:end]
            begun = values[:1].repeat(2, axis=0) if changed[first] else self._extent[axis]
            least = np.minimum.accumulate(np.minimum(values, begun[0]))
            most = np.maximum.accumulate(np.maximum(values, begun[1]))
            far = (most - least).max(axis=1) >= self._moved_g
            moved[first:end] = far & (lengths[first:end] >= _SHORT)
            if last:
                self._extent[axis] = least[-1], most[-1]
        return moved
