"""Samples with their times, of any length: read in pieces, as often as needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 1 << 15
"""Rows that are in memory at a time: five minutes at 100 Hz, a few megabytes."""


def spans(count: int) -> Iterator[tuple[int, int]]:
    """The first row of each block of `count` rows, and how many it has."""
    for first in range(0, count, BLOCK_ROWS):
        yield first, min(BLOCK_ROWS, count - first)


class Stamps(Protocol):
    """Times in s, one for each sample."""

    def __len__(self) -> int:
        """Samples."""

    def read(self, first: int, count: int) -> NDArray[np.float64]:
        """Those from `first` on, as many as there are."""


class Series(Protocol):
    """Faultless samples: stamps that do not go back, and as many values."""

    @property
    def stamps(self) -> Stamps:
        """When they were taken."""

    @property
    def channels(self) -> int:
        """3, or 6 with a gyroscope."""

    def blocks(self) -> Iterator[NDArray[np.float64]]:
        """All values (n, channels) in order: acceleration in g, then rotation in degrees a second."""


@dataclass(frozen=True, slots=True)
class EvenStamps:
    """Times of `count` samples at a stated rate."""

    count: int
    rate_hz: float

    def __len__(self) -> int:
        """Samples."""
        return self.count

    def read(self, first: int, count: int) -> NDArray[np.float64]:
        """Those from `first` on, as many as there are."""
        return np.arange(first, min(self.count, first + count)) / self.rate_hz


@dataclass(frozen=True, slots=True)
class ArrayStamps:
    """Times (n,) in memory."""

    t_s: NDArray[np.float64]

    def __len__(self) -> int:
        """Samples."""
        return len(self.t_s)

    def read(self, first: int, count: int) -> NDArray[np.float64]:
        """Those from `first` on, as many as there are."""
        return self.t_s[first : first + count]


@dataclass(frozen=True, slots=True)
class ArraySeries:
    """Samples in memory: values (n, 3 or 6)."""

    stamps: Stamps
    values: NDArray[np.float64]

    @property
    def channels(self) -> int:
        """3, or 6 with a gyroscope."""
        return int(self.values.shape[1])

    def blocks(self) -> Iterator[NDArray[np.float64]]:
        """All values in order."""
        for first, count in spans(len(self.values)):
            yield self.values[first : first + count]
