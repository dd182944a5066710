"""Record types, their codes and layouts: everything that a board needs to write its log.

A record is header, body, tail and CRC-32, little-endian and without padding. The same bytes are in the
device's flash, on the link and in the host's database, so nothing is ever converted on the way. Code that
reads bodies imports `records`, which has all of this and more: a board's memory is too small for names that
it never reads.
"""

import struct
from binascii import crc32

HEADER = "<BBHIIQ"
HEADER_BYTES = 20
CRC_BYTES = 4
OVERHEAD_BYTES = HEADER_BYTES + CRC_BYTES
# One frame carries any record, and a board keeps two such buffers.
MAX_RECORD_BYTES = 1024

EVENT = 1
TREMOR = 2
EPOCH = 3
SNIPPET = 4
BOOT = 5
GAP = 6
MARK = 7
ANCHOR = 8
STATUS = 9
CRASH = 10
SETTINGS = 11

# Event.kind
TWITCH = 1
JERK = 2
SPASM = 3
MOVEMENT = 4
# Brief, at rest, with evidence enough, but of a shape that no known twitch explains.
UNLIKE = 5

# Event.reason: why the detector judged as it did
REASON_NONE = 0
REASON_TILT = 1
REASON_VIGOROUS = 2
REASON_RHYTHMIC = 3

# Event.grade: how well a known shape explains it, 0 to GRADE_MOST
GRADE_MOST = 250
GRADE_UNKNOWN = 255
# Event.half_ms
HALF_UNKNOWN = 0

# Epoch: minutes of detectors that did not count bursts
COUNT_UNKNOWN = 65535
LIVE_UNKNOWN = 0xFFFFFFFF

# Epoch.flags: whether the sensor was worn in this minute
WORN = 1
NOT_WORN = 2

# Epoch.input: what was wrong with the samples of this minute, a bit each
INPUT_CLIPPED = 1
INPUT_STUCK = 2
INPUT_GRAVITY = 4
INPUT_HUM = 8
INPUT_LOST = 16
INPUT_TURNED = 32
INPUT_REMOUNTED = 64
# The set-up registers had changed and were put right: nothing in this minute can be trusted.
INPUT_SETTINGS = 128
# The sample rate lies at the edge of what the sensor promises.
INPUT_RATE = 256

# Gap.what
SAMPLES = 1
RECORDS = 2

# Gap.cause
FIFO_OVERFLOW = 1
RECORDING_HOLE = 2
FLASH_FULL = 3
FLASH_DAMAGE = 4
BUFFER_FULL = 5
SENSOR_SILENT = 6

# Boot.log_state
LOG_KEPT = 0
LOG_NEW = 1
LOG_REPAIRED = 2
LOG_REFORMATTED = 3

# Boot.reset_cause, Status.reset_cause: the first five as MicroPython numbers them on an ESP32
RESET_UNKNOWN = 0
RESET_POWER_ON = 1
RESET_HARD = 2
RESET_WATCHDOG = 3
RESET_DEEP_SLEEP = 4
RESET_SOFT = 5
RESET_BROWN_OUT = 6

# Settings.what
DEVICE_SETTINGS = 1
DETECTOR_PARAMETERS = 2

# Boot.chip
CHIP_SIMULATED = 0
CHIP_LSM6DS3TR_C = 1
CHIP_LSM6DSOX = 2
CHIP_MPU6050 = 3
CHIP_MPU6886 = 4
CHIP_LSM6DSO32 = 5
CHIP_ABSENT = 255

# Status.sensor
SENSOR_WORKING = 0
SENSOR_ABSENT = 1

# Status.flags, bits
STATUS_USB = 1
STATUS_LIVE = 2
STATUS_UNSYNCED = 4
STATUS_BATTERY_LOW = 8

# Status: what stands for "not known" and "none"; sizes in bytes that are not known are 0
AWAKE_UNKNOWN = 65535
PIN_NONE = 255

# Status.broken: the parts of the board that do not work as they should, a bit each
PART_SENSOR = 1
PART_RADIO = 2
PART_NVS = 4
PART_FLASH = 8
PART_WATERMARK = 16
PART_BUTTON = 32
PART_SLEEP = 64
PART_BATTERY = 128
PART_MEMORY = 256
PART_USB = 512
PART_CLOCK = 1024

# type: (newest version, which is the one written, its body format)
FORMS = {
    # No event was ever of version 2: a published vector has it as one that no reader knows.
    EVENT: (3, "<BBBBIIIIIHB"),
    TREMOR: (2, "<IIHHIIHHI"),
    EPOCH: (3, "<IIIIIIIHHHHhhhHhHIHHHHHHHHI"),
    SNIPPET: (1, "<IIIIHB"),
    BOOT: (1, "<BBBBHBBIIIII"),
    GAP: (1, "<BBIII"),
    MARK: (1, "<B"),
    ANCHOR: (1, "<QI"),
    STATUS: (2, "<IIIHHHHBBBHHBHHHHHHIIIIIH"),
    CRASH: (1, "<B"),
    SETTINGS: (1, "<BH"),
}


class RecordError(ValueError):
    """These bytes are not one complete record."""


def encode(kind: int, seq: int, boot_id: int, time_us: int, body: tuple, tail: bytes = b"") -> bytes:  # type: ignore[type-arg]
    """Pack one record of the newest version; `body` holds the schema's fields in order, `tail` what follows.

    Raises RecordError when the record would pass MAX_RECORD_BYTES.
    """
    version, form = FORMS[kind]
    packed = struct.pack(form, *body)
    length = OVERHEAD_BYTES + len(packed) + len(tail)
    if length > MAX_RECORD_BYTES:
        raise RecordError(f"record of {length} bytes, at most {MAX_RECORD_BYTES}")
    head = struct.pack(HEADER, kind, version, length, seq, boot_id, time_us)
    whole = head + packed + tail
    return whole + struct.pack("<I", crc32(whole))


def sealed_length(data: bytes, at: int) -> int:
    """Length in bytes of the complete, undamaged record that begins at `at`; 0 if there is none."""
    if len(data) - at < OVERHEAD_BYTES:
        return 0
    length: int = struct.unpack_from("<H", data, at + 2)[0]
    end = at + length
    if length < OVERHEAD_BYTES or length > MAX_RECORD_BYTES or end > len(data):
        return 0
    (crc,) = struct.unpack_from("<I", data, end - CRC_BYTES)
    if crc32(memoryview(data)[at : end - CRC_BYTES]) != crc:
        return 0
    return length


def seq_at(data: bytes, at: int) -> int:
    """`seq` of the record that begins at `at`, unchecked."""
    seq: int = struct.unpack_from("<I", data, at + 4)[0]
    return seq


def time_us_at(data: bytes, at: int) -> int:
    """Device time of the record that begins at `at`, unchecked."""
    time_us: int = struct.unpack_from("<Q", data, at + 12)[0]
    return time_us
