"""Kernel over samples: noise floor, bursts above it, and movement. verdicts.py makes output records of them.

Viper compiles this file for the sensor (32 bits) and the simulated one (64 bits), Numba for the computer.
They agree because of two rules: every stored value is non-negative (what has a sign is biased), and every
intermediate value is within 31 bits and sign. docs/detector.md derives the ranges.

Viper keeps a function's first two arguments in registers and every other variable in memory. Therefore the
first arguments of the costly kernels are the variables that their inner loops use most, whatever value the
caller passes.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr16, ptr32

# State of one axis; the state starts with three such blocks.
_GRAVITY = const(0)  # mean of 64 samples (0.26 Hz), Q14
_MEAN = const(1)  # mean of 8 samples (2.2 Hz), Q14
_DRIFT = const(2)  # mean of 2 of what is swift, Q6, biased by 2^23
_LAST = const(3)  # band one sample ago, Q5, biased by 2^23
_LAST2 = const(4)  # and two ago
_SHARE = const(5)  # energy of this axis in the burst
_SLOWLY = const(6)  # mean of its quarters over 8 s
_QUARTER = const(12)  # gravity summed over this quarter second, LSB
_POSTURE = const(13)  # the same of the last four quarters
_AXIS = const(17)

# State of the whole.
_INDEX = const(51)  # samples seen, modulo 2^30
_AGE = const(52)  # samples since the start or a gap, stops at 1023
_DUE = const(53)  # what the caller has to do next
_ENERGY = const(54)  # sum of the newest 8 of _RECENT
_FLOOR = const(55)  # median of _ENERGY, Q4
_RECENT = const(56)  # energies of the last 16 samples, (LSB/32)^2 / 8
_BURST = const(72)
_ONSET = const(73)
_ABOVE = const(74)  # last sample above the off threshold
_FINE = const(75)  # greatest squared acceleration in the burst, (LSB/8)^2
_COARSE = const(76)  # the same, (8 LSB)^2
_MOVING = const(77)
_MOVE_ONSET = const(78)
_MOVE_LAST = const(79)
_MOVE_REASON = const(80)
_MOVE_TILT = const(81)  # greatest turn of gravity within a second, LSB
_MOVE_PEAK = const(82)  # greatest squared acceleration, (8 LSB)^2
_VIGOUR = const(83)  # samples of vigorous swing, counted up and down
_SLOW = const(84)  # mean square of 0.26-2.2 Hz, (LSB/8)^2, Q4
_TILT = const(85)  # turn of gravity within the last second, 26 LSB
_TURNS = const(86)  # 1 if that is a movement
_TILTED = const(87)  # the greatest since the last window, LSB
_TICK = const(89)  # samples of this quarter second
_SLOT = const(90)  # the quarter second, 0..3
_EPOCH = const(91)  # index at which this minute began
_REST = const(92)  # samples of the minute, by kind
_MOVED = const(93)
_LOST = const(94)
_TREMOR = const(95)
_TWITCHES = const(96)
_JERKS = const(97)
_SPASMS = const(98)
_MOVES = const(99)
_SWIFT = const(100)  # mean of 2 samples (11 Hz) of each axis, Q14
_TRIGGER = const(103)  # index at which the burst opened
_FINES = const(105)  # squared accelerations of the last 12 samples, (LSB/8)^2
_COARSES = const(117)  # the same, (8 LSB)^2
_TAIL = const(129)  # their oldest
_GREATEST = const(130)  # greatest energy of the burst
_CREST = const(131)  # index at which it was
_BEFORE = const(132)  # gravity of each axis before the movement, LSB summed over a quarter second
_BEATEN = const(135)  # onset of the last beat of what may be a pulse
_TIMES = const(136)  # how many beats
_HELD = const(137)  # records that wait for whether they are a pulse's
_NOISE = const(138)  # of each axis: median energy of a sample, Q10
_WEIGHT = const(141)  # weight of each axis's energy, Q4; the noisier, the smaller
_LATELY = const(144)  # median of _ENERGY over the last seconds, Q4
_UNREST = const(145)  # the same when the burst opened, relative to what the floor allows, Q4
_TOLD = const(146)  # the floor if all three axes had the mean noise
_STRENGTH = const(147)  # of the newest burst: greatest match of a swing, variances of the noise
_SWAY = const(148)  # the same over that of a twitch's shape, 1/64
_LIVE = const(149)  # samples of this stretch in which a burst could have opened
_CLASSES = const(
    150
)  # bursts by what they were: twitch, unlike, pulse, several, tremor, movement, disturbance
_ALIVE = const(157)  # _LIVE summed over good stretches before that
_WAY = const(158)  # of the newest burst: the swing's direction, 1/256, biased by 1024
_GRADE = const(161)  # how much of its energy a twitch's shape explains, 1/250
_MEAN_SWAY = const(162)  # of the beats so far
_MEAN_STRENGTH = const(163)
_MEAN_WAY = const(164)
_KEPT = const(167)  # up to five output records held
_VALLEY = const(232)  # least energy of the burst since its greatest, 0 if it cannot be parted
_WAITING = const(233)  # _LIVE of the last good stretch
_PERIOD = const(234)  # between the beats, samples, 0 if not known

_DUE_BURST = const(1)
_DUE_MOVE = const(2)
_DUE_OPENED = const(4)
_DUE_EPOCH = const(8)
_DUE_QUARTER = const(16)
_DUE_RISEN = const(32)

# Parameters, in the order of parameters.TABLE.
_P_ON = const(0)
_P_OFF = const(1)
_P_ONSET = const(2)
_P_RELEASE = const(3)
_P_WARM_UP = const(4)
_P_VIGOROUS = const(7)
_P_VIGOROUS_RUN = const(8)
_P_HOLD = const(10)
_P_EPOCH = const(11)

_WRAP = const(0x3FFFFFFF)
# Samples by which the band lags behind the onset of a twitch's force.
_DELAY = const(4)
# Samples after the peak of its energy until `likeness` can see all of a twitch.
_WHOLE = const(20)
# The energy rises again by so much if another motion begins; that of one that dies away never does.
_RISES = const(3)
_FLOOR_MAX = const(0x3FFFFFF)


@micropython.viper
def sense(s: ptr32, y: int, x: ptr16, at: int, n: int, p: ptr32, past: ptr32, tremor: int) -> int:
    """Take samples from `at` until `n` or until something is due; return where it stopped.

    s: state; y: any value; x: int16 x y z read as unsigned; p: parameters; past: 3 x 128 newest samples;
    tremor: 1 while a bout is open. Each sample passes the sections named in capitals. openings.py handles
    beginnings: the first sample after a gap, and a burst that opens.
    """
    due = 0
    index = s[_INDEX]
    age = s[_AGE]
    total = s[_ENERGY]
    floor = s[_FLOOR]
    lately = s[_LATELY]
    burst = s[_BURST]
    moving = s[_MOVING]
    vigour = s[_VIGOUR]
    turned = s[_TURNS]
    tick = s[_TICK]
    tail = s[_TAIL]
    rest = s[_REST]
    moved = s[_MOVED]
    trembled = s[_TREMOR]
    live = s[_LIVE]
    epoch = s[_EPOCH]
    minute = p[_P_EPOCH]
    on_ratio = p[_P_ON]
    off_ratio = p[_P_OFF]
    vigorous = p[_P_VIGOROUS]
    vigorous_run = p[_P_VIGOROUS_RUN]
    while at < n and due == 0:
        # PACE. Noise and floor follow more and more slowly, and hardly at all if there is more than noise.
        quick = 6
        pace = 10
        follow = 9
        if age < 104:
            pace = 5
            follow = 5
            # The means start fast, so that an odd first sample has no lasting effect.
            if age < 64:
                quick = 4
                if age < 16:
                    quick = 2
        elif burst or moving or tremor:
            pace = 14
            follow = 12
        elif age < 1023:
            pace = 8

        # FILTERS of each axis: gravity, the acceleration, its band, and the noise in that.
        energy = 0
        fine = 0
        coarse = 0
        b = 0
        axis = 0
        k = 3 * at
        to = index & 127
        while axis < 3:
            y = x[k] ^ 0x8000
            k += 1
            past[to] = y
            to += 128
            a = y << 14
            y = s[b + _GRAVITY]
            y = ((a - y) >> quick) + y
            s[b + _GRAVITY] = y
            y >>= 14
            s[b + _QUARTER] = s[b + _QUARTER] + y
            # Measured from the mean of the samples before: the peak itself is not part of it.
            y = s[b + _MEAN]
            d = a - y
            y = (d >> 3) + y
            s[b + _MEAN] = y
            # The acceleration itself in two scales, for large and for small values.
            y = d >> 17
            g = y * y
            coarse = g + coarse
            y = d >> 11
            if g > 127 * 127:
                if y > 8191:
                    y = 8191
                if y < -8191:
                    y = -8191
            fine = y * y + fine
            # High-passed twice (which removes the pulse), then 1-2-1 against the highest frequencies: 8-24
            # Hz.
            y = s[_SWIFT + axis]
            y = ((a - y) >> 1) + y
            s[_SWIFT + axis] = y
            a = ((a - y) >> 8) + (1 << 23)
            y = s[b + _DRIFT]
            y = ((a - y) >> 1) + y
            s[b + _DRIFT] = y
            a = ((a - y) >> 1) + (1 << 23)
            y = s[b + _LAST2]
            d = a + y
            y = s[b + _LAST]
            s[b + _LAST2] = y
            d = y + y + d
            y = a
            s[b + _LAST] = y
            y = (d >> 2) - (1 << 23)
            if y > 8191:
                y = 8191
            if y < -8191:
                y = -8191
            d = (y * y) >> 3
            energy = ((s[_WEIGHT + axis] * d) >> 4) + energy
            y = s[_NOISE + axis]
            if age >= 16:
                # Down by a step or, if there is more than that, up by one more than it: two's complement.
                y -= (((y >> 10) - d) >> 31) ^ (y >> pace)
                if y < 1024:
                    y = 1024
                if y > 0xFFFFFFF:
                    y = 0xFFFFFFF
            elif d > y >> 10:
                y = 0xFFFFC00
                if d < 0x3FFFF:
                    y = d << 10
            s[_NOISE + axis] = y
            if burst:
                y = (d >> 6) + s[b + _SHARE]
                if y > _WRAP:
                    y = _WRAP
                s[b + _SHARE] = y
            b += _AXIS
            axis += 1

        # FLOOR: energy of eight samples, and its median.
        s[_FINES + tail] = fine
        s[_COARSES + tail] = coarse
        tail += 1
        if tail == 12:
            tail = 0
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

        # BURST: it continues, or ends, or one opens.
        if burst:
            if (index - s[_TRIGGER]) & _WRAP == 4:
                # The onset is the first of the last 14 samples with a given share of the greatest energy.
                greatest = 0
                for j in range(14):
                    y = s[_RECENT + ((index - j) & 15)]
                    if y > greatest:
                        greatest = y
                back = 0
                for j in range(14):
                    if s[_RECENT + ((index - j) & 15)] > (greatest >> 4) * p[_P_ONSET]:
                        back = j
                s[_ONSET] = (index - back - _DELAY) & _WRAP
            if fine > s[_FINE]:
                s[_FINE] = fine
            if coarse > s[_COARSE]:
                s[_COARSE] = coarse
            y = s[_VALLEY]
            if total > s[_GREATEST]:
                s[_GREATEST] = total
                s[_CREST] = index
                if y:
                    y = total
            elif total < y:
                y = total
            s[_VALLEY] = y
            if total > (base * off_ratio) >> 4:
                s[_ABOVE] = index
            if (index - s[_CREST]) & _WRAP >= _WHOLE:
                if (index - s[_ABOVE]) & _WRAP >= p[_P_RELEASE]:
                    due |= _DUE_BURST
                elif y and total > _RISES * y and total > (base * on_ratio) >> 4:
                    due |= _DUE_RISEN
        elif age >= p[_P_WARM_UP]:
            if total > (base * on_ratio) >> 4:
                burst = 1
                s[_ONSET] = index
                due |= _DUE_OPENED
            elif moving == 0 and tremor == 0:
                live += 1

        # VIGOUR: a swing that stays above what rest allows is a movement.
        if coarse > vigorous:
            if vigour < 2 * vigorous_run:
                vigour += 1
        elif vigour > 0:
            vigour -= 1
        reason = 0
        if vigour > vigorous_run and tremor == 0:
            reason = 2

        if turned:
            reason = 1
            turned = 0
        # QUARTER SECOND: turning.py looks at gravity, and weighs the axes.
        tick += 1
        if tick == 26:
            tick = 0
            due |= _DUE_QUARTER

        # MOVEMENT: it begins, continues, or ends.
        if reason:
            if moving == 0:
                moving = 1
                for axis in range(3):
                    s[_BEFORE + axis] = s[axis * _AXIS + _POSTURE + (s[_SLOT] & 3)]
                s[_MOVE_REASON] = reason
                s[_MOVE_TILT] = 0
                s[_MOVE_PEAK] = 0
                s[_MOVE_ONSET] = index
                if burst:
                    s[_MOVE_ONSET] = s[_ONSET]
            if reason == 1:
                s[_MOVE_REASON] = 1
            s[_MOVE_LAST] = index
        if moving:
            if s[_TILT] > s[_MOVE_TILT]:
                s[_MOVE_TILT] = s[_TILT]
            if coarse > s[_MOVE_PEAK]:
                s[_MOVE_PEAK] = coarse
            moved += 1
            if (index - s[_MOVE_LAST]) & _WRAP >= p[_P_HOLD]:
                due |= _DUE_MOVE
        else:
            rest += 1
            trembled += tremor

        # COUNT.
        if age < 1023:
            age += 1
        index = (index + 1) & _WRAP
        if (index - epoch) & _WRAP >= minute:
            due |= _DUE_EPOCH
        at += 1
    s[_DUE] = due
    s[_INDEX] = index
    s[_AGE] = age
    s[_ENERGY] = total
    s[_FLOOR] = floor
    s[_LATELY] = lately
    s[_BURST] = burst
    s[_MOVING] = moving
    s[_VIGOUR] = vigour
    s[_TURNS] = 0
    s[_TICK] = tick
    s[_TAIL] = tail
    s[_REST] = rest
    s[_MOVED] = moved
    s[_TREMOR] = trembled
    s[_LIVE] = live
    return at


if sys.implementation.name != "micropython":
    sense = micropython.lanes(sense)
