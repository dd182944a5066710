"""Erasing at the wearer's request: rows, their traces in the file, and copies of the file.

The numbers of erased records stay, so that a sensor that still has them is not asked for them again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from twitchwatch.shared.protocol.records import ANCHOR, BOOT, CRASH, SETTINGS
from twitchwatch.store.copies import backups
from twitchwatch.store.removal import remove
from twitchwatch.store.seals import DERIVED, into
from twitchwatch.store.standing import ERASED_UTC_US

# What dates and explains the records of other nights, and has nothing that was measured.
KEPT_TYPES = (BOOT, ANCHOR, CRASH, SETTINGS)
_KEPT = ", ".join(map(str, KEPT_TYPES))


@dataclass(frozen=True, slots=True)
class NightRecords:
    """A night's place: its log, and the numbers of its records, [first_seq, past_seq)."""

    device_id: int
    first_seq: int
    past_seq: int


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    records: int = 0
    annotations: int = 0
    journal_entries: int = 0


def erase_nights(
    connection: sqlite3.Connection,
    places: Iterable[NightRecords],
    annotations: Iterable[int],
    evenings: Iterable[str],
    findings: Iterable[int],
    alerts: Iterable[str],
) -> Erased:
    """Erase these nights' measurements, annotations (by id), evenings of the journal, findings (by id), and
    alerts (by key).

    Everything that was derived is dropped, because rewriting the file renumbers the rows.
    """
    records = sum(_erase_run(connection, place) for place in places)
    noted = _delete(connection, "annotation", "id", annotations)
    entries = _delete(connection, "journal", "night", evenings)
    _delete(connection, "finding", "id", findings)
    keys = tuple(alerts)
    for table in ("alert", "snooze"):
        _delete(connection, table, "key", keys)
    _forget_derived(connection)
    return Erased(records, noted, entries)


def erase_sensor(connection: sqlite3.Connection, hardware_id: str, findings: Iterable[str]) -> Erased:
    """Erase everything known about a sensor; findings: the keys of its findings, by which alerts are kept."""
    (noted,) = connection.execute(
        "SELECT count(*) FROM annotation WHERE identity = ?", (hardware_id,)
    ).fetchone()
    devices = connection.execute("SELECT id FROM device WHERE hardware_id = ?", (hardware_id,)).fetchall()
    records = 0
    for (device_id,) in devices:
        connection.execute("DELETE FROM quarantine WHERE device_id = ?", (device_id,))
        records += remove(connection, device_id)
    for table in ("proven_address", "port", "setting_change"):
        connection.execute(f"DELETE FROM {table} WHERE hardware_id = ?", (hardware_id,))
    connection.execute("DELETE FROM trouble WHERE subject = ?", (hardware_id,))
    for table in ("alert", "snooze"):
        _delete(connection, table, "key", findings)
    _forget_derived(connection)
    return Erased(records, int(noted))


def copies_of(database: Path, folder: Path) -> list[Path]:
    """Every copy of the database that this program made: backups in `folder`, and files beside it."""
    name, stem = escape(database.name), escape(database.stem)
    # A copy that was interrupted is one, and so is the log of a file that was put aside.
    endings = ("v*.backup", "*.aside", "*.aside-wal", "*.aside-shm", "restoring", "restoring.part")
    beside = [path for ending in endings for path in database.parent.glob(f"{name}.{ending}")]
    beside += database.parent.glob(f"{stem}.salvaged.db")
    halves = folder.glob(f"{stem}-????????-??????.db.part")
    return [*backups(database, folder), *sorted(halves), *sorted(beside)]


def files_of(database: Path) -> list[Path]:
    """The database and the files that SQLite keeps beside it, as far as they exist."""
    names = (database, *(database.with_name(database.name + ending) for ending in ("-wal", "-shm")))
    return [path for path in names if path.exists()]


def _erase_run(connection: sqlite3.Connection, place: NightRecords) -> int:
    within = "device_id = ? AND seq >= ? AND seq < ?"
    where = (place.device_id, place.first_seq, place.past_seq)
    seqs = [
        int(seq)
        for (seq,) in connection.execute(
            f"SELECT seq FROM record WHERE {within} AND type NOT IN ({_KEPT}) ORDER BY seq", where
        )
    ]
    connection.execute(f"DELETE FROM record WHERE {within} AND type NOT IN ({_KEPT})", where)
    for table in ("conflict", "quarantine"):
        connection.execute(f"DELETE FROM {table} WHERE {within}", where)
    for first, past in _runs(seqs):
        connection.execute(
            f"INSERT INTO {into('missing')} VALUES (?, ?, ?, ?)",
            (place.device_id, first, past - first, ERASED_UTC_US),
        )
    return len(seqs)


def _runs(seqs: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for seq in seqs:
        if runs and runs[-1][1] == seq:
            runs[-1] = (runs[-1][0], seq + 1)
        else:
            runs.append((seq, seq + 1))
    return runs


def _delete(connection: sqlite3.Connection, table: str, column: str, values: Iterable[int | str]) -> int:
    return sum(
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (value,)).rowcount for value in values
    )


def _forget_derived(connection: sqlite3.Connection) -> None:
    for table in (*DERIVED, "former"):
        connection.execute(f"DELETE FROM {table}")
