"""Constant tables of the rhythm kernel, as whole numbers: no float is rounded on any board."""

from array import array

# round(16384 sin(2 pi k / 256)), k = 0..64
_QUARTER_SINE = (
    0, 402, 804, 1205, 1606, 2006, 2404, 2801, 3196, 3590, 3981, 4370, 4756, 5139, 5520, 5897, 6270,
    6639, 7005, 7366, 7723, 8076, 8423, 8765, 9102, 9434, 9760, 10080, 10394, 10702, 11003, 11297,
    11585, 11866, 12140, 12406, 12665, 12916, 13160, 13395, 13623, 13842, 14053, 14256, 14449, 14635,
    14811, 14978, 15137, 15286, 15426, 15557, 15679, 15791, 15893, 15986, 16069, 16143, 16207, 16261,
    16305, 16340, 16364, 16379, 16384,
)  # fmt: skip

# round(16 / H^2) of the decimator, H = (sin 3x / 3 sin x)^3, x = pi k / 384, k = 0..57
GAIN = (
    16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 20, 20, 21, 21, 22,
    22, 23, 24, 25, 25, 26, 27, 28, 29, 30, 31, 33, 34, 36, 37, 39, 41, 43, 45, 47, 50, 53, 56, 59, 62,
    66, 70, 75, 80, 86, 92, 98, 105,
)  # fmt: skip

# Centres of four clusters of modelled twitches (contraction 35-80 ms, half-relaxation 25-108 ms, finger
# 12-25 Hz), high-passed twice at 4.8 Hz, norm 128, from the onset on, slowest finger first; biased by 128.
SHAPES = (
    (0, -3, -15, -28, -19, 19, 58, 66, 34, -13, -44, -48, -33, -12, 2, 8),
    (0, -21, -39, -12, 42, 73, 53, 5, -34, -44, -32, -13, 1, 6, 5, 2),
    (-3, -43, -33, 39, 79, 51, -6, -39, -35, -15, -2, 1, -1, -2, -2, -1),
    (-10, -63, 10, 85, 55, -12, -37, -18, 0, 0, -7, -8, -3, 0, 1, 0),
)


# Samples by which each shape's best lag trails the true onset, from the model; the middle of a cluster is
# not its members'.
TRAILS = (-1, 1, 1, 0)


def sine(k: int) -> int:
    """sin(2 pi k / 256) in units of 1/16384."""
    k &= 255
    if k > 128:
        return -sine(k - 128)
    return _QUARTER_SINE[k] if k <= 64 else _QUARTER_SINE[128 - k]


def tables() -> "array[int]":
    """Cosine and sine of 64 steps (biased by 16384), a Hann window of 128, the decimator's gain undone."""
    out = array("i", [16384 + sine(64 + 2 * k) for k in range(64)])
    out.extend(array("i", [16384 + sine(2 * k) for k in range(64)]))
    # sin^2(pi n / 128)
    out.extend(array("i", [(sine(n) * sine(n) + 8192) >> 14 for n in range(128)]))
    out.extend(array("i", GAIN))
    return out


def shapes() -> "array[int]":
    """Shapes and trails as the kernel reads them, biased by 128."""
    return array("i", [128 + tap for shape in SHAPES for tap in shape] + [128 + trail for trail in TRAILS])
