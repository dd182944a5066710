"""The recordings given on the command line: files, and all in a folder, each with its label in tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from twitchwatch.errors import RecordingError, UsageError
from twitchwatch.foreign import one_line
from twitchwatch.recording.source import STANDARD_INPUT

ENDINGS = (".csv", ".txt", ".tsv", ".gz", ".zip", ".cwa", ".bin", ".gt3x", ".edf")
"""In a folder, files with these endings count as recordings (docs/recordings.md)."""

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Named:
    """A file, and its label in messages and tables."""

    path: Path
    label: str

    @property
    def sha256(self) -> str | None:
        """Of its bytes, hexadecimal; None for standard input. Raises RecordingError."""
        if self.path == STANDARD_INPUT:
            return None
        digest = sha256()
        try:
            with self.path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        except OSError as error:
            raise RecordingError(
                f"{self.path}: cannot be read ({error.strerror}). Check the name and the permissions."
            ) from error
        return digest.hexdigest()


def named_files(paths: Sequence[Path], written: Iterable[Path] = ()) -> list[Named]:
    """Every file that `paths` name, once, in their order; a folder's by name, with those in folders below.

    written: files that the command is about to write; in a folder they are skipped. Raises UsageError
    for a folder without recordings, and for a recording that the command would write over.
    """
    outputs = {path.resolve() for path in written}
    found: dict[Path, Named] = {}
    for path in paths:
        if path != STANDARD_INPUT and path.is_dir():
            inside = [one for one in _inside(path) if one.resolve() not in outputs]
            if not inside:
                raise UsageError(
                    f"{path} has no recordings (files that end in {', '.join(ENDINGS)}). Give another "
                    "folder, or the files themselves."
                )
            for one in inside:
                found.setdefault(one.resolve(), Named(one, one_line(one.relative_to(path).as_posix())))
            continue
        if path != STANDARD_INPUT and path.resolve() in outputs:
            raise UsageError(f"{path} is one of the recordings: write the result to another file.")
        key = path if path == STANDARD_INPUT else path.resolve()
        found.setdefault(key, Named(path, "standard input" if path == STANDARD_INPUT else path.name))
    return _told_apart(list(found.values()))


def _inside(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in ENDINGS and not hidden and path.is_file():
            yield path


def _told_apart(files: list[Named]) -> list[Named]:
    """Files of one label get their path instead."""
    times = Counter(one.label for one in files)
    return [one if times[one.label] == 1 else Named(one.path, one_line(one.path.as_posix())) for one in files]
