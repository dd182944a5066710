"""Run by real MicroPython: samples come out of the FIFO, each once, and what was lost is counted.

micropython draining.py ROOT CHIP GYRO SCENARIO
"""

import sys
from array import array

import micropython

ROOT = sys.argv[1]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

from driven import CHUNK, NAME, OFF, ST, Rig, run  # noqa: E402

from shared.protocol.record_types import FIFO_OVERFLOW  # noqa: E402


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


def pattern():
    """A pattern that lies once while a sample arrives does not shift the axes (LSM6DS3TR-C only)."""
    rig = Rig()
    for _ in range(5):
        rig.clock.now_ms += 1000
        rig.chip.pattern_lies = 1
        rig.drain()
    rig.check_all()


def foreign_tag():
    """A word of another sensor is not a sample (LSM6DSOX only)."""
    rig = Rig()
    rig.chip.foreign = 10
    rig.turn(1000)
    assert list(rig.numbers()) == list(range(10)) + list(range(11, 104))


run(globals())
