"""What the sensor senses: a file, on the timeline of the run.

The file: int16 x y z, little-endian, at the chip's own rate, whatever that is. Samples that pass while the
chip is not sensing are gone. After its end the hand lies still.
"""

import world
from faults import all_of

_MILLIONTH = 1000000000
_STILL = (0, 0, 8192)
_FOR_EVER = 1 << 58


class Tape:
    """The file as a chip's source, `times` over.

    `holes`: [first sample, count] on its timeline, of which nothing was recorded: the chip stands still.
    """

    def __init__(self, path: str, holes: list, times: int, rate_milli_hz: int) -> None:  # type: ignore[type-arg]
        self._file = open(world.PC + path, "rb")  # noqa: SIM115
        self._word = bytearray(2)
        self._rate_milli_hz = rate_milli_hz
        self._once = self._file.seek(0, 2) // 6
        self._samples = self._once * times
        self._last = self._samples - 1
        # With a third number: whether the recording goes on behind the hole as if there were none.
        self._holes = [(first, count, 1) for first, count in holes]
        self.length = self._samples + sum([count for _, count in holes])
        # When its first sample was sensed; -1 while there was none.
        self.since_us = -1
        # The chip's sample 0 on the timeline; it changes whenever the chip begins or stands still.
        self._offset = 0
        if "tape_us" in world.config:
            self.start(world.config["tape_us"])

    def start(self, now_us: int) -> None:
        """Its first sample comes one period from now."""
        self.since_us = world.config["tape_us"] = now_us
        for one in all_of("sensor_silent"):
            # The chip gives nothing; the recording does not wait for it.
            first = self.place(one.get("from_us", 0))
            self._holes.append((first, self.place(one.get("until_us", _FOR_EVER)) - first, 0))

    def place(self, now_us: int) -> int:
        """How many samples of the timeline have passed."""
        return (now_us - self.since_us) * self._rate_milli_hz // _MILLIONTH

    def begin(self, k: int, now_us: int) -> None:
        """The chip begins to sense: its sample `k` comes one period from now."""
        self._offset = self.place(now_us) - k

    def skip(self, count: int) -> None:
        """The chip stood still for this many samples."""
        self._offset += count

    def until_hole(self, k: int, end: int) -> int:
        """Of the chip's samples from `k` to before `end`: how many there are before something is missing."""
        at = k + self._offset
        count = end - k
        for first, length, _ in self._holes:
            if at < first + length:
                count = min(count, max(0, first - at))
        return count

    def missing(self, k: int, end: int) -> int:
        """How many are missing from `k` on."""
        at = k + self._offset
        for first, length, _ in self._holes:
            if first <= at < first + length:
                return min(end - k, first + length - at)
        return 0

    # As a chip's source.

    def ready(self, k: int) -> int:
        """As many as are due: the chip itself stands still or not."""
        return k

    def fill(self, buffer, k: int, word: int) -> bool:  # type: ignore[no-untyped-def]
        """Words from `word` of sample `k` on."""
        k = self._recorded(k)
        if k * 6 + 2 * word + len(buffer) > 6 * self._samples:
            return False
        self._file.seek(6 * (k % self._once) + 2 * word)
        got = self._file.readinto(buffer)
        if got < len(buffer):
            self._file.seek(0)
            self._file.readinto(memoryview(buffer)[got:])
        return True

    def value(self, rotation: bool, k: int, axis: int) -> int:
        """One number; there is no recording of a gyroscope."""
        if rotation:
            return 0
        if not self._samples:
            return _STILL[axis]
        at = min(self._recorded(k), self._last)
        self._file.seek(6 * (at % self._once) + 2 * axis)
        self._file.readinto(self._word)
        value = self._word[0] | self._word[1] << 8
        # A sensor that works never gives one number for seconds; faster, this would pass for a hum.
        return value if at < self._last else value ^ (k >> 5 & 1)

    def _recorded(self, k: int) -> int:
        # Its place in the file.
        k += self._offset
        missing = 0
        for first, length, waits in self._holes:
            if waits and k >= first + length:
                missing += length
        return k - missing
