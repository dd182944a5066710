"""A recording in any form (on disk, compressed or on standard input), as UTF-8 that can be read twice."""

from __future__ import annotations

import codecs
import gzip
import io
import shutil
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from twitchwatch.errors import RecordingError
from twitchwatch.recording.spool import temporary_file

STANDARD_INPUT = Path("-")

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
GT3X_MEMBERS = {"info.txt", "log.bin", "activity.bin"}
"""ActiGraph's GT3X is a zip archive with two of these."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a `member` of a zip archive; `name` is its name in messages."""

    path: Path
    member: str | None = None
    kept: IO[bytes] | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The file, and its member if it is an archive."""
        path = "standard input" if self.path == STANDARD_INPUT else str(self.path)
        return f"{path}, {self.member}" if self.member else path

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The content, decompressed, as UTF-8 without a byte order mark.

        Raises RecordingError, with what to do, if it cannot be read to its end.
        """
        with self.opened() as (content, _):
            yield content

    @contextmanager
    def opened(self) -> Iterator[tuple[IO[bytes], Callable[[], float]]]:
        """The same, and what share of the file has been read so far."""
        try:
            with self.raw() as raw:
                size = max(1, raw.seek(0, io.SEEK_END))
                raw.seek(0)
                with _uncompressed(raw, self.member) as content:
                    yield _as_utf_8(content), lambda: raw.tell() / size
        except UnicodeError as error:
            raise RecordingError(
                f"{self.name}: this is not text ({error}). Export the recording as CSV in UTF-8 or UTF-16."
            ) from error
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise RecordingError(
                f"{self.name}: cannot be read ({reason}). Check the name and the permissions; a compressed "
                "file must be whole."
            ) from error

    @contextmanager
    def raw(self) -> Iterator[IO[bytes]]:
        """The file's bytes as they are; raises OSError."""
        if self.kept is not None:
            self.kept.seek(0)
            yield self.kept
        else:
            with self.path.open("rb") as file:
                yield file


@contextmanager
def sources(path: Path) -> Iterator[list[Source]]:
    """What `path` contains: one file, or the CSV files in a zip archive; "-" is standard input.

    Raises RecordingError if the file cannot be read, or an archive holds no CSV file.
    """
    if path != STANDARD_INPUT:
        yield _contained(Source(path))
        return
    # A pipe can be read once; recognising its format takes a second reading.
    with temporary_file() as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        yield _contained(Source(path, kept=kept))


def _contained(whole: Source) -> list[Source]:
    try:
        with whole.raw() as file:
            if file.read(len(_ZIP)) != _ZIP:
                return [whole]
            with zipfile.ZipFile(file) as archive:
                names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except (OSError, zipfile.BadZipFile) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise RecordingError(
            f"{whole.name}: cannot be read ({reason}). Check the name and the permissions; a compressed file "
            "must be whole."
        ) from error
    if len(GT3X_MEMBERS & set(names)) >= 2:
        return [whole]
    members = [name for name in names if name.lower().endswith((".csv", ".txt", ".tsv"))]
    if not members:
        raise RecordingError(
            f"{whole.name}: this archive has no CSV file. Export the recording as CSV, or unpack it and give "
            "the file."
        )
    return [Source(whole.path, member, whole.kept) for member in members]


@contextmanager
def _uncompressed(raw: IO[bytes], member: str | None) -> Iterator[IO[bytes]]:
    if member is not None:
        with zipfile.ZipFile(raw) as archive, archive.open(member) as content:
            yield content
        return
    magic = raw.read(len(_GZIP))
    raw.seek(0)
    if magic == _GZIP:
        with gzip.open(raw) as content:
            yield cast(IO[bytes], content)
    else:
        yield raw


def _as_utf_8(content: IO[bytes]) -> IO[bytes]:
    start = content.read(3)
    if start == codecs.BOM_UTF8:
        return content
    content.seek(0)
    if start[:2] in _UTF_16:
        return cast(IO[bytes], io.BufferedReader(_Recoded(io.TextIOWrapper(content, "utf-16", newline=""))))
    return content


class _Recoded(io.RawIOBase):
    """Text of another encoding as UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if not self._left:
            self._left = self._text.read(len(view)).encode()
        taken, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(taken)] = taken
        return len(taken)
