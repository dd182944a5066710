"""MicroPython's `time`, as on an ESP32 (ticks wrap at 2^30), in the simulated world."""

import world
from utime import gmtime, localtime, mktime  # noqa: F401

_MASK = (1 << 30) - 1
_HALF = 1 << 29


def ticks_us() -> int:
    """Microseconds, modulo 2^30."""
    return world.now_us() & _MASK


def ticks_ms() -> int:
    """Milliseconds, modulo 2^30."""
    return (world.now_us() // 1000) & _MASK


def ticks_diff(end: int, start: int) -> int:
    """Signed difference of two ticks."""
    return ((end - start + _HALF) & _MASK) - _HALF


def ticks_add(ticks: int, delta: int) -> int:
    """Ticks, moved."""
    return (ticks + delta) & _MASK


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
