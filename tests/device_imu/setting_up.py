"""Run by real MicroPython: registers, self-test, temperature, and which chip it is.

micropython setting_up.py ROOT CHIP GYRO SCENARIO
"""

import sys
from array import array

ROOT = sys.argv[1]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

import rig  # noqa: E402
from driven import CHUNK, GYRO, MODELS, NAME, REGISTERS, ST, SWITCHED_OFF, Rig, raises, run  # noqa: E402

from models.lsm6dsox import Lsm6dso32, Lsm6dsox  # noqa: E402
from shared.protocol.record_types import CHIP_LSM6DSO32, CHIP_LSM6DSOX  # noqa: E402
from twitchband.imu import bus  # noqa: E402


def registers():
    """After start every register is as the data sheet asks."""
    rig = Rig()
    wanted, turning = REGISTERS[NAME]
    if GYRO:
        wanted.update(turning)
    for register, value in wanted.items():
        got = rig.chip.registers[register]
        assert got == value, (hex(register), hex(got), hex(value))


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
        f"0x{chip.address:02X} identifies as 0x71; known are LSM6DS3TR-C (0x6A)",
    )
    chip.stuck = 1
    raises(lambda: bus.find(connect, clock), "hangs")
    chip.stuck = 0
    chip.reset()
    imu = bus.find(connect, clock, GYRO)
    chip.power(False)
    raises(imu.start, "sent nothing")
    raises(imu.self_test, "sent nothing")
    chip.power(True)
    store = chip.store
    register, wrong = (0x12, "0x60, not 0x64") if ST else (0x1A, "0x02, not 0x03")
    chip.store = lambda at, value: store(at, value & (0xFB if ST else 0xFE) if at == register else value)
    raises(imu.start, wrong)
    chip.store = store
    load = chip.load
    reset = 0x12 if ST else 0x6B
    chip.load = lambda at: 0x81 if at == reset else load(at)
    raises(imu.start, "does not change")
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
    """A bit that flips in any register of the set-up is seen, named and corrected."""
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
    said = imu.check()
    assert "did not answer" in said or "sent nothing" in said
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


run(globals())
