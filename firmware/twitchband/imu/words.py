"""Converts FIFO bytes to samples, without allocating."""

import micropython


@micropython.viper
def unpack(words: ptr8, stride: int, at: int, tag: int, n: int, samples: ptr16) -> int:  # noqa: F821
    """Move the samples among `n` words of `stride` bytes into `samples` (x y z); return their number.

    x y z are little-endian from byte `at` of each. `tag` >= 0: only words that have it in bits 7:3 of
    their first byte are samples.
    """
    to = 0
    word = 0
    for _ in range(n):
        if tag < 0 or int(words[word]) >> 3 == tag:
            for k in range(word + at, word + at + 6, 2):
                samples[to] = int(words[k]) | int(words[k + 1]) << 8
                to += 1
        word += stride
    return to // 3
