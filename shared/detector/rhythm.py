"""Kernel over windows: whether there is one spectral line between 3 and 12 Hz, and where its swing begins.

The rules of bursts.py apply here too: stored values non-negative, intermediates within 31 bits and sign.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

# Parameters, after those of bursts.py.
_P_SHARE = const(17)
_P_AMPLITUDE = const(18)
_P_WEAK = const(29)
_P_WEAK_SHARE = const(30)

# Table: compensates the decimator's loss, bin by bin.
_GAIN = const(224)
# Work space: the power of each bin; results, behind eight stretches.
_POWERS = const(256)
_PEAK_BIN = const(8)
_K = const(9)
_ROOT = const(10)
_BEGINS = const(11)
_ENDS = const(12)
# Ring: the minimum and the maximum of each stretch, 3 axes.
_EXTREMES = const(384)


@micropython.viper
def line(work: ptr32, j: int, t: ptr32, p: ptr32, ring: ptr32, head: int, shift: int) -> int:
    """Evaluate the powers that `spectrum` left in `work`. Bit 0: a line; bit 1: the hand also sways.

    j: whatever (see bursts.py); shift: what `spectrum` returned; ring, head: what it saw. Left in work: the
    peak's bin, frequency (bins, Q6), rms of the swing (LSB times 13.5), first and last of eight stretches
    with it.
    """
    power = 0
    share = 0
    slow = 0
    peak = 0
    k = 0
    total = 0
    root = 0
    best = 0
    j = 2
    while j < 58:
        y = (work[_POWERS + j] * t[_GAIN + j]) >> 4
        work[_POWERS + j] = y
        if j < 10:
            slow += y
        if j > 3 and j < 56:
            total += y
        if j > 10 and j < 46 and y > best:
            best = y
            peak = j
        j += 1
    if peak:
        j = peak - 2
        a = 0
        while j <= peak + 2:
            power += work[_POWERS + j]
            a += (j - peak) * (work[_POWERS + j] >> 6)
            j += 1
        k = peak * 64
        if power >> 6:
            k += (a << 6) // (power >> 6)
        share = power
        j = 2 * peak - 2
        while j <= 2 * peak + 2:
            if j > peak + 2 and j < 56:
                share += work[_POWERS + j]
            j += 1
    # Root mean square of the swing: 16/3 of the line's power, square root bit by bit.
    y = (power * 16) // 3
    bit = 1 << 15
    while bit:
        if (root + bit) * (root + bit) <= y:
            root += bit
        bit >>= 1
    root <<= shift
    work[_PEAK_BIN] = peak
    work[_K] = k
    work[_ROOT] = root
    # The weaker the line, the purer it must be.
    wanted = p[_P_WEAK_SHARE]
    if root >= p[_P_AMPLITUDE]:
        wanted = p[_P_SHARE]
    found = 0
    if root >= p[_P_WEAK] and share > (total >> 7) * wanted:
        found = 1
    # Whoever turns the hand on purpose also swings it at 0.5 to 2.4 Hz; a tremor leaves that alone.
    if slow > power >> 5:
        found |= 2
    # Where the swing begins and ends: in the stretches with half of the greatest.
    a = 0
    for i in range(8):
        j = _EXTREMES + 6 * (((head >> 4) + i) & 7)
        square = 0
        for _axis in range(3):
            y = (ring[j + 1] - ring[j]) >> shift
            square += y * y
            j += 2
        work[i] = square
        if square > a:
            a = square
    a >>= 2
    i = 0
    while work[i] < a:
        i += 1
    work[_BEGINS] = i
    i = 7
    while work[i] < a:
        i -= 1
    work[_ENDS] = i
    return found
