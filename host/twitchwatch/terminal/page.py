"""Output for people: tables and paragraphs that fit a terminal, and are not wrapped in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.text import Text

from twitchwatch.foreign import harmless
from twitchwatch.terminal.output import WIDEST, write_line
from twitchwatch.typed import as_typed
from twitchwatch.wording.layout import table_lines, wrapped
from twitchwatch.wording.sparkline import BARS

# Wide enough that no cell is cut in a pipe.
PIPE = 10_000


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

    @property
    def terminal(self) -> bool:
        """Whether somebody looks at it: in a pipe nothing is drawn."""
        return self._console.is_terminal

    @property
    def plain(self) -> bool:
        """Whether only ASCII can be written: the output's encoding has no bars."""
        try:
            BARS.encode(sys.stdout.encoding or "utf-8")
        except (LookupError, UnicodeError):
            return True
        return False

    def _print(self, part: RenderableType, *, no_wrap: bool = False) -> None:
        if self._console.is_terminal:
            self._console.print(part, crop=False, no_wrap=no_wrap, overflow="ignore" if no_wrap else None)
            return
        with self._console.capture() as kept:
            self._console.print(part)
        for line in kept.get().splitlines():
            write_line(line.rstrip())

    def heading(self, text: str) -> None:
        """Print the heading of a section."""
        self.say(text, style="bold")

    def say(self, text: str, *, label: str = "", style: str = "", indent: int = 0) -> None:
        """Print a paragraph, with its label if it has one; a path longer than a line is not cut."""
        begin = f"{label}: " if label else ""
        for line in wrapped(as_typed(begin + text), self.width - indent):
            reported = Text(" " * indent + line, style=style)
            reported.stylize("bold", indent, indent + min(len(begin), len(line)))
            begin = ""
            self._print(reported, no_wrap=True)

    def line(self, text: str) -> None:
        """Print a line of a drawing, as it is: its spaces count."""
        self._print(Text(harmless(text)), no_wrap=True)

    def entry(self, number: str, title: str, text: str) -> None:
        """Print an entry of a list: its number and title, and its text below."""
        begin = f"{number:>3}  "
        lines = wrapped(title, self.width - len(begin))
        self.say(begin + lines[0], style="bold")
        for line in lines[1:]:
            self.say(line, style="bold", indent=len(begin))
        self.say(text, indent=len(begin))

    @contextmanager
    def redrawn(self) -> Iterator[Callable[[Sequence[Text]], None] | None]:
        """A function whose lines replace those that it was given before; None if this is not a terminal."""
        if not self._console.is_terminal:
            yield None
            return
        from rich.console import Group
        from rich.live import Live

        with Live(console=self._console, auto_refresh=False, vertical_overflow="visible") as live:
            yield lambda lines: live.update(Group(*lines), refresh=True)

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
        """Columns and their rows, as `layout.table_lines` lays them out."""
        typed = [[harmless(as_typed(cell)) for cell in row] for row in rows]
        for line, style in table_lines(columns, typed, self.width, right, styles, titles):
            # Three years of nights are a thousand lines: those without a style bypass rich.
            if style:
                self._print(Text(line, style=style), no_wrap=True)
            else:
                write_line(line)
