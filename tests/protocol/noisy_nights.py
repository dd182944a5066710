"""Nights on a noisy wire, chosen by seed; prints the result of each. MicroPython runs this as a script.

Usage: micropython noisy_nights.py ROOT FIRST COUNT
"""

import sys
from binascii import crc32

if __name__ == "__main__":
    sys.path[:0] = [sys.argv[1], sys.argv[1] + "/firmware"]

from tests.protocol.chance import Chance, Noisy
from tests.protocol.wire import World

WIRE_PER_MILLE = (5, 20, 60, 150, 300)
ENDS_PER_MILLE = (0, 2, 10, 30)
PIECE_BYTES = (20, 100, 244, 2000)


def noisy_night(seed):
    """A world of its own: backlog, log, pieces, noise and what is logged meanwhile come from `seed`."""
    chance = Chance(seed)
    faults = Noisy(seed, WIRE_PER_MILLE[chance.below(5)], ENDS_PER_MILLE[chance.below(4)])
    backlog = chance.below(60)
    later = sorted([1000 + chance.below(30000) / 1000 for _ in range(chance.below(12))])
    spoiled = [chance.below(backlog)] if backlog > 5 and chance.below(3) == 0 else []
    world = World(
        faults,
        backlog,
        25 if chance.below(3) == 0 and not spoiled else 0,
        PIECE_BYTES[chance.below(4)],
        later,
        spoiled,
        4 * chance.below(2),
    )
    return world.finish()


def digest(seed):
    """One number for all that happened."""
    return crc32(str(noisy_night(seed).outcome()).encode())


if __name__ == "__main__":
    first = int(sys.argv[2])
    for seed in range(first, first + int(sys.argv[3])):
        print(seed, digest(seed))
