"""Run by real MicroPython: a signal from an MPU's registers to the detector's words.

micropython resampled.py ROOT IN OUT

IN: int16 x y z at 125 Hz; OUT: the same at 104 Hz, as the driver of the MPU-6886 gives it to the sampler.
Prints the events that the detector finds on the way, a line of JSON each.
"""

import json
import sys
from array import array

ROOT, IN, OUT = sys.argv[1:4]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

import rig  # noqa: E402

from models.mpu import Mpu6886  # noqa: E402
from shared.detector.detector import Detector  # noqa: E402
from shared.detector.words import WORD_INTS, event_body, word_type  # noqa: E402
from shared.protocol.record_types import EVENT  # noqa: E402
from twitchband.imu import bus  # noqa: E402
from twitchband.sampler import Sampler  # noqa: E402


class Signal:
    """The file as a chip's source; the chip stops at its end."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self._values = array("H", file.read())

    def ready(self, k):
        return min(k, len(self._values) // 3)

    def value(self, rotation, k, axis):
        return self._values[3 * k + axis] if 3 * k < len(self._values) else 0

    def fill(self, buffer, k, word):
        return False


class Heard:
    """A sensor whose samples go to a file as well."""

    gyro = None
    lost = 0

    def __init__(self, imu, file):
        self._imu = imu
        self._file = file

    def read(self, buffer, most):
        n = self._imu.read(buffer, most)
        assert not self._imu.lost
        self._file.write(memoryview(buffer)[: 3 * n])
        return n


clock = rig.Clock()
signal = Signal(IN)
chip = Mpu6886(clock, signal)
imu = bus.find(lambda: chip, clock)
imu.start()
detector = Detector()


def tell():
    words = detector.words
    for i in range(words[0]):
        at = 1 + i * WORD_INTS
        if word_type(words, at) == EVENT:
            print(json.dumps(event_body(words, at)))
    detector.clear()


with open(OUT, "wb") as out:
    sampler = Sampler(Heard(imu, out), detector)
    while chip.next < signal.ready(1 << 29) or chip.count:
        # As the application sleeps.
        clock.now_ms += imu.hold_ms * 5 // 8
        while sampler.step():
            tell()
    detector.close()
    tell()
