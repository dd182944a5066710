"""Self-test of the MPU chips: the displacement of their masses, compared with the factory's measurement."""

from micropython import const

from twitchband.imu.fifo import signed

_SELF_TEST_X = const(0x0D)
_CONFIG = const(0x1A)
_GYRO_CONFIG = const(0x1B)
_ACCEL_CONFIG = const(0x1C)
_ACCEL_CONFIG2 = const(0x1D)
_ACCEL_XOUT_H = const(0x3B)
_GYRO_XOUT_H = const(0x43)
_SELF_TEST_X_GYRO = const(0x50)
_PWR_MGMT_1 = const(0x6B)
# XG_ST, YG_ST, ZG_ST in GYRO_CONFIG, XA_ST, YA_ST, ZA_ST in ACCEL_CONFIG.
_ON = const(0xE0)
_SETTLE_MS = const(50)
_COUNTED = const(50)
# MPU-6050, register map, self-test: +-8 g and +-250 deg/s; passed within 14 % of the factory's own
# measurement (product specification, p. 12 and 13).
_AFS_8_G = const(0x10)
_WITHIN = 0.14
# MPU-6886, after its sister ICM-20602: +-2 g and +-250 deg/s behind low passes of 99 and 92 Hz; between
# half and one and a half times what the factory measured, its code being in steps of 1 % from 2620 LSB;
# if a code is missing, 225 to 675 mg, or 60 deg/s and more.
_DLPF_2 = const(0x02)
_FIRST_CODE_LSB = 2620
_MIN, _MAX = 0.5, 1.5
_ACCELERATION_LSB = (3686, 11059)
_ROTATION_LSB = (7860, 32767)


def failures_6050(sensor) -> list:  # type: ignore[no-untyped-def, type-arg]
    """What does not move as it should, in words. Raises OSError, SensorFault."""
    sensor.write(_PWR_MGMT_1, 0x01)
    codes = sensor.registers(_SELF_TEST_X, 4)
    limits = []
    for axis in range(3):
        code = codes[axis] >> 5 << 2 | codes[3] >> 4 - 2 * axis & 0x03
        # Register map, accelerometer factory trim, in LSB of +-8 g
        limits.append(_around(4096 * 0.34 * (0.92 / 0.34) ** ((code - 1) / 30) if code else 0.0))
    failed = _judge("acceleration", _moved(sensor, _ACCEL_CONFIG, _AFS_8_G, _ACCEL_XOUT_H), limits)
    if sensor.gyro is not None:
        limits = []
        for axis in range(3):
            code = codes[axis] & 0x1F
            # Register map, gyroscope factory trim, in LSB of +-250 deg/s; y goes the other way
            trim = 25 * 131 * 1.046 ** (code - 1) if code else 0.0
            limits.append(_around(-trim if axis == 1 else trim))
        failed += _judge("rotation", _moved(sensor, _GYRO_CONFIG, 0, _GYRO_XOUT_H), limits)
    return failed


def failures_6886(sensor) -> list:  # type: ignore[no-untyped-def, type-arg]
    """What does not move as it should, in words. Raises OSError, SensorFault."""
    sensor.write(_PWR_MGMT_1, 0x01)
    sensor.write(_CONFIG, _DLPF_2)
    sensor.write(_ACCEL_CONFIG2, _DLPF_2)
    limits = _limits(sensor.registers(_SELF_TEST_X, 3), _ACCELERATION_LSB)
    failed = _judge("acceleration", _moved(sensor, _ACCEL_CONFIG, 0, _ACCEL_XOUT_H), limits)
    if sensor.gyro is not None:
        limits = _limits(sensor.registers(_SELF_TEST_X_GYRO, 3), _ROTATION_LSB)
        failed += _judge("rotation", _moved(sensor, _GYRO_CONFIG, 0, _GYRO_XOUT_H), limits)
    return failed


def _around(trim: float):  # type: ignore[no-untyped-def]
    # A chip without a code has never been measured: nothing lies between these limits.
    if not trim:
        return 1, 0
    low, high = (1 - _WITHIN) * trim, (1 + _WITHIN) * trim
    return min(low, high), max(low, high)


def _limits(codes: bytes, absolute) -> list:  # type: ignore[no-untyped-def, type-arg]
    if not min(codes):
        return [absolute] * 3
    trims = [_FIRST_CODE_LSB * 1.01 ** (code - 1) for code in codes]
    return [(_MIN * trim, _MAX * trim) for trim in trims]


def _judge(what: str, moved, limits) -> list:  # type: ignore[no-untyped-def, type-arg]
    failed = []
    for axis in range(3):
        least, most = limits[axis]
        if not least <= moved[axis] <= most:
            failed.append(f"{what} {'xyz'[axis]} {int(moved[axis])} LSB, not {int(least)} to {int(most)}")
    return failed


def _moved(sensor, control: int, scale: int, register: int) -> list:  # type: ignore[no-untyped-def, type-arg]
    sensor.write(control, scale)
    before = _mean(sensor, register)
    sensor.write(control, scale | _ON)
    after = _mean(sensor, register)
    sensor.write(control, scale)
    return [after[axis] - before[axis] for axis in range(3)]


def _mean(sensor, register: int) -> list:  # type: ignore[no-untyped-def, type-arg]
    sensor.sleep_ms(_SETTLE_MS)
    sums = [0, 0, 0]
    for _ in range(_COUNTED):
        sensor.sleep_ms(1)
        raw = sensor.registers(register, 6)
        for axis in range(3):
            sums[axis] += signed(raw[2 * axis], raw[2 * axis + 1])
    return [value / _COUNTED for value in sums]
