"""An IMU whose FIFO is fed from a file: int16 x y z, little-endian, at 104 Hz of virtual time."""

import world

from shared.protocol.kinds import FIFO_OVERFLOW, RECORDING_HOLE

# LSM6DS3TR-C datasheet: 4 KiB of FIFO hold 682 accelerometer samples.
DEPTH = 682
_CHIP_SIM = 0


class SimImu:
    """What the application expects of an IMU; `holes` are stretches of the timeline that have no samples."""

    rate_milli_hz = 104000
    lsb_nano_g = 122000
    chip = _CHIP_SIM

    def __init__(self, path: str, holes: list) -> None:  # type: ignore[type-arg]
        self._file = open(path, "rb")  # noqa: SIM115
        self._holes = holes
        self._left = self._file.seek(0, 2) // 6 + sum([hole[1] for hole in holes])
        self._file.seek(0)
        self._begin_us = 0
        self._taken = 0
        self.lost = 0
        self.lost_cause = 0

    @property
    def exhausted(self) -> bool:
        """The file is at its end."""
        return self._left == 0

    def start(self) -> None:
        """Sampling begins."""
        self._begin_us = world.now_us()

    def read(self, buffer, most: int) -> int:  # type: ignore[no-untyped-def]
        """Move up to `most` samples from the FIFO into `buffer`; return how many."""
        if self.lost:
            return 0
        due = (world.now_us() - self._begin_us) * 13 // 125000 - self._taken
        ahead = self._left
        if self._holes:
            first, count = self._holes[0]
            ahead = first - self._taken
            if ahead == 0:
                # A hole is known when it is over.
                if due >= count:
                    self._holes.pop(0)
                    self._lose(count, RECORDING_HOLE)
                return 0
        due = min(due, ahead)
        if due > DEPTH:
            self._file.seek(6 * (due - DEPTH), 1)
            self._lose(due - DEPTH, FIFO_OVERFLOW)
            return 0
        n = min(due, most)
        if n <= 0:
            return 0
        n = self._file.readinto(buffer, 6 * n) // 6
        self._taken += n
        self._left -= n
        return n

    def clear_lost(self) -> None:
        """The loss has been logged."""
        self.lost = 0

    def _lose(self, count: int, cause: int) -> None:
        self._taken += count
        self._left -= count
        self.lost = count
        self.lost_cause = cause
