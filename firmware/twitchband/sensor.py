"""The sensor: found at boot, reported missing if it stops answering, searched for if absent."""

import board

from shared.protocol.record_types import CHIP_ABSENT
from twitchband.imu.fault import SensorFault

# Between two searches for a sensor that did not answer at boot; one takes some milliseconds.
_SEARCH_US = 10000000
# The driver sets up again after a second without samples. A sensor that stays away so long is a fault.
_SILENT_US = 20000000
# The mark of a reset for a silent sensor, kept until samples come again.
_TRIED = "sensor_reset"


class AbsentImu:
    """Replaces a sensor that was not found: no samples, nothing lost."""

    chip = CHIP_ABSENT
    rate_milli_hz = 104000
    lsb_nano_g = 122000
    delay_us = 0
    lost = 0
    lost_cause = 0
    held = 0
    answers = True
    fast = False
    fault = ""
    gyro = None
    gyro_lsb_udps = 0
    hold_ms = 6400

    def read(self, buffer, most: int) -> int:  # type: ignore[no-untyped-def]
        """Nothing."""
        return 0

    def power_down(self) -> None:
        """Nothing to switch off."""


class Sensor:
    """The board's IMU as `imu`, and its fault in words as `fault`.

    `guard` is called at every batch of samples: it feeds the watchdog by them.
    """

    def __init__(self, guard, gyro: bool = False) -> None:  # type: ignore[no-untyped-def]
        self._guard = guard
        self._fault = ""
        self._absent = False
        self._silent = False
        # Once a reset has been tried in vain, the next one would only interrupt what still works.
        self._tried = guard.marks.get(_TRIED) != 0
        self._at_us = 0
        self.imu = AbsentImu()
        try:
            self.imu = board.imu(gyro)
        except SensorFault as fault:
            self._absent = True
            self._fault = str(fault)

    @property
    def fault(self) -> str:
        """What is wrong, "" if nothing is."""
        return self._fault or self.imu.fault

    def start(self, now_us: int) -> None:
        """Sampling begins, if there is a sensor; one that does not start is set up repeatedly."""
        self._at_us = now_us
        if not self._absent:
            try:
                self.imu.start()
            except SensorFault as fault:
                self._fault = str(fault)

    def tend(self, now_us: int, came: bool) -> bool:
        """After a drain: whether samples `came`. True if the sensor has just stopped sending.

        Restarts the board when a sensor is found that was absent at boot: rate and scale of a recording
        are those of its boot record.
        """
        if self._absent:
            if now_us - self._at_us >= _SEARCH_US:
                self._at_us = now_us
                self._search()
            return False
        if came:
            self._at_us = now_us
            self._guard.feed()
            self._fault = ""
            self._silent = False
            if self._tried:
                self._tried = False
                self._guard.marks.set(_TRIED, 0)
            return False
        if self._silent:
            if self._tried:
                self._guard.feed()
            return False
        if now_us - self._at_us < _SILENT_US:
            return False
        self._silent = True
        self._fault = self._fault or "The sensor gives no samples: check its wires"
        if not self._tried:
            # From here the watchdog is left hungry: a reset frees a bus that hangs. Once; if NVS does not
            # remember that, not at all.
            marks = self._guard.marks
            marks.set(_TRIED, 1)
            self._tried = marks.broken
        return True

    def _search(self) -> None:
        try:
            board.imu()
        except SensorFault as fault:
            self._fault = str(fault)
            # Known and looked after: no reason to restart.
            self._guard.feed()
        else:
            self._guard.restart()
