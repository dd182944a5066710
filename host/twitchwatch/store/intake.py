"""Stores a window of records: one pass inside the caller's transaction."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Sequence

from twitchwatch.errors import TwitchwatchError
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store.quarantine import insert_record, set_aside
from twitchwatch.store.rows import IMPORTED, CommitResult
from twitchwatch.store.seals import COLUMNS, into, is_sound
from twitchwatch.store.standing import begin_branch, branches, erased, first_seq, held_seq
from twitchwatch.store.zones import note_anchor

_REQUEST_ALL = (
    "The records do not begin with one that is already stored. Request the log from its first record."
)


class UnplacedError(TwitchwatchError):
    """It is not known whether these records follow the stored ones. Nothing was stored."""


def read_record(raw: bytes) -> protocol.Record:
    """The record in `raw`; its body is None if type, version, length or CRC cannot be read."""
    try:
        return protocol.decode(raw)
    except protocol.RecordError:
        kind, version, _, seq, boot_id, time_us = struct.unpack_from(protocol.HEADER, raw, 0)
        return protocol.Record(kind, version, seq, boot_id, time_us, None, b"", raw)


class Intake:
    """One window, [from_seq, upto_seq), to be stored in the log `device_id` or a branch of it.

    compared: the records before the window match the stored ones, or the sensor has none. False: the window
    must begin with a record that matches the stored one, otherwise UnplacedError is raised.
    """

    def __init__(
        self, connection: sqlite3.Connection, device_id: int, compared: bool, received_utc_us: int
    ) -> None:
        self._connection = connection
        self._device_id = device_id
        self._compared = compared
        self._received_utc_us = received_utc_us
        self._logs = branches(connection, device_id)
        (hardware_id,) = connection.execute(
            "SELECT hardware_id FROM device WHERE id = ?", (device_id,)
        ).fetchone()
        # The place of a recording does not show the place of the computer.
        self._near = not hardware_id.startswith(IMPORTED)
        self._stored = self._repeated = self._unread = self._conflicts = self._missing = 0

    def take(
        self, records: Sequence[bytes], from_seq: int, upto_seq: int, damaged: int, held: int | None
    ) -> CommitResult:
        """Insert `records` and record the gaps; `held`: what held_seq() found of this log before."""
        sound = []
        for raw in records:
            if raw and protocol.sealed_length(raw, 0) == len(raw):
                sound.append(read_record(raw))
            else:
                damaged += 1
        begun = self._device_id
        arrived: list[int] = []
        for record in sorted(sound, key=lambda one: one.seq):
            if erased(self._connection, self._device_id, record.seq):
                # It says nothing about the log: there is nothing here to compare it with.
                self._repeated += 1
                continue
            log = self._place(record)
            if log != self._device_id:
                passed = arrived[-1] + 1 if arrived else from_seq
                self._close(arrived, from_seq, passed)
                self._device_id, from_seq, arrived = log, passed, []
            arrived.append(record.seq)
        if not self._compared:
            raise UnplacedError(_REQUEST_ALL)
        self._close(arrived, from_seq, upto_seq)
        self._connection.execute(
            "UPDATE device SET damaged = damaged + ?1, last_seen_utc_us = max(last_seen_utc_us, ?2),"
            " last_record_utc_us = CASE WHEN ?3 THEN ?2 ELSE last_record_utc_us END WHERE id = ?4",
            (damaged, self._received_utc_us, self._stored > 0, self._device_id),
        )
        reached = held_seq(self._connection, self._device_id, held if begun == self._device_id else None)
        return CommitResult(
            self._stored,
            self._repeated,
            self._unread,
            self._conflicts,
            damaged,
            self._missing,
            self._device_id,
            reached,
        )

    def _place(self, record: protocol.Record) -> int:
        """Store the record unless it is stored already, and return its log."""
        seq, log = record.seq, self._device_id
        rows = self._connection.execute(
            f"SELECT {COLUMNS}, rowid FROM record"
            f" WHERE device_id IN ({', '.join('?' * len(self._logs))}) AND seq = ?",
            (*self._logs, seq),
        ).fetchall()
        kept = {row[0]: row[-3] for row in rows if is_sound(row[:-1])}
        here = {row[0]: row[-1] for row in rows}
        same = [number for number in self._logs if kept.get(number) == record.raw]
        if same:
            self._repeated += 1
            self._compared = True
            return log if log in same else same[0]
        if log != self._logs[0] and seq < (first_seq(self._connection, log) or 0):
            # What a branch has before its first own record is in the log that it left.
            log = self._logs[0]
        if log in kept:
            self._conflicts += 1
            log = self._branch()
        elif log in here:
            # Damaged on this disk; the sensor still has the record.
            set_aside(self._connection, "record", here[log], self._received_utc_us)
        insert_record(self._connection, log, self._received_utc_us, record.raw)
        if self._near:
            note_anchor(self._connection, record, self._received_utc_us)
        self._stored += 1
        self._unread += record.body is None
        return log

    def _branch(self) -> int:
        if not self._compared:
            raise UnplacedError(_REQUEST_ALL)
        log = begin_branch(self._connection, self._device_id, self._received_utc_us)
        self._logs = branches(self._connection, self._device_id)
        return log

    def _close(self, arrived: Iterable[int], from_seq: int, upto_seq: int) -> None:
        _fill_holes(self._connection, self._device_id, arrived)
        self._missing += _note_holes(
            self._connection, self._device_id, from_seq, upto_seq, self._received_utc_us
        )


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
        f"INSERT INTO {into('missing')} VALUES (?, ?, ?, ?)", (device_id, first, end - first, seen_utc_us)
    )
    return end - first
