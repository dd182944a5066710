"""Single wrong readings: a sample far from all those around it, which agree with each other.

They are replaced before samples are converted to another rate, which would spread them over several and make
them look like a motion. At 104 Hz they are left as they are: the detector recognises them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SIDE = 8
"""Neighbours on each side."""

TIMES = 12.0
"""A reading is wrong if it is so many times as far from the middle of its neighbours as any of them.

Modelled twitches (`sim.twitch`, 3,000 at each rate, without noise, begun at any time between two samples)
reach 11.5 at 45 Hz, below which none can be seen, 9.4 at 50 Hz, 3.6 at 64 Hz and 2.2 at 100 Hz.
"""

_AROUND = np.delete(np.arange(-SIDE, SIDE + 1), SIDE)

_ROUNDED = 0.5
"""Steps by which rounding may hide how far neighbours are apart."""


class LoneReadings:
    """Replaces them by the middle of their neighbours; `count`: samples in which it did so."""

    def __init__(self, step_g: float) -> None:
        self._least_g = _ROUNDED * step_g
        self.count = 0

    def replaced(self, blocks: Iterator[NDArray[np.float64]]) -> Iterator[NDArray[np.float64]]:
        """The same values (n, 3 or more) in order; of the channels the first three, in g, are corrected.

        How they are divided into blocks makes no difference to the values.
        """
        kept = np.empty((0, 0))
        # Of these, the first ones have been returned, and serve as neighbours.
        returned = 0
        for block in blocks:
            kept = np.concatenate([kept, block]) if len(kept) else block
            end = max(returned, len(kept) - SIDE)
            if end > returned:
                yield self._corrected(kept, returned, end)
            start = max(0, end - SIDE)
            kept, returned = kept[start:], end - start
        if len(kept) > returned:
            yield kept[returned:]

    def _corrected(self, values: NDArray[np.float64], first: int, end: int) -> NDArray[np.float64]:
        found = values[first:end].copy()
        wrong: set[int] = set()
        for axis in range(3):
            own = values[:, axis]
            rows = _peaks(own, max(first, SIDE), end)
            around = own[rows[:, np.newaxis] + _AROUND]
            middle = np.median(around, axis=1)
            far_g = np.abs(around - middle[:, np.newaxis]).max(axis=1)
            lone = np.abs(own[rows] - middle) > TIMES * np.maximum(far_g, self._least_g)
            found[rows[lone] - first, axis] = middle[lone]
            wrong.update(rows[lone].tolist())
        self.count += len(wrong)
        return found


def _peaks(values: NDArray[np.float64], first: int, end: int) -> NDArray[np.intp]:
    """The samples of [first, end) that may be lone: beyond both neighbours, which are close to each other.

    A lone one is TIMES as far from the middle as any neighbour is, which bounds how far two of those differ.
    """
    rows = np.arange(first, max(first, end))
    before, after = values[rows] - values[rows - 1], values[rows] - values[rows + 1]
    bound = np.minimum(np.abs(before), np.abs(after)) * 2 / (TIMES - 1)
    near = np.abs(values[rows + 1] - values[rows - 1]) <= bound
    found: NDArray[np.intp] = rows[(before * after > 0) & near]
    return found
