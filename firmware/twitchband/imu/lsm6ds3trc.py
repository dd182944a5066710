"""ST LSM6DS3TR-C: 4 KiB of FIFO with untagged 16-bit words.

Registers from the data sheet DocID030071 Rev 3, chapters 9 and 10, each by its name there; the use of the
FIFO follows application note AN5130.
"""

from micropython import const

from shared.protocol.record_types import CHIP_LSM6DS3TR_C
from twitchband.imu.lsm6 import Lsm6
from twitchband.imu.words import unpack

_FIFO_CTRL1 = const(0x06)
_FIFO_CTRL2 = const(0x07)
_FIFO_CTRL3 = const(0x08)
_FIFO_CTRL4 = const(0x09)
_FIFO_CTRL5 = const(0x0A)
_INT1_CTRL = const(0x0D)
_CTRL1_XL = const(0x10)
_CTRL2_G = const(0x11)
_CTRL3_C = const(0x12)
_CTRL6_C = const(0x15)
_CTRL8_XL = const(0x17)
_FIFO_STATUS1 = const(0x3A)
_FIFO_DATA_OUT_L = const(0x3E)
# FIFO_STATUS2
_OVER_RUN = const(0x40)
_DIFF_HIGH = const(0x07)
_FIFO_WORDS = const(2048)


class Lsm6ds3trC(Lsm6):
    """LSM6DS3TR-C."""

    chip = CHIP_LSM6DS3TR_C
    who_am_i = 0x6A
    fifo_bytes = 2 * _FIFO_WORDS
    fifo = _FIFO_DATA_OUT_L
    least_mg = 90
    gyro_settle_ms = (150, 50)

    def __init__(self, *wiring, **more) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*wiring, **more)
        self._width = self._stride // 2
        self._status = bytearray(4)
        # Words to throw away until a sample begins: one to five.
        self._rest = [memoryview(bytearray(2 * n)) for n in range(1, self._width)]

    def _setup(self):  # type: ignore[no-untyped-def]
        gyro = self.gyro is not None
        watermark = self._watermark * self._width
        return (
            (_CTRL3_C, 0x64),  # BDU, IF_INC; H_LACTIVE = 1: INT1 is low when it has something to say
            (_CTRL2_G, 0x44 if gyro else 0),  # ODR_G = 0100: 104 Hz, or off; FS_G = 01: +-500 deg/s
            (_CTRL6_C, 0x00),  # XL_HM_MODE = 0: high performance, 90 ug/rtHz
            (_CTRL8_XL, 0x00),  # LPF2_XL_EN = 0: low pass at half the rate
            (_FIFO_CTRL1, watermark & 0xFF),  # FTH[7:0]
            (_FIFO_CTRL2, watermark >> 8),  # FTH[10:8]; no step counter, no temperature
            (_FIFO_CTRL3, 0x09 if gyro else 0x01),  # DEC_FIFO_GYRO, DEC_FIFO_XL = 001: every sample
            (_FIFO_CTRL4, 0x00),  # STOP_ON_FTH = 0: all 4 KiB; no third and fourth data set
            (_INT1_CTRL, 0x08),  # INT1_FTH: the watermark on pin INT1
            (_FIFO_CTRL5, 0x00),  # FIFO_MODE = 000: bypass, which empties it
            (_CTRL1_XL, 0x48),  # ODR_XL = 0100: 104 Hz; FS_XL = 10: +-4 g
            (_FIFO_CTRL5, 0x26),  # ODR_FIFO = 0100: 104 Hz; FIFO_MODE = 110: continuous
        )

    def _off(self):  # type: ignore[no-untyped-def]
        # ODR_XL, ODR_G = 0000: power-down. The FIFO is emptied, so that INT1 calls no more.
        return ((_CTRL1_XL, 0), (_CTRL2_G, 0), (_INT1_CTRL, 0), (_FIFO_CTRL5, 0))

    def _held(self) -> int:
        words = self._words_held()
        pattern = self._pattern()
        if pattern and words:
            # The next word lies inside a sample: an overflow overwrites words, not samples. The number is
            # known to be wrong now and then while a sample arrives, so it has to say the same twice.
            words = self._words_held()
            if self._pattern() == pattern:
                rest = self._width - pattern
                self._i2c.readfrom_mem_into(self._address, self.fifo, self._rest[rest - 1])
                words -= rest
                if not self._overrun:
                    self._risked = max(self._risked, 1)
        return words // self._width

    def _words_held(self) -> int:
        self._i2c.readfrom_mem_into(self._address, _FIFO_STATUS1, self._status)
        status = self._status
        self._overrun = bool(status[1] & _OVER_RUN)
        words = status[0] | (status[1] & _DIFF_HIGH) << 8
        # DIFF_FIFO has eleven bits: a full FIFO may say 0.
        return words or self._width * self.depth if self._overrun else words

    def _pattern(self) -> int:
        # FIFO_PATTERN: which word of a sample comes next; the gyroscope's three come first.
        return (self._status[2] | (self._status[3] & 0x03) << 8) % self._width

    def _unpack(self, n: int, buffer) -> int:  # type: ignore[no-untyped-def]
        if self.gyro is None:
            return unpack(self._words, 6, 0, -1, n, buffer)
        unpack(self._words, 12, 0, -1, n, self.gyro)
        return unpack(self._words, 12, 6, -1, n, buffer)
