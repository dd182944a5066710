"""What the LSM6 chips have in common: reset, temperature, self-test."""

from micropython import const

from twitchband.imu.fifo import FifoSensor, signed

_WHO_AM_I = const(0x0F)
_CTRL3_C = const(0x12)
_SW_RESET = const(0x01)
_OUT_TEMP_L = const(0x20)
# Both data sheets, temperature sensor: 256 LSB a degree, zero at 25 degrees.
_TEMP_LSB = const(256)
_TEMP_ZERO_CENTI_C = const(2500)


class Lsm6(FifoSensor):
    """LSM6 at 104 Hz; a chip's class adds its registers and the shape of its FIFO."""

    who_register = _WHO_AM_I
    temperature_register = _OUT_TEMP_L
    # Of the chip: the least that its self-test moves, in mg.
    least_mg = 0
    # FS_XL of CTRL1_XL: +-4 g.
    fs_4_g = 0x08
    # How long its gyroscope settles when switched on, and when its self-test is (ST's examples).
    gyro_settle_ms = (100, 100)

    def _reset(self) -> None:
        # A reset takes 50 us, a boot after power-on 15 ms (AN5130, AN5272).
        self.write(_CTRL3_C, _SW_RESET)
        self.wait_for(_CTRL3_C, _SW_RESET, 0)

    def _centi_c(self, raw: bytes) -> int:
        return _TEMP_ZERO_CENTI_C + signed(raw[1], raw[0]) * 100 // _TEMP_LSB

    def _test(self) -> list:  # type: ignore[type-arg]
        from twitchband.imu.lsm6_selftest import failures

        return failures(self)
