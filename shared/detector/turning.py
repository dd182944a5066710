"""Kernels over the gyroscope, if there is one: how fast a tremor turns the hand, and whether it is at rest.

Its samples are processed like the accelerometer's: `gather` decimates them, `spectrum` gives the power of
their frequencies. The rules of bursts.py apply: stored values non-negative, intermediates within 31 bits and
sign.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr16, ptr32

# Of the state of rhythm.py.
_WINDOWS = const(0)
_CENTRE = const(12)  # the peak's bin of the newest window, 0 where it had no rhythm
_TURN = const(13)  # mean rms turning in the bout, LSB times 13.5

_GAIN = const(224)
_POWERS = const(256)
_PAST = const(128)


@micropython.viper
def keep(y: ptr16, at: int, n: int, index: int, turned: ptr32) -> int:
    """Take samples at:n (x y z, int16 read as unsigned) into the newest 128, the last one before `index`."""
    index -= n - at
    while at < n:
        to = index & 127
        k = 3 * at
        turned[to] = y[k] ^ 0x8000
        turned[to + _PAST] = y[k + 1] ^ 0x8000
        turned[to + 2 * _PAST] = y[k + 2] ^ 0x8000
        index += 1
        at += 1
    return at


@micropython.viper
def swing(work: ptr32, shift: int, first: int, last: int, t: ptr32) -> int:
    """Root mean square of the swing in bins first..last of a spectrum, LSB times 13.5."""
    total = 0
    j = first
    while j <= last:
        total += (work[_POWERS + j] * t[_GAIN + j]) >> 4
        j += 1
    y = (total * 16) // 3
    root = 0
    bit = 1 << 15
    while bit:
        if (root + bit) * (root + bit) <= y:
            root += bit
        bit >>= 1
    return root << shift


@micropython.viper
def follow(root: int, r: ptr32) -> int:
    """Add a window's turning to the bout's mean."""
    m = r[_WINDOWS]
    if m > 1000:
        m = 1000
    if m <= 1:
        r[_TURN] = root
    else:
        # Rounded to nearest, or the mean would creep down.
        r[_TURN] = r[_TURN] + (2 * (root - r[_TURN]) + m) // (2 * m)
    return m  # type: ignore[no-any-return]
