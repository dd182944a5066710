"""The state of the kernels over samples and bursts: what each place of it holds.

MicroPython folds `const` within one file, so each kernel repeats the numbers that it uses;
tests/detector/test_layout.py compares them.
"""

from .cpython import const

# State of one axis; the state starts with three such blocks.
_GRAVITY = const(0)  # mean of 64 samples (0.26 Hz), Q14
_MEAN = const(1)  # mean of 8 samples (2.2 Hz), Q14
_DRIFT = const(2)  # mean of 2 of what is swift, Q6, biased by 2^23
_LAST = const(3)  # band one sample ago, Q5, biased by 2^23
_LAST2 = const(4)  # and two ago
_SHARE = const(5)  # energy of this axis in the burst
_SLOWLY = const(6)  # mean of its quarters over 8 s
_SWIFT = const(7)  # mean of 2 samples (11 Hz), Q14
_NOISE = const(8)  # median energy of a sample, Q10
_WEIGHT = const(9)  # weight of its energy, Q4; the noisier, the smaller
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
_MOVE_TURNED = const(80)  # 1 if gravity turned
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
_TRIGGER = const(103)  # index at which the burst opened
_MARKS = const(105)  # index and _MEAN of each axis where the last two quarters of a second began
_COUNT = const(129)  # samples of the incomplete stretch
_GREATEST = const(130)  # greatest energy of the burst
_CREST = const(131)  # index at which it was
_BEFORE = const(132)  # gravity of each axis before the movement, LSB summed over a quarter second
_BEATEN = const(135)  # onset of the last burst that looked like a beat
_TIMES = const(136)  # how many came from one direction
_HELD = const(137)  # records that wait for whether they are a pulse's
_LATELY = const(144)  # median of _ENERGY over the last seconds, Q4
_UNREST = const(145)  # the same when the burst opened, relative to what the floor allows, Q4
_TOLD = const(146)  # the floor if all three axes had the mean noise
_STRENGTH = const(147)  # of the newest burst: greatest match of a swing, variances of the noise
_SWAY = const(148)  # the same over that of a twitch's shape, 1/64
_LIVE = const(149)  # samples of this stretch in which a burst could have opened
_CLASSES = const(150)  # bursts: twitch, unlike, pulse, several, tremor, movement, disturbance
_ALIVE = const(157)  # _LIVE summed over good stretches before that
_WAY = const(158)  # of the newest burst: the swing's direction, 1/256, biased by 1024
_GRADE = const(161)  # how much of its energy a twitch's shape explains, 1/250
_MEAN_SWAY = const(162)  # of the bursts that looked like beats, 0 if none has
_NEWEST = const(163)  # place of the next strength of the pulse's band (heart.py)
_MEAN_WAY = const(164)
_KEPT = const(167)  # up to four output records held
_CLEAR = const(219)  # how clear the rhythm is before the newest burst, 0 to 64
_BEAT = const(220)  # how near its crest is to a beat, 1/256, biased by 256
_VALLEY = const(232)  # least energy of the burst since its greatest, 0 if it cannot be parted
_WAITING = const(233)  # _LIVE of the last good stretch
_TAKEN = const(234)  # 1 if the last burst that looked like a beat was put down to the heart
_RAPID = const(235)  # the same sum of quick motion, over about four samples
_RAPID_FLOOR = const(236)  # its median, Q4
