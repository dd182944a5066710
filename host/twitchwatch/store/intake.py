"""How a window of records enters the database: one pass inside the caller's transaction."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Sequence

from shared.protocol import records as protocol
from twitchwatch.store.rows import CommitResult

# SQLite's integers are signed; a device clock beyond this is invalid, and `raw` has its true value.
_LARGEST = 2**63 - 1


def read_record(raw: bytes) -> protocol.Record:
    """The record in `raw`; its body is None where type, version, length or CRC cannot be read."""
    try:
        return protocol.decode(raw)
    except protocol.RecordError:
        kind, version, _, seq, boot_id, time_us = struct.unpack_from(protocol.HEADER, raw, 0)
        return protocol.Record(kind, version, seq, boot_id, time_us, None, b"", raw)


def take_in(
    connection: sqlite3.Connection,
    device_id: int,
    records: Sequence[bytes],
    from_seq: int,
    upto_seq: int,
    damaged: int,
    received_utc_us: int,
) -> CommitResult:
    """Insert `records`, record the gaps in [from_seq, upto_seq) and advance the device's next_seq."""
    stored = repeated = unread = conflicts = 0
    arrived = []
    for raw in records:
        if not raw or protocol.sealed_length(raw, 0) != len(raw):
            damaged += 1
            continue
        record = read_record(raw)
        row = (device_id, record.seq, record.boot_id, record.type, record.version)
        inserted = connection.execute(
            "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, min(record.time_us, _LARGEST), received_utc_us, raw),
        ).rowcount
        if inserted:
            stored += 1
            unread += record.body is None
            arrived.append(record.seq)
            continue
        (kept,) = connection.execute(
            "SELECT raw FROM record WHERE device_id = ? AND seq = ?", (device_id, record.seq)
        ).fetchone()
        if kept == raw:
            repeated += 1
        else:
            conflicts += 1
            connection.execute(
                "INSERT OR IGNORE INTO conflict VALUES (?, ?, ?, ?)",
                (device_id, record.seq, received_utc_us, raw),
            )
    _fill_holes(connection, device_id, arrived)
    missing = _note_holes(connection, device_id, from_seq, upto_seq, received_utc_us)
    connection.execute(
        "UPDATE device SET next_seq = max(next_seq, ?), damaged = damaged + ?,"
        " last_seen_utc_us = max(last_seen_utc_us, ?) WHERE id = ?",
        (upto_seq, damaged, received_utc_us, device_id),
    )
    return CommitResult(stored, repeated, unread, conflicts, damaged, missing)


def _fill_holes(connection: sqlite3.Connection, device_id: int, arrived: Iterable[int]) -> None:
    for seq in arrived:
        hole = connection.execute(
            "SELECT first_seq, count, seen_utc_us FROM missing"
            " WHERE device_id = ? AND first_seq <= ? AND first_seq + count > ?",
            (device_id, seq, seq),
        ).fetchone()
        if hole is None:
            continue
        first, count, seen = hole
        connection.execute("DELETE FROM missing WHERE device_id = ? AND first_seq = ?", (device_id, first))
        _note(connection, device_id, first, seq, seen)
        _note(connection, device_id, seq + 1, first + count, seen)


def _note_holes(
    connection: sqlite3.Connection, device_id: int, from_seq: int, upto_seq: int, seen_utc_us: int
) -> int:
    known = connection.execute(
        "SELECT seq, seq + 1 FROM record WHERE device_id = :d AND seq >= :f AND seq < :u"
        " UNION ALL SELECT first_seq, first_seq + count FROM missing"
        " WHERE device_id = :d AND first_seq + count > :f AND first_seq < :u ORDER BY 1",
        {"d": device_id, "f": from_seq, "u": upto_seq},
    ).fetchall()
    noted = 0
    at = from_seq
    for start, end in [*known, (upto_seq, upto_seq)]:
        noted += _note(connection, device_id, at, start, seen_utc_us)
        at = max(at, end)
    return noted


def _note(connection: sqlite3.Connection, device_id: int, first: int, end: int, seen_utc_us: int) -> int:
    if end <= first:
        return 0
    connection.execute(
        "INSERT INTO missing VALUES (?, ?, ?, ?)", (device_id, first, end - first, seen_utc_us)
    )
    return end - first
