"""Axes that hold a value for longer than a hand could: broken, however coarse the step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.model import SAMPLE_RATE_HZ

ALL_S = 10.0
"""Times the square of the step in mg: no hand holds one value on all three axes for this long.

Of 41 hands at rest (142 min of Cavanagh et al. 2018, rounded to these steps) the longest time is a hundredth
of it or less: 0.03 s at 1 mg, 0.15 s at 3.9 mg, 1.2 s at 8 mg, 18 s at 16 mg. A sleeping hand is quieter.
"""

ONE_S = 10 * ALL_S
"""The same for one axis; there 0.13, 1.2, 35 and 92 s."""

MOVED_STEPS = 20
"""An axis that holds a value while another one moves by this many steps for at least a second is broken too:
a twitch along an axis does not turn the hand."""

_FINEST_MG = 0.5
_SAME_G = 1e-7
"""Resampling leaves less of a constant."""

_SHORT = SAMPLE_RATE_HZ


class Held:
    """Takes samples (n, 3) in g at 104 Hz, in order."""

    def __init__(self, step_mg: float) -> None:
        square = max(step_mg, _FINEST_MG) ** 2
        self._all, self._one = (round(seconds * square * SAMPLE_RATE_HZ) for seconds in (ALL_S, ONE_S))
        self._moved_g = MOVED_STEPS * step_mg / 1000
        self._last: NDArray[np.float64] | None = None
        self._since = np.zeros(4, np.int64)
        # Samples since a change: of each axis, and of any.
        self._begun = np.zeros((3, 3))
        self._far = np.zeros(3, np.int64)
        # For each axis: all of them when it changed; and samples since one of them has stayed far from there.

    def stuck(self, acc_g: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n, 3): whether an axis has held its value for too long by then."""
        found = np.zeros(acc_g.shape, np.bool_)
        if not len(acc_g):
            return found
        if self._last is None:
            self._last = acc_g[:1]
            self._begun[:] = acc_g[0]
        changed = np.abs(np.diff(np.concatenate([self._last, acc_g]), axis=0)) > _SAME_G
        self._last = acc_g[-1:].copy()
        for first, end, before in self._runs(3, changed[:, 0] | changed[:, 1] | changed[:, 2]):
            found[max(first, first + self._all - before) : end] = True
        for axis in range(3):
            for first, end, before in self._runs(axis, changed[:, axis]):
                found[max(first, first + self._one - before) : end, axis] = True
                if not before:
                    self._begun[axis], self._far[axis] = acc_g[first], 0
                far = (np.abs(acc_g[first:end] - self._begun[axis]) >= self._moved_g).any(axis=1)
                index = np.arange(end - first)
                lengths = index - np.maximum.accumulate(np.where(far, -1 - self._far[axis], index))
                self._far[axis] = lengths[-1]
                found[first:end, axis] |= lengths >= _SHORT
        return found

    def _runs(self, place: int, changed: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
        """Runs [first, end) of one value that last for a second or reach the end, and for how long before."""
        count, carried = len(changed), int(self._since[place]) + 1
        bounds = np.concatenate([[0], np.flatnonzero(changed), [count]])
        lengths = np.diff(bounds)
        whole = lengths.copy()
        whole[0] += carried
        last = len(lengths) - 1
        self._since[place] = whole[last] - 1
        chosen = set(np.flatnonzero((whole >= _SHORT) & (lengths > 0)).tolist()) | {last}
        return [
            (int(bounds[number]), int(bounds[number + 1]), carried if number == 0 else 0)
            for number in sorted(chosen)
        ]
