"""Records, which the device logs and sends and the host stores, unpacked into their fields.

What a board needs for writing them is in `record_types`; this module has that too.
"""

import struct
from collections import namedtuple

from .record_types import *

# Epoch.battery_mv, Status.battery_mv: the board cannot measure its cell.
BATTERY_UNKNOWN_MV = 65535

Event = namedtuple(
    "Event",
    (
        "kind",
        "axis",
        "reason",
        "flags",
        "sample",
        "duration_ms",
        "peak_ug",
        "noise_ug",
        "tilt_ug",
        "half_ms",
        "grade",
    ),
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
        "as_twitch",
        "as_unlike",
        "as_pulse",
        "as_several",
        "as_tremor",
        "as_movement",
        "as_disturbance",
        "live_ms",
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
        "awake_permille",
        "early_wakes",
        "dropped_pin",
        "radio_failures",
        "panics",
        "brown_outs",
        "watchdogs",
        "exceptions",
        "power_ons",
        "heap_lowest",
        "idf_free",
        "idf_largest",
        "idf_free_lowest",
        "idf_largest_lowest",
        "broken",
    ),
)
Crash = namedtuple("Crash", ("in_a_row",))
Settings = namedtuple("Settings", ("what", "settings_version"))

# type: (name, newest version, which is the one written, its body format, body class)
SCHEMAS = {
    EVENT: ("event",) + FORMS[EVENT] + (Event,),
    TREMOR: ("tremor",) + FORMS[TREMOR] + (Tremor,),
    EPOCH: ("epoch",) + FORMS[EPOCH] + (Epoch,),
    SNIPPET: ("snippet",) + FORMS[SNIPPET] + (Snippet,),
    BOOT: ("boot",) + FORMS[BOOT] + (Boot,),
    GAP: ("gap",) + FORMS[GAP] + (Gap,),
    MARK: ("mark",) + FORMS[MARK] + (Mark,),
    ANCHOR: ("anchor",) + FORMS[ANCHOR] + (Anchor,),
    STATUS: ("status",) + FORMS[STATUS] + (Status,),
    CRASH: ("crash",) + FORMS[CRASH] + (Crash,),
    SETTINGS: ("settings",) + FORMS[SETTINGS] + (Settings,),
}

# (type, version): body format of earlier versions, and the values of the fields that they lack
# What the fields of an epoch that count bursts contain if none were counted.
UNCOUNTED = (COUNT_UNKNOWN,) * 7 + (LIVE_UNKNOWN,)
EARLIER = {
    (EVENT, 1): ("<BBBBIIIII", (HALF_UNKNOWN, GRADE_UNKNOWN)),
    (TREMOR, 1): ("<IIHHIIHH", (0,)),
    (EPOCH, 1): ("<IIIIIIIHHHHhhhHhH", (0, 0) + UNCOUNTED),
    (EPOCH, 2): ("<IIIIIIIHHHHhhhHhHIH", UNCOUNTED),
    (STATUS, 1): ("<IIIHHHHBBB", (AWAKE_UNKNOWN, 0, PIN_NONE) + (0,) * 12),
}

# body is None if the type or the version is unknown; raw keeps every byte anyway
Record = namedtuple("Record", ("type", "version", "seq", "boot_id", "time_us", "body", "tail", "raw"))


def decode(data: bytes) -> Record:
    """Unpack exactly one record.

    An unknown type or version gives a Record whose body is None: it can be stored and read later. An earlier
    version gives the current fields; missing ones are 0, or the value for "not known". Raises RecordError if
    the bytes are not one complete record with a correct CRC.
    """
    if not data or sealed_length(data, 0) != len(data):
        raise RecordError("not one complete record with a correct CRC")
    kind, version, _, seq, boot_id, time_us = struct.unpack_from(HEADER, data, 0)
    schema = SCHEMAS.get(kind)
    if schema is None or (version != schema[1] and (kind, version) not in EARLIER):
        return Record(kind, version, seq, boot_id, time_us, None, b"", bytes(data))
    _, newest, form, body_class = schema
    lacking = ()  # type: tuple[int, ...]
    if version < newest:
        form, lacking = EARLIER[kind, version]
    tail_at = HEADER_BYTES + struct.calcsize(form)
    if tail_at > len(data) - CRC_BYTES:
        raise RecordError(f"{schema[0]} record too short for its fields")
    body = body_class(*struct.unpack_from(form, data, HEADER_BYTES), *lacking)
    tail = bytes(data[tail_at : len(data) - CRC_BYTES])
    return Record(kind, version, seq, boot_id, time_us, body, tail, bytes(data))


def split(data: bytes) -> "tuple[list[bytes], int]":
    """Complete records in `data`, in order, and how many other bytes were between them.

    After damage the search continues byte by byte: a record is accepted only if its CRC is correct.
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
