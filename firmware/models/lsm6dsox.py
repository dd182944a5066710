"""ST LSM6DSOX (data sheet DS12814)."""

from models import byte_of
from models.lsm6 import Lsm6


class Lsm6dsox(Lsm6):
    """512 words of a tag and three axes: of each sample the gyroscope's, then the accelerometer's."""

    who_am_i = 0x6C
    defaults = ((0x12, 0x04), (0x18, 0xE0))
    read_only = (0x0F, 0x1E, 0x3A, 0x3B, 0x63, 0x78, 0x79, 0x7A, 0x7B, 0x7C, 0x7D, 0x7E)
    fifo_register = 0x78
    _WORDS = 512

    def __init__(self, *where, fine=0, rate_milli_hz=104171, **more):  # type: ignore[no-untyped-def]
        self._fine = fine
        # The number of a sample that comes with another sensor's tag.
        self.foreign = -1
        super().__init__(*where, rate_milli_hz=rate_milli_hz, **more)

    def reset(self) -> None:
        super().reset()
        self.registers[0x63] = self._fine & 0xFF

    def empty(self) -> None:
        self.count = 0
        self._full = False
        self._latched = False

    def store_samples(self, count: int) -> None:
        if self.registers[0x0A] & 0x07 != 6:
            return
        assert self.registers[0x09] == (0x44 if self.turns() else 0x04), "FIFO_CTRL3: not at 104 Hz"
        self.count += count * self._width()
        if self.count > self._WORDS:
            self.count = self._WORDS
            self._full = self._latched = True

    def _width(self) -> int:
        return 2 if self.registers[0x09] & 0xF0 else 1

    def after(self, register: int) -> int:
        return 0x78 if register == 0x7E else super().after(register)

    def load(self, register: int) -> int:
        if register == 0x3A:
            return self.count & 0xFF
        if register == 0x3B:
            flags = self.count >> 8
            watermark = self.registers[0x07] | (self.registers[0x08] & 0x01) << 8
            if self.count >= watermark > 0:
                flags |= 0x80
            if self._full:
                flags |= 0x40
            if self._latched:
                flags |= 0x08
                self._latched = False
            return flags
        if register < 0x78:
            return super().load(register)
        width = self._width()
        first = self.next * width - self.count
        k = first // width
        rotation = width == 2 and first % 2 == 0
        if register == 0x78:
            if not self.count:
                return 0
            tag = 0x01 if rotation else 0x03 if k == self.foreign else 0x02
            return tag << 3 | (k & 3) << 1
        place = register - 0x79
        value = byte_of(self.sensed(rotation, k, place // 2), bool(place & 1))
        if register == 0x7E and self.count:
            self.count -= 1
            self._full = False
        return value


class Lsm6dso32(Lsm6dsox):
    """ST LSM6DSO32: the same name at WHO_AM_I, and twice the range by each code.

    From ST's driver (lsm6dso32-pid v2.3.1, lsm6dso32_reg.h: LSM6DSO32_ID, lsm6dso32_fs_xl_t).
    """

    ranges_g = (4, 32, 8, 16)
