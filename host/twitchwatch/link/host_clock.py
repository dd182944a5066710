"""The host's clocks, passed in so that a virtual night can have its own."""

from __future__ import annotations

import time
from typing import Protocol


class HostClock(Protocol):
    """A monotonic clock, and UTC at its times."""

    def now_s(self) -> float:
        """Monotonic seconds."""
        ...

    def utc_us(self, at_s: float) -> int:
        """UTC in microseconds at monotonic time `at_s` (recent)."""
        ...


class SystemClock:
    """The computer's own clocks."""

    def now_s(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def utc_us(self, at_s: float) -> int:
        """UTC in microseconds at monotonic time `at_s`."""
        return time.time_ns() // 1000 - int((time.monotonic() - at_s) * 1e6)
