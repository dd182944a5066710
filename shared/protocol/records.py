"""Records: what the device logs, sends and the host keeps, in one encoding from flash to database.

A record is header, body, tail and CRC-32, little-endian and without padding. The same bytes lie in the
device's flash, cross the link and are kept by the host, so nothing is ever translated on the way.
"""

import struct
from binascii import crc32
from collections import namedtuple

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

# Event.kind
TWITCH = 1
JERK = 2
SPASM = 3
MOVEMENT = 4

# Event.reason: why the detector judged as it did
REASON_NONE = 0
REASON_TILT = 1
REASON_VIGOROUS = 2
REASON_RHYTHMIC = 3

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

# Boot.chip where no sensor answered
CHIP_ABSENT = 255

# Status.sensor
SENSOR_WORKING = 0
SENSOR_ABSENT = 1

# Status.flags, bits
STATUS_USB = 1
STATUS_LIVE = 2
STATUS_UNSYNCED = 4
STATUS_BATTERY_LOW = 8

Event = namedtuple(
    "Event", ("kind", "axis", "reason", "flags", "sample", "duration_ms", "peak_ug", "noise_ug", "tilt_ug")
)
Tremor = namedtuple(
    "Tremor",
    (
        "sample",
        "duration_ms",
        "frequency_milli_hz",
        "spread_milli_hz",
        "amplitude_ug",
        "peak_ug",
        "cycles",
        "flags",
        "amplitude_mdps",
    ),
)
Epoch = namedtuple(
    "Epoch",
    (
        "sample",
        "rest_ms",
        "moving_ms",
        "not_worn_ms",
        "lost_ms",
        "noise_ug",
        "tremor_ms",
        "twitches",
        "jerks",
        "spasms",
        "movements",
        "gravity_x_mg",
        "gravity_y_mg",
        "gravity_z_mg",
        "battery_mv",
        "temperature_centi_c",
        "flags",
        "unusable_ms",
        "input",
    ),
)
Snippet = namedtuple("Snippet", ("event_seq", "sample", "rate_milli_hz", "lsb_nano_g", "count", "encoding"))
Boot = namedtuple(
    "Boot",
    (
        "firmware_major",
        "firmware_minor",
        "firmware_patch",
        "reset_cause",
        "detector_version",
        "log_state",
        "chip",
        "parameters_crc",
        "rate_milli_hz",
        "lsb_nano_g",
        "free_heap",
        "recovered",
    ),
)
Gap = namedtuple("Gap", ("what", "cause", "first", "count", "duration_ms"))
Mark = namedtuple("Mark", ("source",))
Anchor = namedtuple("Anchor", ("utc_us", "uncertainty_us"))
Status = namedtuple(
    "Status",
    (
        "uptime_s",
        "free_heap",
        "waiting",
        "battery_mv",
        "log_used_kib",
        "log_kib",
        "faults",
        "reset_cause",
        "sensor",
        "flags",
    ),
)
Crash = namedtuple("Crash", ("in_a_row",))

# type: (name, newest version, which is the one written, its body format, body class)
SCHEMAS = {
    EVENT: ("event", 1, "<BBBBIIIII", Event),
    TREMOR: ("tremor", 2, "<IIHHIIHHI", Tremor),
    EPOCH: ("epoch", 2, "<IIIIIIIHHHHhhhHhHIH", Epoch),
    SNIPPET: ("snippet", 1, "<IIIIHB", Snippet),
    BOOT: ("boot", 1, "<BBBBHBBIIIII", Boot),
    GAP: ("gap", 1, "<BBIII", Gap),
    MARK: ("mark", 1, "<B", Mark),
    ANCHOR: ("anchor", 1, "<QI", Anchor),
    STATUS: ("status", 1, "<IIIHHHHBBB", Status),
    CRASH: ("crash", 1, "<B", Crash),
}

# (type, version): body format of what was written before; the fields that it lacks are 0
EARLIER = {
    (TREMOR, 1): "<IIHHIIHH",
    (EPOCH, 1): "<IIIIIIIHHHHhhhHhH",
}

# body is None where the type or the version is unknown; raw keeps every byte all the same
Record = namedtuple("Record", ("type", "version", "seq", "boot_id", "time_us", "body", "tail", "raw"))


class RecordError(ValueError):
    """These bytes are not one whole record."""


def encode(kind: int, seq: int, boot_id: int, time_us: int, body: tuple, tail: bytes = b"") -> bytes:  # type: ignore[type-arg]
    """Pack one record of the newest version; `body` holds the schema's fields in order, `tail` what follows.

    Raises RecordError when the record would pass MAX_RECORD_BYTES.
    """
    _, version, form, _ = SCHEMAS[kind]
    packed = struct.pack(form, *body)
    length = OVERHEAD_BYTES + len(packed) + len(tail)
    if length > MAX_RECORD_BYTES:
        raise RecordError(f"record of {length} bytes, at most {MAX_RECORD_BYTES}")
    head = struct.pack(HEADER, kind, version, length, seq, boot_id, time_us)
    whole = head + packed + tail
    return whole + struct.pack("<I", crc32(whole))


def sealed_length(data: bytes, at: int) -> int:
    """Length in bytes of the whole, undamaged record that begins at `at`; 0 where there is none."""
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


def decode(data: bytes) -> Record:
    """Unpack exactly one record.

    An unknown type or version gives a Record whose body is None: it can be kept and read later. An
    earlier version gives today's fields, 0 where it had none.
    Raises RecordError when the bytes are not one whole record with a right CRC.
    """
    if not data or sealed_length(data, 0) != len(data):
        raise RecordError("not one whole record with a right CRC")
    kind, version, _, seq, boot_id, time_us = struct.unpack_from(HEADER, data, 0)
    schema = SCHEMAS.get(kind)
    if schema is None or (version != schema[1] and (kind, version) not in EARLIER):
        return Record(kind, version, seq, boot_id, time_us, None, b"", bytes(data))
    _, newest, form, body_class = schema
    missing = 0
    if version < newest:
        earlier = EARLIER[kind, version]
        missing = len(form) - len(earlier)
        form = earlier
    tail_at = HEADER_BYTES + struct.calcsize(form)
    if tail_at > len(data) - CRC_BYTES:
        raise RecordError(f"{schema[0]} record too short for its fields")
    body = body_class(*struct.unpack_from(form, data, HEADER_BYTES), *(0,) * missing)
    tail = bytes(data[tail_at : len(data) - CRC_BYTES])
    return Record(kind, version, seq, boot_id, time_us, body, tail, bytes(data))


def split(data: bytes) -> "tuple[list[bytes], int]":
    """Whole records in `data`, in order, and how many bytes lay between them that are none.

    After damage the search goes on byte by byte: a record is taken only where its CRC is right.
    """
    found = []
    damaged = 0
    at = 0
    while at < len(data):
        length = sealed_length(data, at)
        if length:
            found.append(bytes(data[at : at + length]))
            at += length
        else:
            damaged += 1
            at += 1
    return found, damaged
