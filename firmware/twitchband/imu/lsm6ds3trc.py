"""ST LSM6DS3TR-C: 4 KiB of FIFO, in which words of 16 bits follow each other without a mark.

Registers from the datasheet DocID030071 Rev 3, chapters 9 and 10; how to use the FIFO from application note
AN5130.
"""

from micropython import const

from twitchband.imu.lsm6 import Lsm6

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
# Four seconds, the application's sleep: 416 samples of three words.
_WATERMARK = const(1248)
_DEPTH = const(682)


class Lsm6ds3trC(Lsm6):
    """LSM6DS3TR-C."""

    chip = 1
    who_am_i = 0x6A
    depth = _DEPTH
    fifo = _FIFO_DATA_OUT_L
    setup = (
        (_CTRL3_C, 0x44),  # BDU: a sample's two bytes belong together; IF_INC: bursts
        (_CTRL2_G, 0x00),  # ODR_G = 0000: gyroscope off
        (_CTRL6_C, 0x00),  # XL_HM_MODE = 0: high performance, 90 ug/rtHz
        (_CTRL8_XL, 0x00),  # LPF2_XL_EN = 0: low pass at half the rate
        (_FIFO_CTRL1, _WATERMARK & 0xFF),  # FTH[7:0]
        (_FIFO_CTRL2, _WATERMARK >> 8),  # FTH[10:8]; no step counter, no temperature
        (_FIFO_CTRL3, 0x01),  # DEC_FIFO_GYRO = 000: not stored; DEC_FIFO_XL = 001: every sample
        (_FIFO_CTRL4, 0x00),  # STOP_ON_FTH = 0: all 4 KiB; no third and fourth data set
        (_INT1_CTRL, 0x08),  # INT1_FTH: the watermark on pin INT1
        (_FIFO_CTRL5, 0x00),  # FIFO_MODE = 000: bypass, which empties it
        (_CTRL1_XL, 0x48),  # ODR_XL = 0100: 104 Hz; FS_XL = 10: +-4 g
        (_FIFO_CTRL5, 0x26),  # ODR_FIFO = 0100: 104 Hz; FIFO_MODE = 110: continuous
    )

    def __init__(self, *wiring) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*wiring)
        whole = memoryview(bytearray(4))
        self._one_word = whole[:2]
        self._two_words = whole

    def _held(self) -> int:
        words = self._words_held()
        pattern = self._pattern()
        if pattern and words:
            # The next word is y or z: an overflow overwrites words, not samples. The number is known to
            # be wrong now and then while a sample arrives, so it has to say the same twice.
            words = self._words_held()
            if self._pattern() == pattern:
                self._i2c.readfrom_mem_into(
                    self._address, self.fifo, self._one_word if pattern == 2 else self._two_words
                )
                words -= 3 - pattern
                if not self._overrun:
                    self._risked = max(self._risked, 1)
        return words // 3

    def _words_held(self) -> int:
        self._i2c.readfrom_mem_into(self._address, _FIFO_STATUS1, self._status)
        status = self._status
        self._overrun = bool(status[1] & _OVER_RUN)
        words = status[0] | (status[1] & _DIFF_HIGH) << 8
        # DIFF_FIFO has eleven bits: a full FIFO may say 0.
        return words or 3 * _DEPTH if self._overrun else words

    def _pattern(self) -> int:
        # FIFO_PATTERN: 0, 1, 2 for x, y, z where only the accelerometer is stored.
        return self._status[2] % 3
