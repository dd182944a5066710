"""The folder of an export: it appears when everything in it is written, or not at all."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from twitchwatch.errors import OutputError, UsageError

_BLOCK = 1 << 20


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to write into, which gets the name `path` at the end.

    Raises UsageError if `path` exists and is not an empty folder, OutputError if it cannot be written.
    """
    if path.name in ("", ".."):
        raise UsageError(f"{path} exists already. Name a new folder, such as {path / 'export'}.")
    # A name that nobody has: neither a folder of the user's own nor another export under way is touched.
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
            raise UsageError(f"{path} exists already. Name a new folder, or remove it first.")
        part.mkdir(parents=True)
        yield part
        if path.exists():
            path.rmdir()
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror or error}). Free some space, or name another folder."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
