"""One collector for each database at a time: a lock that the system releases when its holder ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from twitchwatch.errors import ConfigurationError
from twitchwatch.locking import lock, lock_path


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
        if not lock(descriptor):
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
        if lock(descriptor):
            return None
    finally:
        os.close(descriptor)
    reported = _holder(path)
    return int(reported) if reported.isdigit() else None


def _holder(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("ascii").strip() or "unknown"
    return "unknown"
