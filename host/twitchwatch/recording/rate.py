"""The sampling rate behind time stamps that jitter, come in batches, or have holes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GAP_S = 1.0
"""A longer hole divides the recording: an epoch of the sensor may lose a second, not more."""

_RUN = 100
_USUAL = 0.5
_ROUNDS = 50
_FEW_LOST = 0.02
_CROWDED = 0.4
_BATCHED_SHARE = 0.25
_STEADY_RUNS = 10
_OTHER_RATE = 0.25


def sampling_rate_hz(t_s: NDArray[np.float64]) -> float:
    """Rate from time stamps (n >= 2) that do not go back: mean over the runs of 100 samples that lost none.

    Steps within half of the usual one count as one sample; the usual one is their own mean, sought from the
    lower quartile of all steps on, which holds with up to half of the samples lost at random. If many steps
    are crowded together, samples arrive in batches, or their stamps jitter by more than a step; then a step
    means nothing, only the count does.
    """
    if is_batched(t_s):
        runs_s = _batches_s(t_s)
        step_s, tolerance = float(np.percentile(runs_s, 50, method="lower")), 0.1
    else:
        runs_s, usual_s = _runs_s(t_s), _usual_step_s(np.diff(t_s))
        counted_s = float(np.percentile(runs_s, 50, method="lower"))
        # With few samples lost the count is right, and jitter does not matter to it.
        step_s = counted_s if abs(counted_s - usual_s) < _FEW_LOST * usual_s else usual_s
        tolerance = 0.75 / _run(len(t_s) - 1)
    whole = np.abs(runs_s - step_s) < tolerance * step_s
    mean_s = runs_s[whole].mean() if whole.any() else step_s
    return float(1 / mean_s) if mean_s > 0 else float("inf")


def _usual_step_s(steps_s: NDArray[np.float64]) -> float:
    usual_s = float(np.percentile(steps_s, 25, method="lower"))
    for _ in range(_ROUNDS):
        near = steps_s[np.abs(steps_s - usual_s) <= _USUAL * usual_s]
        before_s, usual_s = usual_s, float(near.mean())
        if before_s == usual_s:
            break
    return usual_s


def is_batched(t_s: NDArray[np.float64]) -> bool:
    """Whether more than a quarter of the steps are shorter than two fifths of what the count gives."""
    steps_s = np.diff(t_s)
    mean_s = float(np.median(_runs_s(t_s)))
    return bool((steps_s < _CROWDED * mean_s).mean() > _BATCHED_SHARE)


def change_of_rate(t_s: NDArray[np.float64]) -> tuple[int, float, float] | None:
    """The first sample at which the rate changes for good by more than a quarter, and both rates; or None.

    For good: ten runs of 100 samples before and after it agree with each other.
    """
    runs_s = _runs_s(t_s)
    span = _STEADY_RUNS
    if len(runs_s) < 2 * span:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(runs_s, span)
    middle_s, steady = np.median(windows, axis=1), np.ptp(windows, axis=1) < 0.1 * np.median(windows, axis=1)
    before, after = middle_s[:-span], middle_s[span:]
    differ = steady[:-span] & steady[span:] & (np.abs(after / before - 1) > _OTHER_RATE)
    if not differ.any():
        return None
    at = int(np.argmax(differ))
    return (at + span) * _run(len(t_s) - 1), float(1 / before[at]), float(1 / after[at])


def _batches_s(t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean steps of runs of whole batches, from the end of one to the end of another."""
    steps_s = np.diff(t_s)
    ends = np.flatnonzero(steps_s > np.median(_runs_s(t_s)))
    if len(ends) < 2:
        return _runs_s(t_s)
    every = max(1, round(_RUN * len(ends) / len(t_s)))
    taken = ends[:: min(every, len(ends) - 1)]
    means_s: NDArray[np.float64] = np.diff(t_s[taken]) / np.diff(taken)
    return means_s


def _run(steps: int) -> int:
    return max(1, min(_RUN, steps // 2))


def _runs_s(t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean steps of runs of samples, with a usual step in the place of each gap."""
    steps_s = np.diff(t_s)
    without_gaps_s = np.append(0.0, np.cumsum(np.where(steps_s > GAP_S, np.median(steps_s), steps_s)))
    run = _run(len(steps_s))
    means_s: NDArray[np.float64] = np.diff(without_gaps_s[::run]) / run
    return means_s
