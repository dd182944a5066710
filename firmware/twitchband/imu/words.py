"""FIFO bytes into samples, without allocating."""

import micropython


@micropython.viper
def unpack(words: ptr8, stride: int, at: int, n: int, samples: ptr16) -> int:  # noqa: F821
    """Move `n` samples of `stride` bytes into `samples` (x y z); return how many: `n`.

    x y z stand in little-endian from byte `at` of each.
    """
    to = 0
    for _ in range(n):
        for k in range(at, at + 6, 2):
            samples[to] = int(words[k]) | int(words[k + 1]) << 8
            to += 1
        at += stride
    return n


@micropython.viper
def sort(words: ptr8, n: int, tag: int, samples: ptr16) -> int:  # noqa: F821
    """Move those of `n` words whose first byte has `tag` in bits 7:3 into `samples`; return how many.

    A word is seven bytes: a tag, then x y z, little-endian.
    """
    to = 0
    at = 0
    for _ in range(n):
        if int(words[at]) >> 3 == tag:
            for k in range(at + 1, at + 7, 2):
                samples[to] = int(words[k]) | int(words[k + 1]) << 8
                to += 1
        at += 7
    return to // 3
