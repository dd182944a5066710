"""Messages: the frame types of the link and the layout of their payloads, little-endian."""

import struct

PROTOCOL = 1

# from the host
HELLO = 0x01
FETCH = 0x02
ACK = 0x03
PING = 0x04
ANCHOR = 0x05
MODE = 0x06
BYE = 0x07
# from the device
WELCOME = 0x81
RECORDS = 0x82
CAUGHT_UP = 0x83
PONG = 0x84
REFUSED = 0x8F

# Welcome.flags
LIVE = 1

# Refused.reason
OTHER_PROTOCOL = 1
NOT_GREETED = 2

# type: (name, fixed fields, their names); RECORDS and WELCOME have a tail
LAYOUTS = {
    HELLO: ("hello", "<BQ", ("protocol", "host_id")),
    FETCH: ("fetch", "<BIH", ("stream", "from_seq", "window")),
    ACK: ("ack", "<I", ("upto_seq",)),
    PING: ("ping", "<I", ("token",)),
    ANCHOR: ("anchor", "<QQI", ("time_us", "utc_us", "uncertainty_us")),
    MODE: ("mode", "<B", ("live",)),
    BYE: ("bye", "<", ()),
    WELCOME: (
        "welcome",
        "<BBIIQIIB",
        ("protocol", "flags", "log_id", "boot_id", "time_us", "first_seq", "next_seq", "id_bytes"),
    ),
    RECORDS: ("records", "<BII", ("stream", "from_seq", "upto_seq")),
    CAUGHT_UP: ("caught_up", "<BI", ("stream", "next_seq")),
    PONG: ("pong", "<IQ", ("token", "time_us")),
    REFUSED: ("refused", "<B", ("reason",)),
}


def pack(kind: int, *fields: int) -> bytes:
    """The fixed fields of a message."""
    return struct.pack(LAYOUTS[kind][1], *fields)


def unpack(kind: int, payload: bytes) -> "tuple[tuple[int, ...], bytes] | None":
    """Fixed fields and tail, or None where the type is unknown or the payload too short."""
    layout = LAYOUTS.get(kind)
    if layout is None:
        return None
    size = struct.calcsize(layout[1])
    if len(payload) < size:
        return None
    return struct.unpack_from(layout[1], payload, 0), payload[size:]
