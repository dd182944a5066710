"""A thousand windows from throughout a recording, from which its spectrum and noise are measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW = 256
"""Samples: 2.5 s at 104 Hz, and 0.25 s at 1000 Hz."""

_MOST = 1024


class Excerpt:
    """Takes all samples in order, and keeps windows at even distances: 512 to 1024 of a long recording."""

    def __init__(self) -> None:
        self._every = 1
        self._count = 0
        self._left = np.empty((0, 3))
        self._kept: list[NDArray[np.float64]] = []

    def add(self, acc_g: NDArray[np.float64]) -> None:
        """Take the next samples (n, 3), in g."""
        samples = np.concatenate([self._left, acc_g]) if len(self._left) else acc_g
        whole = len(samples) // WINDOW
        for window in range(whole):
            if self._count % self._every == 0:
                self._kept.append(samples[window * WINDOW : (window + 1) * WINDOW].copy())
                if len(self._kept) > _MOST:
                    self._kept = self._kept[::2]
                    self._every *= 2
            self._count += 1
        self._left = samples[whole * WINDOW :].copy()

    @property
    def windows(self) -> NDArray[np.float64]:
        """(m, 256, 3) in g; empty of a recording shorter than that."""
        return np.stack(self._kept) if self._kept else np.empty((0, WINDOW, 3))
