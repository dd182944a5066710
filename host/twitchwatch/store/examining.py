"""The check of a database: its structure, each row by its seal, each record by its CRC, and gaps."""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from twitchwatch.store import damage
from twitchwatch.store.seals import COLUMNS, DERIVED, SEALED, is_sound, seal_of, unsealed

# Looked over at each start: small, and what a question reads besides records.
SMALL = tuple(table for table in SEALED if table not in ("conflict", "sync_session", "quarantine"))
_REPORTED = 5


@dataclass(frozen=True, slots=True)
class Examination:
    """The result of a full check.

    records: how many are sound. structure: SQLite's own words on the file's faults. damaged: rowids by
    table. gone: numbers of records that are neither stored nor known to be missing.
    """

    records: int
    structure: tuple[str, ...]
    damaged: dict[str, tuple[int, ...]]
    gone: int

    @property
    def whole(self) -> bool:
        """Nothing is damaged."""
        return not (self.structure or self.damaged or self.gone)

    @property
    def lost(self) -> dict[str, int]:
        """Counts of damage by place, without tables that follow from the records."""
        lost = {table: len(rowids) for table, rowids in self.damaged.items() if table not in DERIVED}
        return {
            **lost,
            **({damage.GAP: self.gone} if self.gone else {}),
            **({damage.FILE: len(self.structure)} if self.structure else {}),
        }


def examine(connection: sqlite3.Connection) -> Examination:
    """Check everything; one transaction, some seconds for years of records."""
    connection.execute("BEGIN")
    structure: list[str] = []
    damaged: dict[str, tuple[int, ...]] = {}
    records = gone = 0
    try:
        structure += _structure(connection, f"PRAGMA integrity_check({_REPORTED})")
        if not structure and not schema_is_sound(connection):
            structure.append("the schema has changed since it was created")
        for table in SEALED:
            rows = connection.execute(f"SELECT rowid FROM {table} WHERE {unsealed(table)}").fetchall()
            if rows:
                damaged[table] = tuple(rowid for (rowid,) in rows)
        unsound, records, gone = _records(connection)
        if unsound:
            damaged["record"] = tuple(unsound)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        structure.append(str(error))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return Examination(records, tuple(structure), damaged, gone)


def look_over(connection: sqlite3.Connection) -> set[str]:
    """The small tables that are damaged, or FILE; each is noted. Takes milliseconds."""
    found = set()
    if not schema_is_sound(connection):
        damage.note(damage.FILE, "schema")
        found.add(damage.FILE)
    for table in SMALL:
        try:
            wrong: Iterable[object] = _structure(connection, f"PRAGMA integrity_check({table})")
            if not wrong:
                wrong = connection.execute(f"SELECT rowid FROM {table} WHERE {unsealed(table)}").fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            wrong = [str(error)]
        for one in wrong:
            damage.note(table, one)
            found.add(table)
    if found and _structure_of_all(connection):
        # What is derived again now must not rest on a part of the records.
        damage.note(damage.FILE, "structure")
        found.add(damage.FILE)
    return found


def hide_damaged(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Leave damaged rows of these tables out of everything that this connection reads.

    A sensor's entry is kept: without it nothing is known about its records. Tables that follow from the
    records are not read at all if a part of them is damaged.
    """
    hidden = set(tables) - {damage.FILE, "device"}
    if hidden.intersection(DERIVED):
        hidden.update(DERIVED)
    for table in hidden:
        columns = ", ".join(SEALED[table])
        where = "0" if table in DERIVED else f"NOT ({unsealed(table)})"
        connection.execute(
            f"CREATE TEMP VIEW {table} AS SELECT rowid, {columns}, seal FROM main.{table} WHERE {where}"
        )


def schema_is_sound(connection: sqlite3.Connection) -> bool:
    """Whether tables, indexes and triggers are unchanged."""
    row = connection.execute("SELECT seal FROM schema_seal").fetchone()
    return row is not None and row[0] == seal_of_schema(connection)


def seal_of_schema(connection: sqlite3.Connection) -> int:
    """The checksum of all tables, indexes and triggers."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    return seal_of(*(None if one is None else str(one).encode() for row in rows for one in row))


def _structure_of_all(connection: sqlite3.Connection) -> list[str]:
    try:
        return _structure(connection, f"PRAGMA integrity_check({_REPORTED})")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return [str(error)]


def _structure(connection: sqlite3.Connection, pragma: str) -> list[str]:
    found = [str(row[0]) for row in connection.execute(pragma)]
    return [] if found == ["ok"] else found


def _records(connection: sqlite3.Connection) -> tuple[list[int], int, int]:
    """The rowids of damaged records, how many are sound, and how many are gone."""
    unsound: list[int] = []
    here: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
    count = 0
    for *row, rowid in connection.execute(f"SELECT {COLUMNS}, rowid FROM record"):
        if is_sound(row):
            here[row[0]].append(row[1])
            count += 1
        else:
            unsound.append(rowid)
    return unsound, count, sum(_gone(connection, device_id, seqs) for device_id, seqs in here.items())


def _gone(connection: sqlite3.Connection, device_id: int, seqs: array[int]) -> int:
    gaps = connection.execute(
        "SELECT first_seq, first_seq + count FROM missing WHERE device_id = ? ORDER BY first_seq",
        (device_id,),
    ).fetchall()
    runs = sorted([*gaps, *_runs(sorted(seqs))])
    at, last = min(seqs), max(seqs)
    gone = 0
    for first, end in runs:
        if at < first <= last:
            gone += first - at
        at = max(at, end)
    return gone


def _runs(seqs: list[int]) -> Iterator[tuple[int, int]]:
    first = at = seqs[0]
    for seq in seqs:
        if seq > at:
            yield first, at
            first = seq
        at = seq + 1
    yield first, at
