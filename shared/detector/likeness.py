"""Kernel over ended bursts: how much a burst looks like a twitch, and when the twitch began.

A motor unit's twitch that sets a finger ringing has, behind a high-pass, one of a few shapes (tables.SHAPES:
a wave up, a wave down, and gone). Each axis is divided by its own noise and correlated with them; the squares
of the three axes add up, whatever the direction. That is the likelihood-ratio test for a known shape of
unknown size and direction in noise that differs between the axes (Kay 1998, Fundamentals of Statistical
Signal Processing II, 4.3 and 7.4). Its best fit must be good, which excludes knocks, rubbing cloth and wrong
readings; and it must fit better than a swing of the body (tables.SWINGS), which excludes a pulse. The onset
is the mean over lags and shapes, each weighted by its likelihood. evidence.py decides.

The rules of bursts.py apply here too: stored values non-negative, intermediates within 31 bits and sign.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr8, ptr32, uint

# State, as in bursts.py.
_NOISE = const(8)
_AXIS = const(17)
_ONSET = const(73)
_ABOVE = const(74)
_GREATEST = const(130)
_FLOOR = const(55)
_LATELY = const(144)
_UNREST = const(145)
_GRADE = const(161)

_P_TWITCH_MAX = const(5)
_P_LIKENESS = const(15)

_SHAPES = const(16)
_TAPS = const(24)
# Behind them: slow swings, those that a pulse may have, and quick ones.
_BODY = const(28)
_PULSES = const(34)
_ALL = const(42)
_PAST = const(128)
# The filter needs some samples before it can be trusted.
_SETTLED = const(24)
_REACH = const(6)
_BIAS = const(32768)
# Swings begin so much earlier than twitches.
_EARLIER = const(4)
# Work space: the samples that any of them covers, 3 axes; the sum over those of each lag, 3 axes; the match
# of each lag and shape; the first of two quick swings' matches of each lag, 3 axes.
_SPAN = const(40)
_Y = const(40)
_Z = const(80)
_SUMS = const(120)
_MATCH = const(171)
_PAIRED = const(379)
# What evidence.py decides by.
_FOUND = const(430)
# Butterworth high-pass of second order, 3 Hz at 104 Hz, Q13.
_B0 = const(7206)
_A1 = const(14294)
_A2 = const(6340)
# Noise of 32 for `z`: 8 (1024 x 1.363)^(1/2), Q8; 1.363 is the median of a band sample squared, over 128, of
# white noise of 1 LSB.
_GAIN = const(76493)
# Greatest energy in the band over the floor, 1/16: a twitch has more of it than a slow swing of the same
# match. At 3.5 the evidence must be `p.likeness`; from 5 on it needs no less.
_USUAL = const(56)
_LOUD = const(80)
_UNKNOWN = const(255)
# exp(-10) of the best is negligible.
_FAR = const(5120)


@micropython.viper
def likeness(
    w: ptr32, h: ptr8, past: ptr32, index: int, about: int, s: ptr32, p: ptr32, shape: ptr8, work: ptr32
) -> int:
    """Search a burst for the shapes: 0 if `decide` has to look at the result, which is left in `work`.

    4 if it is hardly more than noise; -1 if samples are missing.

    w, h: any arrays (see bursts.py); past: last 128 samples, 3 axes, oldest at `index`; about: where to
    search for the onset, 6 samples either way; s: state; p: parameters; shape: tables.shapes().
    """
    first = _PAST - ((index - about) & 0x3FFFFFFF) - _REACH
    if first < _SETTLED or first + 2 * _REACH + _TAPS > _PAST:
        return -1
    greatest = 0
    for axis in range(3):
        root = 0
        bit = 1 << 14
        y = s[axis * _AXIS + _NOISE]
        while bit:
            if (root + bit) * (root + bit) <= y:
                root += bit
            bit >>= 1
        gain = _GAIN // root
        at = axis * _PAST
        x0 = past[at + (index & 127)]
        x1 = 0
        x2 = 0
        y1 = 0
        y2 = 0
        w = ptr32(uint(work) + 4 * (axis * _SPAN))
        for i in range(_PAST):
            y = (past[((index + i) & 127) + at] - x0) << 2
            if y > 16383:
                y = 16383
            if y < -16383:
                y = -16383
            x = y
            y = ((y - x1 - x1 + x2) * _B0 + y1 * _A1 - y2 * _A2 + 4096) >> 13
            if y > 32767:
                y = 32767
            if y < -32767:
                y = -32767
            x2 = x1
            x1 = x
            y2 = y1
            y1 = y
            if i >= first - _REACH:
                y = (y * gain) >> 8
                if y > 32767:
                    y = 32767
                if y < -32767:
                    y = -32767
                if i >= first - _EARLIER and i < first - _EARLIER + _SPAN:
                    w[0] = y + _BIAS
                    w = ptr32(uint(w) + 4)
                if y < 0:
                    y = -y
                if y > greatest:
                    greatest = y
    # Large values need less precision, and their squares would not fit.
    shift = 0
    while greatest >> shift > 2047:
        shift += 1
    w = work
    for _i in range(3 * _SPAN):
        y = (w[0] - _BIAS) >> shift
        if y > 2047:
            y = 2047
        if y < -2048:
            y = -2048
        w[0] = y + 2048
        w = ptr32(uint(w) + 4)
    # Samples and taps are biased; what that adds to the sum of products is subtracted beforehand.
    for axis in range(3):
        w = ptr32(uint(work) + 4 * (axis * _SPAN))
        y = 0
        for i in range(_TAPS):
            y += w[i]
        for i in range(axis, _MATCH - _SUMS, 3):
            work[_SUMS + i] = y << 7
            y += w[_TAPS] - w[0]
            w = ptr32(uint(w) + 4)
    shift <<= 1
    # The threshold rises with the unrest, more than in proportion.
    y = s[_UNREST]
    if s[_GREATEST] > s[_LATELY]:
        # Sixteen times as much as lately: whatever shakes the hand does not vary like that.
        y = 16
    least = (p[_P_LIKENESS] * y * y) >> 4
    # The band has energy that slow swings lack: the more of it, the less evidence is needed.
    y = s[_FLOOR] >> 4
    loud = _LOUD
    if s[_GREATEST] < 5 * y:
        loud = (s[_GREATEST] << 4) // y
    least = (least - (least >> 8) * (((loud - _USUAL) * 9) >> 3)) >> shift
    match = 0
    best = _EARLIER
    slow = 0
    beat = 0
    wide = 0
    quick = 0
    swung = 0
    va = 0
    vb = 0
    vc = 0
    # Every other lag first: a burst of noise ends there. Of equal matches the earliest lag counts.
    for odd in range(2):
        for k in range(_ALL):
            lag = _EARLIER + odd
            step = 2
            if k >= _SHAPES:
                # What decides on a pulse is seen at every lag; quick swings at once, because they differ most
                # from one lag to the next.
                if odd and (k < _BODY or k >= _PULSES):
                    continue
                lag = odd
                if k >= _PULSES:
                    step = 1
            row = k * _TAPS
            bias = _TAPS * 128
            h = ptr8(uint(shape) + row)
            for i in range(_TAPS):
                bias -= h[i]
            bias <<= 11
            while lag <= _EARLIER + 2 * _REACH:
                w = ptr32(uint(work) + 4 * (_SUMS + 3 * lag))
                a = bias - w[0]
                b = bias - w[1]
                c = bias - w[2]
                w = ptr32(uint(work) + 4 * lag)
                h = ptr8(uint(shape) + row)
                i = _TAPS
                while i:
                    a = w[0] * h[0] + w[1] * h[1] + a
                    b = w[_Y] * h[0] + w[_Y + 1] * h[1] + b
                    c = w[_Z] * h[0] + w[_Z + 1] * h[1] + c
                    w = ptr32(uint(w) + 8)
                    h = ptr8(uint(h) + 2)
                    i -= 2
                a >>= 8
                b >>= 8
                c >>= 8
                y = a * a + b * b + c * c
                if k >= _PULSES:
                    # Two rows span all phases; a swing has one direction: the greatest singular value,
                    # squared.
                    i = _PAIRED + 3 * lag
                    if k & 1:
                        d = work[i] - _BIAS
                        e = work[i + 1] - _BIAS
                        g = work[i + 2] - _BIAS
                        both = d * a + e * b + g * c
                        d = (d * d + e * e + g * g - y) >> 1
                        y += d
                        if d < 0:
                            d = -d
                        if both < 0:
                            both = -both
                        if both > d:
                            e = d
                            d = both
                            both = e
                        # The root of the sum of their squares, within 3 %.
                        e = d - (d >> 3) + (both >> 1)
                        if e > d:
                            d = e
                        y += d
                        if y > quick:
                            quick = y
                    else:
                        work[i] = a + _BIAS
                        work[i + 1] = b + _BIAS
                        work[i + 2] = c + _BIAS
                elif k >= _SHAPES:
                    if k < _BODY:
                        if y > slow:
                            slow = y
                    elif y > wide:
                        wide = y
                    if y > beat or (y == beat and lag < swung):
                        beat = y
                        swung = lag
                        va = a
                        vb = b
                        vc = c
                else:
                    work[_MATCH + (lag - _EARLIER) * _SHAPES + k] = y
                    if y > match or (y == match and lag < best):
                        match = y
                        best = lag
                lag += step
        # Bursts that are more than noise had at least 0.7 of it by now (docs/detector.md); 5/8 leaves a
        # margin. A long one can be a spasm nevertheless, whose grade is reported.
        y = (least >> 3) * 5
        long = (s[_ABOVE] - s[_ONSET]) & 0x3FFFFFFF > p[_P_TWITCH_MAX] + 6
        if match < y and beat < y and quick < y and not long:
            s[_GRADE] = _UNKNOWN
            return 4
    # The likelihoods of all lags and shapes are better evidence than the greatest alone, and give the onset.
    # Beyond 64 variances the uncertainty comes from the shapes, because no twitch has exactly one of them,
    # and not from the noise.
    blur = 0
    while match >> blur > 16384:
        blur += 1
    weight = 0
    mean = 0
    for lag in range(2 * _REACH + 1):
        for k in range(_SHAPES):
            y = (match - work[_MATCH + lag * _SHAPES + k]) >> blur
            if y <= _FAR:
                # exp(-y / 2) as a power of two, linear between integers.
                y = (y * 739) >> 10
                y = (512 - (y & 255)) << 6 >> (y >> 8)
                weight += y
                mean += y * lag
    # A single isolated sample, and how much of the energy the best shape does not explain.
    energy = 0
    alone = 0
    greatest = 0
    for i in range(best - 4, best + _TAPS):
        total = 0
        for axis in range(3):
            y = work[axis * _SPAN + i] - 2048
            total += y * y
        total >>= 2
        alone += total
        if i >= best:
            energy += total
        if total > greatest:
            greatest = total
    w = ptr32(uint(work) + 4 * _FOUND)
    w[0] = match
    w[1] = slow
    w[2] = beat
    w[3] = wide
    w[4] = quick
    w[5] = va + _BIAS
    w[6] = vb + _BIAS
    w[7] = vc + _BIAS
    w[8] = weight
    w[9] = mean
    w[10] = energy
    w[11] = alone
    w[12] = greatest
    w[13] = least
    w[14] = loud
    w[15] = shift
    return 0
