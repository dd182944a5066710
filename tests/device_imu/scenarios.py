"""Run by real MicroPython: the drivers against the chips' models, one scenario a run.

micropython scenarios.py ROOT CHIP SCENARIO
"""

import sys
from array import array

import micropython

ROOT = sys.argv[1]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

import chips  # noqa: E402

from shared.protocol.records import FIFO_OVERFLOW, SENSOR_SILENT  # noqa: E402
from twitchband.imu import bus  # noqa: E402
from twitchband.imu.fault import SensorFault  # noqa: E402

MODELS = {"lsm6ds3trc": chips.Lsm6ds3trC, "lsm6dsox": chips.Lsm6dsox}
# What the datasheets ask for, written down a second time: address -> value.
REGISTERS = {
    "lsm6ds3trc": {
        0x06: 0xE0, 0x07: 0x04, 0x08: 0x01, 0x09: 0x00, 0x0A: 0x26, 0x0D: 0x08,
        0x10: 0x48, 0x11: 0x00, 0x12: 0x44, 0x15: 0x00, 0x17: 0x00,
    },
    "lsm6dsox": {
        0x07: 0xA0, 0x08: 0x01, 0x09: 0x04, 0x0A: 0x06, 0x0D: 0x08,
        0x10: 0x48, 0x11: 0x00, 0x12: 0x44, 0x15: 0x00, 0x17: 0x00, 0x18: 0xE2,
    },
}  # fmt: skip
NAME = sys.argv[2]
CHUNK = 64


class Rig:
    def __init__(self, **model):
        self.clock = chips.Clock()
        self.chip = MODELS[NAME](self.clock, **model)
        self.imu = bus.find(self.chip, self.clock)
        self.imu.start()
        self.buffer = array("H", bytes(6 * CHUNK))
        self.got = array("H")
        self.gaps = []

    def drain(self):
        """Read until there is nothing more, as the application does; note samples and losses in order."""
        while True:
            while True:
                n = self.imu.read(self.buffer, CHUNK)
                if not n:
                    break
                self.got.extend(self.buffer[: 3 * n])
            if not self.imu.lost:
                return
            self.gaps.append((len(self.got) // 3, self.imu.lost, self.imu.lost_cause))
            self.imu.clear_lost()

    def turn(self, ms):
        self.clock.now_ms += ms
        self.drain()

    def numbers(self):
        """The samples' numbers; each has to be whole, with its axes in place."""
        numbers = array("H")
        for i in range(0, len(self.got), 3):
            x = self.got[i]
            assert x % 3 == 0, ("axes", i // 3, self.got[i : i + 3])
            assert list(self.got[i : i + 3]) == [x, x + 1, x + 2]
            numbers.append(x // 3)
        return numbers

    def check_all(self):
        """Every sample that the chip made, once and in order."""
        assert self.gaps == [], self.gaps
        assert self.taken() == self.chip.next
        assert all(number == i for i, number in enumerate(self.numbers()))

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
            assert abs(number - i - shift) <= slack, (i, number, shift, self.gaps)


def raises(call, word):
    said = ""
    try:
        call()
    except SensorFault as fault:
        said = str(fault)
    assert word in said, said


def in_order():
    """Drains as in night mode: every sample once, in order, each axis in its place."""
    rig = Rig()
    for _ in range(20):
        rig.turn(4000)
    rig.check_all()
    assert rig.chip.longest <= 1024


def often():
    """Drains as in live mode, across the wrap of the ticks: no phantom losses."""
    rig = Rig(rate_milli_hz=102000)
    for _ in range(400):
        rig.turn(25)
    rig.check_all()
    assert rig.clock.now_ms > 1 << 30


def registers():
    """After start every register is as the datasheet asks."""
    rig = Rig()
    for register, value in REGISTERS[NAME].items():
        assert rig.chip.registers[register] == value, hex(register)


def watermark():
    """The watermark's flag comes at four seconds and goes when the FIFO is read."""
    rig = Rig()
    for ms, flag in ((3950, 0), (50, 0x80)):
        rig.clock.now_ms += ms
        assert rig.chip.readfrom_mem(0x6A, 0x3B, 1)[0] & 0x80 == flag
    rig.drain()
    assert rig.chip.readfrom_mem(0x6A, 0x3B, 1)[0] & 0x80 == 0


def overrun():
    """Twelve seconds asleep: the oldest samples are gone, counted, and the rest is in place."""
    for says_zero in (False, True) if NAME == "lsm6ds3trc" else (False,):
        rig = Rig(says_zero=says_zero) if says_zero else Rig()
        rig.turn(4000)
        rig.turn(12000)
        rig.turn(4000)
        assert [gap[0] for gap in rig.gaps] == [416]
        assert rig.gaps[0][2] == FIFO_OVERFLOW
        assert abs(rig.gaps[0][1] - (1248 - rig.imu.depth)) <= 3, rig.gaps
        rig.check_timeline(2)
        assert rig.numbers()[-1] == rig.chip.next - 1


def overrun_every_phase():
    """However many words were overwritten, axes stay in place."""
    for more in range(0, 60, 7):
        rig = Rig()
        rig.turn(6500 + 10 * more)
        rig.turn(1000)
        rig.check_timeline(2)


def nack():
    """A burst that fails anywhere: samples that went with it are lost and counted, none is out of place."""
    for good in (0, 1, 5, 6, 7, 100, 192, 383):
        rig = Rig()
        rig.turn(1000)
        rig.chip.failures = [good]
        rig.turn(4000)
        rig.turn(4000)
        assert rig.numbers()[-1] == rig.chip.next - 1
        rig.check_timeline(1)
        assert rig.lost() <= good // rig.imu.word_bytes + 2, (good, rig.gaps)
        assert abs(rig.lost() - (rig.chip.next - rig.taken())) <= 1, (good, rig.gaps)
        assert all(gap[2] == SENSOR_SILENT for gap in rig.gaps)


def silent():
    """The sensor does not answer for four drains: nothing is read, nothing raised, and the loss is told."""
    rig = Rig()
    rig.turn(4000)
    rig.chip.stuck = True
    for _ in range(4):
        rig.turn(4000)
    assert rig.taken() == 416
    assert rig.gaps == []
    rig.chip.stuck = False
    rig.turn(100)
    assert abs(rig.lost() - (rig.chip.next - 416 - rig.imu.depth)) <= 2, rig.gaps
    rig.check_timeline(2)


def power_loss():
    """Power fails between drains: the sensor is set up again and the time without it is told as lost."""
    for off_ms in (10, 20000):
        rig = Rig()
        rig.turn(4000)
        rig.chip.power(False)
        rig.turn(off_ms)
        rig.chip.power(True)
        rig.chip.next = 416 + off_ms * 104 // 1000
        rig.turn(4000)
        rig.turn(4000)
        assert all(rig.chip.registers[r] == v for r, v in REGISTERS[NAME].items())
        assert [(gap[0], gap[2]) for gap in rig.gaps] == [(416, SENSOR_SILENT)], rig.gaps
        # In ms: the samples of both drains and what was lost are the time that has passed.
        passed = (12000 + off_ms) * rig.imu.rate_milli_hz // 1000000
        assert abs(rig.taken() + rig.lost() - passed) <= 8, (rig.taken(), rig.gaps)
        assert rig.taken() >= 416 + 416


def gone():
    """A sensor that was exchanged for a stranger is never taken for the old one."""
    rig = Rig()
    rig.turn(4000)
    rig.chip.power(False)
    rig.chip.who_am_i = 0x70
    rig.chip.power(True)
    for _ in range(5):
        rig.turn(4000)
    assert rig.taken() == 416
    assert rig.gaps == []


def locked():
    """read() allocates nothing: a night's drain with the heap locked, an overrun included."""
    rig = Rig()
    imu, clock, buffer = rig.imu, rig.clock, rig.buffer
    total = 0
    for ms in (4000, 4000, 9000, 250):
        clock.now_ms += ms
        micropython.heap_lock()
        try:
            while True:
                n = imu.read(buffer, CHUNK)
                total += n
                if n == 0:
                    if not imu.lost:
                        break
                    imu.clear_lost()
        finally:
            micropython.heap_unlock()
    assert 0 <= total - (832 + imu.depth + 26) <= 2, total


def small_buffer():
    """No more samples come than were asked for."""
    rig = Rig()
    rig.clock.now_ms += 1000
    buffer = array("H", bytes(6 * 5) + b"\xee" * 12)
    n = rig.imu.read(buffer, 5)
    assert n == 4
    assert list(buffer[:12]) == list(range(12))
    assert list(buffer[15:]) == [0xEEEE] * 6


def starting():
    """What can be wrong at the start is said."""
    clock = chips.Clock()
    chip = MODELS[NAME](clock)
    chip.powered = False
    raises(lambda: bus.find(chip, clock), "No sensor answers")
    chip.powered = True
    chip.registers[0x0F] = 0x69
    raises(lambda: bus.find(chip, clock), "0x69")
    chip.stuck = True
    raises(lambda: bus.find(chip, clock), "hangs")
    chip.stuck = False
    chip.reset()
    imu = bus.find(chip, clock)
    chip.power(False)
    raises(imu.start, "silent")
    chip.power(True)
    store = chip.store
    chip.store = lambda register, value: store(register, value & 0xFB)
    raises(imu.start, "0x40, not 0x44")
    chip.store = store
    imu.start()
    other = MODELS[NAME](clock, 0x6B)
    assert bus.find(other, clock).who_am_i == other.who_am_i


def wires():
    """A sensor that holds SDA is clocked free; a wire that stays low is said."""
    clock = chips.Clock()
    for held in range(10):
        pins = chips.Pins(held)
        bus.free(pins.scl, pins.sda, clock)
        assert (pins.sda.value(), pins.scl.value()) == (1, 1)
        assert pins.stops >= 1
    pins = chips.Pins(100)
    raises(lambda: bus.free(pins.scl, pins.sda, clock), "SDA stays low")
    pins = chips.Pins(scl_low=True)
    raises(lambda: bus.free(pins.scl, pins.sda, clock), "SCL stays low")


def temperature():
    """256 LSB a degree from 25 degrees; the last known one where the bus fails."""
    rig = Rig()
    for raw, centi_c in ((0, 2500), (0x0800, 3300), (0xFF00, 2400)):
        rig.chip.registers[0x20] = raw & 0xFF
        rig.chip.registers[0x21] = raw >> 8
        assert rig.imu.temperature_centi_c() == centi_c
    rig.chip.stuck = True
    assert rig.imu.temperature_centi_c() == 2400


def pattern():
    """A pattern that lies once while a sample arrives does not shift the axes (LSM6DS3TR-C only)."""
    rig = Rig()
    for _ in range(5):
        rig.clock.now_ms += 1000
        rig.chip.pattern_lies = 1
        rig.drain()
    rig.check_all()


def foreign_tag():
    """A word of another sensor is no sample (LSM6DSOX only)."""
    rig = Rig()
    rig.chip.foreign = 10
    rig.turn(1000)
    assert list(rig.numbers()) == list(range(10)) + list(range(11, 104))


def trimmed():
    """The chip's own rate, from INTERNAL_FREQ_FINE (LSM6DSOX only)."""
    for fine, rate_milli_hz in ((0, 104171), (10, 105734), (-20, 101046)):
        assert abs(Rig(fine=fine).imu.rate_milli_hz - rate_milli_hz) <= 1


globals()[sys.argv[3]]()
