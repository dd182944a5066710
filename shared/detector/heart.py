"""Kernels over stretches and bursts: the rhythm of a pulse, and when a beat is due.

A pulse below the threshold is not seen beat by beat, but its rhythm is: the strength of 4 to 13 Hz rises and
falls with it. The last 11 s of that strength are kept, a byte for each 58 ms. When a burst has ended, the
period at which they repeat best is the heart's, if they repeat well, and the strength one period earlier
shows whether a beat was due when the burst came. The burst itself is left out.

The rules of bursts.py apply: stored values non-negative, intermediates within 31 bits and sign.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr8, ptr32

# State, as in bursts.py.
_INDEX = const(51)
_AGE = const(52)
_COUNT = const(129)
_CREST = const(131)
_SWAY = const(148)
_NEWEST = const(163)
_CLEAR = const(219)
_BEAT = const(220)

_WRAP = const(0x3FFFFFFF)
_STRETCH = const(48)
# Strengths: eight of six samples each a stretch, in 16 steps an octave; 0 is unknown.
_LEVELS = const(192)
_BLOCKS = const(8)
# Blocks before the crest of a burst that belong to it, and the fewest that show a rhythm.
_OWN = const(3)
_FEWEST = const(64)
# 1.25 octaves over or under the mean: no single burst, nor a pause, sets the rhythm.
_CLIP = const(20)
_ZERO = const(256)
# Periods: 0.46 to 1.5 s.
_SHORTEST = const(8)
_LONGEST = const(26)
# How well the strengths repeat, 1/256: sensor noise has 38 in the median and 60 one time in ten, a pulse of
# three times the noise 67 to 124, of six times 119 to 168 (modelled, intervals varying by 8 %).
_UNCLEAR = const(40)
_CLEAREST = const(64)
# What may be a beat at all (pulses.py).
_MAY_BE = const(44)


@micropython.viper
def strengths(i: int, y: int, ring: ptr32, head: int, levels: ptr8, s: ptr32) -> int:
    """Append the strengths of the stretch that `gather` has put at ring[head : head + 16]; return 0.

    i, y: any value (see bursts.py). The second difference over 0.12 s has its maximum at 9 Hz.
    """
    to = s[_NEWEST]
    if s[_AGE] <= _STRETCH:
        # Before a gap the beats had another phase.
        for i in range(_LEVELS):
            levels[i] = 0
    i = head
    end = head + 2 * _BLOCKS
    while i < end:
        y = 0
        for axis in range(3):
            at = 128 * axis
            for k in range(i, i + 2):
                d = ring[at + ((k + 124) & 127)] - 2 * ring[at + ((k + 126) & 127)] + ring[at + k]
                if d < 0:
                    d = -d
                y += d
        level = 1
        while y > 31:
            y >>= 1
            level += 16
        y += level
        if y > 255:
            y = 255
        levels[to] = y
        to += 1
        i += 2
    if to == _LEVELS:
        to = 0
    s[_NEWEST] = to
    return 0


@micropython.viper
def beat(i: int, y: int, levels: ptr8, s: ptr32, work: ptr32) -> int:
    """Note how clear the rhythm is before the burst that has ended, and how near it is to a beat; return 0.

    i, y: any value (see bursts.py); work: room for 192. The state gets, from 0 to 64, how clear, and 256
    times how far the strength was above its mean a period before the crest of the burst, over that of the
    strongest moment, plus 256.
    """
    s[_CLEAR] = 0
    s[_BEAT] = _ZERO
    if s[_SWAY] < _MAY_BE:
        return 0
    # Blocks at the end that belong to the burst or come after it; two less than none if it has begun since.
    y = (((s[_INDEX] - s[_COUNT] - s[_CREST] + 60) & _WRAP) + 5) // 6 - 10 + _OWN - 1
    n = _LEVELS
    now = _LEVELS + _OWN
    if y > 0:
        n -= y
        now = n + _OWN
    else:
        now -= y
    first = s[_NEWEST]
    known = 0
    total = 0
    for i in range(n):
        at = first + i
        if at >= _LEVELS:
            at -= _LEVELS
        y = levels[at]
        if y:
            known += 1
            total += y
    if known < _FEWEST:
        return 0
    mean = total // known
    # Smoothed by 1-2-1.
    last = 0
    last2 = 0
    total = 0
    for i in range(n + 1):
        y = 0
        at = first + i
        if at >= _LEVELS:
            at -= _LEVELS
        if i < n and levels[at]:
            y = levels[at] - mean
            if y > _CLIP:
                y = _CLIP
            if y < -_CLIP:
                y = -_CLIP
        d = last2 + last + last + y
        last2 = last
        last = y
        if i:
            work[i - 1] = d + _ZERO
            total += d * d
    best = 0
    period = _SHORTEST
    for lag in range(_SHORTEST, _LONGEST + 1):
        y = 0
        i = lag
        while i < n:
            y = (work[i] - _ZERO) * (work[i - lag] - _ZERO) + y
            i += 1
        if y > best:
            best = y
            period = lag
    y = best // ((total >> 8) + 1) - _UNCLEAR
    if y <= 0:
        return 0
    if y > _CLEAREST:
        y = _CLEAREST
    s[_CLEAR] = y
    # One period earlier and over the period before that: due now, within a block.
    at = now - period
    due = work[at] + work[at - 1] + work[at - period + 1]
    most = 0
    total = 0
    for i in range(at - period + 1, at + 1):
        y = work[i]
        total += y
        if y > most:
            most = y
    y = (3 * (period * most - total)) >> 8
    if y > 0:
        d = due * period - 3 * total + (y << 8)
        if d < 0:
            d = 0
        s[_BEAT] = d // y
    return 0
