"""ST LSM6DSOX: 3 KiB of FIFO, 512 words of a tag and a whole sample.

Registers from the datasheet DocID DS12814, chapters 8 and 9; the FIFO's use from application note AN5272.
"""

from micropython import const

from twitchband.imu.lsm6 import Lsm6

_FIFO_CTRL1 = const(0x07)
_FIFO_CTRL2 = const(0x08)
_FIFO_CTRL3 = const(0x09)
_FIFO_CTRL4 = const(0x0A)
_INT1_CTRL = const(0x0D)
_CTRL1_XL = const(0x10)
_CTRL2_G = const(0x11)
_CTRL3_C = const(0x12)
_CTRL6_C = const(0x15)
_CTRL8_XL = const(0x17)
_CTRL9_XL = const(0x18)
_FIFO_STATUS1 = const(0x3A)
_INTERNAL_FREQ_FINE = const(0x63)
_FIFO_DATA_OUT_TAG = const(0x78)
# FIFO_STATUS2: FIFO_OVR_IA while it is full, FIFO_OVR_LATCHED until this register is read
_OVERRUN = const(0x48)
_DIFF_HIGH = const(0x03)
# Four seconds, the application's sleep.
_WATERMARK = const(416)


class Lsm6dsox(Lsm6):
    """LSM6DSOX."""

    chip = 2
    who_am_i = 0x6C
    depth = 512
    fifo = _FIFO_DATA_OUT_TAG
    word_bytes = 7
    tag = 0x02  # TAG_SENSOR: accelerometer NC, an uncompressed sample
    setup = (
        (_CTRL3_C, 0x44),  # BDU: a sample's two bytes belong together; IF_INC: bursts
        (_CTRL9_XL, 0xE2),  # I3C_DISABLE = 1, as the datasheet asks on an I2C bus; DEN bits as at reset
        (_CTRL2_G, 0x00),  # ODR_G = 0000: gyroscope off
        (_CTRL6_C, 0x00),  # XL_HM_MODE = 0: high performance, 70 ug/rtHz
        (_CTRL8_XL, 0x00),  # XL_FS_MODE = 0: FS_XL counts as below
        (_FIFO_CTRL1, _WATERMARK & 0xFF),  # WTM[7:0]
        (_FIFO_CTRL2, _WATERMARK >> 8),  # WTM[8]; STOP_ON_WTM = 0; no compression
        (_FIFO_CTRL3, 0x04),  # BDR_GY = 0000: not stored; BDR_XL = 0100: 104 Hz
        (_INT1_CTRL, 0x08),  # INT1_FIFO_TH: the watermark on pin INT1
        (_FIFO_CTRL4, 0x00),  # FIFO_MODE = 000: bypass, which empties it
        (_CTRL1_XL, 0x48),  # ODR_XL = 0100: 104 Hz; FS_XL = 10: +-4 g; LPF2_XL_EN = 0
        (_FIFO_CTRL4, 0x06),  # no time stamp, no temperature; FIFO_MODE = 110: continuous
    )

    def __init__(self, *wiring) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*wiring)
        self._two_bytes = memoryview(self._status)[:2]

    def trim(self) -> None:
        """Learn the rate of this very chip. Raises OSError."""
        # AN5272, timestamp: actual rate = (6667 + 0.0015 * INTERNAL_FREQ_FINE * 6667) / 64 Hz.
        fine = self._register(_INTERNAL_FREQ_FINE)
        if fine > 127:
            fine -= 256
        self.rate_milli_hz = 6667000 * (10000 + 15 * fine) // 640000

    def _held(self) -> int:
        self._i2c.readfrom_mem_into(self._address, _FIFO_STATUS1, self._two_bytes)
        status = self._status
        self._overrun = bool(status[1] & _OVERRUN)
        return status[0] | (status[1] & _DIFF_HIGH) << 8
