"""Copies of the database: backups, which are verified before they count, and restoring them.

A copy of a running daemon's file made by other means lacks what is still in the write-ahead log
(`twitchwatch.db-wal`). SQLite's backup interface includes everything that was committed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from twitchwatch.errors import ConfigurationError, IntegrityError, TwitchwatchError
from twitchwatch.store import schema
from twitchwatch.store.care import STEPS_PER_LOOK
from twitchwatch.store.connections import BUSY_TIMEOUT_S
from twitchwatch.store.examining import Examination, examine
from twitchwatch.store.faults import faults_of
from twitchwatch.store.migrations import MIGRATIONS
from twitchwatch.store.seals import SEALED

FOLDER = "backups"
_PAGES_AT_ONCE = 2_000


class StoppedError(TwitchwatchError):
    """The copy was stopped before it was complete. Nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A verified backup: its file, and its contents."""

    path: Path
    found: Examination


def never() -> bool:
    """Never stop it."""
    return False


def folder_beside(database: Path) -> Path:
    """The daemon's backup folder."""
    return database.with_name(FOLDER)


def backups(database: Path, folder: Path) -> list[Path]:
    """The backups of this database in `folder`, the oldest first."""
    return sorted(folder.glob(f"{escape(database.stem)}-????????-??????.db"))


def back_up(database: Path, folder: Path, now_utc_us: int, stopped: Callable[[], bool] = never) -> Backup:
    """Copy the database, which may be in use, to `folder`, and verify the copy.

    It counts only if it has as many rows as the original and is intact: IntegrityError otherwise. Raises
    ConfigurationError if there is no space or no permission to write. After an error no file of it is left,
    and earlier backups are untouched.
    """
    if not database.is_file():
        raise ConfigurationError(f"There is no database at {database} yet. `twitchwatch run` creates it.")
    name = f"{database.stem}-{datetime.fromtimestamp(now_utc_us / 1e6, UTC):%Y%m%d-%H%M%S}.db"
    target = folder / name
    _make_folder(folder)
    found = copy(database, target, stopped)
    return Backup(target, found)


def prune(database: Path, folder: Path, kept: int) -> None:
    """Delete all but the newest `kept` backups."""
    for path in backups(database, folder)[:-kept]:
        path.unlink(missing_ok=True)


def copy(source: Path, target: Path, stopped: Callable[[], bool] = never) -> Examination:
    """Copy a database to `target`, which must not exist, and verify the copy; see `back_up`."""
    if target.exists():
        raise ConfigurationError(f"{target} already exists. Choose another folder, or try again in a second.")
    half = target.with_name(target.name + ".part")
    try:
        found = _copy(source, half, stopped)
        _flush(half)
        os.replace(half, target)
    except OSError as error:
        raise ConfigurationError(
            f"The copy {target} cannot be written: {error.strerror}. Check the folder's permissions and free "
            "space."
        ) from error
    finally:
        for name in (half, _beside(half, "-wal"), _beside(half, "-shm"), _beside(half, "-journal")):
            name.unlink(missing_ok=True)
    return found


def restore(backup: Path, database: Path, now_utc_us: int) -> tuple[Path | None, Examination]:
    """Replace the database with a copy of `backup`; the current file is renamed, with its -wal.

    Returns its new name, None if there was none. The caller holds the lock of the database. A backup that is
    damaged (IntegrityError), of a newer version, or that does not fit on the disk changes nothing.
    """
    if not backup.is_file():
        raise ConfigurationError(f"There is no file {backup}. Choose one made by `twitchwatch backup`.")
    schema.check(backup, len(MIGRATIONS))
    _make_folder(database.parent)
    incoming = database.with_name(f"{database.name}.restoring")
    incoming.unlink(missing_ok=True)
    found = copy(backup, incoming)
    aside = None
    try:
        if database.exists():
            moment = f"{datetime.fromtimestamp(now_utc_us / 1e6, UTC):%Y%m%d-%H%M%S}"
            aside = database.with_name(f"{database.name}.{moment}.aside")
            # The log goes first: without it the file would lack its last commits.
            for ending in ("-wal", "-shm", ""):
                if _beside(database, ending).exists():
                    os.rename(_beside(database, ending), _beside(aside, ending))
        os.replace(incoming, database)
    except OSError as error:
        raise ConfigurationError(
            f"{database} cannot be replaced: {error.strerror}. Check the folder's permissions."
        ) from error
    finally:
        incoming.unlink(missing_ok=True)
    return aside, found


def _copy(source: Path, half: Path, stopped: Callable[[], bool]) -> Examination:
    def progress(*_: int) -> None:
        if stopped():
            raise StoppedError("The backup was stopped.")

    half.unlink(missing_ok=True)
    schema.must_have_header(source)
    os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with (
        faults_of(source),
        closing(schema.connect(source, BUSY_TIMEOUT_S, write=False)) as original,
    ):
        # One moment of the original, however long the copy takes.
        original.execute("BEGIN")
        counts = _counts(original)
        with faults_of(half), closing(sqlite3.connect(half)) as written:
            original.backup(written, pages=_PAGES_AT_ONCE, progress=progress)
    with faults_of(half), closing(schema.connect(half, BUSY_TIMEOUT_S, write=False)) as again:
        (version,) = again.execute("PRAGMA user_version").fetchone()
        same = _counts(again) == counts
        again.set_progress_handler(stopped, STEPS_PER_LOOK)
        try:
            found = _examine_version(again, version)
        finally:
            # A check that was stopped says that the file is damaged.
            progress()
    if found.structure or found.damaged or not same:
        what = (
            found.structure[0] if found.structure else "some of its rows have changed since they were written"
        )
        raise IntegrityError(
            f"The copy of {source} is damaged ({what}), so it was not kept. `twitchwatch doctor` checks the"
            " original; earlier backups are untouched."
        )
    return found


def _examine_version(connection: sqlite3.Connection, version: int) -> Examination:
    if version == len(MIGRATIONS):
        return examine(connection)
    # A backup of an older version has the rows of its time; its structure and its records are checked.
    reported = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
    (records,) = connection.execute("SELECT count(*) FROM record").fetchone()
    return Examination(records, () if reported == ["ok"] else tuple(reported), {}, 0)


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in sorted({*SEALED, "record"} & present)
    }


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {folder} cannot be created: {error.strerror}. Choose one that you may write to."
        ) from error


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
