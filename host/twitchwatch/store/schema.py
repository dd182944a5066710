"""How a database file is created, checked, and migrated with a backup."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from twitchwatch.errors import ConfigurationError, IntegrityError
from twitchwatch.store.examining import hide_damaged, seal_of_schema
from twitchwatch.store.faults import damaged, faults_of
from twitchwatch.store.migrations import MIGRATIONS
from twitchwatch.store.seals import add_functions

# "TWCH": distinguishes this file from any other SQLite database (PRAGMA application_id).
APPLICATION_ID = 0x54574348
# sqlite.org/fileformat2.html, 1.3.
HEADER_BYTES = 100


def _seal_schema(connection: sqlite3.Connection) -> None:
    """Store the checksum of the schema; earlier versions have no place for it."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE name = 'schema_seal'").fetchall()
    for _ in tables:
        connection.execute("DELETE FROM schema_seal")
        connection.execute("INSERT INTO schema_seal VALUES (?)", (seal_of_schema(connection),))


def uri(path: Path, options: str) -> str:
    """SQLite's address of `path`; `options` such as "mode=rw"."""
    return f"{path.absolute().as_uri()}?{options}"


def _look(connection: sqlite3.Connection) -> tuple[int, bool]:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    return version, application == APPLICATION_ID or (version == 0 and tables == 0)


def _judge(path: Path, found: tuple[int, bool], newest: int) -> int:
    version, ours = found
    if not ours:
        raise IntegrityError(
            f"{path} is a database of another program; it was left untouched. Choose another file for "
            "Twitchwatch."
        )
    if version > newest:
        raise IntegrityError(
            f"The database {path} has version {version}, newer than this program supports ({newest}); it was "
            "left untouched. Upgrade Twitchwatch."
        )
    return version


def must_have_header(path: Path) -> None:
    """Raise IntegrityError for a file cut to (nearly) nothing: SQLite takes it for a new database to fill."""
    if (size := path.stat().st_size) < HEADER_BYTES:
        empty = "the file is empty; delete it if nothing was recorded yet"
        raise damaged(path, f"it was cut to {size} bytes" if size else empty)


def check(path: Path, newest: int) -> int:
    """Version of the existing database, read without leaving other files next to it.

    Raises IntegrityError for a damaged file, another program's, or one newer than `newest`.
    """
    must_have_header(path)
    wal = path.with_name(path.name + "-wal")
    # If a write-ahead log waits, the newest page 1 may lie in it; if none does, `immutable` reads the
    # file alone and makes neither -wal nor -shm.
    waiting = wal.exists() and wal.stat().st_size > 0
    with (
        faults_of(path),
        closing(sqlite3.connect(uri(path, "mode=ro" if waiting else "immutable=1"), uri=True)) as connection,
    ):
        return _judge(path, _look(connection), newest)


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


def connect(
    path: Path, busy_timeout_s: float, *, write: bool, hidden: Collection[str] = ()
) -> sqlite3.Connection:
    """A connection in autocommit mode, or a read-only one. hidden: tables as for `hide_damaged`."""
    connection = sqlite3.connect(uri(path, "mode=rw"), uri=True, timeout=busy_timeout_s, isolation_level=None)
    try:
        add_functions(connection)
        # A damaged text is noticed by its seal, and must not stop the reader before.
        connection.text_factory = _text
        connection.execute("PRAGMA foreign_keys = ON")
        if write:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            # Without effect elsewhere; on macOS a plain fsync leaves the data in the drive's cache.
            connection.execute("PRAGMA fullfsync = ON")
        else:
            hide_damaged(connection, hidden)
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def backup_path(path: Path, version: int) -> Path:
    """The path for the copy of a database of `version` before it is migrated."""
    return path.with_name(f"{path.name}.v{version}.backup")


def _back_up(path: Path, connection: sqlite3.Connection, version: int) -> None:
    target = backup_path(path, version)
    half = target.with_name(target.name + ".part")
    half.unlink(missing_ok=True)
    os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(half)) as copy:
        connection.backup(copy)
    os.replace(half, target)


def _statements(script: str) -> list[str]:
    statements = []
    part = ""
    for line in script.splitlines():
        part += line + "\n"
        if part.strip() and sqlite3.complete_statement(part):
            statements.append(part)
            part = ""
    return statements


def prepare(path: Path, busy_timeout_s: float, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Create the database at `path` if necessary and migrate it to the newest version, after a backup.

    Raises IntegrityError (damaged, foreign, newer: left untouched) or ConfigurationError (cannot write).
    """
    newest = len(migrations)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            os.close(os.open(path, os.O_RDWR))
        else:
            _create(path, busy_timeout_s, migrations)
    except OSError as error:
        raise ConfigurationError(
            f"The database {path} cannot be opened for writing ({error.strerror}). Choose a file that you "
            "may write to, in a folder that exists or can be created."
        ) from error
    if check(path, newest) < newest:
        _migrate(path, busy_timeout_s, migrations)


def _create(path: Path, busy_timeout_s: float, migrations: Sequence[str]) -> None:
    """Make a new one, which gets its name when it is complete: an empty file with it is a damaged one."""
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.new-", dir=path.parent)
    os.close(descriptor)
    half = Path(name)
    try:
        _migrate(half, busy_timeout_s, migrations)
        try:
            os.link(half, path)
        except FileExistsError:
            # Another process was faster.
            return
        except OSError:
            # A file system without links.
            os.rename(half, path)
    finally:
        for ending in ("", "-wal", "-shm"):
            half.with_name(half.name + ending).unlink(missing_ok=True)


def _migrate(path: Path, busy_timeout_s: float, migrations: Sequence[str]) -> None:
    newest = len(migrations)
    with faults_of(path, writing=True), closing(connect(path, busy_timeout_s, write=True)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have migrated while this one waited for the lock.
            version = _judge(path, _look(connection), newest)
            if version > 0 and version < newest:
                with closing(connect(path, busy_timeout_s, write=False)) as reader:
                    _back_up(path, reader, version)
            for number in range(version, newest):
                for statement in _statements(migrations[number]):
                    connection.execute(statement)
            _seal_schema(connection)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {newest}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        # The version belongs into the file itself, where `check` finds it without opening the log.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
