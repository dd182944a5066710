"""Recordings with more samples than were measured: values repeated, or interpolated by straight lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LONGEST_RUN = 32
"""A longer run of equal values is a sensor that stood still, not one that was read more often."""

_FEWEST = 50
_HELD_SHARE = 0.15
_SINGLE_SHARE = 0.02
_ALIKE_SHARE = 0.5
_NOISY_STEPS = 2.0
_STRAIGHT_SHARE = 0.4
_ROUNDED_STEPS = 2.5
_CLEAR_STEPS = 8.0
_BENT = 0.5
_RESOLVED_G = 1e-6

Windows = NDArray[np.float64]


def measured_rate_hz(windows: Windows, rate_hz: float, step_g: float, noise_g: float) -> float:
    """Samples a second that were measured, of windows (m, 256, 3) at `rate_hz`; that rate if all were.

    step_g: the least difference between values; noise_g: of an axis, rms.
    """
    if not len(windows):
        return rate_hz
    steps = np.diff(windows, axis=1)
    return rate_hz * min(_held(steps, noise_g > _NOISY_STEPS * step_g), _on_lines(steps, step_g))


def _held(steps: Windows, noisy: bool) -> float:
    """Measured share of samples if each value is repeated until there is a new one.

    A noisy sensor hardly ever repeats a value of three axes. A coarse one does, but then its values also
    change from one sample to the next.
    """
    changed = (steps != 0).any(axis=2)
    runs = np.concatenate([np.diff(np.flatnonzero(window)) for window in changed])
    runs = runs[runs <= _LONGEST_RUN]
    if len(runs) < _FEWEST:
        return 1.0
    if noisy:
        share = len(runs) / float(runs.sum())
        return share if share < 1 - _HELD_SHARE else 1.0
    if (runs == 1).mean() > _SINGLE_SHARE:
        return 1.0
    # Equal values in a row make some runs longer; a hand that hardly moves makes runs of any length.
    least = float(np.quantile(runs, 0.1))
    shortest = runs[runs <= 1.5 * least + 0.5]
    return float(1 / shortest.mean()) if len(shortest) > _ALIKE_SHARE * len(runs) else 1.0


def _on_lines(steps: Windows, step_g: float) -> float:
    """Measured share if the others are on straight lines: there the second difference is only rounding.

    A measured value makes one corner if it is on their grid, otherwise two.
    """
    step_g = max(step_g, _RESOLVED_G)
    moving = np.abs(steps).max(axis=2) > _CLEAR_STEPS * step_g
    both = moving[:, 1:] & moving[:, :-1]
    if both.sum() < _FEWEST:
        return 1.0
    straight = np.abs(np.diff(steps, axis=1)).max(axis=2) < _ROUNDED_STEPS * step_g
    share = float(straight[both].mean())
    if share < _STRAIGHT_SHARE or share == 1:
        return 1.0
    corners = ~straight & both
    bends = np.abs(np.diff(steps, axis=1)).max(axis=2)
    if np.median(bends[corners]) < _BENT * np.median(np.abs(steps).max(axis=2)[:, 1:][corners]):
        # A fast sensor and a smooth motion look straight too, but turn no corners.
        return 1.0
    pairs = float((corners[:, 1:] & corners[:, :-1]).sum()) / max(1.0, float(corners.sum()))
    return (1 - share) / (2 if pairs > 0.25 else 1)
