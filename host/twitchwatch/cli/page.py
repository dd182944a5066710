"""What people read: tables and paragraphs that fit a terminal, and stay whole in a pipe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from twitchwatch.cli.output import WIDEST, filled, wrapped, write_line
from twitchwatch.cli.typed import as_typed

# A pipe has no width at which a cell could be cut.
PIPE = 10_000
# A last column that is narrower than this, and than its text, is a ladder of single words.
MIN_PROSE = 16
_BETWEEN = 2
# The column whose cells need no name.
DETAILS = "Details"


class Page:
    """Prints to stdout: colours and the terminal's width on a terminal, neither elsewhere."""

    def __init__(self) -> None:
        console = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
        console.width = min(console.width, WIDEST) if console.is_terminal else PIPE
        self._console = console

    @property
    def width(self) -> int:
        """Columns that a line may take."""
        return self._console.width

    def _print(self, part: RenderableType, *, no_wrap: bool = False) -> None:
        if self._console.is_terminal:
            self._console.print(part, crop=False, no_wrap=no_wrap, overflow="ignore" if no_wrap else None)
            return
        with self._console.capture() as kept:
            self._console.print(part)
        for line in kept.get().splitlines():
            write_line(line.rstrip())

    def heading(self, text: str) -> None:
        """A line that begins a part."""
        self.say(text, style="bold")

    def say(self, text: str, *, label: str = "", style: str = "", indent: int = 0) -> None:
        """A paragraph, after its label if it has one; a path that is longer than a line stays whole."""
        begin = f"{label}: " if label else ""
        for line in wrapped(as_typed(begin + text), self.width - indent):
            reported = Text(" " * indent + line, style=style)
            reported.stylize("bold", indent, indent + min(len(begin), len(line)))
            begin = ""
            self._print(reported, no_wrap=True)

    def entry(self, number: str, title: str, text: str) -> None:
        """An entry of a list: its number and title, and what there is to say of it below."""
        begin = f"{number:>3}  "
        lines = wrapped(title, self.width - len(begin))
        self.say(begin + lines[0], style="bold")
        for line in lines[1:]:
            self.say(line, style="bold", indent=len(begin))
        self.say(text, indent=len(begin))

    def gap(self) -> None:
        """An empty line."""
        self._print("")

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        right: Collection[str] = (),
        styles: Iterable[str] = (),
        titles: int = 1,
    ) -> None:
        """Columns and their rows; `right` names those set right, `styles` has one for each row.

        Only the last column may be wrapped. Columns without names have no header. If the others leave it no
        room, columns without content are left out; if that is not enough, each row becomes a block: its first
        `titles` cells in a line, the others below with their names (except `Details`), none of them cut.
        """
        kept = [[as_typed(cell) for cell in row] for row in rows]
        if not self._fits(columns, kept):
            # A column that holds nothing may be what there is no room for.
            reported = [i for i in range(len(columns)) if any(row[i].strip("- ") for row in kept)]
            columns, kept = [columns[i] for i in reported], [[row[i] for i in reported] for row in kept]
        if self._fits(columns, kept):
            self._table(columns, kept, right, styles)
        else:
            self._blocks(columns, kept, styles, titles)

    def _fits(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
        *others, last = _widths(columns, rows)
        room = self.width - sum(others) - _BETWEEN * len(others)
        words = max((len(word) for row in rows for word in row[-1].split()), default=0)
        return room >= min(last, max(words, MIN_PROSE))

    def _table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        right: Collection[str],
        styles: Iterable[str],
    ) -> None:
        widths = _widths(columns, rows)
        # In a pipe the last column has all the room that it wants.
        widths[-1] = min(widths[-1], self.width - sum(widths[:-1]) - _BETWEEN * (len(widths) - 1))

        def laid(row: Sequence[str]) -> Iterator[str]:
            *others, last = row
            for at, line in enumerate(wrapped(last, widths[-1])):
                cells = [*others, line] if at == 0 else [""] * len(others) + [line]
                placed = (
                    cell.rjust(width) if name in right else cell.ljust(width)
                    for name, cell, width in zip(columns, cells, widths, strict=True)
                )
                yield (" " * _BETWEEN).join(placed).rstrip()

        row_styles = iter(styles)
        if any(columns):
            for line in laid(columns):
                self._line(line, "bold")
        for row in rows:
            style = next(row_styles, "")
            for line in laid(row):
                self._line(line, style)

    def _line(self, line: str, style: str) -> None:
        # Three years of nights are a thousand lines: what needs no style goes out as it is.
        if style:
            self._print(Text(line, style=style), no_wrap=True)
        else:
            write_line(line)

    def _blocks(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Iterable[str], titles: int
    ) -> None:
        row_styles = iter(styles)
        for row in rows:
            style = next(row_styles, "")
            for line in filled([cell for cell in row[:titles] if cell.strip("- ")], self.width, between="  "):
                self._print(Text(line, style=style or "bold"))
            named = [
                cell if name == DETAILS else f"{name} {cell}".strip()
                for name, cell in zip(columns[titles:], row[titles:], strict=True)
                if cell.strip("- ")
            ]
            for line in filled(named, self.width - _BETWEEN):
                self._print(Text(" " * _BETWEEN + line, style=style))


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
