"""Text laid out for a width: paragraphs, tables, and rows that stack where a table does not fit."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from twitchwatch.foreign import harmless

# In a narrower last column, wrapped text would be a ladder of single words.
MIN_PROSE = 16
# In stacked rows, this column's cells are shown without its name.
DETAILS = "Details"
_BETWEEN = 2
_COMMAND = re.compile(r"`[^`]*`\S?")
# Stands for a space at which no line may end.
_HELD = "\x1f"

Row = Sequence[str]


class Laid(NamedTuple):
    """A line and its style, empty for none."""

    line: str
    style: str


def wrapped(text: str, width: int) -> list[str]:
    """Lines of whole words: no number, id or path is cut, even if it is longer than a line.

    A command between backticks stays in one line if it fits there, so that it can be copied.
    """

    def held(command: re.Match[str]) -> str:
        return command[0].replace(" ", _HELD) if len(command[0]) < width else command[0]

    text = _COMMAND.sub(held, harmless(text))
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_HELD, " ") for line in lines] or [""]


def filled(parts: Sequence[str], width: int, between: str = ", ") -> list[str]:
    """Lines of whole parts; one that is longer than a line is wrapped between its words."""
    ended = [part + between.rstrip() for part in parts[:-1]] + [*parts[-1:]]
    gap = between[len(between.rstrip()) :]
    lines: list[str] = []
    for part in ended:
        if lines and len(lines[-1]) + len(gap) + len(part) <= width:
            lines[-1] += gap + part
        else:
            lines += wrapped(part, width)
    return lines


def table_lines(
    columns: Row, rows: Iterable[Row], width: int, right: Collection[str], styles: Iterable[str], titles: int
) -> Iterator[Laid]:
    """Columns and their rows, as lines; `right` names those aligned right, `styles` has one for each row.

    Only the last column may be wrapped. Columns without names have no header. If the others leave it no
    room, columns without content are left out; if that is not enough, each row becomes a block: its first
    `titles` cells in a line, the others below with their names (except `Details`), none of them cut.
    """
    kept = [list(row) for row in rows]
    if not fits(columns, kept, width):
        # Leaving out empty columns may make enough room.
        reported = [i for i in range(len(columns)) if any(row[i].strip("- ") for row in kept)]
        columns, kept = [columns[i] for i in reported], [[row[i] for i in reported] for row in kept]
    if fits(columns, kept, width):
        return _table(columns, kept, width, right, styles)
    return _blocks(columns, kept, width, styles, titles)


def fits(columns: Row, rows: Sequence[Row], width: int) -> bool:
    """Whether a table fits into this many columns without stacking its rows."""
    *others, last = _widths(columns, rows)
    room = width - sum(others) - _BETWEEN * len(others)
    words = max((len(word) for row in rows for word in row[-1].split()), default=0)
    return room >= min(last, max(words, MIN_PROSE))


def _table(
    columns: Row, rows: Sequence[Row], width: int, right: Collection[str], styles: Iterable[str]
) -> Iterator[Laid]:
    widths = _widths(columns, rows)
    # In a pipe the last column may be as wide as its text; without any text it is a column all the same.
    widths[-1] = max(1, min(widths[-1], width - sum(widths[:-1]) - _BETWEEN * (len(widths) - 1)))

    def laid(row: Row, style: str) -> Iterator[Laid]:
        *others, last = row
        for at, line in enumerate(wrapped(last, widths[-1])):
            cells = [*others, line] if at == 0 else [""] * len(others) + [line]
            placed = (
                cell.rjust(width) if name in right else cell.ljust(width)
                for name, cell, width in zip(columns, cells, widths, strict=True)
            )
            yield Laid((" " * _BETWEEN).join(placed).rstrip(), style)

    row_styles = iter(styles)
    if any(columns):
        yield from laid(columns, "bold")
    for row in rows:
        yield from laid(row, next(row_styles, ""))


def _blocks(
    columns: Row, rows: Sequence[Row], width: int, styles: Iterable[str], titles: int
) -> Iterator[Laid]:
    row_styles = iter(styles)
    for row in rows:
        style = next(row_styles, "")
        for line in filled([cell for cell in row[:titles] if cell.strip("- ")], width, between="  "):
            yield Laid(line, style or "bold")
        named = [
            cell if name == DETAILS else f"{name} {cell}".strip()
            for name, cell in zip(columns[titles:], row[titles:], strict=True)
            if cell.strip("- ")
        ]
        for line in filled(named, width - _BETWEEN):
            yield Laid(" " * _BETWEEN + line, style)


def _widths(columns: Row, rows: Sequence[Row]) -> list[int]:
    return [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
