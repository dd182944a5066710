"""Numbers on disk: a week of samples takes no more memory than an hour of them."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from twitchwatch.errors import RecordingError

KEPT_BYTES = 1 << 22
"""How much of a series stays in memory; a longer one goes to a temporary file."""

_LARGE_FILES = Path("/var/tmp")
"""Where systemd's file-hierarchy(7) wants temporary files that are large: /tmp is often in memory."""


class Spool:
    """A series of numbers of one type, appended at its end and read in pieces.

    `columns`: numbers in a row. Raises RecordingError if the disk is full.
    """

    def __init__(self, dtype: str, columns: int = 1) -> None:
        self._dtype = np.dtype(dtype)
        self._shape = (-1,) if columns == 1 else (-1, columns)
        self._row_bytes = self._dtype.itemsize * columns
        self._file = temporary_file()
        weakref.finalize(self, self._file.close)
        self._rows = 0

    def __len__(self) -> int:
        """Rows."""
        return self._rows

    def append(self, values: NDArray[Any]) -> None:
        """Add rows (n,) or (n, columns) at the end."""
        content = np.ascontiguousarray(values, self._dtype)
        try:
            self._file.seek(self._rows * self._row_bytes)
            self._file.write(content.data)
        except OSError as error:
            raise RecordingError(
                f"{temporary_folder()}: not enough space for the samples of this recording "
                f"({error.strerror}). Free some space, or set the variable TMPDIR to another folder."
            ) from error
        self._rows += len(content)

    def read(self, first: int, count: int) -> NDArray[Any]:
        """Rows from `first` on, as many as there are."""
        self._file.seek(first * self._row_bytes)
        content = self._file.read(max(0, count) * self._row_bytes)
        return np.frombuffer(content, self._dtype).reshape(self._shape)

    def whole(self) -> NDArray[Any]:
        """All rows as one array, read only; a long one is mapped from its file and is not in memory."""
        size = self._rows * self._row_bytes
        if size <= KEPT_BYTES:
            return self.read(0, self._rows)
        self._file.flush()
        content = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)
        return np.frombuffer(content, self._dtype).reshape(self._shape)


def release(array: NDArray[Any]) -> None:
    """Free the memory behind an array that is mapped from a file; it is read again when it is used."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if isinstance(base, mmap.mmap) and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)


def temporary_file() -> IO[bytes]:
    """A file without a name, in memory as long as it is small."""
    return cast(IO[bytes], tempfile.SpooledTemporaryFile(KEPT_BYTES, dir=temporary_folder()))


def temporary_folder() -> str:
    """Where temporary files go: as TMPDIR states, otherwise to a disk if there is one."""
    if not os.environ.get("TMPDIR") and os.access(_LARGE_FILES, os.W_OK):
        return str(_LARGE_FILES)
    return tempfile.gettempdir()
