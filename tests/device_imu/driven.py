"""Run by real MicroPython: a driver over its chip's model, for the scenarios of one subject.

Each file of scenarios is started as: micropython FILE ROOT CHIP GYRO SCENARIO. It sets the paths, and calls
`run` at its end.
"""

import sys
from array import array

import rig

from models.lsm6ds3trc import Lsm6ds3trC
from models.lsm6dsox import Lsm6dsox
from models.mpu import Mpu6050, Mpu6886
from twitchband.imu import bus
from twitchband.imu.fault import SensorFault

MODELS = {
    "lsm6ds3trc": Lsm6ds3trC,
    "lsm6dsox": Lsm6dsox,
    "mpu6050": Mpu6050,
    "mpu6886": Mpu6886,
}
# What the data sheets ask for, written down a second time: address -> value; then what the gyroscope changes.
REGISTERS = {
    "lsm6ds3trc": (
        {0x06: 0xE0, 0x07: 0x04, 0x08: 0x01, 0x09: 0x00, 0x0A: 0x26, 0x0D: 0x08,
         0x10: 0x48, 0x11: 0x00, 0x12: 0x64, 0x15: 0x00, 0x17: 0x00},
        {0x06: 0x60, 0x07: 0x06, 0x08: 0x09, 0x11: 0x44},
    ),
    "lsm6dsox": (
        {0x07: 0x99, 0x08: 0x01, 0x09: 0x04, 0x0A: 0x06, 0x0D: 0x08,
         0x10: 0x48, 0x11: 0x00, 0x12: 0x64, 0x15: 0x00, 0x17: 0x00, 0x18: 0xE2},
        {0x07: 0x98, 0x09: 0x44, 0x11: 0x44},
    ),
    "mpu6050": (
        {0x19: 0x07, 0x1A: 0x03, 0x1B: 0x08, 0x1C: 0x08, 0x23: 0x08, 0x37: 0xA0, 0x38: 0x10,
         0x6A: 0x40, 0x6B: 0x00, 0x6C: 0x07},
        {0x23: 0x78, 0x6B: 0x01, 0x6C: 0x00},
    ),
    "mpu6886": (
        {0x19: 0x07, 0x1A: 0x03, 0x1B: 0x08, 0x1C: 0x08, 0x1D: 0x03, 0x23: 0x08, 0x37: 0xA0, 0x38: 0x00,
         0x60: 0x03, 0x61: 0x20, 0x6A: 0x40, 0x6B: 0x00, 0x6C: 0x07},
        {0x23: 0x18, 0x60: 0x03, 0x61: 0x1E, 0x6B: 0x01, 0x6C: 0x00},
    ),
}  # fmt: skip
# Data sheets: power-down of an LSM6 by ODR = 0, sleep of an MPU; nothing left that could call.
SWITCHED_OFF = {
    "st": {0x10: 0x00, 0x11: 0x00, 0x0D: 0x00, 0x0A: 0x00, 0x12: 0x64},
    "mpu": {0x6B: 0x40, 0x23: 0x00, 0x38: 0x00, 0x6A: 0x00},
}
NAME = sys.argv[2]
GYRO = sys.argv[3] == "gyro"
ST = NAME.startswith("lsm6")
# Samples of the chip to one of ours, and how far a number read from a resampled one may lie off.
RATIO = 1.0 if ST else 125 / 104
OFF = 0 if ST else 1.0
CHUNK = 64


class Rig:
    def __init__(self, **model):
        self.clock = rig.Clock()
        self.chip = MODELS[NAME](self.clock, rig.Numbers(), **model)
        self.imu = bus.find(self.connect, self.clock, GYRO)
        self.chip.next = 0
        self.imu.start()
        self.buffer = array("H", bytes(6 * CHUNK))
        self.got = array("h")
        self.gaps = []
        self.connected = 1
        # As long as the application would sleep.
        self.sleep_ms = min(4000, self.imu.hold_ms * 5 // 8)

    def connect(self):
        self.connected = getattr(self, "connected", 0) + 1
        pins = rig.Pins(chip=self.chip)
        bus.free(pins.scl, pins.sda, self.clock)
        return self.chip

    def drain(self):
        """Read until there is nothing more, as the application does; note samples and losses in order."""
        while True:
            while True:
                n = self.imu.read(self.buffer, CHUNK)
                if not n:
                    break
                for i in range(3 * n):
                    value = self.buffer[i]
                    if GYRO:
                        turned = self.imu.gyro[i]
                        assert abs((turned - value + 20000 + 32768) % 65536 - 32768) <= OFF * 3, (
                            i,
                            value,
                            turned,
                        )
                    self.got.append(value - 65536 if value > 32767 else value)
            if not self.imu.lost:
                return
            self.gaps.append((len(self.got) // 3, self.imu.lost, self.imu.lost_cause))
            self.imu.clear_lost()

    def turn(self, ms=0):
        self.clock.now_ms += ms or self.sleep_ms
        self.drain()

    def numbers(self):
        """The samples' numbers as the chip counts; each has to be whole, with its axes in place."""
        for i in range(0, len(self.got), 3):
            x, y, z = self.got[i : i + 3]
            if ST:
                assert x % 3 == 0, ("axes", i // 3, (x, y, z))
            assert max(abs(y - x - 1), abs(z - y - 1)) <= OFF, ("axes", i // 3, (x, y, z))
            yield x / 3

    def check_all(self):
        """Every sample that the chip made, once and in order; the resampled ones four behind at most."""
        assert self.gaps == [], self.gaps
        assert 0 <= self.chip.next / RATIO - self.taken() <= OFF * 4.5
        for i, number in enumerate(self.numbers()):
            # In front of the first sample there is nothing: for three outputs it stands in.
            assert abs(number - i * RATIO) <= (OFF if i > 3 else 2 * OFF), (i, number)

    def taken(self):
        return len(self.got) // 3

    def lost(self):
        return sum([gap[1] for gap in self.gaps])

    def check_timeline(self, slack):
        """With the gaps told, every sample lies where it belongs, within `slack` samples."""
        shift = 0
        gaps = list(self.gaps)
        for i, number in enumerate(self.numbers()):
            while gaps and gaps[0][0] <= i:
                shift += gaps.pop(0)[1]
            assert abs(number / RATIO - i - shift) <= slack + 2 * OFF, (i, number / RATIO, shift, self.gaps)

    def made(self):
        """Samples that there should be, by the chip's count."""
        return self.chip.next / RATIO


def raises(call, word):
    said = ""
    try:
        call()
    except SensorFault as fault:
        said = str(fault)
    assert word in said, said


def run(scenarios):
    """The one that was asked for."""
    scenarios[sys.argv[4]]()
