"""Where a recording has gaps, and whether the stamps of each stretch between them are even."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.even import SMALL_HOLE
from twitchwatch.recording.rate import GAP_S
from twitchwatch.recording.series import Stamps, spans
from twitchwatch.recording.spool import Spool

ON_GRID = 0.4
"""In steps: closer stamps belong to a place on the grid, whatever their jitter."""

_JITTERS = 0.9
"""In steps: stamps that deviate from the grid by less than a lost sample would cause, only jitter."""


@dataclass(slots=True)
class Stretch:
    """Samples `first` to `first + count` without a gap.

    first_s: the stamp of its first. late_s: the least and the most by which stamps are later than an even
    grid from there on.
    """

    first: int
    count: int
    first_s: float
    late_s: tuple[float, float] = (0.0, 0.0)

    def jitters(self, step_s: float) -> bool:
        """Whether the samples are even, whatever their stamps."""
        return self.late_s[1] - self.late_s[0] < _JITTERS * step_s


@dataclass(frozen=True, slots=True)
class Outline:
    """stretches: in chronological order. within_s: their lengths, from first to last stamp, summed."""

    stretches: list[Stretch]
    within_s: float


def outline(stamps: Stamps, step_s: float) -> Outline:
    """Divide at steps of more than a second, and compare each stretch with a grid of `step_s`."""
    stretches: list[Stretch] = []
    within_s = before_s = 0.0
    for first, count in spans(len(stamps)):
        t_s = stamps.read(first, count)
        steps_s = np.diff(t_s, prepend=before_s if first else t_s[0] - 2 * GAP_S)
        within_s += float(steps_s[steps_s <= GAP_S].sum())
        before_s = float(t_s[-1])
        at = 0
        for end in (*np.flatnonzero(steps_s > GAP_S).tolist(), len(t_s)):
            if end > at:
                _extend(stretches[-1], t_s[at:end], step_s)
            if end < len(t_s):
                stretches.append(Stretch(first + end, 0, float(t_s[end])))
            at = end
    return Outline(stretches, within_s)


def _extend(stretch: Stretch, t_s: NDArray[np.float64], step_s: float) -> None:
    late_s = t_s - stretch.first_s - np.arange(stretch.count, stretch.count + len(t_s)) * step_s
    least_s, most_s = stretch.late_s
    stretch.late_s = (min(least_s, float(late_s.min())), max(most_s, float(late_s.max())))
    stretch.count += len(t_s)


def spread(stamps: Stamps, step_s: float) -> Spool:
    """Lay the samples of each batch evenly up to the stamp of its last one, which came when it was made.

    They fill the time since the batch before; if that is far more than they need, a batch was lost, and they
    keep the usual step.
    """
    made = Spool("<f8")
    end_s: float | None = None
    latest_s = -np.inf
    for t_s, ends in _batches(stamps, step_s):
        counts = np.diff(ends, prepend=-1)
        took_s = np.diff(t_s[ends], prepend=t_s[ends[0]] - counts[0] * step_s if end_s is None else end_s)
        own_s = counts * step_s
        lost = took_s - own_s > np.maximum(0.5 * own_s, SMALL_HOLE * step_s)
        steps_s = np.where(lost, step_s, took_s / counts)
        to_end = np.repeat(ends, counts) - np.arange(len(t_s))
        placed_s = np.repeat(t_s[ends], counts) - to_end * np.repeat(steps_s, counts)
        placed_s = np.maximum(np.maximum.accumulate(placed_s), latest_s)
        made.append(placed_s)
        end_s, latest_s = float(t_s[-1]), float(placed_s[-1])
    return made


def _batches(stamps: Stamps, step_s: float) -> Iterator[tuple[NDArray[np.float64], NDArray[np.intp]]]:
    """Stamps in pieces of whole batches, and the place of the last stamp of each batch."""
    left: NDArray[np.float64] = np.empty(0)
    for first, count in spans(len(stamps)):
        t_s = np.append(left, stamps.read(first, count))
        ends = np.flatnonzero(np.diff(t_s) > step_s)
        if len(ends):
            yield t_s[: ends[-1] + 1], ends
            t_s = t_s[ends[-1] + 1 :]
        left = t_s
    if len(left):
        yield left, np.array([len(left) - 1])


def smooth(stamps: Stamps, stretch: Stretch, step_s: float, into: Spool) -> bool:
    """Append the times of a stretch's samples since its first, without jitter, to `into`.

    A running median of one second removes late stamps from their deviation from an even grid, which preserves
    drift and lost samples (both are monotone). Returns whether all of them are close to the grid, from
    which samples may be missing.
    """
    # Half the memory of reading is scipy's, and most recordings do without.
    from scipy.ndimage import median_filter

    half = round(0.5 / step_s)
    window = min(2 * half + 1, stretch.count)
    latest_s = first_s = -np.inf
    slot, on_grid = -1, True
    for at, count in spans(stretch.count):
        end = at + count
        before, after = max(0, at - half), min(stretch.count, end + half)
        grid_s = np.arange(before, after) * step_s
        late_s = stamps.read(stretch.first + before, after - before) - stretch.first_s - grid_s
        inner = slice(at - before, end - before)
        stamps_s = (grid_s + median_filter(late_s, size=window, mode="nearest"))[inner]
        crumb_s = grid_s[inner] / 100  # at least a hundredth of a step apart, or the spline has no solution
        risen_s = np.maximum(np.maximum.accumulate(stamps_s - crumb_s), latest_s)
        latest_s = float(risen_s[-1])
        stamps_s = risen_s + crumb_s
        into.append(stamps_s)
        if at == 0:
            first_s = float(stamps_s[0])
        slots = np.rint((stamps_s - first_s) / step_s).astype(int)
        off_s = np.abs(stamps_s - first_s - slots * step_s).max()
        on_grid &= bool(off_s < ON_GRID * step_s and (np.diff(slots, prepend=slot) > 0).all())
        slot = int(slots[-1])
    return on_grid
