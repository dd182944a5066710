"""ST LSM6DS3TR-C (data sheet DocID030071 Rev 3)."""

from models.lsm6 import Lsm6


class Lsm6ds3trC(Lsm6):
    """Words of 16 bits in a ring of 4 KiB: of each sample the gyroscope's three, then the accelerometer's."""

    who_am_i = 0x6A
    defaults = ((0x12, 0x04),)
    read_only = (0x0F, 0x1E, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F)
    fifo_register = 0x3E
    _WORDS = 2048

    def __init__(self, *where, says_zero=False, **more):  # type: ignore[no-untyped-def]
        # Seen on real chips: after an overrun the count reads 0 until the first word is taken.
        self._says_zero = says_zero
        self.pattern_lies = 0
        super().__init__(*where, **more)

    def empty(self) -> None:
        self.count = 0
        self.overrun = False

    def store_samples(self, count: int) -> None:
        if self.registers[0x0A] & 0x07 != 6:
            return
        assert self.registers[0x0A] == 0x26, "FIFO_CTRL5: not 104 Hz"
        assert self.registers[0x08] == (0x09 if self.turns() else 0x01), "FIFO_CTRL3: not every sample"
        self.count += count * self._width()
        if self.count > self._WORDS:
            self.count = self._WORDS
            self.overrun = True

    def _width(self) -> int:
        return 6 if self.registers[0x08] & 0x38 else 3

    def _first(self) -> int:
        # The oldest word, counted from the first word ever sensed.
        return self.next * self._width() - self.count

    def _word(self) -> int:
        width = self._width()
        first = self._first()
        slot = first % width
        return self.sensed(width == 6 and slot < 3, first // width, slot % 3)

    def bulk(self, register: int, buffer) -> bool:  # type: ignore[no-untyped-def]
        words = len(buffer) // 2
        if register != 0x3E or self._width() == 6 or len(buffer) % 2 or words > self.count:
            return False
        first = self._first()
        if self.range_g() != 4 or not self.source.fill(buffer, first // 3, first % 3):
            return False
        self.count -= words
        self.overrun = False
        return True

    def after(self, register: int) -> int:
        return 0x3E if register == 0x3F else super().after(register)

    def load(self, register: int) -> int:
        if register == 0x3A:
            return self._difference() & 0xFF
        if register == 0x3B:
            flags = self._difference() >> 8
            watermark = self.registers[0x06] | (self.registers[0x07] & 0x07) << 8
            if self.count >= watermark > 0:
                flags |= 0x80
            if self.overrun:
                flags |= 0x40
            if self.count == 0:
                flags |= 0x10
            return flags
        if register == 0x3C:
            pattern = self._first() % self._width()
            if self.pattern_lies:
                self.pattern_lies -= 1
                return (pattern + 1) % self._width()
            return pattern
        if register == 0x3E:
            return self._word() & 0xFF
        if register == 0x3F:
            value = self._word() >> 8 & 0xFF
            if self.count:
                self.overrun = False
                self.count -= 1
            return value
        return super().load(register)

    def _difference(self) -> int:
        if self.overrun and self._says_zero:
            return 0
        return self.count & 0x7FF
