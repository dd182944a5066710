"""InvenSense MPU-6886: 1 KiB of FIFO with a watermark; each sample includes the temperature.

Registers from DS-000193 Rev 1.1. Facts missing there, from its sister chip ICM-20602 (DS-000176): the
temperature in the FIFO, and the self-test's limits, as in InvenSense's own drivers.
"""

from micropython import const

from shared.protocol.record_types import CHIP_MPU6886
from twitchband.imu.fifo import signed
from twitchband.imu.mpu import Mpu

_ACCEL_CONFIG2 = const(0x1D)
_INT_PIN_CFG = const(0x37)
_INT_ENABLE = const(0x38)
_FIFO_WM_INT_STATUS = const(0x39)
_FIFO_WM_TH1 = const(0x60)
_FIFO_WM_TH2 = const(0x61)


class Mpu6886(Mpu):
    """MPU-6886."""

    chip = CHIP_MPU6886
    who_am_i = 0x19
    # Acceleration, temperature; with the gyroscope, acceleration, temperature, rotation.
    sample_bytes = (8, 14)
    # The sister's FIFO holds 1008 of its 1024 bytes (Linux, inv_mpu6050).
    fifo_bytes = 1008
    gyro_at = 8
    status_register = _FIFO_WM_INT_STATUS
    status_bytes = 2
    fifo_en = (0x08, 0x18)

    def _own(self):  # type: ignore[no-untyped-def]
        watermark = self._watermark * self._stride
        return (
            (_ACCEL_CONFIG2, 0x03),  # ACCEL_FCHOICE_B = 0, A_DLPF_CFG = 3: low pass at 44.8 Hz
            (_INT_PIN_CFG, 0xA0),  # INT_LEVEL = 1, LATCH_INT_EN = 1: INT is low until its status is read
            (_INT_ENABLE, 0x00),  # the watermark calls as soon as it is not 0
            (_FIFO_WM_TH1, watermark >> 8),  # FIFO_WM_TH[9:8], in bytes
            (_FIFO_WM_TH2, watermark & 0xFF),
        )

    def _centi_c(self, raw: bytes) -> int:
        # TEMP_OUT: degrees = value / 326.8 + 25
        return signed(raw[0], raw[1]) * 1000 // 3268 + 2500

    def _test(self) -> list:  # type: ignore[type-arg]
        from twitchband.imu.mpu_selftest import failures_6886

        return failures_6886(self)
