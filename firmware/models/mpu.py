"""InvenSense MPU-6050 (RM-MPU-6000A-00) and MPU-6886 (DS-000193), behind the drivers' low pass."""

import micropython
from micropython import const

from models import Chip, byte_of

_CONFIG = const(0x1A)
_GYRO_CONFIG = const(0x1B)
_ACCEL_CONFIG = const(0x1C)
_FIFO_EN = const(0x23)
_INT_STATUS = const(0x3A)
_OUT = const(0x3B)
_TEMP_OUT = const(0x41)
_USER_CTRL = const(0x6A)
_PWR_MGMT_1 = const(0x6B)
_PWR_MGMT_2 = const(0x6C)
_FIFO_COUNT = const(0x72)
_FIFO_R_W = const(0x74)
# Bursts are powers of two of samples, at most this many.
_MAX = const(64)


@micropython.viper
def spread(words: ptr8, n: int, stride: int, temperature: int, out: ptr8):  # noqa: F821
    """`n` samples of three little-endian words, big-endian, every `stride` bytes, the temperature behind."""
    for k in range(n):
        at = k * stride
        for byte in range(6):
            out[at + byte] = words[6 * k + (byte ^ 1)]
        if stride > 6:
            out[at + 6] = temperature >> 8 & 0xFF
            out[at + 7] = temperature & 0xFF


class Mpu(Chip):
    """A FIFO of bytes that does not know where a sample begins, outputs, self-test."""

    who_register = 0x75
    fifo_register = _FIFO_R_W
    fifo_en = (0x08, 0x78)
    fifo_bytes = 1024
    sample_bytes = (6, 12)
    # Offsets of temperature and rotation in a sample of the FIFO; 99: absent.
    temperature_at = 99
    rotation_at = 6

    def __init__(self, clock, source, address=0x68, rate_milli_hz=125000):  # type: ignore[no-untyped-def]
        # A view for each length of a burst: the model allocates nothing while it is read.
        words = memoryview(bytearray(6 * _MAX))
        self._words = {n: words[: 6 * n] for n in (1, 2, 4, 8, 16, 32, _MAX)}
        super().__init__(clock, source, address, rate_milli_hz)

    def reset(self) -> None:
        super().reset()
        for register, value in self.codes():
            self.registers[register] = value

    def codes(self):  # type: ignore[no-untyped-def]
        """The factory's trim values for the self-test, (register, value); each chip overrides it."""
        raise NotImplementedError

    def empty(self) -> None:
        self.count = 0
        self.overflow = False
        self.watermark = False

    def senses(self) -> bool:
        registers = self.registers
        if registers[_PWR_MGMT_1] & 0x40:
            return False
        return bool(registers[_USER_CTRL] & 0x40)

    def rate(self) -> int:
        # SMPLRT_DIV: 1 kHz / (1 + it)
        return self.rate_milli_hz * 8 // (1 + self.registers[0x19])

    def range_g(self) -> int:
        # AFS_SEL
        return 2 << (self.registers[_ACCEL_CONFIG] >> 3 & 3)

    def calls(self) -> bool:
        # INT_PIN_CFG: LATCH_INT_EN, so that it stays until the status is read.
        self.make()
        return self.watermark or (self.overflow and bool(self.registers[0x38] & 0x10))

    def turns(self) -> bool:
        """Whether the gyroscope goes into the FIFO."""
        return self.registers[_FIFO_EN] == self.fifo_en[1]

    def store_samples(self, count: int) -> None:
        registers = self.registers
        turns = self.turns()
        assert registers[_CONFIG] == 0x03, "CONFIG: the FIFO does not go on, or another low pass"
        assert registers[_GYRO_CONFIG] == 0x08, "not +-500 degrees a second"
        assert registers[_FIFO_EN] == self.fifo_en[turns], "FIFO_EN"
        assert registers[_PWR_MGMT_2] == (0x00 if turns else 0x07), "PWR_MGMT_2"
        self.count += count * self.sample_bytes[turns]
        if self.count > self.fifo_bytes:
            self.count = self.fifo_bytes
            self.overflow = True
        self.filled()

    def filled(self) -> None:
        """The FIFO has grown."""

    def bulk(self, register: int, buffer) -> bool:  # type: ignore[no-untyped-def]
        size = self.sample_bytes[0]
        n = len(buffer) // size
        if register != _FIFO_R_W or n not in self._words or n * size != len(buffer):
            return False
        # Whole samples without rotation, at +-4 g and outside a self-test.
        if self.turns() or self.registers[_ACCEL_CONFIG] != 0x08 or len(buffer) > self.count:
            return False
        first = self.next * size - self.count
        words = self._words[n]
        if first % size or not self.source.fill(words, first // size, 0):
            return False
        spread(words, n, size, self.temperature, buffer)
        self.count -= len(buffer)
        return True

    def after(self, register: int) -> int:
        return register if register == _FIFO_R_W else register + 1

    def load(self, register: int) -> int:
        if register == _PWR_MGMT_1 and self._resetting:
            self._resetting -= 1
            return self.registers[register] | 0x80
        if register == _INT_STATUS:
            flags = 0x10 if self.overflow else 0
            self.overflow = False
            return flags
        if register in (_FIFO_COUNT, _FIFO_COUNT + 1):
            return byte_of(self.count, register == _FIFO_COUNT)
        if register == _FIFO_R_W:
            value = self._byte()
            if self.count:
                self.count -= 1
            return value
        if _OUT <= register < _OUT + 14:
            return self._place(register - _OUT, self.next, 6, 8)
        return self.registers[register]

    def _byte(self) -> int:
        size = self.sample_bytes[self.turns()]
        first = self.next * size - self.count
        return self._place(first % size, first // size, self.temperature_at, self.rotation_at)

    def _place(self, place: int, k: int, temperature_at: int, rotation_at: int) -> int:
        high = not place & 1
        if temperature_at <= place < temperature_at + 2:
            return byte_of(self.temperature, high)
        rotation = place >= rotation_at
        axis = (place - rotation_at if rotation else place) // 2
        value = self.sensed(rotation, k, axis)
        if self.registers[_GYRO_CONFIG if rotation else _ACCEL_CONFIG] & 0x80 >> axis:
            value += self.moved(rotation, axis)
        return byte_of(value, high)

    def moved(self, rotation: bool, axis: int) -> int:
        """The self-test's displacement, in LSB of the current range; each chip overrides it."""
        raise NotImplementedError

    def store(self, register: int, value: int) -> None:
        assert register not in self.read_only, "write to a read-only register"
        if register == _PWR_MGMT_1 and value & 0x80:
            self.reset()
            self._deaf = 3
            self._resetting = 2
            return
        if register == _USER_CTRL:
            if value & 0x04:
                self.empty()
            if value & 0x40 and not self.registers[_USER_CTRL] & 0x40:
                self.begin()
            value &= 0xFB
        if register == 0x19 and value != self.registers[0x19]:
            self.begin()
        self.registers[register] = value


class Mpu6050(Mpu):
    """No watermark; it sleeps when it wakes up from a reset."""

    who_am_i = 0x68
    defaults = ((_PWR_MGMT_1, 0x40),)
    read_only = (0x75, _INT_STATUS)
    # Accelerometer codes 16 (5 bits: 3 above, 2 below), gyroscope codes 20.
    _ACCELERATION = 16
    _ROTATION = 20

    def codes(self):  # type: ignore[no-untyped-def]
        low = self._ACCELERATION & 3
        high = self._ACCELERATION >> 2 << 5 | self._ROTATION
        return ((0x0D, high), (0x0E, high), (0x0F, high), (0x10, low << 4 | low << 2 | low))

    def moved(self, rotation: bool, axis: int) -> int:
        # In proportion to what a sound chip does, whose trim these codes are.
        if rotation:
            trim = int(25 * 131 * 1.046 ** (self._ROTATION - 1)) * self.moves_dps // 300
            return -trim if axis == 1 else trim
        assert self.registers[_ACCEL_CONFIG] & 0x18 == 0x10, "the self-test is at +-8 g"
        return int(4096 * 0.34 * (0.92 / 0.34) ** ((self._ACCELERATION - 1) / 30)) * self.moves_mg // 500


class Mpu6886(Mpu):
    """The temperature goes into the FIFO with each sample, and a watermark calls."""

    who_am_i = 0x19
    defaults = ((_PWR_MGMT_1, 0x41),)
    read_only = (0x75, 0x39, _INT_STATUS)
    fifo_en = (0x08, 0x18)
    fifo_bytes = 1008
    sample_bytes = (8, 14)
    temperature_at = 6
    rotation_at = 8
    code = 110

    def codes(self):  # type: ignore[no-untyped-def]
        code = self.code
        return ((0x0D, code), (0x0E, code), (0x0F, code), (0x50, code), (0x51, code), (0x52, code))

    def moved(self, rotation: bool, axis: int) -> int:
        moves = self.moves_dps * 2 if rotation else self.moves_mg
        return int(2620 * 1.01 ** (self.code - 1)) * moves // 500

    def filled(self) -> None:
        threshold = (self.registers[0x60] & 0x03) << 8 | self.registers[0x61]
        if self.count >= threshold > 0:
            self.watermark = True

    def load(self, register: int) -> int:
        if register == 0x39:
            flags = 0x40 if self.watermark else 0
            self.watermark = False
            return flags
        return super().load(register)
