"""From the MPU's 125 Hz to the detector's 104 Hz: a window of eight samples, in integers, without allocating.

Kernel: sinc of 0.40 cycles a sample under a Kaiser window, beta 5, eight samples wide (Kaiser 1974; Harris
1978, On the use of windows): flat within 0.3 % up to 25 Hz, 2.7 % down at 30 Hz, and noise that does not
breathe with the phase (1 %). An output comes four samples, 32 ms, late.
"""

from array import array
from binascii import unhexlify

import micropython
from micropython import const

IN_HZ = const(125)
OUT_HZ = const(104)
WINDOW = const(8)
# The kernel's left half and its middle, 104 values a sample, in 1/16384; the eight of each phase add up to
# one, so that gravity stays what it is. tests/device_imu/test_resampling.py computes them again.
TAPS = array(
    "h",
    unhexlify(
        "0000e4ffe4ffe4ffe5ffe5ffe5ffe6ffe6ffe7ffe8ffe8ffe9ffeaffebffedffeeffeffff1fff2fff4fff6fff7fff9ff"
        "fcfffeff00000200050008000a000d001000130016001a001d002100240028002c003000340039003d00410046004b00"
        "4f00540059005e00630069006e00740079007f0084008a00900096009c00a200a800ae00b400ba00c000c700cd00d300"
        "d900e000e600ec00f200f900ff0005010b01110117011d01230129012e0134013a013f01440149014e01530158015c01"
        "6101650169016d017001740177017a017c017f0181018301840186018701870188018801880187018601850183018101"
        "7f017c017901750171016d01680163015d01570151014a0142013a0132012901200116010c010101f600ea00de00d100"
        "c400b600a8009a008b007b006b005a0049003800260013000000edffd9ffc4ffafff9aff84ff6eff58ff41ff29ff12ff"
        "fafee1fec8feaffe95fe7cfe61fe47fe2cfe11fef6fddafdbefda2fd86fd6afd4dfd31fd14fdf7fcdafcbdfca0fc83fc"
        "66fc49fc2cfc0ffcf2fbd5fbb9fb9cfb80fb64fb48fb2dfb12fbf7fadcfac2faaafa8ffa76fa5dfa45fa2efa17fa00fa"
        "ebf9d6f9c1f9aef99bf989f977f967f957f948f93af92df921f916f90cf903f9fbf8f4f8eef8eaf8e6f8e4f8e3f8e4f8"
        "e5f8e8f8edf8f3f8faf802f90cf918f925f933f943f955f968f97df993f9abf9c5f9e0f9fdf91cfa3cfa5efa82faa8fa"
        "cffaf8fa23fb50fb7ffbaffbe2fb16fc4cfc83fcbdfcf8fc36fd75fdb6fdf9fd3dfe84feccfe16ff63ffb0ff00005100"
        "a500fa005001a90103025f02bd021c037d03e0034404aa0412057b05e6055206bf062e079f0711088408f9086f09e609"
        "5a0ad90a540bd00b4d0ccb0c4a0dcb0d4c0ece0e510fd50f5a10df106611ec117412fc1284130d1496142015aa153416"
        "bf164a17d4175f18ea187519ff198a1a141b9e1b281cb11c3a1dc31d4a1ed21e581fde1f6320e8206b21ee216f22f022"
        "6f23ed236a24e6246125d9255126c7263d27af2722289128fe286a29d7293f2aa52a0b2b6f2bcf2b2e2c892ce52c3e2d"
        "952de72d3a2e892ed62e202f682fad2ff02f31307030aa30e4301a314d317e31ab31d731013227324a326b328732a332"
        "bb32d132e332f132ff3208330f3313330033"
    ),
)


@micropython.viper
def resample(  # type: ignore[no-untyped-def]
    raw: ptr16,  # noqa: F821
    width: int,
    n: int,
    state: ptr32,  # noqa: F821
    taps: ptr16,  # noqa: F821
    samples: ptr16,  # noqa: F821
    gyro: ptr16,  # noqa: F821
) -> int:
    """Turn `n` samples, put into `raw` behind those kept there, into samples at 104 Hz; return how many.

    raw: rows of `width` numbers: x y z, with 6 the gyroscope's as well. state: rows kept, where in the
    window the next output lies (in 1/104 of a sample), whether the stretch begins here: then its first row
    stands for those before it.
    """
    kept = int(state[0])
    place = int(state[1])
    if int(state[2]):
        state[2] = 0
        for k in range(kept * width):
            raw[k] = raw[kept * width + k % width]
    total = kept + n
    first = 0
    made = 0
    while first + 7 < total:
        for axis in range(width):
            value = 8192
            for j in range(8):
                at = (j + 1) * 104 - place
                if at > 416:
                    at = 832 - at
                tap = int(taps[at])
                x = int(raw[(first + j) * width + axis])
                value += (tap - ((tap & 0x8000) << 1)) * (x - ((x & 0x8000) << 1))
            value >>= 14
            if value > 32767:
                value = 32767
            if value < -32768:
                value = -32768
            if axis < 3:
                samples[3 * made + axis] = value
            else:
                gyro[3 * made + axis - 3] = value
        made += 1
        place += 125
        while place >= 104:
            place -= 104
            first += 1
    kept = total - first
    for k in range(kept * width):
        raw[k] = raw[first * width + k]
    state[0] = kept
    state[1] = place
    return made


@micropython.viper
def gather(words: ptr8, stride: int, gyro_at: int, n: int, raw: ptr16, to: int):  # noqa: F821
    """Put `n` samples of `stride` bytes, big-endian, into `raw` from index `to` on.

    x y z stand first; the gyroscope's from byte `gyro_at` on, where it is not 0.
    """
    at = 0
    for _ in range(n):
        for k in range(at, at + 6, 2):
            raw[to] = int(words[k]) << 8 | int(words[k + 1])
            to += 1
        if gyro_at:
            for k in range(at + gyro_at, at + gyro_at + 6, 2):
                raw[to] = int(words[k]) << 8 | int(words[k + 1])
                to += 1
        at += stride
