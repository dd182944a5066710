"""What the LSM6 chips have in common: set-up, bursts from the FIFO, and what is lost, counted by the clock.

The driver counts by the clock how many samples are due. What the FIFO holds corrects that count; where
the FIFO overflowed or the sensor was away, the difference is what was lost.
"""

import time

from micropython import const

from shared.protocol.kinds import FIFO_OVERFLOW, SENSOR_SILENT
from twitchband.imu.fault import SensorFault
from twitchband.imu.words import unpack

_WHO_AM_I = const(0x0F)
_CTRL3_C = const(0x12)
_SW_RESET = const(0x01)
_OUT_TEMP_L = const(0x20)
# Datasheets, temperature sensor: 256 LSB a degree, zero at 25 degrees.
_TEMP_LSB = const(256)
_TEMP_ZERO_CENTI_C = const(2500)
# A reset takes 50 us, a boot after power-on 15 ms (application notes AN5130 and AN5272).
_RESET_TRIES = const(50)
# A second without a sample: the chip has lost its settings with its power.
_SILENT = const(104)
# A disturbed transfer is tried again at once: the application asks next when the FIFO is nearly full.
_TRIES = const(3)
# The longest burst: below the 1 KiB that an I2C read may take (50 ms time-out), whatever a word's length.
_BURST = const(64)


class Lsm6:
    """One accelerometer at 104 Hz and +-4 g; a chip's class adds its registers and the shape of its FIFO.

    `lost` samples went missing before those that `read` gives next, for the reason `lost_cause`; `read` gives
    nothing until `clear_lost`. The I2C object needs readfrom_mem_into, writeto_mem and readfrom_mem.
    """

    # Of the chip: its number in a boot record, WHO_AM_I, samples in a full FIFO, set-up as (register, value)
    # in order, where the FIFO is read, the bytes of a word there, and the tag of its samples.
    chip = 0
    who_am_i = 0
    depth = 0
    setup = ()
    fifo = 0
    word_bytes = 6
    tag = -1
    # Datasheets, mechanical characteristics: linear acceleration sensitivity at +-4 g.
    lsb_nano_g = 122000

    def __init__(self, i2c, address: int, clock=time) -> None:  # type: ignore[no-untyped-def]
        self._i2c = i2c
        self._address = address
        self._clock = clock
        self.rate_milli_hz = 104000
        self.lost = 0
        self.lost_cause = 0
        self._words = bytearray(_BURST * self.word_bytes)
        # A view of every length is made now, because slicing would allocate.
        whole = memoryview(self._words)
        self._views = [whole[: (1 << k) * self.word_bytes] for k in range(7)]
        self._status = bytearray(4)
        self._overrun = False
        self._told = False
        self._risked = 0
        self._due = 0
        self._part = 0
        self._at_ms = 0
        self._temperature_centi_c = _TEMP_ZERO_CENTI_C

    def trim(self) -> None:
        """Learn the rate of this very chip, where it tells. Raises OSError."""

    def start(self) -> None:
        """Set the sensor up; sampling begins. Raises SensorFault, with what to look at."""
        try:
            self._set_up()
        except OSError as error:
            raise SensorFault(f"The sensor fell silent (error {error.errno}): look at its wires") from None
        self._begin()

    def read(self, buffer, most: int) -> int:  # type: ignore[no-untyped-def]
        """Move up to `most` samples (x y z, int16) from the FIFO into `buffer`; return how many.

        Allocates nothing. Never raises: while the sensor does not answer there is nothing to read, and
        when it is back the missing samples are `lost`.
        """
        if self.lost:
            return 0
        for _ in range(_TRIES):
            try:
                return self._burst(buffer, most)
            except (OSError, SensorFault):
                pass
        return 0

    def clear_lost(self) -> None:
        """The loss has been logged."""
        self.lost = 0

    def temperature_centi_c(self) -> int:
        """The chip's temperature in 0.01 degrees C, the last known one while it does not answer."""
        try:
            raw = self._i2c.readfrom_mem(self._address, _OUT_TEMP_L, 2)
        except OSError:
            return self._temperature_centi_c
        value = raw[0] | raw[1] << 8
        if value > 32767:
            value -= 65536
        self._temperature_centi_c = _TEMP_ZERO_CENTI_C + value * 100 // _TEMP_LSB
        return self._temperature_centi_c

    def _held(self) -> int:
        """Whole samples in the FIFO, the next word being a sample's first; sets `_overrun`."""
        raise NotImplementedError

    def _burst(self, buffer, most: int) -> int:  # type: ignore[no-untyped-def]
        self._count_time()
        held = self._held()
        if self._overrun:
            # What is still held is older than what comes: the loss lies before it. The flag stays until
            # the first word is read, so it counts once.
            lost = self._due - held
            if not self._told and lost < 1:
                lost = 1
            self._told = True
            if lost > 0:
                self._lose(lost, FIFO_OVERFLOW, held)
                return 0
        elif self._risked:
            # Of the burst that failed the chip may have given any part.
            lost = min(self._due - held, self._risked)
            self._risked = 0
            if lost > 0:
                self._lose(lost, SENSOR_SILENT, held)
                return 0
        if held == 0:
            if self._due >= _SILENT:
                self._set_up()
                self._count_time()
                lost = self._due
                self._begin()
                self._lose(lost, SENSOR_SILENT, 0)
            return 0
        if not self._overrun:
            self._told = False
        self._due = held
        k = 0
        while k < 6 and 2 << k <= held and 2 << k <= most:
            k += 1
        n = 1 << k
        self._risked = n
        self._i2c.readfrom_mem_into(self._address, self.fifo, self._views[k])
        self._risked = 0
        self._due = held - n
        return unpack(self._words, self.word_bytes, self.tag, n, buffer)

    def _lose(self, count: int, cause: int, held: int) -> None:
        self.lost = count
        self.lost_cause = cause
        self._due = held
        self._risked = 0

    def _count_time(self) -> None:
        # Within 31 bits up to ten seconds, which is more than a FIFO holds: only a sensor that was away
        # makes longer numbers.
        now_ms = self._clock.ticks_ms()
        millionths = self._part + self._clock.ticks_diff(now_ms, self._at_ms) * self.rate_milli_hz
        self._at_ms = now_ms
        self._due += millionths // 1000000
        self._part = millionths % 1000000

    def _begin(self) -> None:
        self._at_ms = self._clock.ticks_ms()
        self._due = self._part = self._risked = 0
        self._told = False

    def _set_up(self) -> None:
        who = self._register(_WHO_AM_I)
        if who != self.who_am_i:
            raise SensorFault(
                f"WHO_AM_I is 0x{who:02X}, not 0x{self.who_am_i:02X}: another chip, or a bad wire"
            )
        self._write(_CTRL3_C, _SW_RESET)
        for _ in range(_RESET_TRIES):
            self._clock.sleep_ms(1)
            if not self._register(_CTRL3_C) & _SW_RESET:
                break
        else:
            raise SensorFault("The sensor does not come out of its reset: take its power away for a moment")
        for register, value in self.setup:
            self._write(register, value)
            got = self._register(register)
            if got != value:
                raise SensorFault(
                    f"Register 0x{register:02X} is 0x{got:02X}, not 0x{value:02X}: look at the wires"
                )

    def _register(self, register: int) -> int:
        return self._i2c.readfrom_mem(self._address, register, 1)[0]

    def _write(self, register: int, value: int) -> None:
        self._i2c.writeto_mem(self._address, register, bytes((value,)))
