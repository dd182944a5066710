"""FIFO words into samples, without allocating."""

import micropython


@micropython.viper
def unpack(words: ptr8, stride: int, tag: int, n: int, samples: ptr16) -> int:  # noqa: F821
    """Move `n` words of `stride` bytes into `samples` (x y z); return how many samples they were.

    A word's last six bytes are x y z, little-endian. `tag` >= 0: only words whose first byte has it in bits
    7:3 are samples.
    """
    taken = 0
    word = 0
    for _ in range(n):
        if tag < 0 or int(words[word]) >> 3 == tag:
            at = word + stride - 6
            for axis in range(3):
                samples[3 * taken + axis] = int(words[at]) | int(words[at + 1]) << 8
                at += 2
            taken += 1
        word += stride
    return taken
