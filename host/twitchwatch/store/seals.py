"""Seals: each row has a checksum, so that a bit flipped on the disk is detected before it affects a figure.

A record has its own CRC; its seal covers what the sensor did not send. In all other tables, triggers seal
what this program writes. They reseal a row only if it was sound, so that damage is never sealed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from struct import unpack_from
from typing import Any
from zlib import crc32

from twitchwatch.shared.protocol.records import HEADER, sealed_length
from twitchwatch.store import damage

# SQLite's integers are signed; a device clock beyond this is invalid, and `raw` has its true value.
LARGEST = 2**63 - 1

# The version of the database from which on it has seals.
SEALED_SINCE = 13
# Each table with what its seal covers; the order of the columns is part of the seal.
SEALED: dict[str, tuple[str, ...]] = {
    "device": (
        *("id", "hardware_id", "log_id", "name", "first_seen_utc_us", "last_seen_utc_us", "damaged"),
        "last_record_utc_us",
    ),
    "former": ("what", "key", "identity", "body"),
    "conflict": ("device_id", "seq", "received_utc_us", "raw"),
    "missing": ("device_id", "first_seq", "count", "seen_utc_us"),
    "sync_session": (
        *("id", "device_id", "transport", "started_utc_us", "ended_utc_us"),
        *("records", "unread", "damaged", "outcome"),
    ),
    "trouble": ("id", "subject", "reason", "message", "started_utc_us", "ended_utc_us"),
    "proven_address": ("address", "hardware_id"),
    "port": ("vid", "pid", "serial_number", "hardware_id"),
    "finding": (
        *("id", "key", "identity", "kind", "scope", "since_utc_us", "until_utc_us", "raised_utc_us"),
        *("derived_utc_us", "acknowledged_utc_us", "acknowledged_urgency", "resolved_utc_us", "body"),
    ),
    "night": (
        *("identity", "start_utc_us", "end_utc_us", "date", "zone", "derived_utc_us", "version"),
        *("logs", "body", "view", "clock"),
    ),
    "setting_change": ("id", "hardware_id", "name", "value", "asked_utc_us", "answered_utc_us", "outcome"),
    "journal": ("id", "night", "entered_utc_us", "body"),
    "course": ("id", "kind", "first_night", "last_night", "started_utc_us", "body"),
    "alert": ("key", "urgency", "title", "sent_utc_us", "unanswered_utc_us", "over_utc_us", "channels"),
    "snooze": ("key", "until_utc_us"),
    "derived": ("device_id", "upto_rowid", "undated", "waiting", "waiting_from_seq"),
    "trend": ("key", "version", "body"),
    "zone": ("first_utc_us", "last_utc_us", "name"),
    "quarantine": ("id", "origin", "found_utc_us", "device_id", "seq", "columns", "raw"),
    "last_check": ("id", "utc_us", "records", "wrong"),
    "annotation": ("id", "identity", "what", "entered_utc_us", "body"),
}
# Tables that came later: the migration that makes one seals it too.
LATER = ("annotation",)
# These follow from the records: damaged ones are derived again.
DERIVED = ("night", "derived", "trend")
# In the WHERE of whatever reads records: a row that is not one sound record of its number is left out.
COLUMNS = "device_id, seq, boot_id, type, version, time_us, received_utc_us, raw, seal"
SOUND = f"sound({COLUMNS})"


def seal_of(*values: bytes | None) -> int:
    """The checksum of a row's values, as SQLite casts them to BLOB."""
    crc = 0
    for value in values:
        crc = crc32(b"-" if value is None else b"%d:" % len(value), crc)
        crc = crc32(value or b"", crc)
    return crc


def record_seal(device_id: int, received_utc_us: int, raw: bytes) -> int:
    """The seal of a record."""
    return seal_of(b"%d" % device_id, b"%d" % received_utc_us, raw)


def into(table: str) -> str:
    """`table` with its columns except the seal, for an INSERT."""
    return f"{table} ({', '.join(SEALED[table])})"


def seal_call(table: str, prefix: str = "") -> str:
    """SQL for the seal of a row of `table`."""
    return f"seal_of({', '.join(f'CAST({prefix}{name} AS BLOB)' for name in SEALED[table])})"


def unsealed(table: str) -> str:
    """SQL, true for a row that has changed since it was written.

    A record of version 12 or older has no seal.
    """
    if table == "record":
        values = ", ".join(f"CAST({name} AS BLOB)" for name in ("device_id", "received_utc_us", "raw"))
        return f"seal IS NOT NULL AND seal IS NOT seal_of({values})"
    return f"seal IS NOT {seal_call(table)}"


def columns_of_seals(tables: Iterable[str] | None = None) -> str:
    """SQL that adds the seals to these tables, seals every row, and has triggers do so from then on.

    tables: by default all that version 13 had.
    """
    script = ""
    for table in tables or (name for name in SEALED if name not in LATER):
        columns = SEALED[table]
        script += f"""
ALTER TABLE {table} ADD COLUMN seal INTEGER;
UPDATE {table} SET seal = {seal_call(table)};
CREATE TRIGGER {table}_is_sealed AFTER INSERT ON {table}
BEGIN UPDATE {table} SET seal = {seal_call(table, "NEW.")} WHERE rowid = NEW.rowid; END;
CREATE TRIGGER {table}_is_sealed_again AFTER UPDATE OF {", ".join(columns)} ON {table}
WHEN OLD.seal IS {seal_call(table, "OLD.")}
BEGIN UPDATE {table} SET seal = {seal_call(table, "NEW.")} WHERE rowid = NEW.rowid; END;
"""
    return script


def is_whole(raw: object) -> bool:
    """Whether these are the bytes of one record, with a correct CRC."""
    return isinstance(raw, bytes) and len(raw) > 0 and sealed_length(raw, 0) == len(raw)


def columns_of(raw: bytes) -> tuple[int, int, int, int, int]:
    """seq, boot_id, type, version and time_us as in a row, from the record itself."""
    kind, version, _, seq, boot_id, time_us = unpack_from(HEADER, raw, 0)
    return seq, boot_id, kind, version, min(time_us, LARGEST)


def is_sound(row: Sequence[Any]) -> bool:
    """Whether a row of COLUMNS is one complete record, unchanged, and under its own number."""
    device_id, *columns, received_utc_us, raw, seal = row
    if not is_whole(raw) or columns_of(raw) != tuple(columns):
        return False
    if seal is None:
        return True
    whole = isinstance(device_id, int) and isinstance(received_utc_us, int)
    return whole and record_seal(device_id, received_utc_us, raw) == seal


def add_functions(connection: sqlite3.Connection) -> None:
    """Register SQL functions on this connection: `seal_of`, and `sound`, which notes each row that is not."""

    def sound(*row: Any) -> bool:
        if is_sound(row):
            return True
        damage.note("record", row[:2])
        return False

    connection.create_function("seal_of", -1, seal_of, deterministic=True)
    connection.create_function("sound", 9, sound)
