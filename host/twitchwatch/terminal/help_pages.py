"""Help pages that fit narrow terminals: no word and no summary is cut."""

from __future__ import annotations

from collections.abc import Iterable

import click

from twitchwatch.wording.layout import wrapped

# In a narrower column, text would be a ladder of single words.
MIN_COLUMNS = 24
_BELOW = 4


class Formatter(click.HelpFormatter):
    """click's formatter, with a description below its option if there is little room next to it.

    It breaks no word at a hyphen: a date's form and an option stay in one piece.
    """

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line; if it has to be wrapped, the rest is indented."""
        first, *others = wrapped(f"{prefix or 'Usage: '}{prog} {args}", self.width - _BELOW)
        self.write("\n".join([first, *(f"{' ' * _BELOW}{line}" for line in others)]) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options or commands with their descriptions."""
        kept = list(rows)
        first = min(max((len(term) for term, _ in kept), default=0), col_max) + col_spacing
        below = self.width - self.current_indent - first < MIN_COLUMNS
        indent = self.current_indent + (_BELOW if below else first)
        for term, text in kept:
            lines = wrapped(" ".join(text.split()), self.width - indent)
            head = f"{' ' * self.current_indent}{term}"
            if lines and not below and len(term) <= first - col_spacing:
                head = f"{head:<{indent}}{lines.pop(0)}"
            self.write("\n".join([head, *(f"{' ' * indent}{line}" for line in lines)]) + "\n")


class Context(click.Context):
    """The context of a command whose help page is written by `Formatter`."""

    formatter_class = Formatter


def paged(command: click.Command) -> click.Command:
    """Give a command and those below it this help page; returns the command."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    for one in (command, *below):
        one.context_class = Context
        # With a summary of its own, click does not cut the text that it takes from the help.
        one.short_help = " ".join((one.help or "").partition("\n\n")[0].split())
    return command
