"""Run by real MicroPython: the drivers against the chips' models, one scenario a run.

micropython scenarios.py ROOT CHIP GYRO SCENARIO
"""

import sys
from array import array

import micropython

ROOT = sys.argv[1]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

import rig  # noqa: E402

from models.lsm6ds3trc import Lsm6ds3trC  # noqa: E402
from models.lsm6dsox import Lsm6dso32, Lsm6dsox  # noqa: E402
from models.mpu import Mpu6050, Mpu6886  # noqa: E402
from shared.protocol.kinds import CHIP_LSM6DSO32, CHIP_LSM6DSOX, FIFO_OVERFLOW, SENSOR_SILENT  # noqa: E402
from twitchband.imu import bus  # noqa: E402
from twitchband.imu.fault import SensorFault  # noqa: E402

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


def in_order():
    """Drains as in night mode: every sample once, in order, each axis in its place."""
    rig = Rig()
    for _ in range(12 if ST else 40):
        rig.turn()
    rig.check_all()
    assert rig.chip.longest <= 1024


def often():
    """Drains as in live mode, across the wrap of the ticks: no phantom losses."""
    rig = Rig(rate_milli_hz=102000 if ST else 122000)
    for _ in range(400):
        rig.turn(25)
    rig.check_all()
    assert rig.clock.now_ms > 1 << 30


def registers():
    """After start every register is as the data sheet asks."""
    rig = Rig()
    wanted, turning = REGISTERS[NAME]
    if GYRO:
        wanted.update(turning)
    for register, value in wanted.items():
        got = rig.chip.registers[register]
        assert got == value, (hex(register), hex(got), hex(value))


def watermark():
    """The watermark's flag comes with four fifths of the FIFO, or four seconds; reading ends it."""
    rig = Rig()
    at, flag = (0x39, 0x40) if NAME == "mpu6886" else (0x3B, 0x80)
    samples = min(416, rig.imu.depth * 4 // 5)
    address = rig.chip.address
    full_ms = samples * 1000000 // rig.chip.rate_milli_hz
    for ms, want in ((full_ms - 20, 0), (40, flag)):
        rig.clock.now_ms += ms
        assert rig.chip.readfrom_mem(address, at, 1)[0] & flag == want
    rig.drain()
    assert rig.chip.readfrom_mem(address, at, 1)[0] & flag == 0


def hold():
    """The FIFO holds what the driver says: nothing is lost within that time, and something soon after it."""
    rig = Rig()
    rig.turn(rig.imu.hold_ms - 20)
    assert rig.gaps == []
    rig.turn(rig.imu.hold_ms + 200)
    rig.turn(20)
    assert rig.gaps != []


def overrun():
    """Asleep for twice what the FIFO holds: what is gone is counted, and the rest is in place."""
    for says_zero in (False, True) if NAME == "lsm6ds3trc" else (False,):
        rig = Rig(says_zero=says_zero) if says_zero else Rig()
        rig.turn()
        before = rig.taken()
        slept_ms = 2 * rig.imu.hold_ms
        rig.turn(slept_ms)
        rig.turn()
        rig.turn()
        assert [gap[0] for gap in rig.gaps] == [before]
        assert rig.gaps[0][2] == FIFO_OVERFLOW
        # An MPU's FIFO does not know where a sample begins: what it held is lost as well.
        kept = rig.imu.depth if ST else 0
        due = slept_ms * rig.imu.rate_milli_hz // 1000000
        assert abs(rig.gaps[0][1] - (due - kept)) <= 3 + 5 * OFF, (rig.gaps, due, kept)
        rig.check_timeline(2)
        if ST:
            assert rig.got[-3] // 3 == rig.chip.next - 1


def overrun_every_phase():
    """However many words were overwritten, axes stay in place."""
    for more in range(0, 60, 7):
        rig = Rig()
        rig.turn(rig.imu.hold_ms - 50 + 10 * more)
        rig.turn(rig.imu.hold_ms // 4)
        rig.turn(rig.imu.hold_ms // 4)
        rig.check_timeline(2)


def nack():
    """A burst that fails anywhere: samples that went with it are lost and counted, none is out of place."""
    for good in (-1, 0, 1, 5, 6, 7, 8, 13, 14, 100, 192, 383):
        rig = Rig()
        rig.turn(250)
        rig.chip.failures = [good]
        rig.turn()
        rig.turn()
        rig.turn()
        rig.check_timeline(1)
        if ST:
            assert rig.got[-3] // 3 == rig.chip.next - 1
            assert rig.lost() <= good // rig.imu.sample_bytes[GYRO] + 3, (good, rig.gaps)
        assert abs(rig.lost() - (rig.made() - rig.taken())) <= 1 + 5 * OFF, (good, rig.gaps)
        assert all(gap[2] == SENSOR_SILENT for gap in rig.gaps)


def nacks():
    """Bursts that fail one after another, too: in the end everything is counted."""
    rig = Rig()
    rig.turn(250)
    rig.chip.failures = [20, 3, 50, 0, -1, 7, 1]
    for _ in range(9):
        rig.turn()
    assert rig.chip.failures == []
    rig.check_timeline(2)
    assert abs(rig.lost() - (rig.made() - rig.taken())) <= 2 + 5 * OFF


def stuck():
    """The bus hangs between drains, and with it the sensor's SDA: it is clocked free, and nothing is lost."""
    rig = Rig()
    rig.turn(250)
    rig.chip.stuck = 7
    before = rig.connected
    rig.turn(500 if ST else 300)
    assert rig.connected == before + 1
    assert rig.chip.stuck == 0
    rig.turn()
    rig.check_all()


def silent():
    """The sensor does not answer for four drains: nothing is read, nothing raised, and the loss is told."""
    rig = Rig()
    rig.turn()
    before = rig.taken()
    rig.chip.stuck = 1000
    for _ in range(4):
        rig.turn(4000)
    assert rig.taken() == before
    assert rig.gaps == []
    rig.chip.stuck = 0
    rig.turn(100)
    rig.turn()
    kept = rig.imu.depth if ST else 0
    assert abs(rig.gaps[0][1] - (16100 * 104 // 1000 - kept)) <= 5 + 5 * OFF, rig.gaps
    rig.check_timeline(2)


def power_loss():
    """Power fails between drains: the sensor is set up again and the time without it is told as lost."""
    for off_ms in (10, 20000):
        rig = Rig()
        rig.turn()
        before = rig.taken()
        rig.chip.power(False)
        rig.turn(off_ms)
        rig.chip.power(True)
        check_return(rig, before, off_ms)


def power_loss_in_a_burst():
    """The same in the middle of a burst; what it gave before is thrown away."""
    for good in (1, 100):
        rig = Rig()
        rig.turn()
        before = rig.taken()
        rig.chip.failures = [good]
        rig.chip.fails_without_power = True
        rig.turn()
        assert not rig.chip.powered
        rig.turn(3000)
        rig.chip.power(True)
        check_return(rig, before, rig.sleep_ms + 3000)


def check_return(rig, before, away_ms):
    slept_ms = rig.sleep_ms
    # A second without samples, then the sensor is set up.
    for _ in range(5000 // slept_ms + 1):
        rig.turn()
        slept_ms += rig.sleep_ms
    wanted, turning = REGISTERS[NAME]
    if GYRO:
        wanted.update(turning)
    assert all(rig.chip.registers[r] == v for r, v in wanted.items())
    assert rig.gaps, "nothing was told"
    assert all(gap[0] == before for gap in rig.gaps[:1])
    assert all(gap[2] == SENSOR_SILENT for gap in rig.gaps)
    # The samples of all drains and what was lost are the time that has passed.
    passed = (slept_ms + away_ms) * rig.imu.rate_milli_hz // 1000000
    assert abs(rig.taken() + rig.lost() - passed) <= 10, (rig.taken(), rig.gaps, passed)
    assert rig.taken() > before


def gone():
    """A sensor that was exchanged for a stranger is never taken for the old one."""
    rig = Rig()
    rig.turn()
    before = rig.taken()
    rig.chip.power(False)
    rig.chip.who_am_i = 0x71
    rig.chip.power(True)
    for _ in range(5):
        rig.turn(4000)
    assert rig.taken() == before
    assert rig.gaps == []


def locked():
    """read() allocates nothing: a night's drain with the heap locked, an overrun included."""
    rig = Rig()
    imu, clock, buffer = rig.imu, rig.clock, rig.buffer
    total = lost = 0
    for part in (5, 5, 12, 1):
        clock.now_ms += imu.hold_ms * part // 8
        micropython.heap_lock()
        try:
            while True:
                n = imu.read(buffer, CHUNK)
                total += n
                if n == 0:
                    if not imu.lost:
                        break
                    lost += imu.lost
                    imu.clear_lost()
        finally:
            micropython.heap_unlock()
    assert lost > 0
    assert abs(total + lost - rig.made()) <= 3 + 5 * OFF, (total, lost)


def small_buffer():
    """No more samples come than were asked for."""
    rig = Rig()
    rig.clock.now_ms += 500
    buffer = array("H", bytes(6 * 5) + b"\xee" * 12)
    for _ in range(4):
        assert rig.imu.read(buffer, 5) <= 4
    assert list(buffer[15:]) == [0xEEEE] * 6


def starting():
    """What can be wrong at the start is said."""
    clock = rig.Clock()
    chip = MODELS[NAME](clock, rig.Numbers())

    def connect():
        return chip

    chip.powered = False
    raises(lambda: bus.find(connect, clock), "No sensor answers")
    chip.powered = True
    who = chip.who_register
    chip.registers[who] = 0x71
    raises(
        lambda: bus.find(connect, clock),
        f"0x{chip.address:02X} says it is 0x71; known are LSM6DS3TR-C (0x6A)",
    )
    chip.stuck = 1
    raises(lambda: bus.find(connect, clock), "hangs")
    chip.stuck = 0
    chip.reset()
    imu = bus.find(connect, clock, GYRO)
    chip.power(False)
    raises(imu.start, "silent")
    raises(imu.self_test, "silent")
    chip.power(True)
    store = chip.store
    register, wrong = (0x12, "0x60, not 0x64") if ST else (0x1A, "0x02, not 0x03")
    chip.store = lambda at, value: store(at, value & (0xFB if ST else 0xFE) if at == register else value)
    raises(imu.start, wrong)
    chip.store = store
    load = chip.load
    reset = 0x12 if ST else 0x6B
    chip.load = lambda at: 0x81 if at == reset else load(at)
    raises(imu.start, "stays as it is")
    chip.load = load
    imu.start()
    other = MODELS[NAME](clock, rig.Numbers(), chip.address + 1)
    assert bus.find(lambda: other, clock).who_am_i == other.who_am_i


def self_test():
    """Sound masses pass, broken ones are named, and afterwards the sensor works as before."""
    rig_ = Rig()
    numbers = rig_.chip.source
    rig_.chip.source = rig.Still()
    assert rig_.imu.self_test() == "passed", rig_.imu.self_test()
    rig_.chip.moves_mg = 10
    said = rig_.imu.self_test()
    assert said.startswith("failed: acceleration x "), said
    assert "acceleration z" in said
    assert "rotation" not in said
    rig_.chip.moves_mg = 500
    rig_.chip.moves_dps = 5
    said = rig_.imu.self_test()
    assert said.startswith("failed: rotation x ") if GYRO else said == "passed", said
    rig_.chip.source = numbers
    rig_.chip.next = 0
    rig_.imu.start()
    rig_.turn()
    rig_.check_all()


def settings_that_changed():
    """A bit that flips in any register of the set-up is seen, named and put right."""
    rig_ = Rig()
    chip, imu = rig_.chip, rig_.imu
    rig_.turn()
    assert imu.check() == ""
    assert imu.lost == 0
    wanted = dict(imu._setup())
    for register in wanted:
        for bit in range(8):
            chip.registers[register] ^= 1 << bit
            changed = chip.registers[register]
            said = imu.check()
            assert f"0x{register:02X} had changed to 0x{changed:02X}" in said, (hex(register), bit, said)
            assert {at: chip.registers[at] for at in wanted} == wanted, (hex(register), bit)
            imu.clear_lost()
    chip.stuck = 1000
    assert "did not answer" in imu.check() or "silent" in imu.check()
    chip.stuck = 0
    assert imu.check() == ""


def power_down():
    """Switched off it senses nothing and its pin is quiet, even if it called; started again it works."""
    rig_ = Rig()
    chip, imu, clock = rig_.chip, rig_.imu, rig_.clock
    clock.now_ms += imu.hold_ms + 1000
    assert chip.calls()
    imu.power_down()
    for register, value in SWITCHED_OFF["st" if ST else "mpu"].items():
        assert chip.registers[register] == value, (hex(register), hex(chip.registers[register]))
    made = chip.next
    clock.now_ms += 20000
    assert not chip.calls()
    assert chip.next == made
    chip.stuck = 1
    imu.power_down()
    chip.stuck = 0
    chip.power(False)
    imu.power_down()
    chip.power(True)
    chip.next = 0
    imu.start()
    rig_.turn()
    rig_.check_all()


def settling():
    """Self-test waits as in ST's own examples (LSM6 chips only)."""
    rig_ = Rig()
    rig_.chip.source = rig.Still()
    waits = []
    sleep_ms = rig_.clock.sleep_ms
    rig_.clock.sleep_ms = lambda ms: (waits.append(ms), sleep_ms(ms))
    assert rig_.imu.self_test() == "passed"
    wanted = [100, 100]
    if GYRO:
        wanted += [150, 50] if NAME == "lsm6ds3trc" else [100, 100]
    assert [ms for ms in waits if ms > 2] == wanted, waits


def factory_code_missing():
    """Without the factory's code the absolute limits count (MPU-6886 only)."""
    rig_ = Rig()
    rig_.chip.source = rig.Still()
    codes = rig_.chip.codes
    rig_.chip.codes = lambda: [(register, 0) for register, _ in codes()]
    assert rig_.imu.self_test() == "passed", rig_.imu.self_test()
    rig_.chip.moves_mg = 100
    assert "not 3686 to 11059" in rig_.imu.self_test()


def wires():
    """A sensor that holds SDA is clocked free; a wire that stays low is said."""
    clock = rig.Clock()
    for held in range(10):
        pins = rig.Pins(held)
        bus.free(pins.scl, pins.sda, clock)
        assert (pins.sda.value(), pins.scl.value()) == (1, 1)
        assert pins.stops >= 1
    pins = rig.Pins(100)
    raises(lambda: bus.free(pins.scl, pins.sda, clock), "SDA stays low")
    pins = rig.Pins(scl_low=True)
    raises(lambda: bus.free(pins.scl, pins.sda, clock), "SCL stays low")


def temperature():
    """Degrees as the data sheet computes them; the last known one where the bus fails."""
    rig = Rig()
    for raw, centi_c in {
        "mpu6050": ((0, 3653), (-1203, 3299), (-521, 3499)),
        "mpu6886": ((0, 2500), (2614, 3299), (-327, 2399)),
    }.get(NAME, ((0, 2500), (0x0800, 3300), (-256, 2400))):
        rig.chip.temperature = raw
        assert rig.imu.temperature_centi_c() == centi_c, rig.imu.temperature_centi_c()
    rig.chip.stuck = 1
    assert rig.imu.temperature_centi_c() == centi_c


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


def twins():
    """An LSM6DSO32 says the same name and is known by gravity: range, scale, own test (LSM6DSOX only)."""

    class Hand(rig.Still):
        """Gravity anywhere, 0.9 g; with `moves`, a hand that is shaken."""

        moves = 0

        def value(self, rotation, k, axis):
            if self.moves and not rotation:
                return (k * 7919 + axis * 3571) % 16000 - 8000
            return 0 if rotation else (4900, -3900, 3800)[axis]

    for model, moves, chip_is, control in (
        (Lsm6dsox, 0, CHIP_LSM6DSOX, 0x48),
        (Lsm6dso32, 0, CHIP_LSM6DSO32, 0x40),
        (Lsm6dsox, 1, CHIP_LSM6DSOX, 0x48),
    ):
        clock = rig.Clock()
        hand = Hand()
        hand.moves = moves
        chip = model(clock, hand)
        imu = bus.find(lambda chip=chip: chip, clock, GYRO)
        assert imu.chip == chip_is, (imu.chip, chip_is)
        hand.moves = 0
        assert imu.self_test() == "passed", imu.self_test()
        imu.start()
        assert chip.registers[0x10] == control
        assert imu.check() == ""
        clock.now_ms += 1000
        buffer = array("h", bytes(6 * CHUNK))
        assert imu.read(buffer, CHUNK) == CHUNK
        assert list(buffer[:3]) == [4900, -3900, 3800]
        assert imu.lsb_nano_g == 122000


def trimmed():
    """The chip's own rate, from INTERNAL_FREQ_FINE (LSM6DSOX only)."""
    for fine, rate_milli_hz in ((0, 104171), (10, 105734), (-20, 101046)):
        assert abs(Rig(fine=fine).imu.rate_milli_hz - rate_milli_hz) <= 1


globals()[sys.argv[4]]()
