"""Quarantine: a row damaged on this disk is removed from its table, and kept with all its bytes."""

from __future__ import annotations

import sqlite3

from twitchwatch.store.seals import COLUMNS, SEALED, columns_of, into, is_whole, record_seal

_OF_RECORD = ("device_id", "seq", "boot_id", "type", "version", "time_us", "received_utc_us")


def insert_record(connection: sqlite3.Connection, device_id: int, received_utc_us: int, raw: bytes) -> None:
    """Store a whole record in this log."""
    seal = record_seal(device_id, received_utc_us, raw)
    connection.execute(
        f"INSERT INTO record ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (device_id, *columns_of(raw), received_utc_us, raw, seal),
    )


def set_aside(connection: sqlite3.Connection, table: str, rowid: int, now_utc_us: int) -> None:
    """Move a row to the quarantine: its columns as SQL literals, and the bytes of a record."""
    names = _OF_RECORD if table == "record" else SEALED[table]
    literals = " || ', ' || ".join(f"quote({name})" for name in (*names, "seal"))
    of_log = table in ("record", "missing", "conflict")
    seq = "first_seq" if table == "missing" else "seq"
    connection.execute(
        f"INSERT INTO {into('quarantine')}"
        f" SELECT NULL, ?, ?, {_integer('device_id') if of_log else 'NULL'},"
        f" {_integer(seq) if of_log else 'NULL'}, {literals},"
        f" {'CAST(raw AS BLOB)' if table == 'record' else 'NULL'} FROM {table} WHERE rowid = ?",
        (table, now_utc_us, rowid),
    )
    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))


def mend_record(connection: sqlite3.Connection, rowid: int, now_utc_us: int) -> bool:
    """Set a damaged row of a record aside; if its bytes are intact, store them again under their own number.

    Returns whether they were. The seal then identifies its log and the time of its arrival.
    """
    device_id, received_utc_us, raw, seal = connection.execute(
        "SELECT device_id, received_utc_us, raw, seal FROM record WHERE rowid = ?", (rowid,)
    ).fetchone()
    set_aside(connection, "record", rowid, now_utc_us)
    seen = dict(connection.execute("SELECT id, last_seen_utc_us FROM device").fetchall())
    if not is_whole(raw):
        return False
    if seal is not None and isinstance(received_utc_us, int):
        device_id = next(
            (one for one in seen if record_seal(one, received_utc_us, raw) == seal),
            device_id,
        )
    seq = columns_of(raw)[0]
    taken = connection.execute("SELECT 1 FROM record WHERE device_id = ? AND seq = ?", (device_id, seq))
    if device_id not in seen or taken.fetchone() is not None:
        return False
    insert_record(connection, device_id, min(int(received_utc_us), seen[device_id]), raw)
    return True


def _integer(name: str) -> str:
    return f"CASE typeof({name}) WHEN 'integer' THEN {name} END"
