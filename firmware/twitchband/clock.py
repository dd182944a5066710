"""Device time: 64-bit microseconds since boot, built from ticks that wrap."""

import time


class Clock:
    """Counts on over the wrap of `ticks_us` (2^30 us, 18 min); read it at least every eight minutes."""

    def __init__(self) -> None:
        self._last = time.ticks_us()
        self._total = 0

    def now_us(self) -> int:
        """Microseconds since boot. Allocates beyond 2^30 on 32 bits: not for the sample loop."""
        ticks = time.ticks_us()
        self._total += time.ticks_diff(ticks, self._last)
        self._last = ticks
        return self._total


class SampleClock:
    """Ties sample indices to device time by when the FIFO was found how full.

    A drain sees the newest sample up to one period late and the MCU may be later still, so the tie follows
    slowly, and the period with it: chips are off their nominal rate by some per cent.
    """

    # Weights of one observation: the tie settles over 8 drains, the period over 64.
    _TIE = 8
    _PERIOD = 64

    def __init__(self, rate_milli_hz: int) -> None:
        self._nominal_ns = 1000000000000 // rate_milli_hz
        self._period_ns = self._nominal_ns
        self._index = -1
        self._at_us = 0

    def observe(self, index: int, now_us: int) -> None:
        """`index` samples had been taken when the device's time was `now_us`."""
        if self._index < 0:
            self._index = index
            self._at_us = now_us
            return
        count = (index - self._index) & 0x3FFFFFFF
        if count < 8:
            return
        expected_us = self._at_us + count * self._period_ns // 1000
        late_us = now_us - expected_us
        self._at_us = expected_us + late_us // self._TIE
        self._index = index
        period_ns = self._period_ns + late_us * 1000 // (count * self._PERIOD)
        # LSM6DS3TR-C: output data rate within 10 %.
        spread_ns = self._nominal_ns // 10
        self._period_ns = min(max(period_ns, self._nominal_ns - spread_ns), self._nominal_ns + spread_ns)

    def time_us(self, index: int) -> int:
        """Device time of the sample `index`, also of one before the last observation."""
        ahead = (index - self._index) & 0x3FFFFFFF
        if ahead > 0x1FFFFFFF:
            ahead -= 0x40000000
        return max(0, self._at_us + ahead * self._period_ns // 1000)
