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

_SHAPES = const(4)
_TAPS = const(16)
_PAST = const(64)
# The filter needs some samples before it can be trusted.
_SETTLED = const(8)
_REACH = const(6)
_BIAS = const(2048)


@micropython.viper
def likeness(past: ptr32, index: int, onset: int, base: int, shape: ptr32, work: ptr32, ratio: int) -> int:
    """Twice the best onset (7 is `onset` itself), plus 1 where the burst is twitch enough.

    past: last 64 samples, 3 axes, oldest at `index`; base: the noise floor's energy; ratio: what a twitch
    must pass, squared correlation over noise variance, times 3.75. -1 where the samples are not all there.
    """
    first = _PAST - ((index - onset) & 0x3FFFFFFF) - _REACH
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
        m = past[at + (index & 63)] << 8
        e = 0
        for i in range(_PAST):
            a = past[at + ((index + i) & 63)] << 8
            m += (a - m) >> 2
            h = a - m
            e += (h - e) >> 2
            y = (h - e) >> shift
            if y > 2047:
                y = 2047
            if y < -2047:
                y = -2047
            work[at + i] = y + _BIAS
    greatest = 0
    best = 0
    for lag in range(2 * _REACH + 1):
        for k in range(_SHAPES):
            total = 0
            for axis in range(3):
                at = axis * _PAST + first + lag
                y = 0
                for i in range(_TAPS):
                    y += (work[at + i] - _BIAS) * (shape[k * _TAPS + i] - 128)
                y >>= 7
                total += y * y
            if total > greatest:
                greatest = total
                best = lag + 1 - (shape[_SHAPES * _TAPS + k] - 128)
    if shift > 4:
        limit = (base >> (2 * shift - 8)) * ratio
    else:
        limit = (base << (8 - 2 * shift)) * ratio
    if greatest > limit:
        return 2 * best + 1
    return 2 * best
