"""Device time: 64-bit microseconds since boot, built from ticks that wrap."""

import time


class Clock:
    """Continues across the wrap of `ticks_us` (2^30 us, 18 min); read it at least every eight minutes."""

    def __init__(self) -> None:
        self._last = -1
        self._total = 0

    def now_us(self) -> int:
        """Microseconds since it was first read. Allocates beyond 2^30 on 32 bits: not for the sample loop."""
        ticks = time.ticks_us()
        if self._last >= 0:
            self._total += time.ticks_diff(ticks, self._last)
        self._last = ticks
        return self._total


# Device time: the one clock by which application, board and log count every age above a second.
DEVICE = Clock()


class SampleClock:
    """Maps sample indices to device time by when the FIFO was found empty, or its fill level.

    A drain may come any time between two samples, so tie and period follow the observations as a line through
    the last of them: weights of least squares that grow with the memory, then stay (g-h filter,
    Brookner 1998, Tracking and Kalman Filtering Made Easy, ch. 1.2.10). Chips deviate from their nominal rate
    by some per cent; after a minute a sample's time is known to less than one period. A larger deviation is
    due to a loss or a hole, not to a sample: the line continues from there with the same slope.
    """

    # Drains remembered: a minute and a half at night.
    _MEMORY = 24
    # In less than a second a late look weighs too much.
    _MIN = 104
    # Beyond ten seconds the old tie has run away.
    _MAX = 1040

    def __init__(self, rate_milli_hz: int) -> None:
        self._nominal_ns = 1000000000000 // rate_milli_hz
        self._index = self._at_us = 0
        self.restart()
        # The newest sample whose time was reported, and that time.
        self._reported = 0
        self._reported_us = 0

    def restart(self) -> None:
        """Forget the sample period."""
        self._period_ns = self._nominal_ns
        self._drains = 0

    def tie(self, index: int, now_us: int) -> None:
        """`index` samples had been taken or lost at device time `now_us`; discards earlier observations."""
        self._index = index & 0x3FFFFFFF
        # The next sample, of that index, comes within one period.
        self._at_us = now_us + self._period_ns // 2000

    def observe(self, index: int, now_us: int) -> None:
        """`index` samples had been taken at device time `now_us`."""
        if self._drains == 0:
            self._drains = 1
            self.tie(index, now_us)
            return
        count = (index - self._index) & 0x3FFFFFFF
        if count < self._MIN:
            return
        n = min(self._drains + 1, self._MEMORY)
        expected_us = self._at_us + count * self._period_ns // 1000
        late_us = now_us + self._period_ns // 2000 - expected_us
        # The look itself is off by half a period; the slope by less and less.
        far_us = (3 + min(count, self._MAX) // (8 * n - 8)) * self._period_ns // 1000
        if abs(late_us) > far_us or count > self._MAX:
            if count <= self._MAX:
                # The slope is doubted too, the more so the more often.
                self._drains = max(1, n // 2)
            self.tie(index, now_us)
            return
        self._drains = n
        self._index = index
        self._at_us = expected_us + late_us * (4 * n - 2) // (n * (n + 1))
        period_ns = self._period_ns + late_us * 6000 // (count * n * (n + 1))
        # LSM6DS3TR-C: output data rate within 10 %; what is beyond that is another's fault (watch.py).
        spread_ns = self._nominal_ns // 8
        self._period_ns = min(max(period_ns, self._nominal_ns - spread_ns), self._nominal_ns + spread_ns)

    def time_us(self, index: int) -> int:
        """Device time of the sample `index`, also of one before the last observation.

        Never before the time of an earlier sample that was reported.
        """
        time_us = max(0, self._at_us + _ahead(index, self._index) * self._period_ns // 1000)
        if self._reported_us and _ahead(index, self._reported) < 0:
            return min(time_us, self._reported_us)
        self._reported = index
        self._reported_us = time_us = max(time_us, self._reported_us)
        return time_us


def _ahead(index: int, of: int) -> int:
    ahead = (index - of) & 0x3FFFFFFF
    return ahead - 0x40000000 if ahead > 0x1FFFFFFF else ahead
