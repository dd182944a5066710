"""What people read: tables and paragraphs that fit a terminal, and stay whole in a pipe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twitchwatch.cli.output import write_line

NO_DIAGNOSIS = "This is not a diagnosis."

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


def magnitude(value: float, unit: str) -> str:
    """Three figures, no more than can be known: 0.85 mg, 12.3 mg, 194 mg."""
    digits = 2 if value < 1 else 1 if value < 100 else 0
    return f"{value:.{digits}f} {unit}"


def span(seconds: float) -> str:
    """A duration in the unit that people would use."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def plural(count: int, noun: str) -> str:
    """`1 twitch`, `2 twitches`, `no twitches`."""
    ending = "es" if noun.endswith(("ch", "s")) else "s"
    return f"{count:,} {noun}" if count == 1 else f"{count or 'no':{',' if count else ''}} {noun}{ending}"
