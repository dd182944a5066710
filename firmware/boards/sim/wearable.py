"""The sensor at the board's bus: a chip's model the tape its source, its interrupt pin, its faults."""

import world
from chip import wired
from faults import fault
from tape import Tape

from models.lsm6ds3trc import Lsm6ds3trC
from models.lsm6dsox import Lsm6dsox
from models.mpu import Mpu6050, Mpu6886

# Model, its rate in mHz, and skin under a blanket, 33 degrees, as its temperature register says it.
_KINDS = {
    "lsm6ds3trc": (Lsm6ds3trC, 104000, 2048),
    "lsm6dsox": (Lsm6dsox, 104000, 2048),
    "mpu6050": (Mpu6050, 125000, -1196),
    "mpu6886": (Mpu6886, 125000, 2614),
}
_FOR_EVER = 1 << 60
_MILLIONTH = 1000000000


def _worn(model):  # type: ignore[no-untyped-def]
    class Worn(model):
        """That model, with time that it spends standing still."""

        def begin(self) -> None:
            super().begin()
            if tape.since_us >= 0:
                tape.begin(self.next, self._since_us)

        def make(self) -> None:
            if not self.senses():
                return
            if tape.since_us < 0:
                tape.start(self._since_us)
            end = self.due()
            while self.next < end:
                count = tape.until_hole(self.next, end)
                if count:
                    self.next += count
                    self.store_samples(count)
                else:
                    count = tape.missing(self.next, end)
                    tape.skip(count)
                    self._before -= count
                    end -= count

    return Worn


_name = world.config.get("sensor", wired["sensor"])
_model, _rate_milli_hz, _skin = _KINDS[_name]
_rate_milli_hz = world.config.get("rate_milli_hz", _rate_milli_hz)
tape = Tape(
    world.config["samples"], world.config.get("holes", []), world.config.get("times", 1), _rate_milli_hz
)
sensor = _worn(_model)(world, tape, rate_milli_hz=_rate_milli_hz)
sensor.temperature = _skin
_flipped = []


def _attend(now_us: int) -> None:
    # Whatever is broken from now on, or no longer.
    powered = now_us >= world.config.get("found_us", 0) and fault("sensor_away") is None
    if powered != sensor.powered:
        sensor.power(powered)
    rate = fault("sensor_rate")
    wanted = _rate_milli_hz if rate is None else _rate_milli_hz * rate["permille"] // 1000
    if wanted != sensor.rate_milli_hz:
        sensor.make()
        sensor.run_at(wanted)
    flip = fault("register")
    if flip is not None and flip not in _flipped:
        _flipped.append(flip)
        sensor.make()
        sensor.registers[flip["register"]] = flip["value"]
        # What it changes begins now.
        sensor.begin()


_attend(world.now_us())
world.alarms.append(_attend)


def _watermark():  # type: ignore[no-untyped-def]
    # FIFO fill at which the pin speaks, and a sample's part of it.
    registers = sensor.registers
    if _name == "lsm6ds3trc":
        return registers[0x06] | (registers[0x07] & 0x07) << 8, sensor._width()
    if _name == "lsm6dsox":
        return registers[0x07] | (registers[0x08] & 0x01) << 8, sensor._width()
    if _name == "mpu6886":
        return (registers[0x60] & 0x03) << 8 | registers[0x61], sensor.sample_bytes[sensor.turns()]
    return 0, 1


def int1() -> int:
    """The level of its interrupt pin."""
    return 0 if sensor.powered and sensor.calls() else 1


def int1_us() -> int:
    """When its FIFO will be as full as the watermark it was set to: a moment of virtual time, or for ever."""
    at, part = _watermark()
    if not sensor.powered or not at or not sensor.senses():
        return _FOR_EVER
    rate = sensor.rate()
    samples = sensor.next + max(0, at - sensor.count + part - 1) // part - sensor._before
    return sensor._since_us + (samples * _MILLIONTH + rate - 1) // rate


class Bus:
    """What machine.I2C gives: transfers to the chip; a wire that is held low lets every one time out."""

    def __init__(self, works: bool) -> None:
        self._works = works

    def readfrom_mem(self, address: int, register: int, count: int) -> bytes:
        """Read. Raises OSError."""
        self._check()
        return sensor.readfrom_mem(address, register, count)  # type: ignore[no-any-return]

    def readfrom_mem_into(self, address: int, register: int, buffer) -> None:  # type: ignore[no-untyped-def]
        """Read. Raises OSError."""
        self._check()
        sensor.readfrom_mem_into(address, register, buffer)

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        """Write. Raises OSError."""
        self._check()
        sensor.writeto_mem(address, register, data)

    def _check(self) -> None:
        if fault("i2c_low") is not None:
            raise OSError(116)
        if not self._works:
            raise OSError(19)
