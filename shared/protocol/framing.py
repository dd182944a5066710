"""Frames: how messages are separated in a stream in which bytes may be lost or corrupted.

A frame is type, length, payload and CRC-32, stuffed by COBS (Cheshire and Baker 1999, IEEE/ACM Trans.
Networking 7:159) and closed by a zero byte. Both Bluetooth and the cable carry the same stream: after any
damage, reading resumes at the next zero byte.
"""

import struct
from binascii import crc32

from .record_types import MAX_RECORD_BYTES

HEAD_BYTES = 3
CRC_BYTES = 4
# Room for the largest record, the fields before it and the seal around both.
MAX_PAYLOAD_BYTES = MAX_RECORD_BYTES + 32
MAX_STUFFED_BYTES = (HEAD_BYTES + MAX_PAYLOAD_BYTES + CRC_BYTES) * 255 // 254 + 2


def cobs_encode(data: bytes) -> bytes:
    """Stuff `data` so that it contains no zero byte; no delimiter is added."""
    out = bytearray()
    at = 0
    end = len(data)
    while True:
        zero = data.find(b"\0", at, at + 254)
        if zero >= 0:
            out.append(zero - at + 1)
            out.extend(data[at:zero])
            at = zero + 1
        elif end - at > 254:
            out.append(255)
            out.extend(data[at : at + 254])
            at += 254
        else:
            out.append(end - at + 1)
            out.extend(data[at:end])
            break
    return bytes(out)


def cobs_decode(data: bytes) -> "bytes | None":
    """The original bytes, or None if `data` is not valid COBS."""
    if data.find(b"\0") >= 0:
        return None
    out = bytearray()
    at = 0
    end = len(data)
    while at < end:
        code = data[at]
        if at + code > end:
            return None
        out.extend(data[at + 1 : at + code])
        at += code
        if code != 255 and at < end:
            out.append(0)
    return bytes(out)


def encode_frame(kind: int, payload: bytes) -> bytes:
    """One frame, ready for the stream. Raises ValueError if the payload exceeds MAX_PAYLOAD_BYTES."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"payload of {len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    whole = struct.pack("<BH", kind, len(payload)) + payload
    return cobs_encode(whole + struct.pack("<I", crc32(whole))) + b"\0"


def open_frame(stuffed: bytes) -> "tuple[int, bytes] | None":
    """Type and payload of one stuffed frame (without its zero byte), or None if it is damaged."""
    whole = cobs_decode(stuffed)
    if whole is None or len(whole) < HEAD_BYTES + CRC_BYTES:
        return None
    kind, length = struct.unpack_from("<BH", whole, 0)
    body_end = HEAD_BYTES + length
    if body_end + CRC_BYTES != len(whole):
        return None
    if struct.unpack_from("<I", whole, body_end)[0] != crc32(memoryview(whole)[:body_end]):
        return None
    return kind, whole[HEAD_BYTES:body_end]


class FrameReader:
    """Takes the stream in any pieces, returns complete frames; counts damaged ones."""

    def __init__(self) -> None:
        self.damaged = 0
        self._part = bytearray()
        self._overlong = False

    def feed(self, data: bytes) -> "list[tuple[int, bytes]]":
        """The frames completed by `data`. Memory stays bounded for any input."""
        frames = []
        at = 0
        data = bytes(data)
        while at < len(data):
            zero = data.find(b"\0", at)
            piece = data[at:] if zero < 0 else data[at:zero]
            at = len(data) if zero < 0 else zero + 1
            if self._overlong or len(self._part) + len(piece) > MAX_STUFFED_BYTES:
                self._overlong = True
                self._part = bytearray()
            else:
                self._part.extend(piece)
            if zero >= 0:
                if self._overlong:
                    self.damaged += 1
                elif self._part:
                    frame = open_frame(bytes(self._part))
                    if frame is None:
                        self.damaged += 1
                    else:
                        frames.append(frame)
                self._part = bytearray()
                self._overlong = False
        return frames

    def reset(self) -> None:
        """Discard an incomplete frame: a new connection begins."""
        self._part = bytearray()
        self._overlong = False
