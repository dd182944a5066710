"""How long a motion lasts at half of its peak: independent of its size, unlike its duration above the noise.

What `host/twitchwatch/analysis/half_width.py` finds in the waveform that is sent with an event, in integers:
for events whose waveform is lost, or was never kept.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

# State, as in bursts.py.
_INDEX = const(51)
_ONSET = const(73)

_WRAP = const(0x3FFFFFFF)
_PAST = const(128)
# Samples before the onset, those of them that are rest, and those from which on the peak is searched for.
_LEAD = const(16)
_RESTING = const(8)
_SEARCHED = const(10)
# Shorter times below half, between two swings, are bridged: 50 ms.
_BRIDGED = const(5)
_LARGE = const(1023)
_SIGNED = const(1 << 23)


# Bytecode on the board: shorter than machine code, and this runs once an event.
def half(past: ptr32, s: ptr32, work: ptr32, floor: int) -> int:
    """Samples / 16 from the first to the last moment above half of the peak, along its direction.

    0 if that is not known: too weak, or longer than what is there. past: the newest 128 samples, 3 axes;
    s: state after `judge`; floor: of the record.
    """
    index = s[_INDEX]
    first = _PAST - _LEAD - ((index - s[_ONSET]) & _WRAP)
    if first < 0 or first > _PAST - 2 * _LEAD:
        return 0
    most = 0
    for axis in range(3):
        rest = _RESTING >> 1
        for i in range(first, first + _RESTING):
            rest += past[axis * _PAST + ((index + i) & 127)]
        rest = rest // _RESTING
        for i in range(first, _PAST):
            y = past[axis * _PAST + ((index + i) & 127)] - rest
            work[axis * _PAST + i] = y + _SIGNED
            if y < 0:
                y = -y
            if y > most:
                most = y
    shift = 0
    while most >> shift > _LARGE:
        shift += 1
    peak = 0
    crest = 0
    for i in range(first + _SEARCHED, _PAST):
        a = work[i] - _SIGNED >> shift
        b = work[_PAST + i] - _SIGNED >> shift
        c = work[2 * _PAST + i] - _SIGNED >> shift
        y = a * a + b * b + c * c
        if y > peak:
            peak = y
            crest = i
    # Four times the noise; with less, noise exceeds half of the peak too often.
    if crest > _PAST - 2 or 4 * peak <= (floor >> 4) >> 2 * shift:
        return 0
    a = work[crest] - _SIGNED >> shift
    b = work[_PAST + crest] - _SIGNED >> shift
    c = work[2 * _PAST + crest] - _SIGNED >> shift
    for i in range(first, _PAST):
        y = a * (work[i] - _SIGNED >> shift) + b * (work[_PAST + i] - _SIGNED >> shift)
        work[i] = y + c * (work[2 * _PAST + i] - _SIGNED >> shift) + _SIGNED
    # The true peak is between samples: that of a parabola through three of them.
    before = work[crest - 1] - _SIGNED
    after = work[crest + 1] - _SIGNED
    bend = 2 * peak - before - after
    if bend > 0:
        y = after - before
        peak += (y >> 3) * ((y << 4) // bend) >> 4
    peak = peak >> 1
    width = 0
    step = -1
    while step < 2:
        # To the left, then to the right.
        i = crest
        edge = crest
        while i > first and i < _PAST - 1 and (edge - i) * (edge - i) <= _BRIDGED * _BRIDGED:
            i += step
            y = work[i] - _SIGNED
            if y >= peak or y <= -peak:
                edge = i
        if edge < first + _BRIDGED or edge >= _PAST - _BRIDGED:
            return 0
        # Where it passes half, in sixteenths between this sample and the next.
        y = work[edge] - _SIGNED
        a = work[edge + step] - _SIGNED
        if y < 0:
            y = -y
            a = -a
        width += step * (edge - crest) * 16 + ((y - peak) << 4) // max(1, y - a)
        step += 2
    return width


if sys.implementation.name != "micropython":
    half = micropython.native(half)
