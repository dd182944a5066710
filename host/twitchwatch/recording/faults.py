"""What can be wrong with a series of samples, and how to correct it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.rate import change_of_rate, sampling_rate_hz
from twitchwatch.recording.units import Fault, scale_of

RATES_HZ = (20.0, 1000.0)
"""Below 20 Hz a tremor of 10 Hz is past Nyquist; above 1 kHz no wearable records."""

RATE_TOLERANCE = 0.01
"""Clocks of MEMS sensors and of phones are off by up to about this much (a nominal 20 Hz reads 19.9)."""

MINIMUM_S = 2.0


def find_fault(t_s: NDArray[np.float64], acc_g: NDArray[np.float64]) -> Fault | None:
    """First reason why t_s (n,) and acc_g (n, 3), all finite, cannot be a recording, or None."""
    return (
        _time_not_rising(t_s) or _too_short(t_s) or _wrong_rate(t_s) or _two_rates(t_s) or _wrong_unit(acc_g)
    )


def _time_not_rising(t_s: NDArray[np.float64]) -> Fault | None:
    back = np.diff(t_s) < 0
    if not back.any():
        return None
    row = int(np.argmax(back)) + 1
    return Fault(
        row,
        f"time runs backwards: from {t_s[row - 1]:.9g} s to {t_s[row]:.9g} s after the first sample",
        "Sort the rows by time.",
    )


def _too_short(t_s: NDArray[np.float64]) -> Fault | None:
    duration_s = t_s[-1] - t_s[0] if len(t_s) else 0.0
    if duration_s >= MINIMUM_S:
        return None
    return Fault(
        max(0, len(t_s) - 1),
        f"the recording ends after {duration_s:.3g} s",
        f"At least {MINIMUM_S:.0f} s are needed; t_s must be in seconds.",
    )


def _wrong_rate(t_s: NDArray[np.float64]) -> Fault | None:
    rate_hz = sampling_rate_hz(t_s)
    slowest, fastest = RATES_HZ
    if slowest * (1 - RATE_TOLERANCE) <= rate_hz <= fastest * (1 + RATE_TOLERANCE):
        return None
    remedy = (
        "Record at 20 Hz or more: slower samples cannot show a tremor."
        if rate_hz < slowest
        else "Thin the samples out to 1000 Hz or less with a low-pass filter first."
    )
    return Fault(
        1,
        f"a sample follows the other after {1 / rate_hz:.6g} s, which is {rate_hz:.4g} Hz and outside "
        f"{slowest:.0f} to {fastest:.0f} Hz",
        remedy,
    )


def _two_rates(t_s: NDArray[np.float64]) -> Fault | None:
    change = change_of_rate(t_s)
    if change is None:
        return None
    row, before_hz, after_hz = change
    return Fault(
        row,
        f"the rate changes from {before_hz:.4g} to {after_hz:.4g} Hz",
        "Divide the file there, and read each part by itself.",
    )


def _wrong_unit(acc_g: NDArray[np.float64]) -> Fault | None:
    scale = scale_of(np.linalg.norm(acc_g, axis=1), 1.0, by_size=False)
    return scale if isinstance(scale, Fault) else None
