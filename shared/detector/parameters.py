"""Every threshold of the detector: its value and its limits. Kernels read them by position from one table."""

import struct
from array import array
from binascii import crc32

# Version of the kernels and of the meaning of the numbers below; rises if either changes.
VERSION = 6

SAMPLE_RATE_HZ = 104
# LSM6DS3TR-C datasheet DocID030071 Rev 3, table 3: 0.122 mg/LSB at +-4 g.
LSB_NANO_G = 122000
# The same, gyroscope at +-500 deg/s: 17.50 mdps/LSB.
GYRO_LSB_UDPS = 17500

_MAX = (1 << 30) - 1

# (name, value, least, greatest); unit, reason and source of each are in reasons.py. Within the limits no
# kernel leaves its range, as docs/detector.md derives and tests/detector/test_ranges.py checks; with any
# combination, a still hand is usable (0.9 to 1.1 g is gravity, 2 g does not clip) and never floods the log.
TABLE = (
    ("on_ratio", 48, 40, 511),
    ("off_ratio", 36, 1, 511),
    ("onset_share", 5, 1, 16),
    ("release", 8, 1, _MAX),
    ("warm_up", 208, 1, 1023),
    ("twitch_max", 52, 1, _MAX),
    ("jerk_peak", 2459, 1, 65535),
    ("vigorous", 2626, 1, _MAX),
    ("vigorous_run", 42, 1, _MAX // 2),
    ("tilt", 246, 1, 65535),
    ("hold", 208, 104, _MAX),
    ("epoch", 6240, 1, 312000),
    ("worn_ratio", 4, 1, 2047),
    ("still_floor", 5550, 1, _MAX),
    ("fit", 23, 1, 224),
    ("likeness", 672, 1, 32767),
    ("pulse_sway", 61, 1, 255),
    ("line_share", 77, 1, 128),
    ("line_amplitude", 443, 1, _MAX),
    ("line_drift", 177, 1, _MAX),
    ("bout_windows", 2, 1, 1000),
    ("bout_misses", 2, 1, 100),
    ("bout_max", 62400, 1040, _MAX),
    ("clip", 64, 0, 16384),
    ("stuck_run", 20, 2, 64),
    ("gravity_least", 5738, 1, 7377),
    ("gravity_most", 11475, 9017, 65535),
    ("hum_first", 266, 1, _MAX),
    ("hum_second", 1280, 1, _MAX),
    ("weak_amplitude", 138, 1, 1 << 26),
    ("weak_share", 90, 1, 128),
    ("beat_share", 19, 1, 224),
    ("unrest", 18, 1, 255),
    ("slow_turn", 7714, 1, _MAX),
    ("sway", 5, 1, 255),
    ("breath", 900, 1, 65535),
    ("steady", 76, 1, 4096),
)

NAMES = tuple(row[0] for row in TABLE)


def table(changed: "dict[str, int] | None" = None) -> "array[int]":
    """The parameters as the kernels read them: int32, in the order of TABLE, with some `changed` by name."""
    changed = changed or {}
    return array("i", [changed.get(row[0], row[1]) for row in TABLE])


def wrong(name: str, value: object) -> "str | None":
    """Why this parameter cannot have the value; None if it can."""
    for row in TABLE:
        if row[0] == name:
            # A bool is an int.
            if type(value) is int and row[2] <= value <= row[3]:
                return None
            return f"is a whole number from {row[2]} to {row[3]}"
    return "is not a setting"


def checksum(values: "array[int]") -> int:
    """CRC-32 over the values: identifies the settings with which a night was recorded."""
    return crc32(struct.pack(f"<{len(values)}i", *values))
