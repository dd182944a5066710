"""Constant tables of the kernels, as whole numbers: no float is rounded on any board."""

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

# Centres of six clusters of modelled twitches (contraction 35-80 ms, half-relaxation 25-108 ms, finger
# 12-25 Hz), high-passed at 5 Hz, norm 128, from the onset on, slowest finger first.
SHAPES = (
    (0, -1, -7, -20, -24, -4, 35, 64, 56, 16, -28, -51, -47, -28, -9, 5, 10, 11, 8, 5),
    (0, -8, -28, -31, 4, 52, 71, 45, -1, -36, -45, -34, -18, -4, 2, 4, 3, 2, 2, 3),
    (-1, -25, -40, -5, 50, 73, 47, 0, -34, -42, -31, -15, -3, 3, 4, 2, 0, 0, 1, 3),
    (-3, -39, -36, 29, 76, 60, 6, -34, -39, -23, -7, 0, -1, -3, -3, -1, 1, 3, 4, 3),
    (-6, -55, -17, 66, 76, 23, -28, -34, -16, -2, -3, -8, -8, -4, 0, 2, 2, 2, 2, 2),
    (-13, -64, 20, 88, 45, -21, -34, -9, 4, -5, -14, -9, -1, 1, 0, 0, 1, 2, 2, 2),
)
# Samples by which each shape's best lag trails the true onset, from the model; the middle of a cluster is
# not its members'.
TRAILS = (-1, 0, 0, 1, 0, 0)


def sine(k: int) -> int:
    """sin(2 pi k / 256) in units of 1/16384."""
    k &= 255
    if k > 128:
        return -sine(k - 128)
    return _QUARTER_SINE[k] if k <= 64 else _QUARTER_SINE[128 - k]


def tables() -> "array[int]":
    """Cosine, sine of 96 steps of 128, biased by 16384; five bits reversed; the decimator's gain undone."""
    out = array("i", [16384 + sine(64 + 2 * k) for k in range(96)])
    out.extend(array("i", [16384 + sine(2 * k) for k in range(96)]))
    out.extend(array("i", [sum((k >> i & 1) << 4 - i for i in range(5)) for k in range(32)]))
    out.extend(array("i", GAIN))
    return out


def shapes() -> "array[int]":
    """Shapes and trails as the kernel reads them, biased by 128."""
    return array("i", [128 + tap for shape in SHAPES for tap in shape] + [128 + trail for trail in TRAILS])
