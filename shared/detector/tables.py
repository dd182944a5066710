"""Constant tables of the kernels, as integers: no board rounds a float."""

from array import array

from .words import root

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

# Sixteen shapes of modelled twitches from the onset on, 24 taps each, behind a high-pass of 3 Hz, norm 128,
# biased by 128, a byte a tap. Printed by `python -m validation.detection.shapes`.
TAPS = 24
SHAPES = (
    b"\x80\x80\x7e\x77\x68\x64\x7d\xa8\xc4\xb9\x90\x66"
    b"\x52\x56\x67\x79\x84\x86\x84\x81\x80\x80\x82\x83"
    b"\x80\x7e\x73\x61\x5f\x7d\xa9\xc3\xbc\x9d\x7b\x65"
    b"\x5e\x62\x6a\x72\x78\x7c\x7e\x80\x81\x83\x83\x84"
    b"\x80\x7f\x78\x67\x61\x7f\xb2\xca\xb0\x7d\x59\x54"
    b"\x63\x74\x7f\x83\x83\x81\x80\x80\x81\x83\x83\x83"
    b"\x80\x6b\x4e\x60\x96\xbf\xc1\xa8\x8c\x79\x6f\x6b"
    b"\x6c\x6e\x72\x75\x77\x7a\x7c\x7e\x80\x81\x82\x83"
    b"\x80\x79\x60\x55\x73\xa6\xc4\xbc\x9f\x82\x70\x68"
    b"\x67\x6a\x6f\x74\x77\x7a\x7d\x7f\x80\x82\x83\x84"
    b"\x80\x7b\x69\x5c\x75\xab\xca\xb6\x85\x60\x56\x61"
    b"\x71\x7d\x82\x83\x81\x7f\x7f\x80\x81\x83\x83\x83"
    b"\x7c\x57\x5b\x8f\xbd\xc3\xa4\x7a\x5d\x5a\x68\x7a"
    b"\x86\x86\x81\x7a\x78\x7b\x7f\x83\x84\x83\x82\x80"
    b"\x80\x71\x5a\x66\x99\xc5\xc2\x98\x6c\x58\x5d\x6c"
    b"\x7a\x82\x83\x80\x7e\x7d\x7f\x81\x82\x83\x83\x82"
    b"\x80\x72\x55\x6b\xae\xd1\xae\x73\x56\x60\x76\x81"
    b"\x80\x7b\x79\x7b\x80\x83\x83\x82\x80\x80\x81\x82"
    b"\x7e\x57\x49\x80\xb9\xc6\xad\x8f\x7c\x73\x70\x70"
    b"\x72\x74\x75\x77\x79\x7b\x7d\x7e\x80\x81\x82\x82"
    b"\x7c\x4e\x5e\xb3\xd3\xa4\x6a\x5e\x74\x84\x80\x76"
    b"\x74\x79\x7f\x81\x80\x7f\x7f\x80\x81\x82\x81\x81"
    b"\x7b\x44\x56\xa6\xca\xb6\x91\x7b\x75\x75\x74\x75"
    b"\x76\x76\x77\x79\x7b\x7d\x7e\x7f\x80\x81\x81\x82"
    b"\x7f\x5f\x52\x90\xcd\xc2\x87\x5d\x5f\x75\x82\x80"
    b"\x79\x77\x79\x7e\x81\x82\x81\x80\x80\x81\x81\x82"
    b"\x6e\x35\x9c\xd7\xa2\x6f\x75\x87\x81\x74\x75\x7c"
    b"\x7d\x7a\x7b\x7e\x7f\x7f\x7f\x80\x81\x81\x81\x81"
    b"\x7a\x44\x71\xcc\xc4\x7b\x5c\x78\x8f\x83\x70\x71"
    b"\x7d\x81\x7e\x7b\x7d\x80\x81\x81\x80\x80\x81\x81"
    b"\x8c\xcb\x8a\x39\x3e\x68\x85\x89\x87\x87\x89\x8a"
    b"\x89\x88\x86\x85\x83\x82\x81\x80\x80\x7f\x7f\x7f"
)
# Damped swings, as 2 r cos(w) and r^2, times 2^13, of x[k] = 2 r cos(w) x[k-1] - r^2 x[k-2]: 4, 5.5 and 7 Hz
# (the body's), each with a decay of 70 and of 140 ms; 8.5, 10.3 and 12.3 Hz (a pulse's) with 100 ms; 20, 26,
# 33 and 40 Hz with 30 ms.
SWINGS = (
    13866, 6224, 14852, 7141, 13500, 6224, 14460, 7141, 13023, 6224, 13949, 7141, 12962, 6759, 12092,
    6759, 10959, 6759, 4217, 4315, 0, 4315, -4880, 4315, -8900, 4315,
)  # fmt: skip
# From this place on they are quick.
QUICK = 18


def sine(k: int) -> int:
    """sin(2 pi k / 256) in units of 1/16384."""
    k &= 255
    if k > 128:
        return -sine(k - 128)
    return _QUARTER_SINE[k] if k <= 64 else _QUARTER_SINE[128 - k]


def tables() -> "array[int]":
    """Cosine, sine of 96 steps of 128, biased by 16384; five bits reversed; the decimator's inverse gain."""
    out = array("i", [16384 + sine(64 + 2 * k) for k in range(96)])
    out.extend(array("i", [16384 + sine(2 * k) for k in range(96)]))
    out.extend(array("i", [sum((k >> i & 1) << 4 - i for i in range(5)) for k in range(32)]))
    out.extend(array("i", GAIN))
    return out


def shapes() -> "array[int]":
    """SHAPES, then two of each of SWINGS, high-passed likewise; a byte a tap.

    Of slow ones a sine and a cosine; of quick ones their sum and difference: those are at right angles.
    """
    out = array("B", SHAPES)
    first: list[int] = []
    for k in range(len(SWINGS)):
        turn, decay = SWINGS[k & ~1], SWINGS[k | 1]
        # The sine begins at 0, the cosine at its crest.
        x, then = 0, 8192
        if k & 1:
            x, then = 8192, turn >> 1
        x1 = x2 = y1 = y2 = 0
        wave = []
        for _ in range(TAPS):
            y = ((x - x1 - x1 + x2) * 7206 + y1 * 14294 - y2 * 6340 + 4096) >> 13
            wave.append(y)
            x2, x1, y2, y1 = x1, x, y1, y
            x, then = then, (turn * then - decay * x) >> 13
        if k & 1 and k > QUICK:
            wave = _scaled(wave)
            out.extend(_biased([first[i] + wave[i] for i in range(TAPS)]))
            out.extend(_biased([first[i] - wave[i] for i in range(TAPS)]))
        elif k < QUICK:
            out.extend(_biased(wave))
        else:
            first = _scaled(wave)
    return out


def _scaled(wave: "list[int]") -> "list[int]":
    """Of norm 128."""
    norm = root(sum([y * y for y in wave]))
    return [(256 * y + norm) // (2 * norm) for y in wave]


def _biased(wave: "list[int]") -> "array[int]":
    return array("B", [128 + y for y in _scaled(wave)])
