"""Kernels over turning: by gravity, whether the hand moves; by a gyroscope, how fast a tremor turns it.

Samples of a gyroscope are processed like the accelerometer's: `gather` decimates them, `spectrum` gives the
power of their frequencies. The rules of bursts.py apply: stored values non-negative, intermediates within
31 bits and sign.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr16, ptr32

# Of the state of bursts.py.
_GRAVITY = const(0)
_MEAN = const(1)
_SLOWLY = const(6)
_NOISE = const(8)
_WEIGHT = const(9)
_QUARTER = const(12)
_POSTURE = const(13)
_AXIS = const(17)
_INDEX = const(51)
_AGE = const(52)
_FLOOR = const(55)
_SLOW = const(84)
_TILT = const(85)
_TURNS = const(86)
_TILTED = const(87)
_SLOT = const(90)
_MARKS = const(105)
_LATELY = const(144)
_TOLD = const(146)

# Of the state of rhythm.py.
_OPEN = const(0)
_POWER = const(6)
_CENTRE = const(12)  # the peak's bin of the newest window, 0 if it had no rhythm
_TURN = const(10)  # mean rms turning in the bout, LSB times 13.5
_INSIDE = const(15)
_CUT = const(16)

# Parameters.
_P_TILT = const(9)
_P_SWAY = const(34)
_P_BREATH = const(35)

_GAIN = const(224)
_POWERS = const(256)
_PAST = const(128)
# Samples after a start until gravity has settled, and a second more.
_SETTLING = const(156)


@micropython.viper
def posture(s: ptr32, y: int, r: ptr32, p: ptr32) -> int:
    """At the end of a quarter second: does gravity turn, and is that a movement? Weigh the axes.

    y: whatever (see bursts.py); r: the state of rhythm.py. Returns 1 for a movement, for `sense` to begin.
    """
    slot = s[_SLOT]
    pace = 5
    if s[_AGE] < 1023:
        pace = 3
    tilt = 0
    away = 0
    z = 0
    told = 0
    slow = 0
    s[_MARKS] = s[_MARKS + 4]
    s[_MARKS + 4] = s[_INDEX]
    for axis in range(3):
        b = axis * _AXIS
        s[_MARKS + 1 + axis] = s[_MARKS + 5 + axis]
        s[_MARKS + 5 + axis] = s[b + _MEAN]
        y = s[b + _QUARTER]
        s[b + _QUARTER] = 0
        d = y - s[b + _POSTURE + slot]
        if d < 0:
            d = -d
        if d > tilt:
            tilt = d
        s[b + _POSTURE + slot] = y
        if s[_AGE] < _SETTLING:
            s[b + _SLOWLY] = y
        d = y - s[b + _SLOWLY]
        # Soon after a start 2 s, then 8.
        s[b + _SLOWLY] = y - d + (d >> pace)
        if d < 0:
            d = -d
        if d > away:
            away = d
        y = s[b + _NOISE]
        told += y
        if y > z:
            z = y
        y = (s[b + _MEAN] - s[b + _GRAVITY]) >> 11
        if y > 2047:
            y = 2047
        if y < -2047:
            y = -2047
        slow += y * y
    s[_SLOT] = (slot + 1) & 3
    # Four times a second is enough for the power of what is below 2.2 Hz.
    s[_SLOW] = s[_SLOW] + (((slow << 4) - s[_SLOW]) >> 5)
    s[_TOLD] = ((told >> 6) * 67) >> 2
    for axis in range(3):
        b = axis * _AXIS
        y = (z >> 5 << 4) // (s[b + _NOISE] >> 5)
        if y > 128:
            y = 128
        s[b + _WEIGHT] = y
    s[_TILT] = tilt
    y = tilt // 26
    if y > s[_TILTED]:
        s[_TILTED] = y
    d = 26 * p[_P_TILT]
    y = 26 * p[_P_BREATH]
    # A breath turns the hand slowly, to and fro, and without a jolt.
    if away <= y and y > d and s[_LATELY] >> 2 < s[_FLOOR]:
        d = y
    if r[_OPEN]:
        # A strong tremor shakes the mean from which gravity is read.
        y = (r[_POWER] * p[_P_SWAY]) >> 3
        if y > d:
            d = y
    y = 0
    if tilt > d and s[_AGE] >= _SETTLING:
        y = 1
    s[_TURNS] = y
    return y


@micropython.viper
def keep(y: ptr16, at: int, n: int, index: int, turned: ptr32) -> int:
    """Take samples at:n (x y z, int16 read as unsigned) into the newest 128, the last one before `index`."""
    index -= n - at
    while at < n:
        to = index & 127
        k = 3 * at
        turned[to] = y[k] ^ 0x8000
        turned[to + _PAST] = y[k + 1] ^ 0x8000
        turned[to + 2 * _PAST] = y[k + 2] ^ 0x8000
        index += 1
        at += 1
    return at


@micropython.viper
def swing(work: ptr32, shift: int, first: int, last: int, t: ptr32) -> int:
    """Root mean square of the swing in bins first..last of a spectrum, LSB times 13.5."""
    total = 0
    j = first
    while j <= last:
        total += (work[_POWERS + j] * t[_GAIN + j]) >> 4
        j += 1
    y = (total * 16) // 3
    root = 0
    bit = 1 << 15
    while bit:
        if (root + bit) * (root + bit) <= y:
            root += bit
        bit >>= 1
    return root << shift


# Bytecode on the board: shorter than machine code, and this runs once a window.
def follow(root: int, r: ptr32) -> int:
    """Add a window's turning to the bout's mean."""
    m = r[_INSIDE]
    if r[_CUT]:
        # Partly outside the bout: it counts only until there is a better one.
        if m == 0 and root > r[_TURN]:
            r[_TURN] = root
    elif m <= 1:
        r[_TURN] = root
    else:
        # Rounded to nearest, or the mean would creep down.
        r[_TURN] = r[_TURN] + (2 * (root - r[_TURN]) + m) // (2 * m)
    return m  # type: ignore[no-any-return]


if sys.implementation.name != "micropython":
    follow = micropython.native(follow)
