"""LSM6DS3TR-C and LSM6DSOX as seen from the I2C bus, register by register; runs under MicroPython.

Sample k is (3k, 3k + 1, 3k + 2): order, axis and completeness can be read from the values. Nothing here
allocates while it is read, so that a locked heap proves the driver, not the model.
"""

from array import array

ENODEV = 19
ETIMEDOUT = 116
_MASK = (1 << 30) - 1
_HALF = 1 << 29


class Clock:
    """Ticks as on an ESP32, and time that passes when told to."""

    def __init__(self, now_ms=_MASK - 1500):
        self.now_ms = now_ms

    def ticks_ms(self):
        return self.now_ms & _MASK

    def ticks_diff(self, end, start):
        return ((end - start + _HALF) & _MASK) - _HALF

    def sleep_ms(self, ms):
        self.now_ms += ms

    def sleep_us(self, us):
        pass


class Chip:
    """The bus and the one chip on it: what both chips share."""

    who_am_i = 0
    # The rate of this very chip.
    rate_milli_hz = 104000
    defaults = ()
    read_only = ()

    def __init__(self, clock, address=0x6A, rate_milli_hz=0):
        self.clock = clock
        self.address = address
        self.rate_milli_hz = rate_milli_hz or self.rate_milli_hz
        self.powered = True
        self.stuck = False
        # Bytes that the next bursts give before they fail; 0: not even the address is acknowledged.
        self.failures = []
        self.longest = 0
        self.registers = bytearray(128)
        self._one = bytearray(1)
        self.reset()

    def reset(self):
        for register in range(128):
            self.registers[register] = 0
        for register, value in self.defaults:
            self.registers[register] = value
        self.registers[0x0F] = self.who_am_i
        self._resetting = 0
        self._made = 0
        self._since_ms = self.clock.now_ms
        self.next = 0
        self.empty()

    def power(self, on):
        self.powered = on
        self.reset()

    # The bus, as machine.I2C offers it.

    def readfrom_mem(self, address, register, count):
        buffer = bytearray(count)
        self.readfrom_mem_into(address, register, buffer)
        return bytes(buffer)

    def readfrom_mem_into(self, address, register, buffer):
        self._answer(address)
        good = len(buffer)
        if good > self.longest:
            self.longest = good
        if self.failures and register == self.burst_register:
            good = self.failures.pop(0)
        self.make()
        for i in range(len(buffer)):
            if i == good:
                raise OSError(ENODEV)
            buffer[i] = self.load(register)
            register = self.after(register)

    def writeto_mem(self, address, register, data):
        self._answer(address)
        self.make()
        for value in data:
            self.store(register, value)
            register += 1

    def _answer(self, address):
        if self.stuck:
            raise OSError(ETIMEDOUT)
        if not self.powered or address != self.address:
            raise OSError(ENODEV)

    # The registers.

    def after(self, register):
        # IF_INC of CTRL3_C
        return register + 1 if self.registers[0x12] & 0x04 else register

    def load(self, register):
        if register == 0x12 and self._resetting:
            self._resetting -= 1
            return self.registers[0x12] | 0x01
        return self.registers[register]

    def store(self, register, value):
        assert register not in self.read_only, "write to a read-only register"
        if register == 0x12 and value & 0x01:
            self.reset()
            self._resetting = 2
            return
        # ODR_XL: sampling begins anew
        if register == 0x10 and value >> 4 != self.registers[0x10] >> 4:
            self._since_ms = self.clock.now_ms
            self._made = 0
        self.registers[register] = value

    def make(self):
        """Sample up to now; 104 Hz and +-4 g are all that this model can do."""
        control = self.registers[0x10]
        if control == 0:
            return
        assert control == 0x48, "CTRL1_XL: not 104 Hz and +-4 g"
        due = (self.clock.now_ms - self._since_ms) * self.rate_milli_hz // 1000000
        while self._made < due:
            self._made += 1
            if self.filling():
                self.push(self.next)
            self.next += 1


class Lsm6ds3trC(Chip):
    """Words of 16 bits in a ring of 4 KiB."""

    who_am_i = 0x6A
    defaults = ((0x12, 0x04),)
    read_only = (0x0F, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F)
    burst_register = 0x3E
    _WORDS = 2048

    def __init__(self, *where, says_zero=False, **more):
        self._ring = array("H", bytes(2 * self._WORDS))
        # Seen on real chips: after an overrun the count reads 0 until the first word is taken.
        self._says_zero = says_zero
        self.pattern_lies = 0
        super().__init__(*where, **more)

    def empty(self):
        self.count = 0
        self._first = 0
        self._axis = 0
        self.overrun = False

    def filling(self):
        if self.registers[0x0A] & 0x07 != 6:
            return False
        assert self.registers[0x0A] == 0x26, "FIFO_CTRL5: not 104 Hz"
        assert self.registers[0x08] == 0x01, "FIFO_CTRL3: something else than every sample"
        return True

    def push(self, k):
        for axis in range(3):
            if self.count == self._WORDS:
                self._drop()
                self.overrun = True
            self._ring[(self._first + self.count) % self._WORDS] = (3 * k + axis) & 0xFFFF
            self.count += 1

    def _drop(self):
        self._first = (self._first + 1) % self._WORDS
        self._axis = (self._axis + 1) % 3
        self.count -= 1

    def store(self, register, value):
        super().store(register, value)
        if register == 0x0A and value & 0x07 == 0:
            self.empty()

    def after(self, register):
        return 0x3E if register == 0x3F else super().after(register)

    def load(self, register):
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
            if self.pattern_lies:
                self.pattern_lies -= 1
                return (self._axis + 1) % 3
            return self._axis
        if register == 0x3E:
            return self._ring[self._first] & 0xFF
        if register == 0x3F:
            value = self._ring[self._first] >> 8
            if self.count:
                self.overrun = False
                self._drop()
            return value
        return super().load(register)

    def _difference(self):
        if self.overrun and self._says_zero:
            return 0
        return self.count & 0x7FF


class Lsm6dsox(Chip):
    """512 words of a tag and a sample."""

    who_am_i = 0x6C
    rate_milli_hz = 104171
    defaults = ((0x12, 0x04), (0x18, 0xE0))
    read_only = (0x0F, 0x3A, 0x3B, 0x63, 0x78, 0x79, 0x7A, 0x7B, 0x7C, 0x7D, 0x7E)
    burst_register = 0x78
    _WORDS = 512

    def __init__(self, *where, fine=0, **more):
        self._fine = fine
        self._ring = array("H", bytes(2 * self._WORDS))
        # Words that come with another sensor's tag.
        self.foreign = -1
        super().__init__(*where, **more)

    def reset(self):
        super().reset()
        self.registers[0x63] = self._fine & 0xFF

    def empty(self):
        self.count = 0
        self._first = 0
        self._full = False
        self._latched = False

    def filling(self):
        if self.registers[0x0A] & 0x07 != 6:
            return False
        assert self.registers[0x09] == 0x04, "FIFO_CTRL3: something else than the accelerometer at 104 Hz"
        return True

    def push(self, k):
        if self.count == self._WORDS:
            self._first = (self._first + 1) % self._WORDS
            self.count -= 1
            self._full = self._latched = True
        self._ring[(self._first + self.count) % self._WORDS] = k
        self.count += 1

    def store(self, register, value):
        super().store(register, value)
        if register == 0x0A and value & 0x07 == 0:
            self.empty()

    def after(self, register):
        return 0x78 if register == 0x7E else super().after(register)

    def load(self, register):
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
        k = self._ring[self._first]
        if register == 0x78:
            if not self.count:
                return 0
            return 0x03 << 3 if k == self.foreign else 0x02 << 3 | (k & 3) << 1
        place = register - 0x79
        value = (3 * k + place // 2) & 0xFFFF
        if register == 0x7E and self.count:
            self._first = (self._first + 1) % self._WORDS
            self.count -= 1
            self._full = False
        return value >> 8 if place & 1 else value & 0xFF


class Pins:
    """SCL and SDA before the controller takes them; a chip lets SDA go after `held` clocks."""

    def __init__(self, held=0, scl_low=False):
        self.held = held
        self.scl = Wire(self, scl_low)
        self.sda = Wire(self, False)
        self.stops = 0

    def changed(self, wire, was):
        if wire is self.scl and was == 0 and wire.level == 1 and self.held:
            self.held -= 1
        if wire is self.sda and was == 0 and wire.level == 1 and self.scl.value():
            self.stops += 1


class Wire:
    def __init__(self, pins, low):
        self._pins = pins
        self._low = low
        self.level = 1

    def value(self, level=None):
        if level is None:
            if self._low or (self is self._pins.sda and self._pins.held):
                return 0
            return self.level
        was, self.level = self.level, level
        self._pins.changed(self, was)
        return None
