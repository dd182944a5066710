"""From the IMU's FIFO to the detector's words, without allocating."""

from array import array

import micropython
from micropython import const

from shared.detector.detector import Detector

# 64 samples are 384 bytes: below the 1 KiB that an I2C read may take (50 ms time-out).
CHUNK_SAMPLES = 64
# Ten seconds; a power of two.
MEMORY_SAMPLES = const(1024)
_WRAP = const(0x3FFFFFFF)


@micropython.viper
def remember(samples: ptr16, n: int, memory: ptr16, index: int) -> int:  # noqa: F821
    """Copy `n` samples into the ring `memory`, the first to the place of its index."""
    at = 0
    while at < n:
        to = 3 * ((index + at) & (MEMORY_SAMPLES - 1))
        for k in range(3 * at, 3 * at + 3):
            memory[to] = samples[k]
            to += 1
        at += 1
    return n


class Sampler:
    """Reads the FIFO chunk by chunk, feeds the detector, and remembers the last ten seconds.

    `fresh` counts the samples of a chunk just read; code that passes them on sets it to 0. `imu` offers
    read(buffer, most) -> samples read, and `lost`: samples that went missing before the next read, with
    `lost_cause`. `gyro`: those of the gyroscope that came with them, or None.
    """

    def __init__(self, imu, detector: Detector) -> None:  # type: ignore[no-untyped-def]
        self._imu = imu
        self._detector = detector
        self._chunk = array("H", bytes(6 * CHUNK_SAMPLES))
        # Not an array: that would take twice as much in one piece while it is made.
        self._memory = bytearray(6 * MEMORY_SAMPLES)
        # The memory is whole from `_since` to before `_next`.
        self._since = detector.index
        self._next = detector.index
        self._at = 0
        self._n = 0
        self.fresh = 0

    def step(self) -> int:
        """Read one chunk, or continue one whose words had no room; 0 when the FIFO is empty.

        Allocates nothing. Stops at a loss of samples: the caller logs it and calls `imu.clear_lost`.
        """
        detector = self._detector
        if self._at >= self._n:
            if self._imu.lost:
                return 0
            n = self._imu.read(self._chunk, CHUNK_SAMPLES)
            if n == 0:
                return 0
            index = detector.index
            if index != self._next:
                self._since = index
            remember(self._chunk, n, self._memory, index)
            self._next = (index + n) & _WRAP
            if (self._next - self._since) & _WRAP > MEMORY_SAMPLES:
                self._since = (self._next - MEMORY_SAMPLES) & _WRAP
            self._at = 0
            self._n = self.fresh = n
        gyro = self._imu.gyro
        # So that the frames of its functions are on the stack: to find room for them on the heap would take a
        # sixth of the detector's time.
        micropython.heap_lock()
        try:
            self._at = detector.feed(self._chunk, self._at, self._n, gyro)
        finally:
            micropython.heap_unlock()
        return 1

    def skip(self) -> int:
        """Read one chunk and discard it; returns its number of samples. Allocates nothing."""
        return int(self._imu.read(self._chunk, CHUNK_SAMPLES))

    def newest(self) -> "tuple[int, memoryview]":
        """Index of the first sample of the last chunk, and its samples: unsigned x y z."""
        return (self._next - self._n) & _WRAP, memoryview(self._chunk)[: 3 * self._n]

    def held(self, last: int) -> int:
        """How many samples before `last` are in memory."""
        return (last - self._since) & _WRAP

    def waveform(self, first: int, count: int, step: int = 1) -> "list[int]":
        """`count` means of `step` samples each from `first` on, as signed x y z.

        [] if they are not all in memory.
        """
        after = (self._next - first) & _WRAP
        if after < count * step or after > (self._next - self._since) & _WRAP:
            return []
        values: list[int] = []
        for i in range(count):
            for axis in range(3):
                total = 0
                for k in range(step):
                    at = 6 * ((first + i * step + k) & (MEMORY_SAMPLES - 1)) + 2 * axis
                    value = self._memory[at] | self._memory[at + 1] << 8
                    total += value - 65536 if value > 32767 else value
                values.append(total // step)
        return values
