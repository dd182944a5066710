"""The first lines of a text file: its delimiter, its decimal mark and its column names."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from twitchwatch.errors import RecordingError
from twitchwatch.recording.source import Source

LINES = 256
HEAD_BYTES = 1 << 18
_DELIMITERS = (";", "\t", ",")
_DECIMAL_COMMA = re.compile(r"^\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*$")


@dataclass(frozen=True, slots=True)
class Head:
    """The first lines as text; `name` and `member` are the file's, for what only its name can show."""

    name: str
    file_name: str
    lines: tuple[str, ...]

    def cells(self, line: int, delimiter: str) -> list[str]:
        """The fields of a line, unquoted and stripped."""
        return fields(self.lines[line], delimiter)

    def first(self, start: int = 0) -> int:
        """The first line from `start` that is neither empty nor a comment, or the number of lines."""
        for line in range(start, len(self.lines)):
            if self.lines[line].strip() and not self.lines[line].lstrip().startswith("#"):
                return line
        return len(self.lines)

    def dialect(self, row: int) -> tuple[str, str]:
        """Delimiter and decimal mark of a line of values; a decimal comma needs another delimiter."""
        text = self.lines[row] if row < len(self.lines) else ""
        for delimiter in _DELIMITERS:
            cells = self.cells(row, delimiter) if text else []
            if len(cells) >= 3:
                comma = delimiter != "," and any(_DECIMAL_COMMA.match(cell) for cell in cells)
                return delimiter, "," if comma else "."
        return ",", "."


def fields(line: str, delimiter: str) -> list[str]:
    """The fields of a line, unquoted and stripped; none if its quotes are not valid CSV."""
    try:
        row = next(csv.reader([line.replace("\r", " ")], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in row]


def read_head(source: Source) -> Head:
    """Read the first lines. Raises RecordingError if they are not text, or nothing is there."""
    with source.open() as file:
        content = file.read(HEAD_BYTES)
    if not content.strip():
        raise RecordingError(f"{source.name}, line 1: the file is empty. Export the recording again.")
    lines = content.splitlines()[:LINES]
    text = []
    for number, line in enumerate(lines, start=1):
        if b"\0" in line:
            not_text(source, number)
        try:
            text.append(line.decode())
        except UnicodeDecodeError:
            # The last of a cut head may end in the middle of a character.
            if number == len(lines) and len(content) == HEAD_BYTES:
                break
            not_text(source, number)
    return Head(source.name, source.member or source.path.name, tuple(text))


def not_text(source: Source, line: int) -> None:
    """Refuse a file with bytes that are not text."""
    raise RecordingError(
        f"{source.name}, line {line}: this is not text. Export the recording as CSV in UTF-8 or UTF-16."
    )
