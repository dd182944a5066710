"""Rows read directly from the pages of a database file that SQLite refuses to read.

Format: sqlite.org/fileformat2.html, sections 1.3, 1.6 and 2.1. The caller identifies a row's table by its
checksum. Unused pages may contain rows that were deleted or replaced.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_LEAF_OF_TABLE = 0x0D
_FIXED = {0: (0, None), 1: (1, ">b"), 2: (2, ">h"), 4: (4, ">i"), 6: (8, ">q"), 7: (8, ">d")}
Value = int | float | bytes | None


class Text(bytes):
    """The bytes of a text."""


def rows(data: bytes) -> Iterator[tuple[int, list[Value]]]:
    """Rowid and values of each row in every page of tables that can be read; text as its bytes."""
    page_bytes = int.from_bytes(data[16:18], "big")
    if page_bytes == 1:
        page_bytes = 65_536
    if page_bytes < 512 or page_bytes & (page_bytes - 1):
        # The header is damaged: what every file of ours has.
        page_bytes = 4096
    for at in range(0, len(data) - page_bytes + 1, page_bytes):
        begin = at + (100 if at == 0 else 0)
        if data[begin] != _LEAF_OF_TABLE:
            continue
        (count,) = struct.unpack_from(">H", data, begin + 3)
        for number in range(min(count, page_bytes // 4)):
            try:
                (offset,) = struct.unpack_from(">H", data, begin + 8 + 2 * number)
                yield _cell(data, at + offset, page_bytes)
            except (IndexError, ValueError, struct.error):
                continue


def _cell(data: bytes, at: int, page_bytes: int) -> tuple[int, list[Value]]:
    length, at = _varint(data, at)
    rowid, at = _varint(data, at)
    if length > len(data):
        raise ValueError("longer than the file")
    # What does not fit continues in a chain of overflow pages.
    most, least = page_bytes - 35, (page_bytes - 12) * 32 // 255 - 23
    local = length
    if length > most:
        local = least + (length - least) % (page_bytes - 4)
        local = least if local > most else local
    payload = data[at : at + local]
    if local < length:
        (following,) = struct.unpack_from(">I", data, at + local)
        while len(payload) < length and following:
            begin = (following - 1) * page_bytes
            (following,) = struct.unpack_from(">I", data, begin)
            payload += data[begin + 4 : begin + page_bytes][: length - len(payload)]
    if len(payload) != length:
        raise ValueError("cut short")
    return rowid, _values(payload)


def _values(payload: bytes) -> list[Value]:
    header, at = _varint(payload, 0)
    kinds = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    at = header
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    if at != len(payload):
        raise ValueError("not as long as it states")
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in (8, 9):
        return kind - 8, at
    if kind in (3, 5):
        size = 3 if kind == 3 else 6
        return int.from_bytes(payload[at : at + size], "big", signed=True), at + size
    if kind in _FIXED:
        size, form = _FIXED[kind]
        return (None if form is None else struct.unpack_from(form, payload, at)[0]), at + size
    if kind < 12:
        raise ValueError("a kind that SQLite keeps for itself")
    size = (kind - 12) // 2
    part = payload[at : at + size]
    return (Text(part) if kind % 2 else part), at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(8):
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    value = value << 8 | data[at]
    return value - (1 << 64) * (value >> 63), at + 1
