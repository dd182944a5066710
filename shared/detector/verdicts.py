"""Turns the results of `sense` into output records: an ended burst, an ended movement, a minute.

Bytecode on the board: shorter than machine code, and this runs once an event or a minute. Therefore all that
is computed here stays within 30 bits and sign: a larger number would be an object there. The state's layout
is in state.py; tests/detector/test_layout.py checks the numbers here against it.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

# State.
_GRAVITY = const(0)
_SHARE = const(5)
_POSTURE = const(13)
_AXIS = const(17)
_INDEX = const(51)
_AGE = const(52)
_BURST = const(72)
_ONSET = const(73)
_ABOVE = const(74)
_FINE = const(75)
_COARSE = const(76)
_MOVING = const(77)
_MOVE_ONSET = const(78)
_MOVE_LAST = const(79)
_MOVE_TURNED = const(80)
_MOVE_TILT = const(81)
_MOVE_PEAK = const(82)
_SLOW = const(84)
_SLOT = const(90)
_EPOCH = const(91)
_REST = const(92)
_MOVED = const(93)
_LOST = const(94)
_TREMOR = const(95)
_TWITCHES = const(96)
_JERKS = const(97)
_SPASMS = const(98)
_MOVES = const(99)
_CREST = const(131)
_BEFORE = const(132)
_TOLD = const(146)
_CLASSES = const(150)
_ALIVE = const(157)
_GRADE = const(161)

# Of the state of intake.py.
_SEEN = const(0)
_UNUSABLE = const(1)
_SPOILT = const(2)
_LATEST = const(3)
_TAKEN_OFF = const(7)
_LAY = const(8)
_KNOWN = const(11)
_LEVEL = const(13)

# Of the state of rhythm.py.
_SWUNG = const(13)
_LOOKED = const(11)

# Parameters, in the order of parameters.TABLE.
_P_TWITCH_MAX = const(5)
_P_JERK_PEAK = const(6)
_P_TILT = const(9)
_P_HOLD = const(10)
_P_WORN = const(12)
_P_STILL = const(13)
_P_STUCK_RUN = const(24)

_HUM = const(8)
_GAP = const(16)
_TURNED = const(32)
_REMOUNTED = const(64)

_WORD = const(16)
_WRAP = const(0x3FFFFFFF)
_PAST = const(128)
# A burst that begins this soon after a bad stretch belongs to it.
_AFTERMATH = const(96)
# A sensor that was not worn for this many minutes had been put aside.
_LAID_ASIDE = const(2)
# Samples from a twitch's onset to the peak of its energy.
_RISE = const(11)


def spoilt(past: ptr32, s: ptr32, q: ptr32, p: ptr32) -> int:
    """1 if the burst that ends now begins in a bad stretch or soon after one, or ends with a frozen axis.

    past: the newest 128 samples, 3 axes; q: the state of intake.py.
    """
    if q[_SPOILT] and (s[_ONSET] - q[_LATEST] - _AFTERMATH) & _WRAP > _WRAP >> 1:
        return 1
    index = s[_INDEX]
    for axis in range(3):
        last = past[axis * _PAST + ((index - 1) & 127)]
        left = p[_P_STUCK_RUN]
        while left and past[axis * _PAST + ((index - left) & 127)] == last:
            left -= 1
        if left == 0:
            return 1
    return 0


def judge(s: ptr32, p: ptr32, out: ptr32, tremor: int, like: int) -> int:
    """Count an ended burst under what it is; write an event record unless something else explains it.

    tremor: 1 in a bout, 2 if the input was bad; like: the result of `likeness` or `decide`.
    """
    s[_BURST] = 0
    length = ((s[_ABOVE] - s[_ONSET]) & _WRAP) - 6
    # Squared peak compared with a jerk's, in the coarse scale (8 LSB)^2.
    limit = p[_P_JERK_PEAK] >> 3
    what = 6
    kind = 0
    if s[_MOVING]:
        what = 5
    elif tremor == 1:
        what = 4
    # A single wrong reading is not an event, however large.
    elif tremor == 0 and like != 1:
        if length > p[_P_TWITCH_MAX]:
            what = 3
            kind = 3
        elif s[_COARSE] > limit * limit:
            what = 1
            kind = 2
        elif like >= 64:
            what = 1
            kind = 5
        elif like >= 8:
            kind = 1
        elif like == 3:
            what = 2
        if like >= 8:
            s[_ONSET] = (s[_CREST] - _RISE + (like & 63) - 14) & _WRAP
            if like < 64 and kind < 3:
                what = 0
    # The sum of eight lags the burst by seven.
    length = ((s[_ABOVE] - s[_ONSET]) & _WRAP) - 6
    if length < 1:
        length = 1
    axis = 0
    if s[_AXIS + _SHARE] > s[_SHARE]:
        axis = 1
    if s[2 * _AXIS + _SHARE] > s[axis * _AXIS + _SHARE]:
        axis = 2
    w = 1 + out[0] * _WORD
    out[w] = 1
    out[w + 1] = s[_INDEX]
    out[w + 2] = s[_ONSET]
    out[w + 3] = length
    out[w + 4] = s[_FINE]
    out[w + 5] = s[_COARSE]
    out[w + 6] = s[_TOLD]
    out[w + 7] = kind
    out[w + 8] = axis
    for i in range(w + 9, w + 13):
        out[i] = 0
    out[w + 11] = 255
    if like > 1:
        out[w + 11] = s[_GRADE]
    return what


def settle(s: ptr32, p: ptr32, out: ptr32, tremor: int, q: ptr32, r: ptr32) -> int:
    """Close a movement: an event record, unless it was a tremor whose rhythm was not known yet.

    q: the state of intake.py; r: of rhythm.py.
    """
    s[_MOVING] = 0
    reason = 2 - s[_MOVE_TURNED]
    peak = s[_MOVE_PEAK]
    tilt = s[_MOVE_TILT]
    s[_MOVE_TURNED] = 0
    s[_MOVE_PEAK] = 0
    s[_MOVE_TILT] = 0
    if tremor and reason == 2:
        return 0
    onset = s[_MOVE_ONSET]
    length = ((s[_MOVE_LAST] - onset) & _WRAP) + 1
    kind = 4
    limit = p[_P_JERK_PEAK] >> 3
    if peak > limit * limit and length - p[_P_HOLD] < p[_P_HOLD]:
        # A jolt shakes the mean from which gravity is read; afterwards the hand is in the same position.
        turn = 0
        for axis in range(3):
            y = s[axis * _AXIS + _POSTURE + ((s[_SLOT] + 3) & 3)] - s[_BEFORE + axis]
            turn = max(turn, y, -y)
        if turn < 26 * p[_P_TILT]:
            kind = 2
    if kind == 4 and r[_SWUNG] >= 2 and 4 * r[_SWUNG] >= r[_LOOKED]:
        reason = 3
    if kind == 2 and q[_SPOILT] and (onset - q[_LATEST]) & _WRAP > _WRAP >> 1:
        # Beyond the input's range.
        kind = 4
    if kind == 2:
        s[_JERKS] = s[_JERKS] + 1
    else:
        s[_MOVES] = s[_MOVES] + 1
    w = 1 + out[0] * _WORD
    out[0] = out[0] + 1
    out[w] = 1
    out[w + 1] = s[_INDEX]
    out[w + 2] = onset
    out[w + 3] = length
    out[w + 4] = 0
    out[w + 5] = peak
    out[w + 6] = s[_TOLD]
    out[w + 7] = kind
    out[w + 8] = 0
    out[w + 9] = reason
    out[w + 10] = tilt
    out[w + 11] = 255
    out[w + 12] = 0
    return 1


def tally(s: ptr32, p: ptr32, out: ptr32, q: ptr32) -> int:
    """Close the minute: rest, movement, whether the sensor was worn, noise, counts, faults of the input.

    q: the state of intake.py.
    """
    floor = s[_TOLD] >> 4
    worn = 1
    seen = s[_MOVED] + s[_TWITCHES] + s[_JERKS] + s[_SPASMS] + s[_TREMOR]
    if seen == 0 and s[_AGE] == 1023 and (s[_SLOW] >> 4) // p[_P_WORN] < floor >> 4:
        # No more slow motion than white noise has: no pulse, no breath. Unless noise hides them.
        worn = 2
        if floor > p[_P_STILL]:
            worn = 0
    bits = q[_SEEN]
    if s[_LOST]:
        bits |= _GAP
    if worn == 2:
        if q[_TAKEN_OFF] < 255:
            q[_TAKEN_OFF] = q[_TAKEN_OFF] + 1
    elif worn == 1:
        # A sensor cannot be put on without being moved.
        if q[_TAKEN_OFF] >= _LAID_ASIDE and s[_MOVED]:
            bits |= _REMOUNTED
        q[_TAKEN_OFF] = 0
    w = 1 + out[0] * _WORD
    out[0] = out[0] + 1
    cosine = 0
    for i in range(3):
        out[w + 3 + i] = s[_REST + i]
        y = s[_AXIS * i + _GRAVITY]
        out[w + 13 + i] = (y >> 14) + (s[_CLASSES + 4 + i] << 16)
        if s[_MOVING] == 0:
            y = y >> 18
            cosine += (y - 2048) * (q[_LAY + i] - 2048)
            q[_LAY + i] = y
    if s[_MOVING] == 0:
        if q[_KNOWN] and cosine < 0:
            bits |= _TURNED
        q[_KNOWN] = 1
    level = 0
    # A hum's second difference is 3.9 times the hum; 138 of them, over 64: rms of an axis, LSB.
    while bits & _HUM and level < 255 and (level + 1) * (level + 1) <= q[_LEVEL] // 33:
        level += 1
    out[w] = 3
    out[w + 1] = s[_ALIVE]
    out[w + 2] = s[_EPOCH]
    out[w + 6] = s[_TOLD]
    out[w + 7] = worn | (bits << 2) | (q[_UNUSABLE] << 10) | (level << 22)
    out[w + 8] = s[_TREMOR]
    for i in range(4):
        out[w + 9 + i] = s[_TWITCHES + i] + (s[_CLASSES + i] << 15)
    s[_EPOCH] = s[_INDEX]
    for i in range(8):
        s[_REST + i] = 0
        s[_CLASSES + i] = 0
    q[_SEEN] = 0
    q[_UNUSABLE] = 0
    return 1


if sys.implementation.name != "micropython":
    spoilt = micropython.native(spoilt)
    judge = micropython.native(judge)
    settle = micropython.native(settle)
    tally = micropython.native(tally)
