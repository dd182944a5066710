"""What the MPU chips have in common: reset, FIFO, 125 Hz in big-endian words that are resampled to 104 Hz.

Registers from the register maps RM-MPU-6000A-00 Rev 4.2 (MPU-6050) and DS-000193 Rev 1.1 (MPU-6886), each
by its name there. Neither FIFO marks where a sample begins, and after an overflow or a failed burst nobody
knows: then it is emptied, and what it held is lost as well.
"""

from micropython import const

from twitchband.imu.fifo import BURST, FifoSensor
from twitchband.imu.resample import IN_HZ, OUT_HZ, TAPS, WINDOW, gather, resample

_SMPLRT_DIV = const(0x19)
_CONFIG = const(0x1A)
_GYRO_CONFIG = const(0x1B)
_ACCEL_CONFIG = const(0x1C)
_FIFO_EN = const(0x23)
_INT_ENABLE = const(0x38)
_TEMP_OUT_H = const(0x41)
_USER_CTRL = const(0x6A)
_PWR_MGMT_1 = const(0x6B)
_PWR_MGMT_2 = const(0x6C)
_FIFO_COUNTH = const(0x72)
_FIFO_R_W = const(0x74)
_WHO_AM_I = const(0x75)
_DEVICE_RESET = const(0x80)
_SLEEP = const(0x40)
# USER_CTRL: FIFO_EN, and FIFO_RESET, which goes back to 0 by itself.
_FIFO_ON = const(0x40)
_FIFO_RESET = const(0x04)
# INT_STATUS
_FIFO_OFLOW_INT = const(0x10)
# What stays before the window of the next output: three samples, or two if it lies further on.
_BEFORE = const(3)


class Mpu(FifoSensor):
    """MPU at +-4 g; a chip's class adds its registers."""

    who_register = _WHO_AM_I
    fifo_bytes = 1024
    fifo = _FIFO_R_W
    odr_milli_hz = 125000
    # The window waits for four samples more, and the low pass takes 4.9 ms (RM-MPU-6000A-00, CONFIG).
    delay_us = 36900
    # 8192 LSB a g; 65.5 LSB a degree a second.
    lsb_nano_g = 122070
    udps = 15267
    temperature_register = _TEMP_OUT_H
    # Set by each chip: position of the gyroscope's x in a sample, register and length of the interrupt's
    # status, and FIFO_EN without and with gyroscope.
    gyro_at = 0
    status_register = 0
    status_bytes = 1
    fifo_en = (0x08, 0x78)

    def __init__(self, *wiring, **more) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*wiring, **more)
        from array import array

        self._width = 3 if self.gyro is None else 6
        # The samples in the resampler's window, and space for a burst.
        self._raw = array("H", bytes(2 * self._width * (WINDOW + BURST)))
        # Samples kept in it; the next output's position in the window, in 1/104 of a sample; whether it has
        # just begun.
        self._state = array("i", (_BEFORE, 0, 1))
        self._status = bytearray(self.status_bytes)
        self._count = bytearray(2)
        self._empty = bytes((_FIFO_ON | _FIFO_RESET,))

    def _reset(self) -> None:
        self.write(_PWR_MGMT_1, _DEVICE_RESET)
        # RM-MPU-6000A-00, PWR_MGMT_1: the bit clears when it is done, within 100 ms.
        self.wait_for(_PWR_MGMT_1, _DEVICE_RESET, 0)

    def _setup(self):  # type: ignore[no-untyped-def]
        gyro = self.gyro is not None
        common = (
            # CLKSEL: the gyroscope's clock if it runs, it is the better one; else the internal oscillator.
            (_PWR_MGMT_1, 0x01 if gyro else 0x00),
            (_PWR_MGMT_2, 0x00 if gyro else 0x07),  # STBY_XG, YG, ZG = 1: gyroscope off
            (_SMPLRT_DIV, 0x07),  # 1 kHz / (1 + 7) = 125 Hz
            (_CONFIG, 0x03),  # FIFO_MODE = 0: goes on when full; DLPF_CFG = 3: low pass at 44 Hz
            (_GYRO_CONFIG, 0x08),  # FS_SEL = 01: +-500 deg/s
            (_ACCEL_CONFIG, 0x08),  # AFS_SEL = 01: +-4 g
        )
        return common + self._own() + ((_FIFO_EN, self.fifo_en[1 if gyro else 0]), (_USER_CTRL, _FIFO_ON))

    def _off(self):  # type: ignore[no-untyped-def]
        # Nothing goes into the FIFO, which is emptied; INT_ENABLE; SLEEP = 1.
        return ((_FIFO_EN, 0), (_INT_ENABLE, 0), (_USER_CTRL, _FIFO_RESET), (_PWR_MGMT_1, _SLEEP))

    def power_down(self) -> None:
        """Stop sensing, with the chip's minimum current. Never raises."""
        super().power_down()
        try:
            # INT is low until its status is read: a board in deep sleep would be woken by it.
            self.registers(self.status_register, self.status_bytes)
        except OSError:
            pass

    def _own(self):  # type: ignore[no-untyped-def]
        """Registers that only this chip has: (register, value) in order."""
        raise NotImplementedError

    def start(self) -> None:
        """Set the sensor up; sampling begins. Raises SensorFault, with what to check."""
        super().start()
        self._restart(0)

    def _lose(self, count: int, cause: int, held: int) -> None:
        super()._lose(self._restart(count), cause, held)

    def _restart(self, count: int) -> int:
        """Restart after `count` missing samples; return how many outputs are missing with them.

        The outputs stay on the grid of 104 Hz; those that waited for later samples are missing too.
        """
        state = self._state
        # Where the next output lies, counted from the next sample, in 1/104 of one.
        place = (_BEFORE - state[0] - count) * OUT_HZ + state[1]
        missing = 0
        if place < 0:
            missing = (IN_HZ - 1 - place) // IN_HZ
            place += missing * IN_HZ
        state[0] = _BEFORE - place // OUT_HZ
        state[1] = place % OUT_HZ
        state[2] = 1
        return missing

    def _held(self) -> int:
        i2c = self._i2c
        i2c.readfrom_mem_into(self._address, self.status_register, self._status)
        i2c.readfrom_mem_into(self._address, _FIFO_COUNTH, self._count)
        held = self._count[0] << 8 | self._count[1]
        self._overrun = bool(self._status[-1] & _FIFO_OFLOW_INT)
        if self._overrun or self._risked:
            i2c.writeto_mem(self._address, _USER_CTRL, self._empty)
            if not self._overrun:
                self._risked = max(self._due, 1)
            return 0
        return held // self._stride

    def _unpack(self, n: int, buffer) -> int:  # type: ignore[no-untyped-def]
        raw, state, width = self._raw, self._state, self._width
        gather(self._words, self._stride, self.gyro_at if width == 6 else 0, n, raw, state[0] * width)
        return resample(raw, width, n, state, TAPS, buffer, buffer if width == 3 else self.gyro)
