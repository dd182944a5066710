"""Kernel over ended bursts: does a short one look like a twitch, and when did that begin?

A motor unit's twitch that sets a finger ringing has, behind a high-pass, one of a few shapes
(tables.SHAPES: a wave up, a wave down, and gone). The burst is correlated with four of them on each axis;
the squares of the three axes add up, whatever the direction. That is the likelihood-ratio detector for a
known shape in white noise (Kay 1998, Fundamentals of Statistical Signal Processing II, 4.3), and its best
lag dates the onset. The rules of bursts.py hold: stored values non-negative, intermediates within 31 bits
and sign.
"""

import sys

if sys.implementation.name != "micropython":
    from shared.detector.cpython import const, micropython, ptr32

_SHAPES = const(6)
_TAPS = const(20)
_PAST = const(64)
# The filter needs some samples before it can be trusted.
_SETTLED = const(8)
_REACH = const(6)
_SPAN = const(36)
_BIAS = const(32768)
_SLOW = const(192)
# Butterworth high-pass of second order, 5 Hz at 104 Hz, Q13.
_B0 = const(6615)
_A1 = const(12923)
_A2 = const(5344)


@micropython.viper
def likeness(past: ptr32, index: int, about: int, base: int, shape: ptr32, work: ptr32, ratio: int) -> int:
    """Twice the onset's distance from `about` - 7 samples, plus 1 where the burst is twitch enough.

    past: last 64 samples, 3 axes, oldest at `index`; about: where the onset is sought, 6 samples either way;
    base: the noise floor's energy; ratio: what a twitch must pass, squared correlation over noise variance,
    times 3.75. -1 where the samples are not all there.
    """
    first = _PAST - ((index - about) & 0x3FFFFFFF) - _REACH
    if first < _SETTLED or first + 2 * _REACH + _TAPS > _PAST:
        return -1
    # Scale: the noise becomes some 20 to 40 units.
    shift = 0
    i = base
    while i > 3:
        i >>= 2
        shift += 1
    for axis in range(3):
        at = axis * _PAST
        x0 = past[at + (index & 63)]
        x1 = 0
        x2 = 0
        y1 = 0
        y2 = 0
        for i in range(_PAST):
            x = (past[at + ((index + i) & 63)] - x0) << 2
            if x > 16383:
                x = 16383
            if x < -16383:
                x = -16383
            y = (_B0 * (x - x1 - x1 + x2) + _A1 * y1 - _A2 * y2) >> 13
            if y > 32767:
                y = 32767
            if y < -32767:
                y = -32767
            work[at + i] = y + _BIAS
            work[_SLOW + at + i] = x - y + 2 * _BIAS
            x2 = x1
            x1 = x
            y2 = y1
            y1 = y
    greatest = 0
    best = 0
    begin = 0
    for lag in range(2 * _REACH + 1):
        for k in range(_SHAPES):
            total = 0
            for axis in range(3):
                at = axis * _PAST + first + lag
                y = 0
                for i in range(_TAPS):
                    y += (work[at + i] - _BIAS) * (shape[k * _TAPS + i] - 128)
                # Q2 and norm 128 undone, as far as the noise's scale asks for.
                y >>= 1 + shift
                if y > 16383:
                    y = 16383
                if y < -16383:
                    y = -16383
                total += y * y
            if total > greatest:
                greatest = total
                best = lag + 1 - (shape[_SHAPES * _TAPS + k] - 128)
                begin = first + lag - _SETTLED
    if shift > 4:
        limit = (base >> (2 * shift - 8)) * ratio
    else:
        limit = (base << (8 - 2 * shift)) * ratio
    if greatest <= limit:
        return 2 * best
    # What is slower than the high-pass, beside what is alike: much of it is a heart beat or a breath.
    slow = 0
    for axis in range(3):
        at = _SLOW + axis * _PAST + begin
        mean = 0
        for i in range(_SPAN):
            mean += work[at + i] - 2 * _BIAS
        mean //= _SPAN
        for i in range(_SPAN):
            y = (work[at + i] - 2 * _BIAS - mean) << 6 >> shift
            if y > 2047:
                y = 2047
            if y < -2047:
                y = -2047
            slow += y * y
    if slow > greatest >> 4 << 5:
        return 2 * best
    return 2 * best + 1
