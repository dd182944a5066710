"""Faults of a series of samples, and how to correct them."""

from __future__ import annotations

from twitchwatch.recording.rate import Pace
from twitchwatch.recording.units import Fault

RATES_HZ = (20.0, 1000.0)
"""Below 20 Hz a tremor of 10 Hz is past Nyquist; above 1 kHz no wearable records."""

RATE_TOLERANCE = 0.01
"""Clocks of MEMS sensors and of phones are off by up to about this much (a nominal 20 Hz reads 19.9)."""

MINIMUM_S = 2.0


def find_fault(pace: Pace) -> Fault | None:
    """The first reason why samples at this pace cannot be a recording, or None."""
    return _time_not_rising(pace) or _too_short(pace) or _wrong_rate(pace) or _two_rates(pace)


def _time_not_rising(pace: Pace) -> Fault | None:
    if pace.back is None:
        return None
    row, before_s, after_s = pace.back
    return Fault(
        row,
        f"time runs backwards: from {before_s:.9g} s to {after_s:.9g} s after the first sample",
        "Sort the rows by time.",
    )


def _too_short(pace: Pace) -> Fault | None:
    duration_s = pace.last_s - pace.first_s
    if duration_s >= MINIMUM_S:
        return None
    return Fault(
        max(0, pace.count - 1),
        f"the recording ends after {duration_s:.3g} s",
        f"At least {MINIMUM_S:.0f} s are needed; if its times have another unit, name their column t_ms, "
        "t_us or t_ns.",
    )


def _wrong_rate(pace: Pace) -> Fault | None:
    slowest, fastest = RATES_HZ
    if slowest * (1 - RATE_TOLERANCE) <= pace.rate_hz <= fastest * (1 + RATE_TOLERANCE):
        return None
    remedy = (
        "Record at 20 Hz or more: slower samples cannot show a tremor."
        if pace.rate_hz < slowest
        else "Reduce the rate to 1000 Hz or less with a low-pass filter first."
    )
    return Fault(
        1,
        f"samples follow each other after {1 / pace.rate_hz:.6g} s, which is {pace.rate_hz:.4g} Hz and "
        f"outside {slowest:.0f} to {fastest:.0f} Hz",
        remedy,
    )


def _two_rates(pace: Pace) -> Fault | None:
    change = pace.change()
    if change is None:
        return None
    row, before_hz, after_hz = change
    return Fault(
        row,
        f"the rate changes from {before_hz:.4g} to {after_hz:.4g} Hz",
        "Split the file there, and read each part separately.",
    )
