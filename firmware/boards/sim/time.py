"""MicroPython's `time` on an ESP32, in the simulated world: ticks wrap at 2^30, and may start just before."""

import world
from chip import column
from utime import gmtime, localtime, mktime  # noqa: F401

_MS = column["ticks_ms_period"] - 1
_US = column["ticks_us_period"] - 1
_HALF = column["ticks_ms_period"] >> 1
# The timer that they come from starts at 0 with every start of the chip, unless the rig wants it elsewhere.
_since_us = world.boot_us - world.config.get("ticks_start_us", 0)


def ticks_us() -> int:
    """Microseconds, modulo 2^30."""
    return world.now_us() - _since_us & _US


def ticks_ms() -> int:
    """Milliseconds, modulo 2^30."""
    return (world.now_us() - _since_us) // 1000 & _MS


def ticks_diff(end: int, start: int) -> int:
    """Signed difference of two ticks."""
    return ((end - start + _HALF) & _MS) - _HALF


def ticks_add(ticks: int, delta: int) -> int:
    """Ticks, moved."""
    return (ticks + delta) & _MS


def sleep_us(us: int) -> None:
    """Sleep."""
    world.sleep_us(us)


def sleep_ms(ms: int) -> None:
    """Sleep."""
    world.sleep_us(ms * 1000)


def sleep(s: float) -> None:
    """Sleep."""
    world.sleep_us(int(s * 1000000))


def time() -> int:
    """Seconds since power-on: the board has no calendar."""
    return world.now_us() // 1000000
