"""ST LSM6DSOX and LSM6DSO32: 3 KiB of FIFO, 512 words of a tag and three axes.

Registers from the data sheet DocID DS12814, chapters 8 and 9, each by its name there; the use of the FIFO
follows application note AN5272. The two have the same WHO_AM_I and the same registers, but the LSM6DSO32
has twice the range by the same code (ST's drivers lsm6dsox-pid v3.3.0 and lsm6dso32-pid v2.3.1, fs_xl_t),
so that gravity alone tells one from the other.
"""

from micropython import const

from shared.protocol.record_types import CHIP_LSM6DSO32, CHIP_LSM6DSOX
from twitchband.imu.fifo import signed
from twitchband.imu.lsm6 import Lsm6
from twitchband.imu.words import unpack

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
_OUTX_L_A = const(0x28)
_FIFO_STATUS1 = const(0x3A)
_INTERNAL_FREQ_FINE = const(0x63)
_FIFO_DATA_OUT_TAG = const(0x78)
# FIFO_STATUS2: FIFO_OVR_IA while it is full, FIFO_OVR_LATCHED until this register is read
_OVERRUN = const(0x48)
_DIFF_HIGH = const(0x03)
_FIFO_WORDS = const(512)
_WORD_BYTES = const(7)
# FIFO_DATA_OUT_TAG, TAG_SENSOR: gyroscope NC and accelerometer NC, uncompressed
_TAG_GYRO = const(0x01)
_TAG_XL = const(0x02)
_104_HZ = const(0x40)
# Gravity in a range of +-8 g is 4096 LSB, within 18 %; that many looks in a row are not chance.
_MIN_SQUARE = const(11200000)
_MAX_SQUARE = const(23300000)
_LOOKS = const(5)
_LOOK_MS = const(50)


class Lsm6dsox(Lsm6):
    """LSM6DSOX, or LSM6DSO32."""

    chip = CHIP_LSM6DSOX
    who_am_i = 0x6C
    fifo_bytes = _WORD_BYTES * _FIFO_WORDS
    sample_bytes = (_WORD_BYTES, 2 * _WORD_BYTES)
    fifo = _FIFO_DATA_OUT_TAG
    least_mg = 50

    def __init__(self, *wiring, **more) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*wiring, **more)
        self._status = bytearray(2)
        self._word = bytearray(_WORD_BYTES)
        self._width = self._stride // _WORD_BYTES
        # After words were overwritten the next one may be an accelerometer's whose gyroscope's is gone.
        self._unpaired = False

    def trim(self) -> None:
        """Read this chip's own sampling rate, and which of the two it is. Raises OSError."""
        # AN5272, timestamp: actual rate = (6667 + 0.0015 * INTERNAL_FREQ_FINE * 6667) / 64 Hz.
        fine = self._register(_INTERNAL_FREQ_FINE)
        if fine > 127:
            fine -= 256
        self.rate_milli_hz = self.odr_milli_hz = 6667000 * (10000 + 15 * fine) // 640000
        self.write(_CTRL1_XL, _104_HZ | self.fs_4_g)
        for _ in range(_LOOKS):
            self.sleep_ms(_LOOK_MS)
            raw = self.registers(_OUTX_L_A, 6)
            if not _MIN_SQUARE < sum([signed(raw[k + 1], raw[k]) ** 2 for k in (0, 2, 4)]) < _MAX_SQUARE:
                break
        else:
            # Half of gravity, five times: its codes begin at +-4 g.
            self.chip = CHIP_LSM6DSO32
            self.fs_4_g = 0
        self.write(_CTRL1_XL, 0)

    def _setup(self):  # type: ignore[no-untyped-def]
        gyro = self.gyro is not None
        watermark = self._watermark * self._width
        return (
            (_CTRL3_C, 0x64),  # BDU, IF_INC; H_LACTIVE = 1: INT1 is low when it has something to say
            (_CTRL9_XL, 0xE2),  # I3C_DISABLE = 1, as the data sheet asks on an I2C bus; DEN bits as at reset
            (_CTRL2_G, 0x44 if gyro else 0),  # ODR_G = 0100: 104 Hz, or off; FS_G = 01: +-500 deg/s
            (_CTRL6_C, 0x00),  # XL_HM_MODE = 0: high performance, 70 ug/rtHz
            (_CTRL8_XL, 0x00),  # XL_FS_MODE = 0: FS_XL counts as below
            (_FIFO_CTRL1, watermark & 0xFF),  # WTM[7:0]
            (_FIFO_CTRL2, watermark >> 8),  # WTM[8]; STOP_ON_WTM = 0; no compression
            (_FIFO_CTRL3, 0x44 if gyro else 0x04),  # BDR_GY, BDR_XL = 0100: 104 Hz
            (_INT1_CTRL, 0x08),  # INT1_FIFO_TH: the watermark on pin INT1
            (_FIFO_CTRL4, 0x00),  # FIFO_MODE = 000: bypass, which empties it
            (_CTRL1_XL, _104_HZ | self.fs_4_g),  # ODR_XL = 0100; FS_XL: +-4 g; LPF2_XL_EN = 0
            (_FIFO_CTRL4, 0x06),  # no time stamp, no temperature; FIFO_MODE = 110: continuous
        )

    def _off(self):  # type: ignore[no-untyped-def]
        # ODR_XL, ODR_G = 0000: power-down. The FIFO is emptied, so that INT1 calls no more.
        return ((_CTRL1_XL, 0), (_CTRL2_G, 0), (_INT1_CTRL, 0), (_FIFO_CTRL4, 0))

    def _held(self) -> int:
        self._i2c.readfrom_mem_into(self._address, _FIFO_STATUS1, self._status)
        status = self._status
        self._overrun = bool(status[1] & _OVERRUN)
        words = status[0] | (status[1] & _DIFF_HIGH) << 8
        if self._width == 1:
            return words
        if self._overrun or self._risked:
            self._unpaired = True
        if self._unpaired and words > 1:
            # Words are taken until an accelerometer's has gone: a sample begins after it.
            tag = 0
            while tag != _TAG_XL and words:
                self._i2c.readfrom_mem_into(self._address, self.fifo, self._word)
                tag = self._word[0] >> 3
                words -= 1
            self._unpaired = False
            if not self._overrun:
                self._risked += 1
        return words // 2

    def _unpack(self, n: int, buffer) -> int:  # type: ignore[no-untyped-def]
        if self.gyro is None:
            return unpack(self._words, _WORD_BYTES, 1, _TAG_XL, n, buffer)
        unpack(self._words, _WORD_BYTES, 1, _TAG_GYRO, 2 * n, self.gyro)
        return unpack(self._words, _WORD_BYTES, 1, _TAG_XL, 2 * n, buffer)
