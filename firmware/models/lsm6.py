"""What the models of the ST chips share: reset, rate, range, temperature, outputs, self-test."""

from micropython import const

from models import Chip, byte_of

_INT1_CTRL = const(0x0D)
_CTRL1_XL = const(0x10)
_CTRL2_G = const(0x11)
_CTRL3_C = const(0x12)
_CTRL5_C = const(0x14)
_TEMP = const(0x20)
# ODR_XL of CTRL1_XL: 12.5 Hz, and twice as many with each further code (data sheets, CTRL1_XL).
_104_HZ = const(4)


class Lsm6(Chip):
    """Reset, temperature, outputs, self-test."""

    who_register = 0x0F
    fifo_control = 0x0A
    # FS_XL of CTRL1_XL (lsm6ds3tr_c_xl_full_scale, lsm6dsox_xl_full_scale in ST's drivers).
    ranges_g = (2, 16, 4, 8)

    def __init__(self, clock, source, address=0x6A, rate_milli_hz=104000):  # type: ignore[no-untyped-def]
        super().__init__(clock, source, address, rate_milli_hz)

    def after(self, register: int) -> int:
        # IF_INC of CTRL3_C
        return register + 1 if self.registers[_CTRL3_C] & 0x04 else register

    def load(self, register: int) -> int:
        if register == _CTRL3_C and self._resetting:
            self._resetting -= 1
            return self.registers[_CTRL3_C] | 0x01
        if register == 0x1E:
            # STATUS_REG: a self-test's sample is there as soon as it is asked for.
            return (1 if self.registers[_CTRL1_XL] else 0) | (2 if self.registers[_CTRL2_G] else 0)
        if register in (_TEMP, _TEMP + 1):
            return byte_of(self.temperature, register > _TEMP)
        if 0x22 <= register < 0x2E:
            return byte_of(self._out(register < 0x28, (register & 0x0E) // 2 % 3), bool(register & 1))
        return self.registers[register]

    def _out(self, rotation: bool, axis: int) -> int:
        # OUTX_L_G at 0x22, OUTX_L_XL at 0x28
        axis = (axis + 2) % 3
        value = self.sensed(rotation, self.next, axis)
        if rotation and self.registers[_CTRL5_C] & 0x0C == 0x04:
            value += self.moves_dps * 1000 // 70
        if not rotation and self.registers[_CTRL5_C] & 0x03 == 0x01:
            value += self.moves_mg * 1000 // 122
        return value

    def store(self, register: int, value: int) -> None:
        assert register not in self.read_only, "write to a read-only register"
        if register == _CTRL3_C and value & 0x01:
            self.reset()
            self._deaf = 1
            self._resetting = 2
            return
        # ODR_XL: sensing begins anew
        if register == _CTRL1_XL and value >> 4 != self.registers[_CTRL1_XL] >> 4:
            self.begin()
        self.registers[register] = value
        if register == self.fifo_control and value & 0x07 == 0:
            self.empty()

    def senses(self) -> bool:
        return self.registers[_CTRL1_XL] >> 4 != 0

    def rate(self) -> int:
        # The FIFO takes no more than its own 104 Hz, and no more than there are.
        return self.rate_milli_hz >> max(0, _104_HZ - (self.registers[_CTRL1_XL] >> 4))

    def range_g(self) -> int:
        return self.ranges_g[self.registers[_CTRL1_XL] >> 2 & 3]

    def calls(self) -> bool:
        # INT1_CTRL: the watermark. H_LACTIVE of CTRL3_C = 0: a pin that has nothing to say is low.
        if not self.registers[_CTRL3_C] & 0x20:
            return True
        self.make()
        return bool(self.registers[_INT1_CTRL] & 0x08 and self.load(0x3B) & 0x80)

    def turns(self) -> bool:
        """Whether the gyroscope runs at 104 Hz."""
        control = self.registers[_CTRL2_G]
        assert control in (0, 0x44, 0x5C), "CTRL2_G: not 104 Hz and +-500 degrees a second"
        return control == 0x44
