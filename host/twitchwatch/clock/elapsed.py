"""Elapsed time that setting the clock does not change, and by how much the clock was set."""

from __future__ import annotations

import sys
import time

# Less is the clock being trimmed; intervals are of minutes and hours.
SET_US = 10_000_000


def elapsed_s() -> float:
    """Seconds of a clock that nothing adjusts and that continues while the computer sleeps.

    Linux: CLOCK_BOOTTIME (clock_gettime(2)); macOS: CLOCK_MONOTONIC, which continues there
    (clock_gettime(3)); Windows: the monotonic clock, which does too (QueryPerformanceCounter). Only
    differences are meaningful.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class SetClock:
    """Compares UTC with elapsed time. Without I/O: both are passed in."""

    def __init__(self, utc_us: int, elapsed_s: float) -> None:
        self._began_us = utc_us - int(elapsed_s * 1e6)

    def set_by(self, utc_us: int, elapsed_s: float) -> int:
        """By how many microseconds the clock was set since the last non-zero result; 0 if it was not.

        Small steps add up until they are SET_US.
        """
        began_us = utc_us - int(elapsed_s * 1e6)
        by_us = began_us - self._began_us
        if abs(by_us) < SET_US:
            return 0
        self._began_us = began_us
        return by_us
