"""Sensor chips as seen from the I2C bus, register by register, with their common bus, time and self-test.

A chip has the interface of machine.I2C and replaces it. Its samples come from a source:

    value(rotation, k, axis) -> int   sample k of the accelerometer, at +-4 g, or of the gyroscope
    ready(k) -> int                   how many samples exist when k are due
    fill(buffer, k, word) -> bool     the accelerometer's words from `word` of sample k on, in bulk; False
                                      if the source cannot

Nothing here allocates while it is read, so that a test with a locked heap tests the driver, not the model.
"""

ENODEV = 19
ETIMEDOUT = 116


class Chip:
    """The bus and the one chip on it. `clock.now_us()` is its time, `rate_milli_hz` its true sampling rate.

    `failures`: bytes that the next bursts from the FIFO give before they fail; -1: not even the address is
    acknowledged. `stuck`: clocks of SCL that it takes until SDA is free; until then every transfer times out.
    """

    who_register = 0
    who_am_i = 0
    defaults = ()
    read_only = ()
    fifo_register = 0

    def __init__(self, clock, source, address, rate_milli_hz):  # type: ignore[no-untyped-def]
        self.clock = clock
        self.source = source
        self.address = address
        self.rate_milli_hz = rate_milli_hz
        self.powered = True
        self.stuck = 0
        self.failures = []  # type: ignore[var-annotated]
        self.fails_without_power = False
        self.longest = 0
        self.registers = bytearray(128)
        # Displacement by the self-test, in mg and degrees a second; 0 for a broken mass.
        self.moves_mg = 500
        self.moves_dps = 300
        # The value of the register.
        self.temperature = 0
        # Samples sensed since power-on: the number of the next one.
        self.next = 0
        self.reset()

    def reset(self) -> None:
        """Every register to its default, the FIFO empty, nothing sensed."""
        for register in range(128):
            self.registers[register] = 0
        for register, value in self.defaults:
            self.registers[register] = value
        self.registers[self.who_register] = self.who_am_i
        # Transfers that a chip does not acknowledge during reset, then those in which it reports the reset.
        self._deaf = 0
        self._resetting = 0
        self.begin()
        self.empty()

    def power(self, on: bool) -> None:
        """Switch the power off or on."""
        self.powered = on
        self.reset()

    def begin(self) -> None:
        """Sensing restarts: the next sample comes one period from now."""
        self._since_us = self.clock.now_us()
        self._before = self.next

    # The bus, with the interface of machine.I2C.

    def readfrom_mem(self, address: int, register: int, count: int) -> bytes:
        """Read `count` bytes. Raises OSError."""
        buffer = bytearray(count)
        self.readfrom_mem_into(address, register, buffer)
        return bytes(buffer)

    def readfrom_mem_into(self, address: int, register: int, buffer) -> None:  # type: ignore[no-untyped-def]
        """Fill `buffer`. Raises OSError."""
        self._answer(address)
        count = good = len(buffer)
        if count > self.longest:
            self.longest = count
        if register == self.fifo_register and self.failures:
            good = self.failures.pop(0)
            if good < 0:
                raise OSError(ENODEV)
        self.make()
        if good == count and self.bulk(register, buffer):
            return
        for i in range(count):
            if i == good:
                if self.fails_without_power:
                    self.power(False)
                raise OSError(ENODEV)
            buffer[i] = self.load(register)
            register = self.after(register)

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        """Write. Raises OSError."""
        self._answer(address)
        self.make()
        for value in data:
            self.store(register, value)
            register += 1

    def _answer(self, address: int) -> None:
        if self.stuck:
            raise OSError(ETIMEDOUT)
        if not self.powered or address != self.address:
            raise OSError(ENODEV)
        if self._deaf:
            self._deaf -= 1
            raise OSError(ENODEV)

    # The interface of a chip's model, which overrides every one of these that raises.

    def after(self, register: int) -> int:
        """The register that a burst reads next."""
        raise NotImplementedError

    def load(self, register: int) -> int:
        """The register's value."""
        return self.registers[register]

    def store(self, register: int, value: int) -> None:
        """Write a value, with all its effects."""
        raise NotImplementedError

    def bulk(self, register: int, buffer) -> bool:  # type: ignore[no-untyped-def]
        """Fill the whole burst at once, if that is possible; returns whether it was."""
        return False

    def senses(self) -> bool:
        """Whether the accelerometer runs."""
        raise NotImplementedError

    def calls(self) -> bool:
        """Whether its interrupt pin is active, that is, low."""
        raise NotImplementedError

    def empty(self) -> None:
        """Empty the FIFO."""
        raise NotImplementedError

    def store_samples(self, count: int) -> None:
        """Put the last `count` samples before `next` into the FIFO, if it is on."""
        raise NotImplementedError

    def due(self) -> int:
        """The number of samples due by now, whether or not the source has them."""
        return self._before + (self.clock.now_us() - self._since_us) * self.rate() // 1000000000

    def rate(self) -> int:
        """Samples in a thousand seconds, according to the registers."""
        return self.rate_milli_hz  # type: ignore[no-any-return]

    def run_at(self, rate_milli_hz: int) -> None:
        """Continue with a clock that runs at a different rate."""
        self.begin()
        self.rate_milli_hz = rate_milli_hz

    def range_g(self) -> int:
        """The accelerometer's range, as the registers say."""
        raise NotImplementedError

    def sensed(self, rotation: bool, k: int, axis: int) -> int:
        """A number of sample `k`: the source gives +-4 g."""
        value = self.source.value(rotation, k, axis)
        if rotation or self.range_g() == 4:
            return value  # type: ignore[no-any-return]
        value = (value ^ 0x8000) - 0x8000 if value & 0x8000 and value > 0 else value
        return max(-32768, min(32767, value * 4 // self.range_g()))

    def make(self) -> None:
        """Sense up to now."""
        if not self.senses():
            return
        end = self.source.ready(self.due())
        if end > self.next:
            count = end - self.next
            self.next = end
            self.store_samples(count)


def byte_of(value: int, high: bool) -> int:
    """A byte of an int16."""
    return value >> 8 & 0xFF if high else value & 0xFF
