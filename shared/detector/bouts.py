"""Bouts: whether the line of `rhythm.line` lasts, with the hand at rest, and whether it is a machine's."""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

# State.
_OPEN = const(0)  # 1 once the bout has lasted long enough
_ONSET = const(1)
_LAST = const(2)  # its end, as far as it is known
_MISSES = const(3)
_FREQUENCY = const(4)  # mean, bins, Q6
_SPREAD = const(5)  # mean deviation, bins, Q6
_POWER = const(6)  # mean rms amplitude, LSB times 13.5
_PEAK = const(7)  # greatest of it
_WINDOWS = const(8)  # its rhythmic windows
_PART = const(9)  # 1 when this bout continues one that was too long for one record; + 2 for a machine
_TURN = const(10)  # mean rms turning, LSB times 13.5
_LOOKED = const(11)  # windows of this movement
_CENTRE = const(12)  # the peak's bin of the newest window, 0 if it had no rhythm
_SWUNG = const(13)  # windows of this movement that were rhythmic
_TILT_BEFORE = const(14)  # greatest turn of gravity within a second, in the window's first half, LSB
_INSIDE = const(15)  # windows of this bout that lie within it: their amplitude is its amplitude
_CUT = const(16)  # stretches of the newest window outside the bout
_WANDER = const(17)  # sum over those windows of the deviation from the mean frequency, bins, Q6
_MACHINE = const(18)  # frequency of a machine's line, bins, Q6; 0 if there is none
_SILENT = const(19)  # windows without it

# Parameters, after those of bursts.py.
_P_TILT = const(9)
_P_AMPLITUDE = const(18)
_P_DRIFT = const(19)
_P_WINDOWS = const(20)
_P_LONGEST = const(22)
_P_MISSES = const(21)
_P_SWAY = const(34)
_P_STEADY = const(36)

# Work space: what `line` left there.
_PEAK_BIN = const(8)
_K = const(9)
_ROOT = const(10)
_BEGINS = const(11)
_ENDS = const(12)

_WORD = const(16)
_WRAP = const(0x3FFFFFFF)
# A swing begins and ends within the first and last stretch that have it, of 48 samples.
_WITHIN = const(20)
# A minute of windows proves a machine, and its line is gone after a minute without it.
_PROOF = const(32)
# A machine's line stays within 0.07 Hz, in bins, Q6.
_NEAR = const(16)
# A turn that is not rest, whatever the tremor.
NO_REST = 1 << 22


# Bytecode on the board: shorter than machine code, and this runs once a window. Therefore all that is
# computed here stays within 30 bits and sign: a larger number would be an object there.
def rhythm(
    index: int, found: int, tilt: int, moving: int, work: ptr32, r: ptr32, p: ptr32, out: ptr32
) -> int:
    """Follow the bout over the window that ends at `index`; return 1 while one is open, 2 for a machine's.

    found: what `line` returned, -1 if there is no window; tilt: how far gravity turned within a second, LSB,
    since the window before; moving: 1 in a movement.
    """
    k = work[_K]
    root = work[_ROOT]
    first = work[_BEGINS]
    last = work[_ENDS]
    hit = found & 1
    if found < 0:
        hit = 0
        first = 0
        last = 7
    y = tilt
    if r[_TILT_BEFORE] > tilt:
        tilt = r[_TILT_BEFORE]
    r[_TILT_BEFORE] = y
    if tilt > p[_P_TILT] and (tilt * 216 > root * p[_P_SWAY] or found & 2):
        if moving and found >= 0 and r[_LOOKED] < 100000:
            r[_LOOKED] = r[_LOOKED] + 1
            r[_SWUNG] = r[_SWUNG] + hit
        hit = 0
    # A machine's line is not a tremor.
    if r[_MACHINE]:
        y = k - r[_MACHINE]
        if hit and y <= _NEAR and y >= -_NEAR:
            hit = 0
            r[_SILENT] = 0
        else:
            r[_SILENT] = r[_SILENT] + 1
            if r[_SILENT] > _PROOF:
                r[_MACHINE] = 0
    r[_CENTRE] = work[_PEAK_BIN] * hit
    same = 0
    y = 0
    if r[_WINDOWS] and hit:
        y = k - r[_FREQUENCY]
        if y < 0:
            y = -y
        if y <= p[_P_DRIFT]:
            same = 1
    cut = first + 7 - last
    r[_CUT] = cut
    end = index
    if last < 7:
        end = (index - 336 - _WITHIN + 48 * last) & _WRAP
    close = 0
    if r[_WINDOWS]:
        if same:
            n = r[_WINDOWS] + 1
            r[_WINDOWS] = n
            r[_MISSES] = 0
            r[_LAST] = end
            if cut == 0:
                m = r[_INSIDE] + 1
                if m > 1000:
                    m = 1000
                r[_INSIDE] = m
                if m > 1:
                    r[_SPREAD] = r[_SPREAD] + (y - r[_SPREAD]) // m
                    if m <= _PROOF:
                        r[_WANDER] = r[_WANDER] + y
                # Rounded to nearest, or the mean would creep down.
                r[_FREQUENCY] = r[_FREQUENCY] + (2 * (k - r[_FREQUENCY]) + m) // (2 * m)
                r[_POWER] = r[_POWER] + (2 * (root - r[_POWER]) + m) // (2 * m)
                if m == _PROOF and 16 * r[_WANDER] <= _PROOF * p[_P_STEADY]:
                    close = 3
            elif r[_INSIDE] == 0 and root > r[_POWER]:
                r[_POWER] = root
                r[_FREQUENCY] = k
            if root > r[_PEAK]:
                r[_PEAK] = root
            m = p[_P_WINDOWS]
            if r[_POWER] < p[_P_AMPLITUDE] or tilt > p[_P_TILT]:
                m += 1
            if n >= m:
                r[_OPEN] = 1
            if close == 0 and (index - r[_ONSET]) & _WRAP > p[_P_LONGEST]:
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
            out[w + 2] = r[_ONSET]
            out[w + 3] = (r[_LAST] - r[_ONSET]) & _WRAP
            if close == 3:
                r[_PART] = r[_PART] | 2
                r[_MACHINE] = r[_FREQUENCY]
                r[_SILENT] = 0
                hit = 0
            for i in range(_FREQUENCY, _TURN + 1):
                out[w + i] = r[i]
        r[_WINDOWS] = 0
        r[_OPEN] = 0
        r[_PART] = 0
        r[_TURN] = 0
    if r[_WINDOWS] == 0 and hit:
        r[_WINDOWS] = 1
        r[_MISSES] = 0
        r[_ONSET] = (index - 384) & _WRAP
        if first:
            r[_ONSET] = (index - 384 + _WITHIN + 48 * first) & _WRAP
        r[_LAST] = end
        r[_FREQUENCY] = k
        r[_SPREAD] = 0
        r[_POWER] = root
        r[_PEAK] = root
        r[_INSIDE] = 0
        if cut == 0:
            r[_INSIDE] = 1
        r[_WANDER] = 0
        if close == 2:
            # Parts overlap.
            r[_WINDOWS] = p[_P_WINDOWS]
            r[_OPEN] = 1
            r[_PART] = 1
    if close == 3:
        return 2
    return r[_OPEN]  # type: ignore[no-any-return]


if sys.implementation.name != "micropython":
    rhythm = micropython.native(rhythm)
