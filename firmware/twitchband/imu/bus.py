"""The I2C wires before the controller takes over, and the sensor found on them."""

import time

from twitchband.imu.fault import SensorFault

# I2C specification UM10204 3.1.16: nine clocks free a device that was stopped in the middle of a byte.
_CLOCKS = 9
# Half a period at the 100 kHz that every device takes.
_HALF_US = 5
_ETIMEDOUT = 116


def _lsm6ds3trc():  # type: ignore[no-untyped-def]
    from twitchband.imu.lsm6ds3trc import Lsm6ds3trC

    return Lsm6ds3trC


def _lsm6dsox():  # type: ignore[no-untyped-def]
    from twitchband.imu.lsm6dsox import Lsm6dsox

    return Lsm6dsox


def _mpu6050():  # type: ignore[no-untyped-def]
    from twitchband.imu.mpu6050 import Mpu6050

    return Mpu6050


def _mpu6886():  # type: ignore[no-untyped-def]
    from twitchband.imu.mpu6886 import Mpu6886

    return Mpu6886


# Where a family may answer, by its address pin; the register WHO_AM_I; what the chips say there, their name
# and their driver. Only the driver of the chip that is there is loaded: they take 1 to 3 KiB.
_FAMILIES = (
    ((0x6A, 0x6B), 0x0F, ((0x6A, "LSM6DS3TR-C", _lsm6ds3trc), (0x6C, "LSM6DSOX", _lsm6dsox))),
    ((0x68, 0x69), 0x75, ((0x68, "MPU-6050", _mpu6050), (0x19, "MPU-6886", _mpu6886))),
)


def free(scl, sda, clock=time) -> None:  # type: ignore[no-untyped-def]
    """Free the bus from a sensor that holds SDA low because the board was reset in the middle of a byte.

    `scl`, `sda`: open-drain pins, both released (high). Raises SensorFault if a wire stays low.
    """
    if not scl.value():
        raise SensorFault("SCL stays low: check for a short to GND, or a sensor without power")
    for _ in range(_CLOCKS):
        if sda.value():
            break
        scl.value(0)
        clock.sleep_us(_HALF_US)
        scl.value(1)
        clock.sleep_us(_HALF_US)
    if not sda.value():
        raise SensorFault("SDA stays low: check for a short to GND, or SDA and SCL swapped")
    # A stop condition: SDA rises while SCL is high.
    sda.value(0)
    clock.sleep_us(_HALF_US)
    sda.value(1)
    clock.sleep_us(_HALF_US)


def find(connect, clock=time, gyro: bool = False):  # type: ignore[no-untyped-def]
    """The sensor on this bus, not yet started.

    connect: frees the wires and returns the controller; the sensor calls it again if the bus hangs. Raises
    SensorFault if none answers, or an unknown one does.
    """
    i2c = connect()
    unpaired = []
    for addresses, register, chips in _FAMILIES:
        for address in addresses:
            try:
                who = i2c.readfrom_mem(address, register, 1)[0]
                for said, _, driver in chips:
                    if said == who:
                        sensor = driver()(i2c, connect, address, clock, gyro)
                        sensor.trim()
                        return sensor
                unpaired.append(f"0x{address:02X} identifies as 0x{who:02X}")
            except OSError as error:
                if error.errno == _ETIMEDOUT:
                    raise SensorFault("The I2C bus hangs: check for a short, and the pull-ups") from None
    if unpaired:
        known = ", ".join([f"{name} (0x{said:02X})" for _, _, chips in _FAMILIES for said, name, _ in chips])
        raise SensorFault(f"The chip at {', and at '.join(unpaired)}; known are {known}")
    raise SensorFault("No sensor answers at 0x68 to 0x6B: check its wires 3V3, GND, SDA and SCL")
