"""The simulated board's sensor: the driver of the LSM6DS3TR-C on that chip's model, which senses a file.

The file: int16 x y z, little-endian, at 104 Hz of virtual time. What a chip cannot know, the world adds: a
stretch of the timeline for which there is no recording, and the recording's end.
"""

import time

import world

from models.lsm6ds3trc import Lsm6ds3trC as Model
from shared.protocol.kinds import CHIP_SIMULATED, RECORDING_HOLE
from twitchband.imu.lsm6ds3trc import Lsm6ds3trC

# Skin under a blanket: 33 degrees, in the chip's numbers.
_SKIN = 2048


class Tape:
    """The file as a chip's source, `times` over; `holes` are [first sample, count] on the timeline."""

    def __init__(self, path: str, holes: list, times: int) -> None:  # type: ignore[type-arg]
        self._file = open(path, "rb")  # noqa: SIM115
        self._word = bytearray(2)
        self._holes = holes
        self._skipped = 0
        self._once = self._file.seek(0, 2) // 6
        self._samples = self._once * times
        self.end = 0
        self._find_end()

    @property
    def hole(self) -> int:
        """How many samples are missing at `end`; 0 where the recording ends there."""
        return self._holes[0][1] if self._holes else 0

    def skip(self) -> None:
        """Go on behind the hole."""
        self._skipped += self._holes.pop(0)[1]
        self._find_end()

    def ready(self, k: int) -> int:
        """How many samples there are when `k` are due."""
        return min(k, self.end)

    def fill(self, buffer, k: int, word: int) -> bool:  # type: ignore[no-untyped-def]
        """Words from `word` of sample `k` on."""
        k -= self._skipped
        self._file.seek(6 * (k % self._once) + 2 * word)
        got = self._file.readinto(buffer)
        if got < len(buffer) and self._once < self._samples:
            self._file.seek(0)
            self._file.readinto(memoryview(buffer)[got:])
        return True

    def value(self, rotation: bool, k: int, axis: int) -> int:
        """One number; there is no recording of a gyroscope."""
        if rotation:
            return 0
        self.fill(self._word, k, axis)
        return self._word[0] | self._word[1] << 8

    def _find_end(self) -> None:
        self.end = self._holes[0][0] if self._holes else self._samples + self._skipped


class SimImu(Lsm6ds3trC):
    """What the application expects of an IMU."""

    chip = CHIP_SIMULATED

    def __init__(self, path: str, holes: list, times: int = 1, gyro: bool = False) -> None:  # type: ignore[type-arg]
        self._tape = Tape(path, holes, times)
        self._model = Model(world, self._tape)
        self._model.temperature = _SKIN
        super().__init__(self._model, lambda: self._model, self._model.address, time, gyro)

    @property
    def exhausted(self) -> bool:
        """The recording is at its end, and all of it has been read."""
        return self._ended() and not self._tape.hole

    def read(self, buffer, most: int) -> int:  # type: ignore[no-untyped-def]
        """Move up to `most` samples from the FIFO into `buffer`; return how many."""
        if self.lost or not self._ended():
            return super().read(buffer, most)
        hole = self._tape.hole
        # A hole is known when it is over.
        if hole and self._model.due() >= self._tape.end + hole:
            held = self._model.due() - self._tape.end - hole
            self._tape.skip()
            self._model.next += hole
            self._count_time()
            self._lose(hole, RECORDING_HOLE, held)
        return 0

    def _ended(self) -> bool:
        return self._model.next == self._tape.end and self._model.count == 0
