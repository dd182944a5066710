"""Kernel over windows: is there one spectral line between 3 and 12 Hz, and does it last?

The rules of bursts.py apply here too: stored values non-negative, intermediates within 31 bits and sign.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

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
_SWUNG = const(10)  # windows of this movement that were rhythmic
_LOOKED = const(11)  # and all of them
_CENTRE = const(12)  # the peak's bin of the newest window, 0 where it had no rhythm
_TURN = const(13)  # mean rms turning, LSB times 13.5

# Parameters, after those of bursts.py.
_P_SHARE = const(17)
_P_AMPLITUDE = const(18)
_P_DRIFT = const(19)
_P_WINDOWS = const(20)
_P_MISSES = const(21)
_P_LONGEST = const(22)
_P_WEAK = const(29)
_P_WEAK_SHARE = const(30)

# Table: compensates the decimator's loss, bin by bin.
_GAIN = const(224)
# Work space: the power of each bin.
_POWERS = const(256)

_WORD = const(16)
_WRAP = const(0x3FFFFFFF)


@micropython.viper
def rhythm(
    index: int, shift: int, rest: int, moving: int, work: ptr32, r: ptr32, p: ptr32, t: ptr32, out: ptr32
) -> int:
    """Evaluate the window that ends at `index`; follow the bout; return 1 while one is open.

    shift: what `spectrum` returned, -1 if there is no window; rest: 0 if the hand turned in it: whatever its
    rhythm, it is not a tremor; moving: 1 in a movement; work: the powers.
    """
    line = 0
    share = 0
    peak = 0
    k = 0
    total = 0
    root = 0
    if shift >= 0:
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
        bit = 1 << 15
        while bit:
            if (root + bit) * (root + bit) <= y:
                root += bit
            bit >>= 1
        root <<= shift
    # The weaker the line, the purer it must be.
    wanted = p[_P_WEAK_SHARE]
    if root >= p[_P_AMPLITUDE]:
        wanted = p[_P_SHARE]
    rhythmic = root >= p[_P_WEAK] and share > (total >> 7) * wanted
    if rest == 0:
        if moving and shift >= 0 and r[_LOOKED] < 100000:
            r[_LOOKED] = r[_LOOKED] + 1
            if rhythmic:
                r[_SWUNG] = r[_SWUNG] + 1
        rhythmic = False
    r[_CENTRE] = 0
    if rhythmic:
        r[_CENTRE] = peak
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
            m = p[_P_WINDOWS]
            if r[_POWER] < p[_P_AMPLITUDE]:
                m += 1
            if n >= m:
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
            out[w + 10] = r[_TURN]
        r[_WINDOWS] = 0
        r[_OPEN] = 0
        r[_PART] = 0
        r[_TURN] = 0
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
