"""Run by real MicroPython: a bus that fails or hangs, and a sensor whose power goes.

micropython disturbed.py ROOT CHIP GYRO SCENARIO
"""

import sys

ROOT = sys.argv[1]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

import rig  # noqa: E402
from driven import GYRO, NAME, OFF, REGISTERS, ST, Rig, raises, run  # noqa: E402

from shared.protocol.record_types import SENSOR_SILENT  # noqa: E402
from twitchband.imu import bus  # noqa: E402


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
    """The sensor does not answer for four drains: nothing is read or raised, and the loss is reported."""
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
    """Power fails between drains: the sensor is set up again and the time without it is reported as lost."""
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
    """A sensor that was exchanged for another one is never taken for the old one."""
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


run(globals())
