"""One database file: one thread that writes, transaction by transaction, and separate readers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from twitchwatch.errors import ConfigurationError
from twitchwatch.store import schema
from twitchwatch.store.examining import look_over
from twitchwatch.store.faults import faults_of, gone, identity

_TRACES = "The rows are erased, but their traces are still in the database's files."
_FINISH = "Then run `twitchwatch erase --traces`."

Result = TypeVar("Result")

# How long a write waits for another program's; our longest transaction takes well below a second.
BUSY_TIMEOUT_S = 5.0


class Connections:
    """An open database; safe to use from any thread. Use as a context manager, or close it."""

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="twitchwatch-store")
        self._writing: sqlite3.Connection | None = None
        self._damaged: set[str] = set()
        self._files: dict[Path, tuple[int, int]] = {}

    @classmethod
    def open(cls, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Self:
        """Open the database at `path`; create it, or migrate it after a backup, if needed.

        Raises IntegrityError (damaged, another program's, or newer: left untouched) and ConfigurationError
        (no permission to write, disk full, locked).
        """
        schema.prepare(path, busy_timeout_s)
        opened = cls(path, busy_timeout_s)
        opened.look_over()
        return opened

    @classmethod
    def open_existing(cls, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Self:
        """Open an existing database for queries. Raises ConfigurationError if there is none."""
        if not path.is_file():
            raise ConfigurationError(
                f"There is no database at {path} yet. Start `twitchwatch run`, which creates it. "
                "For the nights of a demo, add the --database that the demo printed."
            )
        return cls.open(path, busy_timeout_s=busy_timeout_s)

    def close(self) -> None:
        """Wait for the current write and release the file; a second call does nothing."""
        if self._writing is not None:
            self._writer.submit(self._writing.close).result()
            self._writing = None
        self._writer.shutdown()

    def __enter__(self) -> Self:
        """Do nothing: an opened store is ready."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do `work` in one transaction that is on disk when this returns. Raises our errors for SQLite's."""
        return self._writer.submit(self._transact, work).result()

    def _transact(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        with faults_of(self.path, writing=True):
            if self._writing is None:
                self._writing = schema.connect(self.path, self._busy_timeout_s, write=True)
                self._files[self.path] = identity(self.path)
            connection = self._writing
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
                self._must_be_there()
            except BaseException:
                # A full disk rolls back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

    def rewrite(self) -> None:
        """Rewrite the file without what was deleted, and empty its write-ahead log.

        Raises our errors for SQLite's; ConfigurationError, with the command that finishes it, if the disk is
        full or another program reads the database.
        """
        self._writer.submit(self._rewrite).result()

    def _rewrite(self) -> None:
        try:
            with faults_of(self.path):
                if self._writing is None:
                    self._writing = schema.connect(self.path, self._busy_timeout_s, write=True)
                self._writing.execute("VACUUM")
                (busy, *_) = self._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except ConfigurationError as error:
            raise ConfigurationError(f"{_TRACES} {error} {_FINISH}") from error
        if busy:
            raise ConfigurationError(
                f"{_TRACES} Another program has {self.path} open. Close the dashboard and other commands. "
                f"{_FINISH}"
            )

    def look_over(self) -> None:
        """Find the tables whose damaged rows must be left out; see examining.look_over."""
        with self.reading_all() as connection:
            self._damaged = look_over(connection)

    def _reader(self, hidden: Collection[str]) -> sqlite3.Connection:
        return schema.connect(self.path, self._busy_timeout_s, write=False, hidden=hidden)

    def must_be_there(self) -> None:
        """Raise ConfigurationError if the file was deleted or replaced since it was opened for writing."""
        if self._writing is not None:
            self._must_be_there()

    def _must_be_there(self) -> None:
        # What is committed into a file without a name is nowhere.
        wal = self.path.with_name(self.path.name + "-wal")
        if wal not in self._files:
            self._files[wal] = identity(wal)
        for path, before in list(self._files.items()):
            if identity(path) != before:
                raise gone(self.path, path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A separate connection for reading, which leaves out damaged rows."""
        with self.reading_all(self._damaged) as connection:
            yield connection

    @contextmanager
    def reading_all(self, hidden: Collection[str] = ()) -> Iterator[sqlite3.Connection]:
        """A connection for reading everything but the damaged rows of the tables `hidden`."""
        with (
            faults_of(self.path),
            closing(
                schema.connect(self.path, self._busy_timeout_s, write=False, hidden=hidden)
            ) as connection,
        ):
            yield connection
