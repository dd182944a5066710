"""Salvage: the readable part of a damaged database is copied to a new one, and the rest is counted."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twitchwatch.errors import ConfigurationError, IntegrityError
from twitchwatch.store import schema
from twitchwatch.store.connections import BUSY_TIMEOUT_S
from twitchwatch.store.examining import Examination, examine
from twitchwatch.store.faults import faults_of
from twitchwatch.store.migrations import MIGRATIONS
from twitchwatch.store.pages import Text, rows
from twitchwatch.store.quarantine import insert_record
from twitchwatch.store.seals import (
    COLUMNS,
    DERIVED,
    SEALED,
    SEALED_SINCE,
    is_sound,
    is_whole,
    seal_of,
    unsealed,
)

# A row takes more bytes than this, so that there are not more of them than the file has room for.
_ROW_BYTES = 16
# Halving a stretch that cannot be read ends at the single row, or after this many steps.
_TRIES = 1_000_000
_RECORD = COLUMNS.split(", ")


@dataclass
class Salvaged:
    """What was saved from a damaged database.

    copied: rows by table. damaged: rows whose checksum fails, which were left out or, for sensors, copied
    unchanged. unreadable: ranges of rows that cannot be read. found: the check of the new file.
    """

    target: Path
    copied: dict[str, int] = field(default_factory=dict)
    damaged: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)
    found: Examination | None = None

    @property
    def lost(self) -> dict[str, int]:
        """What is missing or doubtful, by place."""
        lost = {
            table: self.damaged.get(table, 0) + self.unreadable.get(table, 0)
            for table in {**self.damaged, **self.unreadable}
        }
        gone = 0 if self.found is None else self.found.gone
        return {**lost, **({"gap": gone} if gone else {})}


def salvage(source: Path, target: Path) -> Salvaged:
    """Copy what can be read from `source`, which is not changed, to the new database `target`.

    Raises ConfigurationError (no such file, no space, target exists) and IntegrityError (nothing to read).
    """
    if not source.is_file():
        raise ConfigurationError(f"There is no file {source}. Specify the damaged database.")
    if target.exists():
        raise ConfigurationError(f"{target} already exists. Move it away, or choose another file with --to.")
    saved = Salvaged(target)
    try:
        with tempfile.TemporaryDirectory(prefix="salvage-", dir=target.parent) as folder:
            # SQLite may write into what it opens.
            copy = Path(folder) / "damaged.db"
            for ending in ("", "-wal"):
                if (beside := source.with_name(source.name + ending)).exists():
                    shutil.copyfile(beside, copy.with_name(copy.name + ending))
            new = Path(folder) / "new.db"
            _rescue(source, copy, new, saved)
            with closing(schema.connect(new, BUSY_TIMEOUT_S, write=True)) as connection, faults_of(target):
                saved.found = examine(connection)
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            new.rename(target)
    except OSError as error:
        raise ConfigurationError(
            f"{target} cannot be written: {error.strerror}. Free some space, or choose another file with "
            "--to."
        ) from error
    return saved


def _rescue(source: Path, copy: Path, new: Path, saved: Salvaged) -> None:
    try:
        _rescue_by_rows(copy, new, saved)
        if not saved.copied and (size := source.stat().st_size) < schema.HEADER_BYTES:
            raise sqlite3.DatabaseError(f"it has {size} bytes")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        for name in new.parent.glob(f"{new.name}*"):
            name.unlink()
        saved.copied, saved.damaged, saved.unreadable = {}, {}, {"file": 1}
        _rescue_by_pages(copy, new, saved)
        if not saved.copied:
            raise IntegrityError(
                f"Nothing in {source} can be read ({error}). Restore a backup: `twitchwatch restore FILE`."
            ) from error
    schema.prepare(new, BUSY_TIMEOUT_S)


def _rescue_by_pages(copy: Path, new: Path, saved: Salvaged) -> None:
    """If SQLite refuses the file: copy each row of a page whose checksum matches some table."""
    schema.prepare(new, BUSY_TIMEOUT_S)
    with (
        faults_of(saved.target, writing=True),
        closing(schema.connect(new, BUSY_TIMEOUT_S, write=True)) as into,
    ):
        into.execute("PRAGMA foreign_keys = OFF")
        kinds = {
            table: [kind for _, _, kind, *_ in into.execute(f"PRAGMA table_info({table})")]
            for table in SEALED
            if table not in DERIVED
        }
        into.execute("BEGIN")
        for rowid, values in rows(copy.read_bytes()):
            table = _table_of(rowid, values, kinds)
            if table is None:
                continue
            names = _RECORD if table == "record" else (*SEALED[table], "seal")
            # Numbers and texts are as they were sealed; the same row may be in a page that is out of use.
            done = into.execute(
                f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                values,
            )
            if done.rowcount == 1:
                _count(saved.copied, table)
        into.execute("COMMIT")


def _table_of(rowid: int, values: list[Any], kinds: Mapping[str, list[str]]) -> str | None:
    """The table of this row, by the types of its values and its checksum; its own number is filled in."""
    if len(values) == len(_RECORD) and is_sound(values):
        return "record"
    for table, kinds_of_table in kinds.items():
        # SQLite keeps an INTEGER PRIMARY KEY as the rowid alone.
        row = [rowid if values and values[0] is None else values[0], *values[1:]] if values else []
        if [_kind(one, kind) for one, kind in zip(row, kinds_of_table, strict=False)] != kinds_of_table:
            continue
        stored = (one if one is None or isinstance(one, bytes) else b"%d" % one for one in row[:-1])
        if len(row) == len(kinds_of_table) and seal_of(*stored) == row[-1]:
            values[:] = [one.decode("utf-8", "replace") if isinstance(one, Text) else one for one in row]
            return table
    return None


def _kind(value: Any, otherwise: str) -> str:
    if value is None:
        return otherwise
    return "TEXT" if isinstance(value, Text) else "BLOB" if isinstance(value, bytes) else "INTEGER"


def _rescue_by_rows(copy: Path, new: Path, saved: Salvaged) -> None:
    with closing(sqlite3.connect(copy)) as old:
        old.text_factory = lambda stored: stored.decode("utf-8", "replace")
        old.create_function("seal_of", -1, seal_of, deterministic=True)
        (version,) = old.execute("PRAGMA user_version").fetchone()
        tables = [name for (name,) in old.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        if not 0 < version <= len(MIGRATIONS):
            version = len(MIGRATIONS)
        _fill(old, new, version, {*tables}, copy.stat().st_size // _ROW_BYTES, saved)


def _fill(
    old: sqlite3.Connection, new: Path, version: int, tables: set[str], most: int, saved: Salvaged
) -> None:
    schema.prepare(new, BUSY_TIMEOUT_S, MIGRATIONS[:version])
    with (
        faults_of(saved.target, writing=True),
        closing(schema.connect(new, BUSY_TIMEOUT_S, write=True)) as into,
    ):
        into.execute("PRAGMA foreign_keys = OFF")
        into.execute("BEGIN")
        for table in sorted({*SEALED, "record"} & tables - {*DERIVED}):
            own = {name for _, name, *_ in old.execute(f"PRAGMA table_info({table})")}
            names = [name for _, name, *_ in into.execute(f"PRAGMA table_info({table})") if name in own]
            sealed = version >= SEALED_SINCE
            if table == "record":
                _records(old, into, most, sealed, saved)
            else:
                names = [name for name in names if name != "seal"]
                _rows(old, into, table, names, most, sealed, saved)
        into.execute("COMMIT")


def _records(
    old: sqlite3.Connection, into: sqlite3.Connection, most: int, sealed: bool, saved: Salvaged
) -> None:
    columns = COLUMNS if sealed else COLUMNS.replace("seal", "NULL")
    for _, *row in _readable(old, "record", columns, most, saved):
        device_id, received_utc_us, raw = row[0], row[6], row[7]
        try:
            if not (is_whole(raw) and isinstance(device_id, int) and isinstance(received_utc_us, int)):
                raise ValueError("damaged")
            assert isinstance(raw, bytes)
            if not is_sound(row):
                _count(saved.damaged, "record")
            if sealed:
                insert_record(into, device_id, received_utc_us, raw)
            else:
                into.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row[:8])
            _count(saved.copied, "record")
        except (ValueError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
            _count(saved.damaged, "record")


def _rows(
    old: sqlite3.Connection,
    into: sqlite3.Connection,
    table: str,
    names: list[str],
    most: int,
    sealed: bool,
    saved: Salvaged,
) -> None:
    amiss = unsealed(table) if sealed else "0"
    marks = ", ".join("?" * len(names))
    for _, damaged, *row in _readable(old, table, f"{amiss}, {', '.join(names)}", most, saved):
        if damaged:
            _count(saved.damaged, table)
            if table != "device":
                continue
        try:
            into.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", row)
            _count(saved.copied, table)
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, UnicodeEncodeError):
            if not damaged:
                _count(saved.damaged, table)


def _readable(
    old: sqlite3.Connection, table: str, columns: str, most: int, saved: Salvaged
) -> Iterator[tuple[object, ...]]:
    """Every row that can be read, with its rowid; unreadable ranges are counted."""
    seen: set[object] = set()
    with suppress(sqlite3.DatabaseError, UnicodeDecodeError):
        # A rowid may be a moment in time.
        most = max(most, old.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0)
    waiting = [(-1, most)]
    failed, tried = -2, 0
    while waiting and tried < _TRIES:
        tried += 1
        first, last = waiting.pop()
        try:
            found = old.execute(
                f"SELECT rowid, {columns} FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ?"
                " ORDER BY rowid",
                (first, last),
            ).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            if last > first:
                middle = (first + last) // 2
                waiting += [(middle + 1, last), (first, middle)]
            else:
                if first != failed + 1:
                    _count(saved.unreadable, table)
                failed = first
            continue
        for row in found:
            if row[0] not in seen:
                seen.add(row[0])
                yield row


def _count(counts: dict[str, int], table: str) -> None:
    counts[table] = counts.get(table, 0) + 1
