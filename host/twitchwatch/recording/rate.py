"""The sampling rate behind time stamps that jitter, come in batches, or have holes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.series import Stamps, spans

GAP_S = 1.0
"""A longer hole splits the recording: an epoch of the sensor may lose a second, not more."""

_RUN = 100
_USUAL = 0.5
_ROUNDS = 50
_FEW_LOST = 0.02
_CROWDED = 0.4
_BATCHED_SHARE = 0.25
_STEADY_RUNS = 10
_OTHER_RATE = 0.25

_SEEN_RUNS = 10_000
"""Every step is examined in this many runs of samples, spread evenly over the recording; in a shorter one, in
all.
"""

_WINDOWS = 1 << 14
"""Windows of runs that are compared at a time, which bounds the memory for it."""


class Pace:
    """The steps between time stamps (at least 2), as far as rate and faults follow from them.

    It keeps only the length of each run of 100 samples, and the steps of 10,000 of these runs.
    """

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps
        self.count = count = len(stamps)
        self.run = max(1, min(_RUN, (count - 1) // 2))
        self.first_s = self.last_s = 0.0
        self.back: tuple[int, float, float] | None = None
        """The first row whose stamp is earlier than the previous one, and both stamps."""
        self._measure(_Runs(self.run, max(1, ceil((count - 1) // self.run / _SEEN_RUNS))))

    def _measure(self, runs: _Runs) -> None:
        rows = 0
        for stamps_s, steps_s in _with_steps(self._stamps):
            if rows == 0:
                self.first_s = float(stamps_s[0])
            back = np.flatnonzero(steps_s < 0)
            if self.back is None and len(back):
                at = rows - (rows > 0) + int(back[0]) + 1
                after = len(stamps_s) - len(steps_s) + int(back[0])
                self.back = (at, float(stamps_s[after] - steps_s[back[0]]), float(stamps_s[after]))
            runs.add(steps_s)
            rows += len(stamps_s)
            self.last_s = float(stamps_s[-1])
        self._steps_s, self._runs_s = runs.measured()

    @cached_property
    def batched(self) -> bool:
        """Whether more than a quarter of the steps are shorter than two fifths of what the count gives."""
        return bool((self._steps_s < _CROWDED * self._mean_s).mean() > _BATCHED_SHARE)

    @cached_property
    def rate_hz(self) -> float:
        """Mean over the runs of 100 samples that lost none.

        Steps within half of the usual one count as one sample; the usual one is their own mean, sought from
        the lower quartile of all steps on, which holds with up to half of the samples lost at random. If many
        steps are crowded together, samples arrive in batches, or their stamps jitter by more than a step;
        then a step means nothing, only the count does.
        """
        if self.batched:
            runs_s = self._batches_s()
            step_s, tolerance = float(np.percentile(runs_s, 50, method="lower")), 0.1
        else:
            runs_s, usual_s = self._runs_s, self._usual_step_s()
            counted_s = float(np.percentile(runs_s, 50, method="lower"))
            # With few samples lost the count is right, and jitter does not matter to it.
            step_s = counted_s if abs(counted_s - usual_s) < _FEW_LOST * usual_s else usual_s
            tolerance = 0.75 / self.run
        whole = np.abs(runs_s - step_s) < tolerance * step_s
        mean_s = runs_s[whole].mean() if whole.any() else step_s
        return float(1 / mean_s) if mean_s > 0 else float("inf")

    @cached_property
    def late_s(self) -> float:
        """By how much stamps are late, rms, if they are late at random; 0 for batches, which are."""
        if self.batched:
            return 0.0
        near = self._steps_s[np.abs(self._steps_s * self.rate_hz - 1) <= _USUAL]
        return float(near.std() / 2**0.5) if len(near) else 0.0

    def change(self) -> tuple[int, float, float] | None:
        """The first sample at which the rate changes for good by over a quarter, and both rates; or None.

        For good: ten runs of 100 samples before and after it agree with each other.
        """
        span = _STEADY_RUNS
        for first in range(0, len(self._runs_s) - 2 * span + 1, _WINDOWS):
            runs_s = self._runs_s[first : first + _WINDOWS + 2 * span - 1]
            windows = np.lib.stride_tricks.sliding_window_view(runs_s, span)
            middle_s = np.median(windows, axis=1)
            steady = np.ptp(windows, axis=1) < 0.1 * middle_s
            before, after = middle_s[:-span], middle_s[span:]
            differ = steady[:-span] & steady[span:] & (np.abs(after / before - 1) > _OTHER_RATE)
            if differ.any():
                at = int(np.argmax(differ))
                return (first + at + span) * self.run, float(1 / before[at]), float(1 / after[at])
        return None

    @cached_property
    def _mean_s(self) -> float:
        return float(np.median(self._runs_s))

    def _usual_step_s(self) -> float:
        steps_s = self._steps_s
        usual_s = float(np.percentile(steps_s, 25, method="lower"))
        for _ in range(_ROUNDS):
            near = steps_s[np.abs(steps_s - usual_s) <= _USUAL * usual_s]
            before_s, usual_s = usual_s, float(near.mean())
            if before_s == usual_s:
                break
        return usual_s

    def _batches_s(self) -> NDArray[np.float64]:
        """Mean steps of runs of whole batches, from the end of one to the end of another."""
        share = float((self._steps_s > self._mean_s).mean())
        every = max(1, round(_RUN * share * (self.count - 1) / self.count))
        taken: list[NDArray[np.float64]] = []
        rows = ends = 0
        last = np.empty((0, 2))
        for stamps_s, steps_s in _with_steps(self._stamps):
            before_s = stamps_s[len(stamps_s) - len(steps_s) :] - steps_s
            at = np.flatnonzero(steps_s > self._mean_s)
            found = np.column_stack([at + rows - (len(stamps_s) == len(steps_s)), before_s[at]])
            taken.append(found[-ends % every :: every])
            last = found[-1:] if len(found) else last
            ends, rows = ends + len(found), rows + len(stamps_s)
        kept = np.concatenate(taken)
        if len(kept) < 2:
            kept = np.concatenate([kept, last])
        if len(kept) < 2 or kept[0, 0] == kept[-1, 0]:
            return self._runs_s
        means_s: NDArray[np.float64] = np.diff(kept[:, 1]) / np.diff(kept[:, 0])
        return means_s


@dataclass(slots=True)
class _Runs:
    """Lengths of runs of `run` steps, and the steps of every `stride`-th run."""

    run: int
    stride: int
    left: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    lengths: list[NDArray[np.float64]] = field(default_factory=list)
    gaps: list[NDArray[np.int16]] = field(default_factory=list)
    seen: list[NDArray[np.float64]] = field(default_factory=list)
    runs: int = 0

    def add(self, steps_s: NDArray[np.float64]) -> None:
        steps_s = np.append(self.left, steps_s)
        whole = len(steps_s) // self.run * self.run
        self.left = steps_s[whole:].copy()
        by_run = steps_s[:whole].reshape(-1, self.run)
        gaps = by_run > GAP_S
        self.lengths.append(np.where(gaps, 0.0, by_run).sum(axis=1))
        self.gaps.append(gaps.sum(axis=1, dtype=np.int16))
        self.seen.append(by_run[-self.runs % self.stride :: self.stride].ravel().copy())
        self.runs += len(by_run)

    def measured(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The steps seen, and the mean step of each run, with a usual step in the place of each gap."""
        steps_s = np.concatenate([*self.seen, self.left if self.stride == 1 else self.left[:0]])
        lengths = np.concatenate([np.empty(0), *self.lengths])
        gaps = np.concatenate([np.empty(0), *self.gaps])
        usual_s = np.median(steps_s) if gaps.any() else 0.0
        return steps_s, (lengths + gaps * usual_s) / self.run


def _with_steps(stamps: Stamps) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Stamps in pieces, each with the step to each of its stamps; the first one has none."""
    before: NDArray[np.float64] = np.empty(0)
    for first, count in spans(len(stamps)):
        stamps_s = stamps.read(first, count)
        yield stamps_s, np.diff(np.append(before, stamps_s))
        before = stamps_s[-1:].copy()
