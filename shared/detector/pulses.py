"""Which bursts are heartbeats: by their shape, their direction, and when they come.

A pulse and a twitch may look alike once. Swings explain a beat better than a twitch's shapes do, beats come
from one direction, and they come when a beat is due in the rhythm of what is below the threshold (heart.py).
None of these decides alone: from the direction of others and when a beat is due, a burst has to look less
like one. A burst that looks like a beat while no direction is known is held until others show one.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

# State, as in bursts.py.
_ONSET = const(73)
_TWITCHES = const(96)
_JERKS = const(97)
_SPASMS = const(98)
_BEATEN = const(135)
_TIMES = const(136)
_HELD = const(137)
_STRENGTH = const(147)
_SWAY = const(148)
_CLASSES = const(150)
_WAY = const(158)
_MEAN_SWAY = const(162)
_MEAN_WAY = const(164)
_KEPT = const(167)
_CLEAR = const(219)
_BEAT = const(220)
_TAKEN = const(234)

_P_PULSE_SWAY = const(16)
_WORD = const(16)
# Places of a record that an event fills.
_USED = const(13)
_WRAP = const(0x3FFFFFFF)
_ROOM = const(4)
# A burst that comes sooner after a beat may be the wave that the arm reflects.
_SOON = const(40)
# A direction is kept for 29 s.
_HIDDEN = const(3000)
# This many bursts in one direction are a pulse even without a rhythm; more than the greatest are not counted.
_BEATS = const(5)
_ENOUGH = const(7)
# How much better than a twitch a swing fits, 1/64: of what may be a beat, and of what shows the direction.
_MAY_BE = const(44)
_STARTS = const(60)
# What is needed beside `p.pulse_sway`: of strong bursts, at most; less if the beats so far have so much more.
_STRONG = const(7)
_MORE = const(5)
_LESS = const(8)
# What another direction costs, less for each beat, and the wave that is reflected.
_ELSEWHERE = const(32)
_PER_BEAT = const(3)
_SIDE = const(8)
# What the phase in the beat gives or costs, at most.
_ON_BEAT = const(12)
_OFF_BEAT = const(4)
# One direction: they differ by less than 43 degrees; 1/256 of the share across.
_SAME = const(120)


# Bytecode on the board: shorter than machine code, and this runs once a burst.
def classed(s: ptr32, p: ptr32, out: ptr32, what: int) -> int:
    """Count the burst that `judge` has classed; keep, hold or drop the record that it left behind.

    what: the class, or -1 to release all records held. Room for all of these is needed.
    """
    w = 1 + out[0] * _WORD
    held = s[_HELD]
    hold = 0
    sway = s[_SWAY]
    if 0 <= what < 3 and out[w + 7] != 2 and sway >= _MAY_BE:
        onset = s[_ONSET]
        gap = (onset - s[_BEATEN]) & _WRAP
        times = s[_TIMES]
        if gap > _HIDDEN:
            times = 0
        # The weaker, the more noise there is in the sway.
        slack = 1600 // max(s[_STRENGTH], 50)
        strong = p[_P_PULSE_SWAY] + _STRONG - 2 * slack
        mean = s[_MEAN_SWAY]
        across = 256
        sign = 1
        if times:
            dot = 0
            norm = 1
            for i in range(3):
                y = s[_MEAN_WAY + i] - 1024
                norm += y * y
                dot += (s[_WAY + i] - 1024) * y
            if dot < 0:
                sign = -1
            dot = dot * sign >> 4
            across = max(0, 256 - dot * dot // norm)
            strong -= max(0, min(_LESS, mean - p[_P_PULSE_SWAY] - _MORE))
        least = max(p[_P_PULSE_SWAY] - (slack >> 1), strong)
        # The clearer the rhythm, the fewer bursts have to show the direction: two at best.
        if times + (3 * s[_CLEAR] >> 6) >= _BEATS:
            due = max(-_OFF_BEAT, min(_ON_BEAT, slack << 2, (s[_BEAT] - 307) >> 4))
            far = (_ELSEWHERE - _PER_BEAT * times) * across >> 8
            if s[_TAKEN] and gap < _SOON:
                due = max(due, 0)
                far = min(far, _SIDE)
            if sway + (due * s[_CLEAR] >> 6) >= least + far:
                what = 2
                # What was held was the beginning of this.
                s[_CLASSES + 2] = s[_CLASSES + 2] + held
                held = 0
                s[_HELD] = 0
        if what < 2 and sway >= max(least, _STARTS) and held < _ROOM and (held or times < _BEATS):
            hold = 1
        if sway >= _STARTS:
            if across < _SAME:
                for i in range(3):
                    s[_MEAN_WAY + i] = (3 * s[_MEAN_WAY + i] + sign * (s[_WAY + i] - 1024) + 1026) >> 2
                s[_MEAN_SWAY] = (7 * mean + sway + 4) >> 3
                if gap >= _SOON:
                    times = min(times + 1, _ENOUGH)
            elif gap >= _SOON or times == 0:
                # Another direction counts against the one so far, until it takes its place.
                times = times * 3 >> 2
                if times == 0:
                    times = 1
                    s[_MEAN_SWAY] = sway
                    for i in range(3):
                        s[_MEAN_WAY + i] = s[_WAY + i]
            s[_TIMES] = times
            s[_BEATEN] = onset
            s[_TAKEN] = 0
            if what == 2:
                s[_TAKEN] = 1
    if hold:
        for i in range(_USED):
            s[_KEPT + held * _USED + i] = out[w + i]
        s[_HELD] = held + 1
        return 0
    if what == 2 or what > 3:
        s[_CLASSES + what] = s[_CLASSES + what] + 1
        return 0
    freed = 1
    if what < 0:
        freed = held
        s[_HELD] = 0
        for k in range(held):
            for i in range(_USED):
                out[w + k * _WORD + i] = s[_KEPT + k * _USED + i]
    for _ in range(freed):
        # twitch, jerk, spasm, movement, unlike
        kind = out[w + 7]
        if kind == 5:
            what = 1
        elif kind == 3:
            what = 3
            s[_SPASMS] = s[_SPASMS] + 1
        elif kind == 2:
            s[_JERKS] = s[_JERKS] + 1
        else:
            what = 0
            s[_TWITCHES] = s[_TWITCHES] + 1
        s[_CLASSES + what] = s[_CLASSES + what] + 1
        out[0] = out[0] + 1
        w += _WORD
    return 0


if sys.implementation.name != "micropython":
    classed = micropython.native(classed)
