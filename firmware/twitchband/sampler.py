"""From the IMU's FIFO to the detector's words, without allocating."""

from array import array

from shared.detector.detector import Detector

# 64 samples are 384 bytes: below the 1 KiB that an I2C read may take (50 ms time-out).
CHUNK_SAMPLES = 64
CHUNKS = 16


class Sampler:
    """Reads the FIFO chunk by chunk, feeds the detector, and remembers the last ten seconds.

    `imu` offers read(buffer, most) -> samples read, and `lost`: samples that went missing before the next
    read, with `lost_cause`.
    """

    def __init__(self, imu, detector: Detector) -> None:  # type: ignore[no-untyped-def]
        self._imu = imu
        self._detector = detector
        self._chunks = [array("H", bytes(6 * CHUNK_SAMPLES)) for _ in range(CHUNKS)]
        self._first = array("i", bytes(4 * CHUNKS))
        self._count = array("i", bytes(4 * CHUNKS))
        self._newest = 0
        self._at = 0
        self._n = 0

    def step(self) -> int:
        """Read one chunk, or go on with one whose words had no room; 0 when the FIFO is empty.

        Allocates nothing. Stops at a loss of samples: the caller logs it and calls `imu.clear_lost`.
        """
        detector = self._detector
        if self._at >= self._n:
            if self._imu.lost:
                return 0
            slot = self._newest + 1
            if slot == CHUNKS:
                slot = 0
            n = self._imu.read(self._chunks[slot], CHUNK_SAMPLES)
            if n == 0:
                return 0
            self._newest = slot
            self._first[slot] = detector.index
            self._count[slot] = n
            self._at = 0
            self._n = n
        self._at = detector.feed(self._chunks[self._newest], self._at, self._n)
        return 1

    def waveform(self, first: int, count: int) -> "list[int]":
        """Samples first..first+count as signed x y z, or [] where the memory does not hold them all."""
        values: list[int] = []
        slot = self._newest + 1
        for _ in range(CHUNKS):
            if slot >= CHUNKS:
                slot = 0
            begin = (first + len(values) // 3 - self._first[slot]) & 0x3FFFFFFF
            while begin < self._count[slot] and len(values) < 3 * count:
                for value in self._chunks[slot][3 * begin : 3 * begin + 3]:
                    values.append(value - 65536 if value > 32767 else value)
                begin += 1
            slot += 1
        return values if len(values) == 3 * count else []
