"""Run by MicroPython: the sampler allocates nothing, and remembers the right samples.

    micropython waveforms.py SAMPLES

Feeds the file (int16 x y z) in portions of every size with the heap locked around each step, asks for
stretches of it and for what is gone or to come, and prints one line of JSON with two packed waveforms.
"""

import json
import random
import struct
import sys

import micropython

from shared.detector.detector import Detector
from shared.protocol.snippets import COUNT, pack_waveform, unpack_waveform
from twitchband.sampler import MEMORY_SAMPLES, Sampler


class Fifo:
    """An IMU that gives what is in it, and has `level` samples each time it is filled."""

    lost = 0
    gyro = None

    def __init__(self, path):
        self._file = open(path, "rb")  # noqa: SIM115
        self.level = 0
        self.given = 0

    def read(self, buffer, most):
        n = min(self.level, most)
        if n:
            n = self._file.readinto(buffer, 6 * n) // 6
            self.level -= n
            self.given += n
        return n


def locked_steps(sampler, detector):
    words = 0
    more = 1
    while more:
        micropython.heap_lock()
        try:
            more = sampler.step()
        finally:
            micropython.heap_unlock()
        words += detector.words[0]
        detector.clear()
    return words


def true_samples(path, first, count):
    with open(path, "rb") as file:
        file.seek(6 * first)
        return list(struct.unpack("<" + str(3 * count) + "h", file.read(6 * count)))


def places(count):
    """Where the first of each three samples stands, for every axis."""
    return [9 * i + axis for i in range(count) for axis in range(3)]


def ask(sampler, path, taken, first):
    """Whether the sampler still has 64 samples from `first` on; what it gives must be right."""
    values = sampler.waveform(first & 0x3FFFFFFF, COUNT)
    if not values:
        return False
    assert 0 <= first <= taken - COUNT, "samples that are not there"
    assert values == true_samples(path, first, COUNT), first
    encoding, tail = pack_waveform(values)
    assert unpack_waveform(encoding, COUNT, tail) == values
    return True


def main():
    path = sys.argv[1]
    random.seed(3)
    imu = Fifo(path)
    detector = Detector()
    sampler = Sampler(imu, detector)
    words = asked = 0
    while True:
        imu.level = random.choice((1, 5, 26, 63, 64, 65, 128, 416, 600))
        words += locked_steps(sampler, detector)
        taken = detector.index
        assert taken == imu.given
        if imu.level:
            break
        if random.random() < 0.5:
            continue
        asked += 1
        assert taken < COUNT or ask(sampler, path, taken, taken - COUNT)
        back = random.randint(COUNT, 1400)
        assert ask(sampler, path, taken, taken - back) == (back <= min(taken, MEMORY_SAMPLES))
        slow = sampler.waveform(taken - 600, 40, 3)
        if taken >= 600:
            quick = true_samples(path, taken - 600, 120)
            assert slow == [(quick[k] + quick[k + 3] + quick[k + 6]) // 3 for k in places(40)]
        assert not ask(sampler, path, taken, taken - COUNT + 1)
        assert not ask(sampler, path, taken, taken)
        assert not ask(sampler, path, taken, -1)
        assert not ask(sampler, path, taken, taken - MEMORY_SAMPLES - 1)
    imu.given = detector.index
    detector.lose(1000)
    assert sampler.waveform(detector.index - COUNT, COUNT) == [], "across a loss"
    small = true_samples(path, 1000, COUNT)
    rough = [value * 40 if value < 800 else value for value in small]
    packed = []
    for values in (small, rough):
        encoding, tail = pack_waveform(values)
        packed.append([encoding, tail.hex(), values])
    print(json.dumps({"samples": imu.given, "words": words, "asked": asked, "packed": packed}))


main()
