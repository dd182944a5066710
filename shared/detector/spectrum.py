"""Kernels for windows: samples at a third of the rate, and the power of their frequencies over all axes.

Three axes of 128 samples at 34.7 Hz (3.7 s). x + iy goes through a complex transform of 128, in which bins k
and -k together have the power of both; then z + iz, which has twice the power of z: longer than a transform
made for z alone, but the same code. So the direction in which a tremor swings does not matter. The rules of
bursts.py apply: stored values non-negative, intermediates within 31 bits and sign.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

_PAST = const(128)
_CLIPPED = const(1)
_STUCK = const(2)
_P_CLIP = const(23)
# In sums of 27, halved: one value 3 g off moves some sum by 12,300 at least.
_LEAP = const(10000)

# Tables: cosine and sine of 96 steps, biased by 2^14; five bits reversed.
_SINE = const(96)
_REVERSED = const(192)
# Ring: 3 axes of 128; then the minimum and the maximum of each stretch, 8 stretches of 3 axes.
_EXTREMES = const(384)
_RING = const(432)
# Work space: real and imaginary parts biased by 2^15, power.
_IM = const(128)
_POWERS = const(256)
_MIDDLE = const(448)
_BIAS = const(0x8000)


@micropython.viper
def gather(past: ptr32, index: int, ring: ptr32, head: int, p: ptr32) -> int:
    """Decimate the stretch of 48 samples that ends at `index` into ring[head : head + 16] of each axis.

    past: the newest 128 samples, 3 axes, as `sense` keeps them; ring: sums of 27 samples, halved. Returns
    what is wrong with the stretch: bits, and from bit 8 on how many values are clipped.
    """
    low = p[_P_CLIP]
    high = 65535 - low
    bits = 0
    clipped = 0
    for axis in range(3):
        at = axis * _PAST
        to = axis * 128 + head
        # Three means of three in a row, then every third sample (Hogenauer 1981, IEEE ASSP 29:155): the taps
        # are 1 3 6 7 6 3 1, over the newest three samples, the three before them, and one more.
        c = past[at + ((index + 76) & 127)]
        a = past[at + ((index + 77) & 127)]
        b = past[at + ((index + 78) & 127)]
        y = past[at + ((index + 79) & 127)]
        held = c + 3 * (a + b + b) + 7 * y
        c = y
        least = 1 << 20
        most = 0
        i = index + 80
        end = index + 128
        while i < end:
            a = past[at + (i & 127)]
            b = past[at + ((i + 1) & 127)]
            y = past[at + ((i + 2) & 127)]
            i += 3
            z = (held + 3 * (a + a + b) + y) >> 1
            held = c + 3 * (a + b + b) + 7 * y
            c = y
            ring[to] = z
            to += 1
            if z < least:
                least = z
            if z > most:
                most = z
        # At rest nothing is near a rail, so there is no need to check every value again.
        if least == most or most - least > _LEAP or least < 14 * low or most > 13 * high:
            first = past[at + ((index + 80) & 127)]
            differ = 0
            a = 0
            i = index + 80
            while i < end:
                y = past[at + (i & 127)]
                differ |= y ^ first
                if y < low or y > high:
                    a += 1
                i += 1
            if differ == 0:
                bits |= _STUCK
            if a:
                bits |= _CLIPPED
                clipped += a
        to = _EXTREMES + 6 * (head >> 4) + 2 * axis
        ring[to] = least
        ring[to + 1] = most
    return bits | (clipped << 8)


@micropython.viper
def spectrum(work: ptr32, k: int, ring: ptr32, head: int, t: ptr32, gate: int) -> int:
    """Power of bins 2 to 57 under a Hann window, in work[_POWERS :]; the ring's oldest samples are at `head`.

    k: any value (see bursts.py). Returns by how many bits the samples were shifted down, -1 and no spectrum
    if the window swings by no more than `gate`.
    """
    span = 0
    for axis in range(3):
        least = 1 << 20
        most = 0
        i = _EXTREMES + 2 * axis
        while i < _RING:
            y = ring[i]
            if y < least:
                least = y
            y = ring[i + 1]
            if y > most:
                most = y
            i += 6
        work[_MIDDLE + axis] = (most + least) >> 1
        y = (most - least + 1) >> 1
        if y > span:
            span = y
    if span <= gate:
        return -1
    shift = 0
    while span >> shift > 4095:
        shift += 1
    real = 0
    other = 128
    # In a variable: with a constant index of 256 and more mpy-cross 1.26 to 1.29 makes code for Xtensa that
    # loses the pointer (docs/upstream.md).
    k = _MIDDLE
    mid = work[k]
    mid2 = work[k + 1]
    part = 0
    while part < 2:
        # The first two stages need no products; they also do the bit reversal.
        i = 0
        while i < 128:
            j = head + t[_REVERSED + (i >> 2)]
            k = real + (j & 127)
            a = (ring[k] - mid) >> shift
            k += other
            x = (ring[k] - mid2) >> shift
            k = real + ((j + 64) & 127)
            b = (ring[k] - mid) >> shift
            k += other
            y = (ring[k] - mid2) >> shift
            c = a - b
            a += b
            w = x - y
            x += y
            k = real + ((j + 32) & 127)
            b = (ring[k] - mid) >> shift
            k += other
            y = (ring[k] - mid2) >> shift
            k = real + ((j + 96) & 127)
            d = (ring[k] - mid) >> shift
            k += other
            z = (ring[k] - mid2) >> shift
            j = b - d
            b = b + d + 2
            d = y - z
            y = y + z + 2
            # Stored values are biased; two is for rounding.
            k = i
            work[k] = ((a + b) >> 2) + _BIAS
            k += 1
            work[k] = ((c + d + 2) >> 2) + _BIAS
            k += 1
            work[k] = ((a - b + 4) >> 2) + _BIAS
            k += 1
            work[k] = ((c - d + 2) >> 2) + _BIAS
            k += _IM
            work[k] = ((w + j + 2) >> 2) + _BIAS
            k -= 1
            work[k] = ((x - y + 4) >> 2) + _BIAS
            k -= 1
            work[k] = ((w - j + 2) >> 2) + _BIAS
            k -= 1
            work[k] = ((x + y) >> 2) + _BIAS
            i += 4
        # Two stages at a time: three products instead of four.
        half = 4
        step = 16
        while half <= 16:
            j = 0
            whole = half << 2
            hop = half - _IM
            while j < half:
                k = j * step
                c1 = t[k] - 16384
                d1 = t[k + _SINE] - 16384
                k >>= 1
                c2 = t[k] - 16384
                d2 = t[k + _SINE] - 16384
                k = 3 * k
                c3 = t[k] - 16384
                d3 = t[k + _SINE] - 16384
                i = j
                while i < 128:
                    k = i + half
                    x = work[k] - _BIAS
                    k += _IM
                    y = work[k] - _BIAS
                    a = (x * c1 + y * d1) >> 14
                    b = (y * c1 - x * d1) >> 14
                    k += hop
                    x = work[k] - _BIAS
                    k += _IM
                    y = work[k] - _BIAS
                    c = (x * c2 + y * d2) >> 14
                    d = (y * c2 - x * d2) >> 14
                    k += hop
                    x = work[k] - _BIAS
                    k += _IM
                    y = work[k] - _BIAS
                    w = (x * c3 + y * d3) >> 14
                    z = (y * c3 - x * d3) >> 14
                    x = c - w
                    c += w
                    y = d - z
                    d += z
                    # A stored value has the bias once; quartered, four of them make one; two is for rounding.
                    w = work[i] + 98306
                    z = work[i + _IM] + 98306
                    work[k] = (z - b + x) >> 2
                    k -= _IM
                    work[k] = (w - a - y) >> 2
                    k -= half
                    work[k] = (w + a - c) >> 2
                    k += _IM
                    work[k] = (z + b - d) >> 2
                    k -= half
                    work[k] = (z - b - x) >> 2
                    k -= _IM
                    work[k] = (w - a + y) >> 2
                    k = i
                    work[k] = (w + a + c) >> 2
                    k += _IM
                    work[k] = (z + b + d) >> 2
                    i += whole
                j += 1
            half = whole
            step >>= 2
        # The last stage of 128, as far as its bins are needed.
        k = 1
        while k < 62:
            c = t[k] - 16384
            d = t[k + _SINE] - 16384
            k += 64
            x = work[k] - _BIAS
            k += _IM
            y = work[k] - _BIAS
            a = (x * c + y * d) >> 14
            b = (y * c - x * d) >> 14
            k -= 64
            y = work[k] + _BIAS + 1
            work[k] = (y + b) >> 1
            k += 64
            work[k] = (y - b) >> 1
            k -= 64 + _IM
            x = work[k] + _BIAS + 1
            work[k] = (x + a) >> 1
            k += 64
            work[k] = (x - a) >> 1
            k -= 63
        # The Hann window, applied to the spectrum; for k and for -k, which is at 128 - k.
        k = 2
        while k < 58:
            x = ((work[k - 1] + work[k + 1] + 1) >> 1) - work[k]
            a = x * x
            k += _IM
            x = ((work[k - 1] + work[k + 1] + 1) >> 1) - work[k]
            a = x * x + a
            k = 128 + _IM - k
            x = ((work[k - 1] + work[k + 1] + 1) >> 1) - work[k]
            a = x * x + a
            k += _IM
            x = ((work[k - 1] + work[k + 1] + 1) >> 1) - work[k]
            k = 128 + _IM + _POWERS - k
            work[k] = ((x * x + a) >> (3 + part)) + work[k] * part
            k -= _POWERS - 1
        part += 1
        real = 256
        other = 0
        k = _MIDDLE + 2
        mid = work[k]
        mid2 = mid
    return shift
