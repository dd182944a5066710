"""Messages: the frame types of the link and the layout of their payloads, little-endian."""

import struct

PROTOCOL = 2

# from the host
HELLO = 0x01
FETCH = 0x02
ACK = 0x03
PING = 0x04
ANCHOR = 0x05
MODE = 0x06
BYE = 0x07
PROVE = 0x08
CHANGE = 0x09
CAPTURE = 0x0A
HOST_SEALED = 0x10
# from the device
WELCOME = 0x81
RECORDS = 0x82
CAUGHT_UP = 0x83
PONG = 0x84
CHALLENGE = 0x85
CHANGED = 0x86
CAPTURED = 0x87
REFUSED = 0x8F
DEVICE_SEALED = 0x90

# Welcome.flags
LIVE = 1

# Refused.reason
OTHER_PROTOCOL = 1
NOT_PROVEN = 2
NOT_PAIRED = 3
WRONG_PROOF = 4

# Changed.result
APPLIED = 0
NOT_VALID = 1
NOT_STORED = 2
NOT_UNDERSTOOD = 3

# Only these are sent in the clear; everything else is sealed.
IN_THE_CLEAR = (HELLO, PROVE, HOST_SEALED, CHALLENGE, REFUSED, DEVICE_SEALED)

# type: its fixed fields, named behind it; what follows them is the tail. shared/protocol/protocol.md tells more.
FORMS = {
    HELLO: "<BQ",  # protocol, host_id
    PROVE: "<",
    HOST_SEALED: "<I",  # counter
    FETCH: "<BIH",  # stream, from_seq, window
    ACK: "<I",  # upto_seq
    PING: "<I",  # token
    ANCHOR: "<QQI",  # time_us, utc_us, uncertainty_us
    MODE: "<B",  # live
    CHANGE: "<B",  # token
    CAPTURE: "<B",  # on
    BYE: "<",
    CHALLENGE: "<B",  # protocol
    REFUSED: "<B",  # reason
    DEVICE_SEALED: "<I",  # counter
    WELCOME: "<BBIIQIIB",  # protocol, flags, log_id, boot_id, time_us, first_seq, next_seq, id_bytes
    RECORDS: "<BII",  # stream, from_seq, upto_seq
    CAUGHT_UP: "<BI",  # stream, next_seq
    PONG: "<IQ",  # token, time_us
    CHANGED: "<BB",  # token, result
    CAPTURED: "<IQIIIB",  # sample, time_us, rate_milli_hz, lsb_nano_g, lsb_micro_dps, axes
}


def pack(kind: int, *fields: int) -> bytes:
    """The fixed fields of a message."""
    return struct.pack(FORMS[kind], *fields)


def unpack(kind: int, payload: bytes) -> "tuple[tuple[int, ...], bytes] | None":
    """Fixed fields and tail, or None if the type is unknown or the payload too short."""
    form = FORMS.get(kind)
    if form is None:
        return None
    size = struct.calcsize(form)
    if len(payload) < size:
        return None
    return struct.unpack_from(form, payload, 0), payload[size:]
