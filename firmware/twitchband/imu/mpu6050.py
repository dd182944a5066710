"""InvenSense MPU-6050: 1 KiB of FIFO and no watermark; 400 ug/rtHz, four times the noise of the others.

Registers from RM-MPU-6000A-00 Rev 4.2, figures from the product specification PS-MPU-6000A-00 Rev 3.4.
"""

from micropython import const

from shared.protocol.record_types import CHIP_MPU6050
from twitchband.imu.fifo import signed
from twitchband.imu.mpu import Mpu

_INT_PIN_CFG = const(0x37)
_INT_ENABLE = const(0x38)
_INT_STATUS = const(0x3A)


class Mpu6050(Mpu):
    """MPU-6050."""

    chip = CHIP_MPU6050
    who_am_i = 0x68
    gyro_at = 6
    status_register = _INT_STATUS

    def _own(self):  # type: ignore[no-untyped-def]
        return (
            (_INT_PIN_CFG, 0xA0),  # INT_LEVEL = 1, LATCH_INT_EN = 1: INT is low until INT_STATUS is read
            (_INT_ENABLE, 0x10),  # FIFO_OFLOW_EN: there is nothing else to call for
        )

    def _centi_c(self, raw: bytes) -> int:
        # Register map, TEMP_OUT: degrees = value / 340 + 36.53
        return signed(raw[0], raw[1]) * 100 // 340 + 3653

    def _test(self) -> list:  # type: ignore[type-arg]
        from twitchband.imu.mpu_selftest import failures_6050

        return failures_6050(self)
