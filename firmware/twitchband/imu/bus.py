"""The I2C wires before the controller takes them over, and the sensor that is found on them."""

import time

from twitchband.imu.fault import SensorFault
from twitchband.imu.lsm6ds3trc import Lsm6ds3trC
from twitchband.imu.lsm6dsox import Lsm6dsox

# I2C specification UM10204 3.1.16: nine clocks free a device that was stopped in the middle of a byte.
_CLOCKS = 9
# Half a period at the 100 kHz that every device takes.
_HALF_US = 5
# LSM6DS3TR-C and LSM6DSOX datasheets, I2C slave address: pin SA0 low, high.
_ADDRESSES = (0x6A, 0x6B)
_WHO_AM_I = 0x0F
_CHIPS = (Lsm6ds3trC, Lsm6dsox)
_ETIMEDOUT = 116


def free(scl, sda, clock=time) -> None:  # type: ignore[no-untyped-def]
    """Let go of a sensor that holds SDA low because the board was reset in the middle of a byte.

    `scl`, `sda`: open-drain pins, both let go (high). Raises SensorFault where a wire stays low.
    """
    if not scl.value():
        raise SensorFault("SCL stays low: look for a short to GND, or a sensor without power")
    for _ in range(_CLOCKS):
        if sda.value():
            break
        scl.value(0)
        clock.sleep_us(_HALF_US)
        scl.value(1)
        clock.sleep_us(_HALF_US)
    if not sda.value():
        raise SensorFault("SDA stays low: look for a short to GND, or SDA and SCL exchanged")
    # A stop condition: SDA rises while SCL is high.
    sda.value(0)
    clock.sleep_us(_HALF_US)
    sda.value(1)
    clock.sleep_us(_HALF_US)


def find(i2c, clock=time):  # type: ignore[no-untyped-def]
    """The sensor on this bus, not yet started.

    Raises SensorFault where none answers, or one that we do not know.
    """
    stranger = None
    for address in _ADDRESSES:
        try:
            who = i2c.readfrom_mem(address, _WHO_AM_I, 1)[0]
            for chip in _CHIPS:
                if chip.who_am_i == who:
                    sensor = chip(i2c, address, clock)
                    sensor.trim()
                    return sensor
            stranger = (address, who)
        except OSError as error:
            if error.errno == _ETIMEDOUT:
                raise SensorFault("The I2C bus hangs: look for a short, and for pull-ups") from None
    if stranger is not None:
        names = ", ".join([f"{chip.__name__} (0x{chip.who_am_i:02X})" for chip in _CHIPS])
        raise SensorFault(
            f"The chip at 0x{stranger[0]:02X} says it is 0x{stranger[1]:02X}; known are {names}"
        )
    raise SensorFault("No sensor answers at 0x6A or 0x6B: look at its wires 3V3, GND, SDA and SCL")
