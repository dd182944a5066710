"""Kernel over windows: is there one spectral line between 3 and 12 Hz, and does it last?

Three axes of 128 samples at 34.7 Hz (3.7 s) go through two complex transforms (x + iy, z); the power of
bin k and bin -k together is that of all axes, in whatever direction the tremor swings. The rules of
bursts.py hold here too: stored values non-negative, intermediates within 31 bits and sign.
"""

import sys

if sys.implementation.name != "micropython":
    from shared.detector.cpython import const, micropython, ptr32

# State.
_WINDOWS = const(0)  # rhythmic windows of this bout
_ONSET = const(1)
_LAST = const(2)
_MISSES = const(3)
_FREQUENCY = const(4)  # mean, bins, Q6
_SPREAD = const(5)  # mean deviation, bins, Q6
_POWER = const(6)  # mean rms amplitude, LSB times 13.5
_PEAK = const(7)  # greatest of it
_OPEN = const(8)  # 1 once the bout has lasted long enough
_PART = const(9)  # 1 when this bout continues one that was too long for one word

# Parameters, after those of bursts.py.
_P_SHARE = const(17)
_P_AMPLITUDE = const(18)
_P_DRIFT = const(19)
_P_WINDOWS = const(20)
_P_MISSES = const(21)
_P_LONGEST = const(22)

# Tables: cosine and sine of 64 steps, biased by 2^14; a Hann window; the decimator's loss undone.
_SINE = const(64)
_HANN = const(128)
_GAIN = const(256)
# Work space: real and imaginary parts biased by 2^15, power, the windowed samples.
_IM = const(128)
_POWERS = const(256)
_RAW = const(320)

_WORD = const(16)
_WRAP = const(0x3FFFFFFF)
_BIAS = const(0x8000)
# The decimator's output of a still sensor: 27 times 8192, halved.
_ZERO = const(110592)


@micropython.viper
def rhythm(
    ring: ptr32, head: int, index: int, steady: int, work: ptr32, r: ptr32, p: ptr32, t: ptr32, out: ptr32
) -> int:
    """Look at the window that ends at `index`; follow the bout; return 1 while one is open.

    ring: 3 x 128 decimated samples, oldest at `head`; steady: samples since gravity last turned.
    """
    greatest = 0
    i = 0
    while i < 384:
        y = ring[i] - _ZERO
        if y < 0:
            y = -y
        if y > greatest:
            greatest = y
        i += 1
    shift = 0
    while greatest >> shift > 4095:
        shift += 1
    line = 0
    share = 0
    peak = 0
    k = 0
    total = 0
    # A window with less swing than the least tremor needs no spectrum.
    if greatest > p[_P_AMPLITUDE] and steady >= 384:
        j = 0
        while j < 64:
            work[_POWERS + j] = 0
            j += 1
        axis = 0
        while axis < 3:
            i = 0
            while i < 128:
                w = t[_HANN + i]
                j = (head + i) & 127
                work[_RAW + i] = (((ring[axis * 128 + j] - _ZERO) >> shift) * w >> 14) + _BIAS
                if axis == 0:
                    work[_RAW + 128 + i] = (((ring[128 + j] - _ZERO) >> shift) * w >> 14) + _BIAS
                else:
                    work[_RAW + 128 + i] = _BIAS
                i += 1
            # The first two stages need no products; they also put bits in reversed order.
            i = 0
            while i < 128:
                j = _RAW + (((i & 4) << 2) | (i & 8) | ((i & 16) >> 2) | ((i & 32) >> 4) | ((i & 64) >> 6))
                a = work[j] + work[j + 64]
                c = work[j] - work[j + 64]
                b = work[j + 32] + work[j + 96]
                d = work[j + 32] - work[j + 96]
                j += 128
                x = work[j] + work[j + 64]
                w = work[j] - work[j + 64]
                y = work[j + 32] + work[j + 96]
                half = work[j + 32] - work[j + 96]
                work[i] = (a + b + 2) >> 2
                work[_IM + i] = (x + y + 2) >> 2
                work[i + 1] = ((c + half + 2) >> 2) + _BIAS
                work[_IM + i + 1] = ((w - d + 2) >> 2) + _BIAS
                work[i + 2] = ((a - b + 2) >> 2) + _BIAS
                work[_IM + i + 2] = ((x - y + 2) >> 2) + _BIAS
                work[i + 3] = ((c - half + 2) >> 2) + _BIAS
                work[_IM + i + 3] = ((w + d + 2) >> 2) + _BIAS
                i += 4
            half = 4
            step = 16
            while half < 128:
                j = 0
                while j < half:
                    c = t[j * step] - 16384
                    d = t[_SINE + j * step] - 16384
                    a = j
                    while a < 128:
                        b = a + half
                        br = work[b] - _BIAS
                        bi = work[_IM + b] - _BIAS
                        x = (br * c + bi * d) >> 14
                        y = (bi * c - br * d) >> 14
                        ar = work[a]
                        ai = work[_IM + a]
                        work[a] = (ar + x + _BIAS + 1) >> 1
                        work[_IM + a] = (ai + y + _BIAS + 1) >> 1
                        work[b] = (ar - x + _BIAS + 1) >> 1
                        work[_IM + b] = (ai - y + _BIAS + 1) >> 1
                        a = b + half
                    j += 1
                half <<= 1
                step >>= 1
            j = 4
            while j < 58:
                x = work[j] - _BIAS
                y = work[_IM + j] - _BIAS
                a = x * x + y * y
                x = work[128 - j] - _BIAS
                y = work[_IM + 128 - j] - _BIAS
                work[_POWERS + j] = work[_POWERS + j] + ((a + x * x + y * y) >> 1)
                j += 1
            axis += 2
        best = 0
        j = 4
        while j < 58:
            y = (work[_POWERS + j] * t[_GAIN + j]) >> 4
            work[_POWERS + j] = y
            if j < 56:
                total += y
            if j > 10 and j < 46 and y > best:
                best = y
                peak = j
            j += 1
        if peak:
            j = peak - 2
            a = 0
            while j <= peak + 2:
                line += work[_POWERS + j]
                a += (j - peak) * (work[_POWERS + j] >> 6)
                j += 1
            k = peak * 64
            if line >> 6:
                k += (a << 6) // (line >> 6)
            share = line
            j = 2 * peak - 2
            while j <= 2 * peak + 2:
                if j > peak + 2 and j < 56:
                    share += work[_POWERS + j]
                j += 1
    # Root mean square of the swing: 16/3 of the line's power, square root bit by bit.
    y = (line * 16) // 3
    root = 0
    bit = 1 << 15
    while bit:
        if (root + bit) * (root + bit) <= y:
            root += bit
        bit >>= 1
    root <<= shift
    rhythmic = root >= p[_P_AMPLITUDE] and share > (total >> 7) * p[_P_SHARE]
    centre = (index - 192) & _WRAP
    close = 0
    if r[_WINDOWS]:
        same = 0
        if rhythmic:
            y = k - r[_FREQUENCY]
            if y < 0:
                y = -y
            if y <= p[_P_DRIFT]:
                same = 1
        if same:
            n = r[_WINDOWS] + 1
            r[_WINDOWS] = n
            r[_MISSES] = 0
            r[_LAST] = centre
            m = n
            if m > 1000:
                m = 1000
            r[_SPREAD] = r[_SPREAD] + (y - r[_SPREAD]) // m
            # Rounded to nearest, or the mean would creep down.
            r[_FREQUENCY] = r[_FREQUENCY] + (2 * (k - r[_FREQUENCY]) + m) // (2 * m)
            r[_POWER] = r[_POWER] + (2 * (root - r[_POWER]) + m) // (2 * m)
            if root > r[_PEAK]:
                r[_PEAK] = root
            if n >= p[_P_WINDOWS]:
                r[_OPEN] = 1
            if (centre - r[_ONSET]) & _WRAP > p[_P_LONGEST]:
                close = 2
        else:
            r[_MISSES] = r[_MISSES] + 1
            if r[_MISSES] >= p[_P_MISSES] or r[_OPEN] == 0:
                close = 1
    if close:
        if r[_OPEN]:
            w = 1 + out[0] * _WORD
            out[0] = out[0] + 1
            out[w] = 2
            out[w + 1] = index
            out[w + 2] = (r[_ONSET] - 96) & _WRAP
            out[w + 3] = ((r[_LAST] - r[_ONSET]) & _WRAP) + 192
            out[w + 4] = r[_FREQUENCY]
            out[w + 5] = r[_SPREAD]
            out[w + 6] = r[_POWER]
            out[w + 7] = r[_PEAK]
            out[w + 8] = r[_WINDOWS]
            out[w + 9] = r[_PART]
        r[_WINDOWS] = 0
        r[_OPEN] = 0
        r[_PART] = 0
    if r[_WINDOWS] == 0 and rhythmic:
        r[_WINDOWS] = 1
        r[_MISSES] = 0
        r[_ONSET] = centre
        r[_LAST] = centre
        r[_FREQUENCY] = k
        r[_SPREAD] = 0
        r[_POWER] = root
        r[_PEAK] = root
        if close == 2:
            r[_WINDOWS] = p[_P_WINDOWS]
            r[_OPEN] = 1
            r[_PART] = 1
    return r[_OPEN]  # type: ignore[no-any-return]
