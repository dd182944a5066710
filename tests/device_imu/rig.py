"""What stands around a chip's model: time that passes when told to, what it senses, and its two wires."""

_MASK = (1 << 30) - 1
_HALF = 1 << 29


class Clock:
    """Ticks as on an ESP32."""

    def __init__(self, now_ms=_MASK - 1500):
        self.now_ms = now_ms

    def now_us(self):
        return self.now_ms * 1000

    def ticks_ms(self):
        return self.now_ms & _MASK

    def ticks_diff(self, end, start):
        return ((end - start + _HALF) & _MASK) - _HALF

    def sleep_ms(self, ms):
        self.now_ms += ms

    def sleep_us(self, us):
        pass


class Numbers:
    """Sample k is (3k, 3k + 1, 3k + 2): order, axis and completeness can be read from the values.

    The gyroscope's is 20000 lower.
    """

    def ready(self, k):
        return k

    def value(self, rotation, k, axis):
        return (3 * k + axis - (20000 if rotation else 0)) & 0xFFFF

    def fill(self, buffer, k, word):
        value = 3 * k + word
        for i in range(0, len(buffer), 2):
            buffer[i] = value & 0xFF
            buffer[i + 1] = value >> 8 & 0xFF
            value += 1
        return True


class Still(Numbers):
    """A sensor that lies: gravity on z."""

    def value(self, rotation, k, axis):
        return 8192 if axis == 2 and not rotation else 0

    def fill(self, buffer, k, word):
        return False


class Pins:
    """SCL and SDA before the controller takes them; a chip lets SDA go after `held` clocks."""

    def __init__(self, held=0, scl_low=False, chip=None):
        self.held = held
        self.chip = chip
        self.scl = Wire(self, scl_low)
        self.sda = Wire(self, False)
        self.stops = 0

    def changed(self, wire, was):
        if wire is self.scl and was == 0 and wire.level == 1 and self.holding() > 0:
            self.held -= 1
            if self.chip:
                self.chip.stuck -= 1
        if wire is self.sda and was == 0 and wire.level == 1 and self.scl.value():
            self.stops += 1

    def holding(self):
        return self.chip.stuck if self.chip else self.held


class Wire:
    def __init__(self, pins, low):
        self._pins = pins
        self._low = low
        self.level = 1

    def value(self, level=None):
        if level is None:
            if self._low or (self is self._pins.sda and self._pins.holding() > 0):
                return 0
            return self.level
        was, self.level = self.level, level
        self._pins.changed(self, was)
        return None
