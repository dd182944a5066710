"""Self-test of the LSM6 chips: application notes AN5130 (LSM6DS3TR-C) and AN5272 (LSM6DSOX), self-test.

Waits and their order as in ST's examples lsm6ds3tr_c_self_test.c, lsm6dsox_self_test.c and
lsm6dso32_self_test.c (STMems_Standard_C_drivers, 98b62f0).
"""

from micropython import const

from twitchband.imu.fifo import signed

_CTRL1_XL = const(0x10)
_CTRL2_G = const(0x11)
_CTRL3_C = const(0x12)
_CTRL5_C = const(0x14)
_STATUS_REG = const(0x1E)
_OUTX_L_G = const(0x22)
_OUTX_L_XL = const(0x28)
# STATUS_REG
_XLDA = const(0x01)
_GDA = const(0x02)
# CTRL3_C: BDU, a sample's two bytes belong together; IF_INC, bursts.
_BDU_IF_INC = const(0x44)
_ACCELEROMETER_52_HZ = const(0x30)
_GYROSCOPE_208_HZ_2000_DPS = const(0x5C)
_ST_XL = const(0x01)
_ST_G = const(0x04)
_SETTLE_MS = (100, 100)
_COUNTED = const(5)
# Data sheets, mechanical characteristics, self-test output change; the gyroscope's at +-2000 deg/s.
_MAX_MG = const(1700)
_MIN_DPS = const(150)
_MAX_DPS = const(700)
_UDPS_2000 = const(70000)


def failures(sensor) -> list:  # type: ignore[no-untyped-def, type-arg]
    """The axes that do not move as specified, in words. Raises OSError, SensorFault."""
    sensor.write(_CTRL3_C, _BDU_IF_INC)
    sensor.write(_CTRL1_XL, _ACCELEROMETER_52_HZ | sensor.fs_4_g)
    moved = _moved(sensor, _XLDA, _OUTX_L_XL, _ST_XL, sensor.lsb_nano_g, _SETTLE_MS)
    failed = _judge("acceleration", moved, "mg", sensor.least_mg, _MAX_MG)
    if sensor.gyro is not None:
        sensor.write(_CTRL1_XL, 0)
        sensor.write(_CTRL2_G, _GYROSCOPE_208_HZ_2000_DPS)
        moved = _moved(sensor, _GDA, _OUTX_L_G, _ST_G, _UDPS_2000, sensor.gyro_settle_ms)
        failed += _judge("rotation", moved, "deg/s", _MIN_DPS, _MAX_DPS)
    return failed


def _judge(what: str, moved, unit: str, least: int, most: int) -> list:  # type: ignore[no-untyped-def, type-arg]
    return [
        f"{what} {'xyz'[axis]} {moved[axis]} {unit}, not {least} to {most}"
        for axis in range(3)
        if not least <= moved[axis] <= most
    ]


def _moved(sensor, ready: int, register: int, on: int, lsb_millionths: int, settle_ms) -> list:  # type: ignore[no-untyped-def, type-arg]
    before = _sum(sensor, ready, register, settle_ms[0])
    sensor.write(_CTRL5_C, on)
    after = _sum(sensor, ready, register, settle_ms[1])
    sensor.write(_CTRL5_C, 0)
    return [abs(after[axis] - before[axis]) * lsb_millionths // (_COUNTED * 1000000) for axis in range(3)]


def _sum(sensor, ready: int, register: int, settle_ms: int) -> list:  # type: ignore[no-untyped-def, type-arg]
    # The first sample after a change is thrown away.
    sensor.sleep_ms(settle_ms)
    sums = [0, 0, 0]
    for taken in range(1 + _COUNTED):
        sensor.wait_for(_STATUS_REG, ready, ready)
        raw = sensor.registers(register, 6)
        if taken:
            for axis in range(3):
                sums[axis] += signed(raw[2 * axis + 1], raw[2 * axis])
    return sums
