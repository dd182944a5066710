"""Ticks that stand still."""

now_ms = (1 << 30) - 300
_MASK = (1 << 30) - 1
_HALF = 1 << 29


def ticks_ms():
    return now_ms & _MASK


def ticks_us():
    return now_ms * 1000 & _MASK


def ticks_add(ticks, delta):
    return (ticks + delta) & _MASK


def ticks_diff(end, start):
    return ((end - start + _HALF) & _MASK) - _HALF


def sleep_us(us):
    pass


def sleep_ms(ms):
    pass
