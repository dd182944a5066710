"""The values that occur in a recording: the step of the sensor, its range, and axes that never change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.held import MOVED_STEPS
from twitchwatch.recording.model import RANGE_G

_SMALLEST_SHARE = 5
_OFF_GRID = 0.15
_MOSTLY = 0.8
_RESOLVED_G = 1e-6
_COARSEST_G = 0.05
"""No accelerometer of a wearable has larger steps: 8 bits over +-2 g are 0.016 g."""

_AT_END = 5
_PILED = 3
_NEAR_END_G = 0.05
"""Three of the coarsest usual steps."""

_LEAST_RANGE_G = 1.5
_MOST_LARGE = 10_000


class Steps:
    """Which values occur, from all samples."""

    def __init__(self) -> None:
        self._half = round(RANGE_G / _RESOLVED_G)
        self._occurs = np.zeros((3, 2 * self._half + 1), np.bool_)
        self._least = np.full(3, np.inf)
        self._most = np.full(3, -np.inf)
        self._large_g = np.empty(0)
        # The greatest sizes, down to a little less.

    def add(self, acc_g: NDArray[np.float64]) -> None:
        """Take the samples (n, 3) into account."""
        self._least = np.minimum(self._least, acc_g.min(axis=0))
        self._most = np.maximum(self._most, acc_g.max(axis=0))
        places = np.rint(acc_g.clip(-RANGE_G, RANGE_G) / _RESOLVED_G).astype(np.int32) + self._half
        for axis in range(3):
            self._occurs[axis, places[:, axis]] = True
        sizes_g = np.abs(acc_g).max(axis=1)
        large_g = np.concatenate([self._large_g, sizes_g[(sizes_g >= _LEAST_RANGE_G) & (sizes_g < RANGE_G)]])
        if len(large_g):
            large_g = large_g[large_g >= large_g.max() - _NEAR_END_G]
        self._large_g = np.sort(large_g)[-_MOST_LARGE:]

    def step_g(self) -> float:
        """The smallest difference between values, in g, of the coarsest axis; 0 if none can be seen."""
        within = np.rint(np.stack([self._least, self._most]).clip(-RANGE_G, RANGE_G) / _RESOLVED_G)
        first, last = within.astype(np.int32) + self._half
        step = max(_step_g(self._occurs[axis, first[axis] : last[axis] + 1]) for axis in range(3))
        return step if step < _COARSEST_G else 0.0

    @property
    def range_g(self) -> float:
        """The greatest value, if samples pile up there; otherwise ours, to which all are limited."""
        return float(self._large_g[-1]) if self.at_end else RANGE_G

    @property
    def at_end(self) -> int:
        """Samples at the end of a range that is smaller than ours; their true values are not known.

        There must be at least five, and three times as many as just below; a peak on coarse steps does not
        have that many.
        """
        if not len(self._large_g) or self._most.max() >= RANGE_G or self._least.min() <= -RANGE_G:
            return 0
        at_end = int((self._large_g == self._large_g[-1]).sum())
        return at_end if at_end >= max(_AT_END, _PILED * (len(self._large_g) - at_end)) else 0

    @property
    def alive(self) -> NDArray[np.bool_]:
        """(3,): False for an axis that never changes while the others do, because it is broken."""
        spans = self._most - self._least
        alive: NDArray[np.bool_] = (spans > 0) | (spans.max() < MOVED_STEPS * self.step_g())
        return alive


def _step_g(occurs: NDArray[np.bool_]) -> float:
    values = np.flatnonzero(occurs)
    if len(values) < 2:
        return 0.0
    apart = np.diff(values)
    step = float(np.percentile(apart, _SMALLEST_SHARE))
    # Values of a sensor lie on a grid; few values that do not are those of something else, such as a tone.
    steps = apart / step
    on_grid = float((np.abs(steps - np.rint(steps)) < _OFF_GRID).mean())
    return step * _RESOLVED_G if on_grid > _MOSTLY else 0.0
