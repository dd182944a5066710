"""Constant tables of the kernels, as whole numbers: no float is rounded on any board."""

from array import array
from binascii import unhexlify

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

# Sixteen shapes of modelled twitches, 24 taps from the onset on, and twelve swings of the body, 4 to 7 Hz, 28
# taps: behind a high-pass of 3 Hz, norm 128, biased by 128, two hexadecimal digits a tap.
# `python -m bench.detection.shapes` prints both.
SHAPE_TAPS = 24
SHAPES = (
    "80807e7768647da8c4b99066525667798486848180808283"
    "807e73615f7da9c3bc9d7b655e626a72787c7e8081838384"
    "807f7867617fb2cab07d595463747f838381808081838383"
    "806b4e6096bfc1a88c796f6b6c6e7275777a7c7e80818283"
    "8079605573a6c4bc9f827068676a6f74777a7d7f80828384"
    "807b695c75abcab685605661717d8283817f7f8081838383"
    "7c575b8fbdc3a47a5d5a687a8686817a787b7f8384838280"
    "80715a6699c5c2986c585d6c7a8283807e7d7f8182838382"
    "8072556baed1ae7356607681807b797b8083838280808182"
    "7e574980b9c6ad8f7c73707072747577797b7d7e80818282"
    "7c4e5eb3d3a46a5e7484807674797f81807f7f8081828181"
    "7b4456a6cab6917b75757475767677797b7d7e7f80818182"
    "7f5f5290cdc2875d5f7582807977797e8182818080818182"
    "6e359cd7a26f75878174757c7d7a7b7e7f7f7f8081818181"
    "7a4471ccc47b5c788f8370717d817e7b7d80818180808181"
    "8ccb8a393e6885898787898a8988868583828180807f7f7f"
)
BEAT_TAPS = 28
BEATS = (
    "809ca9a9a29587796c635c59595b60666c737a8085898c8e8f8f8f8d"
    "cdad927c6c625d5b5e626970777d83878a8d8e8e8d8c8a8887858381"
    "80939ea19f988e83776d645e5a595a5e636a727a81888e9396989897"
    "bea894827367605c5c5e6369717980878d929596979593908c888481"
    "809faba99d8c79695d5654575d66707982888d9091908f8c89878482"
    "cbaa8d7463595659616a747e868c9091918f8c898683807f7e7d7d7d"
    "8095a0a29b908172655b565559606a75818b93989b9b98948e88827d"
    "baa48e7a695e58585d66717c8791979b9b99958f88817c7774737374"
    "80a3afa8967f695951505762707c878e9292908c8884817f7f7f7f80"
    "caa8866b5952555e6c7a868f9394928e88837f7d7b7c7d7e80818282"
    "8099a4a2968471605451545f6d7c8a959c9d9a938a827a757373767b"
    "b9a288705e55545c697988959d9f9c968c827973707072777d83878a"
)


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
    """SHAPES, then BEATS, a byte a tap."""
    return array("B", unhexlify(SHAPES + BEATS))
