"""Kernels over stretches of 48 samples: whether a twitch could have been seen; faults of the input.

An axis that does not change, values at the end of the range, gravity that is not 1 g, a hum near half the
sample rate: verdicts.py reports them in the minute's record; they are excluded from rest time, and nothing in
them is an event. The rules of bursts.py apply: stored values non-negative, intermediates within 31 bits and
sign.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

# State.
_SEEN = const(0)  # bits of this minute, as records.INPUT_*
_UNUSABLE = const(1)  # unusable stretches at rest of this minute
_SPOILT = const(2)  # 1 once there was one, and
_LATEST = const(3)  # index at which the newest of them ended
_FIRST = const(4)  # correlation of neighbours in the second differences, plus 1, Q10
_SECOND = const(5)  # the same of every other sample
_OFF = const(6)  # stretches in a row at which gravity was not 1 g, stops at 255
_TAKEN_OFF = const(7)  # minutes in a row without being worn, stops at 255
_LAY = const(8)  # gravity at the end of the minute, 3 axes, 16 LSB, biased by 2048
_KNOWN = const(11)  # 1 once there is one
_BAD = const(12)  # what was wrong with the newest stretch
_LEVEL = const(13)  # mean square of the second differences, 3 axes, LSB^2, times 46 / 64
_TURN = const(14)  # stretches since the last check for a hum
_HEAD = const(15)  # position of the next stretch in the ring
_STRETCHES = const(16)  # how many in a row are complete, stops at 8

# Of the state of bursts.py.
_AXIS = const(17)
_INDEX = const(51)
_AGE = const(52)
_BURST = const(72)
_MOVING = const(77)
_BEATEN = const(135)
_HELD = const(137)
_LIVE = const(149)
_ALIVE = const(157)
_WAITING = const(233)

# Parameters, after those of rhythm.py.
_P_GRAVITY_LEAST = const(25)
_P_GRAVITY_MOST = const(26)
_P_HUM_FIRST = const(27)
_P_HUM_SECOND = const(28)

_CLIPPED = const(1)
_STUCK = const(2)
_GRAVITY = const(4)
_HUM = const(8)

_STRETCH = const(48)
# Any of these: no event.
_NO_EVENTS = const(7)
# Nor in a stretch that ends so soon after a bad one.
_BLIND = const(144)
# Two beats of 40 a minute, and until a burst that began by then has been judged.
_WAIT = const(422)
_WRAP = const(0x3FFFFFFF)
_PAST = const(128)
# This many stretches (2.3 s) prove that gravity is not 1 g.
_PROVEN = const(5)
# This many clipped values make a stretch unusable.
_MANY = const(12)
# White noise, differenced twice: correlations of -2/3 and 1/6.
_FIRST_WHITE = const(341)
_SECOND_WHITE = const(1195)
# Of a hum well above the noise, -0.84 and 0.5: four standard errors of a stretch from white noise.
_LOUD_FIRST = const(164)
_LOUD_SECOND = const(1536)


@micropython.viper
def inspect(past: ptr32, bits: int, s: ptr32, q: ptr32, p: ptr32) -> int:
    """Take the result of `gather` for the stretch that ends now; check gravity; check for a hum.

    Returns 1 if a window ends with it, plus 2 if held records (pulses.py) cannot be a pulse's any more.
    """
    index = s[_INDEX]
    rest = s[_MOVING] == 0
    if rest:
        square = 0
        for axis in range(3):
            y = (s[axis * _AXIS] >> 18) - 2048
            square += y * y
        least = p[_P_GRAVITY_LEAST] >> 4
        most = p[_P_GRAVITY_MOST] >> 4
        if square < least * least or square > most * most:
            if q[_OFF] < 255:
                q[_OFF] = q[_OFF] + 1
        else:
            q[_OFF] = 0
    unusable = bits & _STUCK
    if bits >> 8 >= _MANY:
        unusable = 1
    bits &= 255
    if q[_OFF] >= _PROVEN:
        bits |= _GRAVITY
        unusable = 1
    if bits:
        q[_SPOILT] = 1
        q[_LATEST] = index
    if unusable and rest and q[_UNUSABLE] < 4095:
        q[_UNUSABLE] = q[_UNUSABLE] + 1
    # Every fourth stretch is enough for a hum, which lasts.
    turn = (q[_TURN] + 1) & 3
    q[_TURN] = turn
    if rest and s[_BURST] == 0 and turn == 0:
        none = 0
        one = 0
        two = 0
        for axis in range(3):
            last = 0
            last2 = 0
            at = axis * _PAST
            a = past[at + ((index + 80) & 127)]
            b = past[at + ((index + 81) & 127)]
            i = 82
            while i < 128:
                y = past[at + ((index + i) & 127)]
                d = y - b - b + a
                a = b
                b = y
                if d > 511:
                    d = 511
                if d < -511:
                    d = -511
                none += d * d
                one += d * last
                two += d * last2
                last2 = last
                last = d
                i += 1
        one += none
        two += none
        if one < 0:
            one = 0
        if two < 0:
            two = 0
        if none > 1 << 17:
            one = (one << 4) // (none >> 6)
            two = (two << 4) // (none >> 6)
        elif none:
            one = (one << 10) // none
            two = (two << 10) // none
        if none:
            if q[_FIRST] == 0:
                q[_FIRST] = _FIRST_WHITE
                q[_SECOND] = _SECOND_WHITE
            if one < _LOUD_FIRST and two > _LOUD_SECOND:
                # Noise never does that: no need to wait for the mean.
                q[_FIRST] = one
                q[_SECOND] = two
            q[_FIRST] = q[_FIRST] + ((one - q[_FIRST]) >> 3)
            q[_SECOND] = q[_SECOND] + ((two - q[_SECOND]) >> 3)
            q[_LEVEL] = q[_LEVEL] + (((none >> 6) - q[_LEVEL]) >> 3)
    if q[_FIRST] and q[_FIRST] < p[_P_HUM_FIRST] and q[_SECOND] > p[_P_HUM_SECOND]:
        bits |= _HUM
    q[_SEEN] = q[_SEEN] | bits
    # Counted a stretch later: at the end, nothing that began just before is reported.
    s[_ALIVE] = (s[_ALIVE] + s[_WAITING]) & _WRAP
    s[_WAITING] = 0
    if bits & _NO_EVENTS == 0 and (q[_SPOILT] == 0 or (index - q[_LATEST]) & _WRAP >= _BLIND):
        s[_WAITING] = s[_LIVE]
    s[_LIVE] = 0
    if q[_BAD] & _STUCK and bits & _STUCK == 0:
        # The floor has sunk to that of a stuck axis: restart, as after a gap.
        s[_AGE] = 0
    q[_BAD] = bits
    head = (q[_HEAD] + 16) & 127
    q[_HEAD] = head
    y = q[_STRETCHES] + 1
    if s[_AGE] <= _STRETCH:
        # It begins with samples from before the gap.
        y = 0
    elif y > 8:
        y = 8
    q[_STRETCHES] = y
    then = 0
    if head & 63 == 0 and y == 8:
        then = 1
    if s[_HELD] and (index - s[_BEATEN]) & _WRAP > _WAIT:
        then |= 2
    return then
