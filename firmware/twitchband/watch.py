"""Supervises the sensor: its settings are read back and its samples counted, once a minute."""

from shared.protocol.record_types import INPUT_RATE, INPUT_SETTINGS

MINUTE_US = 60000000
# A sensor that is too fast is told from one that is sound in this time, in which a FIFO's worth is little.
_MIN_US = 20000000


class Watch:
    """Supervises `imu`. `blind`: the rate of its samples is wrong, so they cannot be used."""

    def __init__(self, imu) -> None:  # type: ignore[no-untyped-def]
        self._imu = imu
        self._since_us = -1
        self._count = 0
        self.blind = False

    def took(self, count: int, now_us: int) -> None:
        """A drain has ended with the FIFO empty: `count` samples had arrived or were lost."""
        if self._since_us < 0:
            self._since_us = now_us
        else:
            self._count += count

    def is_due(self, now_us: int) -> bool:
        """Whether to check again, although no minute of samples is full."""
        return now_us - self._since_us >= MINUTE_US or (self._imu.fast and not self.blind)

    def look(self, now_us: int) -> int:
        """What is wrong, as INPUT bits; it is corrected if possible, and `imu.fault` describes it."""
        imu = self._imu
        fault = imu.check()
        bits = INPUT_SETTINGS if fault else 0
        elapsed_us = now_us - self._since_us
        due = elapsed_us * imu.rate_milli_hz // 1000000000
        off = self._count - due
        # LSM6DS3TR-C: output data rate within 10 %; the clock takes no more.
        spread = due * 49 // 500
        whole = elapsed_us >= MINUTE_US
        if imu.fast or (elapsed_us >= _MIN_US and off > spread) or (whole and off < -spread):
            bits |= INPUT_RATE
            rate = "too many" if imu.fast else self._count * 1000000 // elapsed_us
            fault = f"The sensor gives {rate} samples a second, not 104: briefly disconnect its power"
            fault = imu.renew() or fault
        elif self.blind and not whole:
            bits |= INPUT_RATE
        if whole or bits:
            self._since_us = now_us
            self._count = 0
        imu.fast = False
        imu.fault = fault
        self.blind = bits & INPUT_RATE != 0
        return bits
