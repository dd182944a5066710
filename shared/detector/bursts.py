"""Kernel over samples: noise floor, bursts above it, and movement. verdicts.py makes output records of them.

Viper compiles this file for the sensor (32 bits) and the simulated one (64 bits), Numba for the computer.
They agree because of two rules: every stored value is non-negative (what has a sign is biased), and every
intermediate value is within 31 bits and sign. docs/detector.md derives the ranges.

Viper keeps a function's first two arguments in registers and every other variable in memory. Therefore the
first arguments of the costly kernels are the variables that their inner loops use most, whatever is passed.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr16, ptr32, uint

# State (state.py).
_GRAVITY = const(0)
_MEAN = const(1)
_DRIFT = const(2)
_LAST = const(3)
_LAST2 = const(4)
_SHARE = const(5)
_SWIFT = const(7)
_NOISE = const(8)
_WEIGHT = const(9)
_QUARTER = const(12)
_AXIS = const(17)
_INDEX = const(51)
_AGE = const(52)
_DUE = const(53)
_ENERGY = const(54)
_FLOOR = const(55)
_RECENT = const(56)
_BURST = const(72)
_ONSET = const(73)
_ABOVE = const(74)
_FINE = const(75)
_COARSE = const(76)
_MOVING = const(77)
_MOVE_LAST = const(79)
_MOVE_TURNED = const(80)
_MOVE_TILT = const(81)
_MOVE_PEAK = const(82)
_VIGOUR = const(83)
_TILT = const(85)
_TURNS = const(86)
_TICK = const(89)
_EPOCH = const(91)
_REST = const(92)
_MOVED = const(93)
_TREMOR = const(95)
_TRIGGER = const(103)
_COUNT = const(129)
_GREATEST = const(130)
_CREST = const(131)
_LATELY = const(144)
_LIVE = const(149)
_VALLEY = const(232)
_RAPID = const(235)
_RAPID_FLOOR = const(236)

_DUE_BURST = const(1)
_DUE_MOVE = const(2)
_DUE_OPENED = const(4)
_DUE_EPOCH = const(8)
_DUE_QUARTER = const(16)
_DUE_RISEN = const(32)
_DUE_STRETCH = const(64)
_DUE_MOVED = const(128)
_DUE_BEGUN = const(256)

# Parameters, in the order of parameters.TABLE.
_P_ON = const(0)
_P_OFF = const(1)
_P_RELEASE = const(3)
_P_WARM_UP = const(4)
_P_VIGOROUS = const(7)
_P_VIGOROUS_RUN = const(8)
_P_HOLD = const(10)
_P_EPOCH = const(11)

_WRAP = const(0x3FFFFFFF)
# Samples after the peak of its energy until `likeness` can see all of a twitch.
_WHOLE = const(20)
# The energy rises again by so much if another motion begins; that of one that dies away never does.
_RISES = const(3)
# Samples within which the energy of quick motion is greatest.
_DELAYED = const(12)
_FLOOR_MAX = const(0x3FFFFFF)
# Samples by which the input is judged.
_STRETCH = const(48)


@micropython.viper
def sense(g: ptr32, y: int, x: ptr16, at: int, n: int, p: ptr32, past: ptr32, tremor: int, s: ptr32) -> int:
    """Take samples from `at` until `n` or until something is due; return where it stopped.

    g, y: any values; s: state; x: int16 x y z read as unsigned; p: parameters; past: 3 x 128 newest samples;
    tremor: 1 while a bout is open. Each sample passes the sections named in capitals.
    """
    due = 0
    index = s[_INDEX]
    age = s[_AGE]
    total = s[_ENERGY]
    floor = s[_FLOOR]
    lately = s[_LATELY]
    rapid = s[_RAPID]
    burst = s[_BURST]
    moving = s[_MOVING]
    vigour = s[_VIGOUR]
    turned = s[_TURNS]
    tick = s[_TICK]
    on_ratio = p[_P_ON]
    rapid_limit = (s[_RAPID_FLOOR] >> 8) * on_ratio
    rapid_limit += rapid_limit >> 3
    vigorous = p[_P_VIGOROUS]
    y = at + _STRETCH - s[_COUNT]
    if n > y:
        n = y
    while at < n and due == 0:
        # PACE of a run of samples. Noise and floor follow more and more slowly, and hardly at all if there is
        # more than noise.
        quick = 6
        pace = 10
        follow = 9
        stop = n
        if age < 1023:
            stop = at + 1
            pace = 8
            if age < 104:
                pace = 5
                follow = 5
                # The means start fast, so that an odd first sample has no lasting effect.
                if age < 64:
                    quick = 4
                    if age < 16:
                        quick = 2
        if age >= 104 and (burst or moving or tremor):
            pace = 14
            follow = 12
        # It ends with the quarter second, with the minute, and with the index.
        y = at + 26 - tick
        if stop > y:
            stop = y
        y = p[_P_EPOCH] - ((index - s[_EPOCH]) & _WRAP)
        if y < 1:
            y = 1
        y += at
        if stop > y:
            stop = y
        y = at + _WRAP + 1 - index
        if stop > y:
            stop = y
        first = at
        calm = 0
        if burst == 0 and age >= p[_P_WARM_UP]:
            calm = 1
        resting = 1 - moving
        # Swing alone is not a movement while a bout is open.
        most = p[_P_VIGOROUS_RUN] << tremor
        while at < stop:
            # FILTERS of each axis: gravity, the acceleration, its band, and the noise in that.
            energy = 0
            fine = 0
            coarse = 0
            swing = 0
            g = s
            axis = 0
            k = 3 * at
            to = index & 127
            while axis < 3:
                y = x[k] ^ 0x8000
                k += 1
                past[to] = y
                to += 128
                a = y << 14
                y = g[_GRAVITY]
                y = ((a - y) >> quick) + y
                g[_GRAVITY] = y
                y >>= 14
                g[_QUARTER] = g[_QUARTER] + y
                # Measured from the mean of the samples before: the peak itself is not part of it.
                y = g[_MEAN]
                d = a - y
                y = (d >> 3) + y
                g[_MEAN] = y
                # The acceleration in two scales, for large and (in a burst) for small values.
                y = d >> 17
                coarse = y * y + coarse
                if burst:
                    y = d >> 11
                    if y > 8191:
                        y = 8191
                    if y < -8191:
                        y = -8191
                    fine = y * y + fine
                # High-passed twice (which removes the pulse), then 1-2-1 against the highest frequencies:
                # 8-24 Hz.
                y = g[_SWIFT]
                y = ((a - y) >> 1) + y
                g[_SWIFT] = y
                a = ((a - y) >> 8) + (1 << 23)
                y = g[_DRIFT]
                y = ((a - y) >> 1) + y
                g[_DRIFT] = y
                a = ((a - y) >> 1) + (1 << 23)
                y = g[_LAST2]
                d = a + y
                # The change over two samples, of what is faster than that.
                y = a - y
                if y > 8191:
                    y = 8191
                if y < -8191:
                    y = -8191
                swing = y * y + swing
                y = g[_LAST]
                g[_LAST2] = y
                d = y + y + d
                y = a
                g[_LAST] = y
                y = (d >> 2) - (1 << 23)
                if y > 8191:
                    y = 8191
                if y < -8191:
                    y = -8191
                z = y * y
                d = z >> 3
                energy = ((g[_WEIGHT] * d) >> 4) + energy
                y = g[_NOISE]
                if age >= 16:
                    # Down by a step or, if there is more than that, up by as much: rounding in one direction
                    # would be 3 % of a good chip's noise. -1 or 0; two's complement.
                    z = ((y >> 7) - z) >> 31
                    y -= (z ^ (y >> pace)) - z
                    if y < 1024:
                        y = 1024
                    if y > 0xFFFFFFF:
                        y = 0xFFFFFFF
                elif d > y >> 10:
                    y = 0xFFFFC00
                    if d < 0x3FFFF:
                        y = d << 10
                g[_NOISE] = y
                if burst:
                    y = (d >> 6) + g[_SHARE]
                    if y > _WRAP:
                        y = _WRAP
                    g[_SHARE] = y
                g = ptr32(uint(g) + 4 * _AXIS)
                axis += 1

            # FLOOR: energy of eight samples, and its median.
            y = energy
            if y > 0x3FFFFFF:
                y = 0x3FFFFFF
            s[_RECENT + (index & 15)] = y
            total = y - s[_RECENT + ((index - 8) & 15)] + total
            y = floor
            if age < 16:
                y = _FLOOR_MAX
                if total <= _FLOOR_MAX >> 4:
                    y = total << 4
            y -= (((y >> 4) - total) >> 31) ^ (y >> follow)
            if y < 16:
                y = 16
            if y > _FLOOR_MAX:
                y = _FLOOR_MAX
            floor = y
            base = y >> 4
            if age >= 104:
                y = lately
                y -= (((y >> 4) - total) >> 31) ^ (y >> 7)
                if y < 16:
                    y = 16
                if y > _FLOOR_MAX:
                    y = _FLOOR_MAX
            lately = y

            # RAPID: the same of quick motion, over four samples; its median needs no more than every fourth.
            rapid += (swing >> 3) - (rapid >> 2)
            if index & 3 == 0:
                y = s[_RAPID_FLOOR]
                if age < 16:
                    y = rapid << 4
                y -= (((y >> 4) - rapid) >> 31) ^ (y >> (follow - 2))
                if y > 0x1FFFFFFF:
                    y = 0x1FFFFFFF
                s[_RAPID_FLOOR] = y
                rapid_limit = (y >> 8) * on_ratio
                rapid_limit += rapid_limit >> 3

            # BURST: it continues, or ends, or one opens.
            if burst:
                if (index - s[_TRIGGER]) & _WRAP == 4:
                    due |= _DUE_BEGUN
                if fine > s[_FINE]:
                    s[_FINE] = fine
                if coarse > s[_COARSE]:
                    s[_COARSE] = coarse
                d = (base * on_ratio) >> 4
                y = s[_GREATEST]
                k = 0
                if y > d or total > d:
                    k = 1
                    if y <= d:
                        # Quick motion opened it, perhaps long before: the onset is sought again.
                        s[_TRIGGER] = index
                    if total > (base * p[_P_OFF]) >> 4:
                        s[_ABOVE] = index
                elif (index - s[_TRIGGER]) & _WRAP < _DELAYED:
                    k = 1
                d = s[_VALLEY]
                if total > y and k:
                    s[_GREATEST] = total
                    s[_CREST] = index
                    if d:
                        d = total
                elif total < d:
                    d = total
                s[_VALLEY] = d
                if (index - s[_CREST]) & _WRAP >= _WHOLE:
                    if (index - s[_ABOVE]) & _WRAP >= p[_P_RELEASE]:
                        due |= _DUE_BURST
                    elif d and total > _RISES * d and total > (base * on_ratio) >> 4:
                        due |= _DUE_RISEN
            elif calm and (total > (base * on_ratio) >> 4 or rapid > rapid_limit):
                burst = 1
                s[_ONSET] = index
                due |= _DUE_OPENED

            # VIGOUR: a swing that stays above what rest allows is a movement.
            if coarse > vigorous:
                if vigour < 2 * p[_P_VIGOROUS_RUN]:
                    vigour += 1
            elif vigour:
                vigour -= 1

            # MOVEMENT: it begins, continues, or ends.
            if turned or vigour > most:
                if moving == 0:
                    moving = 1
                    due |= _DUE_MOVED
                if turned:
                    s[_MOVE_TURNED] = 1
                    turned = 0
                s[_MOVE_LAST] = index
            if moving:
                if s[_TILT] > s[_MOVE_TILT]:
                    s[_MOVE_TILT] = s[_TILT]
                if coarse > s[_MOVE_PEAK]:
                    s[_MOVE_PEAK] = coarse
                if (index - s[_MOVE_LAST]) & _WRAP >= p[_P_HOLD]:
                    due |= _DUE_MOVE
            if due:
                stop = at
            index += 1
            at += 1

        # COUNT.
        index &= _WRAP
        y = at - first
        s[_COUNT] = s[_COUNT] + y
        tick += y
        age += y
        if age > 1023:
            age = 1023
        if calm and resting and tremor == 0:
            s[_LIVE] = s[_LIVE] + y - burst
        if resting:
            s[_REST] = s[_REST] + y
            s[_TREMOR] = s[_TREMOR] + y * tremor
        else:
            s[_MOVED] = s[_MOVED] + y
        if (index - s[_EPOCH]) & _WRAP >= p[_P_EPOCH]:
            due |= _DUE_EPOCH

        # QUARTER SECOND: turning.py looks at gravity, and weighs the axes.
        if tick == 26:
            tick = 0
            due |= _DUE_QUARTER
    if s[_COUNT] == _STRETCH:
        s[_COUNT] = 0
        due |= _DUE_STRETCH
    s[_DUE] = due
    s[_INDEX] = index
    s[_AGE] = age
    s[_ENERGY] = total
    s[_FLOOR] = floor
    s[_LATELY] = lately
    s[_RAPID] = rapid
    s[_BURST] = burst
    s[_MOVING] = moving
    s[_VIGOUR] = vigour
    s[_TURNS] = 0
    s[_TICK] = tick
    return at


if sys.implementation.name != "micropython":
    sense = micropython.lanes(sense)
