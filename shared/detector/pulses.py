"""Which swings are heartbeats: those that return, beat after beat.

A pulse and a twitch may look alike once. A pulse returns: a swing of 4 to 12 Hz of similar size, which swings
explain better than twitches do, 0.35 to 4.3 s after the one before in the same direction, or in any direction
in the rhythm of the beats before. What may be the first of a pulse is held until it has returned or can no
longer. One motor unit that fires once a second returns too, but its twitches fit their own shapes better than
they fit swings.
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
_MEAN_STRENGTH = const(163)
_MEAN_WAY = const(164)
_KEPT = const(167)
_PERIOD = const(234)

_P_BEATS = const(16)
_WORD = const(16)
# Places of a record that an event fills.
_USED = const(13)
_WRAP = const(0x3FFFFFFF)
_ROOM = const(4)
_SOONEST = const(36)
_AWAY = const(450)
# Of two beats in a row: 40 a minute or more.
_NEXT = const(156)
# An established pulse may be hidden for ten seconds.
_HIDDEN = const(1040)
# How much better than a twitch a swing fits, 1/64: a burst that may be a beat, one that may be the first, a
# pulse, and no pulse.
_MAY_BE = const(38)
_STARTS = const(58)
_SWAYS = const(68)
_MAY_BE_TWITCHES = const(62)
# Noise across the direction, in variances: two axes, and those of the mean.
_ACROSS = const(20)


# Bytecode on the board: shorter than machine code, and this runs once a burst.
def classed(s: ptr32, p: ptr32, out: ptr32, what: int) -> int:
    """Count the burst that `judge` has classed; keep, hold or drop the record that it left behind.

    what: the class, or -1 to release all records held. Room for all of these is needed.
    """
    w = 1 + out[0] * _WORD
    held = s[_HELD]
    # How many of those held are released; whether the new one joins them.
    freed = 0
    hold = 0
    if what < 0:
        freed = held
        s[_TIMES] = 0
    elif what < 3 and out[w + 7] != 2 and s[_SWAY] >= _MAY_BE:
        onset = s[_ONSET]
        gap = (onset - s[_BEATEN]) & _WRAP
        times = s[_TIMES]
        beats = p[_P_BEATS]
        known = times >= beats and held == 0 and gap <= _HIDDEN
        strength = s[_STRENGTH]
        mean = s[_MEAN_STRENGTH]
        # The weaker, the more noise there is in the sway.
        slack = 1600 // max(strength, 50)
        dot = 0
        for i in range(3):
            dot += (s[_WAY + i] - 1024) * (s[_MEAN_WAY + i] - 1024)
        sign = 1
        if dot < 0:
            sign = -1
        cosine = min(dot * sign >> 8, 256)
        across = (strength * (65536 - cosine * cosine)) >> 16
        period = s[_PERIOD]
        # The rhythm goes on, within a quarter: breath and skin turn a pulse, and change its size.
        rhythmic = 0
        off = max(gap - period, period - gap)
        like = strength < 8 * mean and mean < 8 * strength
        if like and times and gap >= _SOONEST and gap <= _NEXT and (period == 0 or off <= period >> 2):
            rhythmic = 1
        near = 0
        if across <= _ACROSS + (strength >> 4) and strength < 4 * mean and mean < 4 * strength:
            near = 1
        if rhythmic or (near and (known or (times and gap >= _SOONEST and gap <= _AWAY))):
            times += 1
            # Slower once it is known: a beat in noise is not the end of a pulse.
            y = 7 * s[_MEAN_SWAY] + s[_SWAY]
            if times <= beats:
                y += s[_SWAY] - s[_MEAN_SWAY]
            y = y + 4 >> 3
            s[_MEAN_SWAY] = y
            s[_MEAN_STRENGTH] = (3 * mean + strength + 2) >> 2
            if gap <= _NEXT:
                if period == 0:
                    period = gap
                s[_PERIOD] = (3 * period + gap + 2) >> 2
            for i in range(3 * near):
                s[_MEAN_WAY + i] = (3 * s[_MEAN_WAY + i] + sign * (s[_WAY + i] - 1024) + 1026) >> 2
            hold = 1
            if times >= beats:
                if y + (3 * slack >> 3) >= _SWAYS or (known and y + slack // 2 >= _MAY_BE_TWITCHES):
                    s[_CLASSES + 2] = s[_CLASSES + 2] + held
                    s[_HELD] = 0
                    held = 0
                    hold = 0
                    if s[_SWAY] + slack >= _SWAYS - 6 * rhythmic:
                        what = 2
                elif y + slack // 2 < _MAY_BE_TWITCHES or held == _ROOM:
                    freed = held
                    hold = 0
                    times = 0
            s[_TIMES] = times
            s[_BEATEN] = onset
        elif known:
            # Another wave of the same beat, or the first after beats that were too faint.
            if s[_SWAY] + slack >= _SWAYS:
                what = 2
        elif times and gap < _SOONEST and held < _ROOM:
            hold = 1
        else:
            freed = held
            s[_TIMES] = 0
            if s[_SWAY] >= _STARTS and s[_SWAY] + slack >= _SWAYS:
                hold = 1
                s[_TIMES] = 1
                s[_PERIOD] = 0
                s[_BEATEN] = onset
                s[_MEAN_SWAY] = s[_SWAY]
                s[_MEAN_STRENGTH] = strength
                for i in range(3):
                    s[_MEAN_WAY + i] = s[_WAY + i]
    if what == 2:
        # Not an event, even if no beat before it is known.
        hold = 0
        if freed:
            s[_CLASSES + 2] = s[_CLASSES + 2] + 1
            what = -1
    direct = what >= 0 and hold == 0 and freed == 0
    if direct:
        if what == 2 or what > 3:
            s[_CLASSES + what] = s[_CLASSES + what] + 1
            return 0
        freed = 1
    else:
        if what >= 0:
            # The new record moves behind those held, so that their places are free.
            for i in range(_USED):
                s[_KEPT + held * _USED + i] = out[w + i]
            held += 1
            freed += 1 - hold
        for k in range(freed):
            for i in range(_USED):
                out[w + k * _WORD + i] = s[_KEPT + k * _USED + i]
        held -= freed
        for k in range(held * _USED):
            s[_KEPT + k] = s[_KEPT + freed * _USED + k]
        s[_HELD] = held
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
