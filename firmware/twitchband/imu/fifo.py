"""What every sensor with a FIFO has in common: set-up, bursts, and what is lost, counted by the clock.

The driver counts by the clock how many samples are due. What the FIFO holds corrects that count; if the FIFO
overflowed or the sensor was away, the difference is what was lost.
"""

import time

from micropython import const

from shared.protocol.record_types import FIFO_OVERFLOW, SENSOR_SILENT
from twitchband.imu.fault import SensorFault

# A disturbed transfer is tried again at once: the application asks next when the FIFO is nearly full.
_TRIES = const(3)
# Samples in the longest burst: 896 bytes with both sensors, below the 1 KiB that an I2C read may take (50 ms
# time-out). A power of two: a view of every length that is one is made beforehand.
BURST = const(64)
_LENGTHS = const(7)
_RESET_TRIES = const(50)
# Made once: writing it out at the handler would allocate.
_FAULTS = (OSError, SensorFault)


class FifoSensor:
    """One sensor, 104 Hz and +-4 g to the outside; a chip's class adds its registers and its FIFO's shape.

    `lost` samples went missing before those that `read` gives next, for the reason `lost_cause`, and `held`
    were left in the FIFO; `read` gives nothing until `clear_lost`. `answers`: the last `read` found out what
    the FIFO holds. `fast`: it overflowed sooner than it may. `fault`: what is wrong although samples arrive,
    in words, as supervision of the sensor found it. With `gyro`, `read` also fills `gyro` with as many rows
    of x y z in units of `gyro_lsb_udps` (microdegrees a second). `i2c`: has readfrom_mem_into, writeto_mem
    and readfrom_mem; `connect` frees the wires and gives it again: called when the bus hangs.
    """

    # Of the chip: its number in a boot record, if it says who it is and what it says, what its FIFO
    # holds and how many bytes a sample takes there without and with gyroscope, and the register that the
    # FIFO is read from.
    chip = 0
    who_register = 0
    who_am_i = 0
    fifo_bytes = 0
    sample_bytes = (6, 12)
    fifo = 0
    # The rate at which samples go into the FIFO, nominally.
    odr_milli_hz = 104000
    rate_milli_hz = 104000
    # How long a sample is under way until `read` gives it, besides the wait in the FIFO.
    delay_us = 0
    # Sensitivity at +-4 g.
    lsb_nano_g = 122000
    # Sensitivity at +-500 degrees a second.
    udps = 17500
    temperature_register = 0

    def __init__(self, i2c, connect, address: int, clock=time, gyro=False) -> None:  # type: ignore[no-untyped-def]
        self._i2c = i2c
        self._connect = connect
        self._address = address
        self._clock = clock
        self.lost = 0
        self.lost_cause = 0
        self.held = 0
        self.answers = True
        self.fast = False
        self.fault = ""
        self.gyro = None
        self.gyro_lsb_udps = 0
        if gyro:
            from array import array

            self.gyro = array("H", bytes(6 * BURST))
            self.gyro_lsb_udps = self.udps
        self._stride = self.sample_bytes[1 if gyro else 0]
        self.depth = self.fifo_bytes // self._stride
        # How long the FIFO holds what is sampled: a reader that comes less often loses samples.
        self.hold_ms = self.depth * 1000000 // self.odr_milli_hz
        # Samples at which the chip calls: the application's four seconds, or what leaves a fifth of the FIFO.
        self._watermark = min(416, 4 * self.depth // 5)
        # A second without a sample: the chip has lost its settings with its power.
        self._silent = self.odr_milli_hz // 1000
        self._words = bytearray(BURST * self._stride)
        # A view of every length is made now, because slicing would allocate.
        whole = memoryview(self._words)
        self._views = [whole[: (1 << k) * self._stride] for k in range(_LENGTHS)]
        self._overrun = False
        self._reported = False
        self._risked = 0
        self._due = 0
        self._part = 0
        self._at_ms = 0
        self._temperature_centi_c = 2500

    def trim(self) -> None:
        """Read this chip's own sampling rate, if it states one. Raises OSError."""

    def start(self) -> None:
        """Set the sensor up; sampling begins. Raises SensorFault with what to check; `read` tries again."""
        self._begin()
        try:
            self._set_up()
        except OSError as error:
            raise SensorFault(f"The sensor sent nothing (error {error.errno}): check its wires") from None
        self._begin()

    def self_test(self) -> str:
        """Let the chip move its own masses: "passed", or "failed" with the axes and their displacement.

        Takes half a second, in which the sensor must not move; start it again afterwards. Raises
        SensorFault if it does not answer.
        """
        try:
            self._identify()
            self._reset()
            failed = self._test()
            self._reset()
        except OSError as error:
            raise SensorFault(f"The sensor sent nothing (error {error.errno}): check its wires") from None
        return "failed: " + ", ".join(failed) if failed else "passed"

    def read(self, buffer, most: int) -> int:  # type: ignore[no-untyped-def]
        """Move up to `most` samples (x y z, int16) from the FIFO into `buffer`; return how many.

        Allocates nothing while the bus works. Never raises: if the sensor does not answer there is nothing
        to read, and once it returns the missing samples are `lost`.
        """
        if self.lost:
            return 0
        for _ in range(_TRIES):
            try:
                return self._burst(buffer, most)
            except _FAULTS:
                pass
        try:
            self._i2c = self._connect()
            return self._burst(buffer, most)
        except _FAULTS:
            self.answers = False
            return 0

    def check(self) -> str:
        """Read every setting back; if one has changed, write all again, and samples due are `lost`.

        Returns what was wrong in words, or "". Never raises.
        """
        wrong = "The sensor did not answer: check its wires"
        for _ in range(_TRIES):
            try:
                wrong = self._changed()
                if not wrong:
                    return ""
            except OSError:
                pass
        return self.renew() or wrong

    def renew(self) -> str:
        """Write all settings again; samples due are `lost`. Returns what is wrong, in words. Never raises."""
        try:
            self._anew()
        except SensorFault as fault:
            return str(fault)
        except OSError as error:
            return f"The sensor sent nothing (error {error.errno}): check its wires"
        return ""

    def power_down(self) -> None:
        """Stop sensing, with the chip's minimum current; `start` resumes. Never raises."""
        for register, value in self._off():
            for _ in range(_TRIES):
                try:
                    self.write(register, value)
                    break
                except OSError:
                    pass

    def clear_lost(self) -> None:
        """The loss has been logged."""
        self.lost = 0

    def temperature_centi_c(self) -> int:
        """The chip's temperature in 0.01 degrees C, the last known one while it does not answer."""
        try:
            raw = self._i2c.readfrom_mem(self._address, self.temperature_register, 2)
        except OSError:
            return self._temperature_centi_c
        self._temperature_centi_c = self._centi_c(raw)
        return self._temperature_centi_c

    # The interface of a driver, which overrides each of these.

    def _reset(self) -> None:
        """Bring every register to its default. Raises OSError, SensorFault."""
        raise NotImplementedError

    def _setup(self):  # type: ignore[no-untyped-def]
        """(register, value), in the order in which they are written."""
        raise NotImplementedError

    def _off(self):  # type: ignore[no-untyped-def]
        """(register, value) that switch everything off, in order."""
        raise NotImplementedError

    def _held(self) -> int:
        """Complete samples in the FIFO, which starts with a sample's first byte; sets `_overrun`."""
        raise NotImplementedError

    def _unpack(self, n: int, buffer) -> int:  # type: ignore[no-untyped-def]
        """Put the `n` samples of a burst into `buffer`, and into `gyro`; return the resulting count."""
        raise NotImplementedError

    def _test(self) -> list:  # type: ignore[type-arg]
        """What failed in the self-test, in words."""
        raise NotImplementedError

    def _centi_c(self, raw: bytes) -> int:
        raise NotImplementedError

    # The common part.

    def _burst(self, buffer, most: int) -> int:  # type: ignore[no-untyped-def]
        self._count_time()
        held = self._held()
        self.answers = True
        if self._overrun:
            # What is still held is older than what comes: the loss lies before it. The flag may stay until
            # the first word is read, so it counts once.
            lost = self._due - held
            if 4 * self._due < 3 * self.depth and not (self._reported and held):
                self.fast = True
            if not self._reported and lost < 1:
                lost = 1
            self._reported = True
            if lost > 0:
                self._lose(lost, FIFO_OVERFLOW, held)
                return 0
        elif self._risked:
            if not self._keeps_settings():
                return self._anew()
            # Of the burst that failed the chip may have given any part.
            lost = min(self._due - held, self._risked)
            self._risked = 0
            if lost > 0:
                self._lose(lost, SENSOR_SILENT, held)
                return 0
        if held == 0:
            return self._anew() if self._due >= self._silent else 0
        if not self._overrun:
            self._reported = False
        self._due = held
        k = 0
        while k < _LENGTHS - 1 and 2 << k <= held and 2 << k <= most:
            k += 1
        n = 1 << k
        self._risked = n
        self._i2c.readfrom_mem_into(self._address, self.fifo, self._views[k])
        self._risked = 0
        self._due = held - n
        return self._unpack(n, buffer)

    def _keeps_settings(self) -> bool:
        """Whether the chip still has its settings: the last one starts the FIFO."""
        register, value = self._setup()[-1]
        return self._register(register) == value

    def _changed(self) -> str:
        # Some registers are written twice: the last value stays.
        for register, value in dict(self._setup()).items():
            got = self._register(register)
            if got != value:
                return f"Register 0x{register:02X} had changed to 0x{got:02X}: check the sensor's power"
        return ""

    def _anew(self) -> int:
        """Set the sensor up again; all samples due are lost."""
        self._set_up()
        self._count_time()
        lost = self._due
        self._begin()
        self._lose(lost, SENSOR_SILENT, 0)
        return 0

    def _lose(self, count: int, cause: int, held: int) -> None:
        self.lost = count
        self.lost_cause = cause
        self.held = self._due = held
        self._risked = 0

    def _count_time(self) -> None:
        # Within 31 bits up to eight seconds, which is more than a FIFO holds: only a sensor that was away
        # makes longer numbers.
        now_ms = self._clock.ticks_ms()
        millionths = self._part + self._clock.ticks_diff(now_ms, self._at_ms) * self.odr_milli_hz
        self._at_ms = now_ms
        self._due += millionths // 1000000
        self._part = millionths % 1000000

    def _begin(self) -> None:
        self._at_ms = self._clock.ticks_ms()
        self._due = self._part = self._risked = 0
        self._reported = False

    def _identify(self) -> None:
        who = self._register(self.who_register)
        if who != self.who_am_i:
            raise SensorFault(
                f"WHO_AM_I is 0x{who:02X}, not 0x{self.who_am_i:02X}: another chip, or a bad wire"
            )

    def _set_up(self) -> None:
        self._identify()
        self._reset()
        for register, value in self._setup():
            self.write(register, value)
            got = self._register(register)
            if got != value:
                raise SensorFault(
                    f"Register 0x{register:02X} is 0x{got:02X}, not 0x{value:02X}: check the wires"
                )

    def wait_for(self, register: int, mask: int, value: int) -> None:
        """Wait until the bits of `mask` are `value`: 0.1 s.

        Raises SensorFault if they do not become so. Raises OSError if the chip does not even answer; for a
        moment after a reset none does.
        """
        silent = None
        for _ in range(_RESET_TRIES):
            self._clock.sleep_ms(2)
            try:
                if self._register(register) & mask == value:
                    return
                silent = None
            except OSError as error:
                silent = error
        if silent is not None:
            raise silent
        raise SensorFault(f"Register 0x{register:02X} does not change: briefly disconnect the sensor's power")

    def _register(self, register: int) -> int:
        return self._i2c.readfrom_mem(self._address, register, 1)[0]

    def registers(self, first: int, count: int) -> bytes:
        """Read registers. Raises OSError."""
        return self._i2c.readfrom_mem(self._address, first, count)  # type: ignore[no-any-return]

    def sleep_ms(self, ms: int) -> None:
        """Let the sensor settle."""
        self._clock.sleep_ms(ms)

    def write(self, register: int, value: int) -> None:
        """Write a register. Raises OSError."""
        self._i2c.writeto_mem(self._address, register, bytes((value,)))


def signed(high: int, low: int) -> int:
    """Two bytes as int16."""
    value = high << 8 | low
    return value - 65536 if value > 32767 else value
