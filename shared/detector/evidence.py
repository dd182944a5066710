"""The decision about a burst whose shape `likeness` has searched: a twitch, a beat, quick motion, or none.

Its values are those of likeness.py, squared matches in 1/256 of the noise's variance, divided by 2^shift.
"""

import sys

if sys.implementation.name != "micropython":
    from .cpython import const, micropython, ptr32

# State, as in bursts.py.
_STRENGTH = const(147)
_SWAY = const(148)
_WAY = const(158)
_GRADE = const(161)

_P_FIT = const(14)
_P_BEAT_SHARE = const(31)

# Where `likeness` has left what it found.
_FOUND = const(430)
_BIAS = const(32768)
# What noise adds to the energy of 72 samples, plus 2.5 times its spread: 72 + 30.
_NOISE_ENERGY = const(26112)
_NOISE_MEAN = const(18432)
# Greatest energy in the band over the floor, 1/16: below 3.4 nothing is a twitch, below 4 a slow swing
# explains whatever it matches as well. From 5 on it must match better than a twitch, by 16/14, to explain it.
_FAINT = const(54)
_SWAYING = const(64)
_LOUD = const(80)
_LOUD_SHARE = const(14)
# A swing of the body matches noise by up to as much, 26 variances.
_NOISE_SWAYS = const(6656)


# Bytecode on the board: shorter than machine code, and this runs once a burst.
def decide(s: ptr32, p: ptr32, work: ptr32) -> int:
    """What the burst is: from 8 on a twitch, whose onset is that number minus 14 samples after `about`.

    The same plus 64 for a brief motion of unknown shape; 4 hardly more than noise; 3 more than
    noise, but a swing of the body explains it as well; 1 a single wrong reading. s: state; p: parameters;
    work: what `likeness` has left.
    """
    match = work[_FOUND]
    slow = work[_FOUND + 1]
    beat = work[_FOUND + 2]
    wide = max(work[_FOUND + 3], match)
    quick = work[_FOUND + 4]
    weight = work[_FOUND + 8]
    energy = work[_FOUND + 10]
    greatest = work[_FOUND + 12]
    least = work[_FOUND + 13]
    loud = work[_FOUND + 14]
    shift = work[_FOUND + 15]
    y = greatest + (greatest >> 3)
    if greatest > (work[_FOUND + 11] >> 3) * 5 and wide < y and quick < y:
        return 1
    # For pulses.py: how strong the swing is, in variances, how much better it fits, and its direction.
    s[_STRENGTH] = min(8191, (beat >> 8) << shift)
    s[_SWAY] = min(255, (beat >> 4) // ((match >> 10) + 1))
    root = 1
    bit = 1 << 13
    while bit:
        if (root + bit) * (root + bit) <= beat:
            root += bit
        bit >>= 1
    for i in range(3):
        s[_WAY + i] = ((work[_FOUND + 5 + i] - _BIAS << 8) + (root << 10)) // root
    # The share of the energy that the best shape of a twitch explains, less what noise adds.
    y = (energy - (_NOISE_MEAN >> shift)) >> 5
    s[_GRADE] = 250
    if y > match >> 5:
        s[_GRADE] = (match >> 5) * 250 // y
    # The logarithm of the likelihoods' sum, linear between powers of two.
    y = weight
    i = 0
    while y > 65535:
        y >>= 1
        i += 256
    known = 4
    evidence = match + ((i + (y - 32768 >> 7)) * 355 >> 8 >> shift)
    if evidence > least:
        known = 3
    # Neither twitches nor swings of the body resemble quick motion: less is enough.
    rapid = quick > greatest and quick > slow and quick > least - (least >> 3)
    y = p[_P_BEAT_SHARE]
    if loud == _LOUD:
        y = _LOUD_SHARE
    onset: int = (2 * work[_FOUND + 9] + weight) // (2 * weight) + 8
    if match <= (slow >> 4) * y:
        # A swing of the body explains it as well.
        wide = max(wide, slow)
        if not rapid and (loud < _SWAYING or wide < least + (least >> 1)):
            return known
        least = 0
    else:
        # Half of what such a swing explains is not evidence of anything else, unless it is noise's.
        least += max(0, slow - (_NOISE_SWAYS >> shift)) >> 1
        fits = energy <= (match >> 4) * p[_P_FIT] + (_NOISE_ENERGY >> shift)
        if evidence > least and loud >= _FAINT and fits:
            return onset
    if rapid or (wide > least - (least >> 4) and wide > greatest):
        return onset + 64
    return known


if sys.implementation.name != "micropython":
    decide = micropython.native(decide)
