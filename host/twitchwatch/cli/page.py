"""What people read: tables and paragraphs that fit a terminal, and stay whole in a pipe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twitchwatch.cli.output import write_line

# Nobody reads lines of more than this; and a pipe has no width at which a cell could be cut.
WIDEST = 100
PIPE = 10_000


class Page:
    """Prints to stdout: colours and the terminal's width on a terminal, neither elsewhere."""

    def __init__(self) -> None:
        console = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
        console.width = min(console.width, WIDEST) if console.is_terminal else PIPE
        self._console = console

    def _print(self, part: RenderableType) -> None:
        if self._console.is_terminal:
            self._console.print(part)
            return
        with self._console.capture() as kept:
            self._console.print(part)
        for line in kept.get().splitlines():
            write_line(line.rstrip())

    def heading(self, text: str) -> None:
        """A line that begins a part."""
        self._print(Text(text, style="bold"))

    def say(self, text: str, *, label: str = "", style: str = "", indent: int = 0) -> None:
        """A paragraph, after its label if it has one."""
        told = Text.assemble((f"{label}: ", "bold"), text) if label else Text(text, style=style)
        self._print(Padding(told, (0, 0, 0, indent), expand=False))

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
    ) -> None:
        """Columns and their rows; `right` names those set right, `styles` has one for each row.

        Only the last column may be wrapped. Columns without names have no header.
        """
        table = Table(
            box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=any(columns)
        )
        for i, name in enumerate(columns):
            last = i == len(columns) - 1
            table.add_column(
                name, justify="right" if name in right else "left", no_wrap=not last, overflow="fold"
            )
        row_styles = iter(styles)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row), style=next(row_styles, None))
        self._print(table)
