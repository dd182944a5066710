"""Run by real MicroPython: what becomes of a signal between an MPU's FIFO and the detector.

micropython resampled.py ROOT IN OUT

IN: int16 x y z at 125 Hz; OUT: the same at 104 Hz, as the driver of the MPU-6886 gives it.
"""

import sys
from array import array

ROOT, IN, OUT = sys.argv[1:4]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

import rig  # noqa: E402

from models.mpu import Mpu6886  # noqa: E402
from twitchband.imu import bus  # noqa: E402


class Signal:
    """The file as a chip's source; the chip stops at its end."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self._values = array("H", file.read())

    def ready(self, k):
        return min(k, len(self._values) // 3)

    def value(self, rotation, k, axis):
        return self._values[3 * k + axis] if 3 * k < len(self._values) else 0


clock = rig.Clock()
signal = Signal(IN)
chip = Mpu6886(clock, signal)
imu = bus.find(lambda: chip, clock)
imu.start()
buffer = array("H", bytes(384))
with open(OUT, "wb") as out:
    while chip.next < signal.ready(1 << 29) or chip.count:
        clock.now_ms += 400
        n = 1
        while n:
            n = imu.read(buffer, 64)
            assert not imu.lost
            out.write(memoryview(buffer)[: 3 * n])
