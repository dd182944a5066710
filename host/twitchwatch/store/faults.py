"""SQLite's errors in words: what happened, to which file, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from twitchwatch.errors import ConfigurationError, IntegrityError, TwitchwatchError
from twitchwatch.store.examining import examine
from twitchwatch.store.seals import SEALED_SINCE, add_functions

_NOT_KEPT = " Nothing of this was stored or acknowledged; the sensor keeps its records and sends them again."


def _in_words(path: Path, error: sqlite3.Error, kept: str) -> TwitchwatchError | None:
    # The low byte is the primary result code, the rest its refinement (sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, error)
    if code == sqlite3.SQLITE_FULL:
        return ConfigurationError(f"The disk that holds {path} is full.{kept} Free some space.")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ConfigurationError(
            f"The database {path} is locked by another program.{kept} Close that program, then try again."
        )
    if code == sqlite3.SQLITE_CANTOPEN and not path.exists():
        return gone(path, path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return ConfigurationError(
            f"The database {path} cannot be opened or written ({error}).{kept} "
            "Make sure that you may read and write the file and its folder."
        )
    if code == sqlite3.SQLITE_IOERR:
        return ConfigurationError(
            f"The disk that holds {path} failed to read or write ({error}).{kept} "
            "Check the disk and its free space."
        )
    return None


def identity(path: Path) -> tuple[int, int]:
    """The identity of the file with this name; (0, 0) if there is none."""
    try:
        there = path.stat()
    except OSError:
        return 0, 0
    return there.st_dev, there.st_ino


def gone(database: Path, path: Path) -> ConfigurationError:
    """The error for `path`, the database or its log, that is no longer the file that was opened."""
    what = "was replaced by another file" if path.exists() else "was deleted or moved"
    return ConfigurationError(
        f"{path} {what} while it was in use.{_NOT_KEPT} Put {database} back if you have it, then start "
        "again; otherwise a new one is created."
    )


def damaged(path: Path, cause: object) -> IntegrityError:
    """The error for a file that cannot be read as a database, or not all of it."""
    return IntegrityError(
        f"The database {path} is damaged ({cause}). Stop the daemon, then restore a backup (`twitchwatch "
        "restore FILE`; the daily ones are in the folder `backups` next to it), or save the readable "
        "part with `twitchwatch salvage`."
    )


@contextmanager
def faults_of(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Turn SQLite's errors about the file `path` into this program's; programming errors pass unchanged."""
    try:
        yield
    except TwitchwatchError:
        raise
    except sqlite3.Error as error:
        in_words = _in_words(path, error, _NOT_KEPT if writing else "")
        if in_words is None and _is_damaged(path):
            in_words = damaged(path, error)
        if in_words is None:
            raise
        raise in_words from error
    except Exception as error:
        # A damaged file gives values that cannot be, such as text in a column of numbers.
        if _is_damaged(path):
            raise damaged(path, error) from error
        raise


def _is_damaged(path: Path) -> bool:
    """Whether an unexpected error may be caused by the file."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            add_functions(connection)
            if connection.execute("PRAGMA user_version").fetchone()[0] < SEALED_SINCE:
                return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",))
            return not examine(connection).whole
    except (sqlite3.Error, UnicodeDecodeError):
        return True
