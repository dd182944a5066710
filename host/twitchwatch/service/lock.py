"""One collector for each database at a time: a lock that the system releases when its holder ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from twitchwatch.errors import ConfigurationError

# Windows locks bytes, and a locked byte cannot be read: it is far beyond the number.
_LOCKED_BYTE = 1 << 20


def lock_path(database: Path) -> Path:
    """The lock's file, beside the database."""
    return database.with_name(database.name + ".lock")


@contextmanager
def only_one(database: Path) -> Iterator[None]:
    """Hold the lock of this database. Raises ConfigurationError, with its holder's pid, if it is taken.

    The file stays; only the lock on it counts, and the lock ends with the process, however that ends.
    """
    path = lock_path(database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"The lock {path} cannot be created: {error.strerror}. Check the folder's owner and permissions."
        ) from error
    try:
        if not _lock(descriptor):
            raise ConfigurationError(
                f"twitchwatch is already collecting into {database} (pid {_holder(path)}). Only one process "
                "can. Let it continue, or stop it (`twitchwatch service status` shows whether the "
                "system started it)."
            )
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def holder(database: Path) -> int | None:
    """The pid of the process that collects into this database; None if there is none."""
    path = lock_path(database)
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        if _lock(descriptor):
            return None
    finally:
        os.close(descriptor)
    reported = _holder(path)
    return int(reported) if reported.isdigit() else None


def _holder(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("ascii").strip() or "unknown"
    return "unknown"


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True
else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
