"""Beginnings: the filters at the first sample after a gap, a movement, and a burst (the last is a kernel).

The rules of bursts.py apply: stored values non-negative, intermediates within 31 bits and sign. The state's
layout is there; tests/detector/test_layout.py checks the numbers here against it.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr16, ptr32

# State.
_GRAVITY = const(0)
_MEAN = const(1)
_DRIFT = const(2)
_LAST = const(3)
_LAST2 = const(4)
_SHARE = const(5)
_SWIFT = const(7)
_NOISE = const(8)
_WEIGHT = const(9)
_POSTURE = const(13)
_AXIS = const(17)
_INDEX = const(51)
_ENERGY = const(54)
_FLOOR = const(55)
_RECENT = const(56)
_BURST = const(72)
_ONSET = const(73)
_ABOVE = const(74)
_FINE = const(75)
_COARSE = const(76)
_MOVE_ONSET = const(78)
_TURNS = const(86)
_SLOT = const(90)
_REST = const(92)
_MOVED = const(93)
_TREMOR = const(95)
_TRIGGER = const(103)
_MARKS = const(105)
_GREATEST = const(130)
_CREST = const(131)
_BEFORE = const(132)
_LATELY = const(144)
_UNREST = const(145)
_DISTURBED = const(156)
_VALLEY = const(232)
_RAPID = const(235)

# Parameters.
_P_ONSET = const(2)
_P_UNREST = const(32)

_WRAP = const(0x3FFFFFFF)
# Samples by which the band lags behind the onset of a twitch's force.
_DELAY = const(4)


# Bytecode on the board: shorter than machine code, and this runs once a gap.
def begin(s: ptr32, x: ptr16, at: int) -> int:
    """Start the filters at the sample `at` of x, before `sense` takes it; return 0.

    A burst that was open is cut off: a disturbance.
    """
    s[_DISTURBED] = (s[_DISTURBED] + s[_BURST]) & _WRAP
    s[_BURST] = 0
    s[_TURNS] = 0
    for axis in range(3):
        b = axis * _AXIS
        y = x[3 * at + axis] ^ 0x8000
        y = y << 14
        s[b + _GRAVITY] = y
        s[b + _MEAN] = y
        s[b + _SWIFT] = y
        s[b + _DRIFT] = 1 << 23
        s[b + _LAST] = 1 << 23
        s[b + _LAST2] = 1 << 23
        s[b + _NOISE] = 1024
        s[b + _WEIGHT] = 16
        s[_MARKS + 1 + axis] = y
        s[_MARKS + 5 + axis] = y
    s[_MARKS] = s[_INDEX]
    s[_MARKS + 4] = s[_INDEX]
    # A gap advances the index, and with it the position of each energy.
    s[_ENERGY] = 0
    s[_RAPID] = 0
    for j in range(16):
        s[_RECENT + j] = 0
    return 0


# Bytecode like `begin`: this runs once a burst.
def begun(s: ptr32, p: ptr32) -> int:
    """Note the onset of the burst that opened four samples ago; return 0.

    It is the first of the last 14 samples with a given share of their greatest.
    """
    index = s[_INDEX] - 1
    greatest = 0
    for j in range(14):
        greatest = max(greatest, s[_RECENT + ((index - j) & 15)])
    least = (greatest >> 4) * p[_P_ONSET]
    back = 13
    while back and s[_RECENT + ((index - back) & 15)] <= least:
        back -= 1
    s[_ONSET] = (index - back - _DELAY) & _WRAP
    return 0


# Bytecode: once a movement.
def moved(s: ptr32, tremor: int) -> int:
    """Record the beginning of a movement that the newest sample has shown; return 0.

    tremor: 1 while a bout is open. The sample was counted as rest.
    """
    for axis in range(3):
        s[_BEFORE + axis] = s[axis * _AXIS + _POSTURE + s[_SLOT]]
    s[_MOVE_ONSET] = s[_INDEX] - 1 & _WRAP
    if s[_BURST]:
        s[_MOVE_ONSET] = s[_ONSET]
    s[_REST] = s[_REST] - 1
    s[_TREMOR] = s[_TREMOR] - tremor
    s[_MOVED] = s[_MOVED] + 1
    return 0


@micropython.viper
def opened(s: ptr32, y: int, p: ptr32, past: ptr32) -> int:
    """Record the beginning of a burst that the newest sample has opened; return 0.

    y: whatever (see bursts.py). The peak precedes the rise of the energy of eight samples: the size of the
    newest twelve samples is computed again, from where a quarter of a second began.
    """
    index = (s[_INDEX] - 1) & _WRAP
    s[_TRIGGER] = index
    s[_ABOVE] = index
    s[_CREST] = index
    s[_GREATEST] = s[_ENERGY]
    s[_VALLEY] = s[_ENERGY]
    s[_FINE] = 0
    s[_COARSE] = 0
    at = _MARKS + 4
    if (index + 1 - s[at]) & _WRAP < 12:
        at = _MARKS
    n = (index - s[at]) & _WRAP
    while n >= 0:
        fine = 0
        coarse = 0
        for axis in range(3):
            d = past[axis * 128 + ((index - n) & 127)] << 14
            y = s[at + 1 + axis]
            d -= y
            s[at + 1 + axis] = y + (d >> 3)
            y = d >> 17
            coarse += y * y
            y = d >> 11
            if y > 8191:
                y = 8191
            if y < -8191:
                y = -8191
            fine += y * y
        if n < 12:
            if fine > s[_FINE]:
                s[_FINE] = fine
            if coarse > s[_COARSE]:
                s[_COARSE] = coarse
        n -= 1
    s[at] = (index + 1) & _WRAP
    for axis in range(3):
        s[axis * _AXIS + _SHARE] = 0
    # The recent median, in sixteenths of what the floor allows.
    y = ((s[_FLOOR] >> 4) * p[_P_UNREST]) >> 4
    if y < 1:
        y = 1
    y = (s[_LATELY] >> 4 << 4) // y
    if y < 16:
        y = 16
    if y > 255:
        y = 255
    s[_UNREST] = y
    return 0


if sys.implementation.name != "micropython":
    begin = micropython.native(begin)
    begun = micropython.native(begun)
    moved = micropython.native(moved)
