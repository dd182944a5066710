"""Lines to stdout, for people and for programs; messages to stderr."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable

import click

from twitchwatch.errors import ReaderGone
from twitchwatch.foreign import harmless
from twitchwatch.start import give_up
from twitchwatch.typed import as_typed
from twitchwatch.views.shape import SCHEMA_VERSION, View
from twitchwatch.wording.layout import wrapped

# Longer lines are hard to read.
WIDEST = 100
# Characters of a bar of progress.
BAR = 20
# Nights take some 30 ms each to derive from their records.
MANY_NIGHTS, PROGRESS_NIGHTS = 30, 10


def write_line(text: str) -> None:
    """Print one line. Raises ReaderGone if the reader is gone."""
    try:
        click.echo(harmless(text))
    except BrokenPipeError as error:
        raise ReaderGone from error


def write_text(text: str) -> None:
    """Print one paragraph, wrapped at the width of the terminal. Raises ReaderGone."""
    text = as_typed(text)
    width = min(shutil.get_terminal_size().columns, WIDEST)
    for line in wrapped(text, width) if sys.stdout.isatty() else [text]:
        write_line(line)


def write_json(view: View) -> None:
    """Print one object on one line, with the version of what its keys mean. Raises ReaderGone."""
    write_line(json.dumps({**view.as_json(), "schema_version": SCHEMA_VERSION}, allow_nan=False))


def write_message(text: str) -> None:
    """Print a message to stderr, wrapped at the width of the terminal; in a pipe it is one line."""
    text = as_typed(text)
    if sys.stderr.isatty():
        text = "\n".join(wrapped(text, min(shutil.get_terminal_size().columns, WIDEST)))
    try:
        print(harmless(text), file=sys.stderr)
    except OSError:
        give_up(2)


class ProgressLine:
    """A line on stderr, if that is a terminal: which of several things is being done, and how far it is."""

    def __init__(self, what: str, of: int) -> None:
        self._what, self._of = what, of
        self._terminal = sys.stderr.isatty()
        self._name = self._shown = ""

    def move(self, number: int, name: str) -> Callable[[str, float], None]:
        """The next is begun, `number` from 0; returns `share`."""
        self._name = harmless(name)
        if self._of > 1:
            self._name = f"{self._what} {number + 1} of {self._of}: {self._name}"
            self._show(self._name)
        return self.share

    def share(self, what: str, share: float) -> None:
        """How much of a step of it is done, 0 to 1."""
        self._show(f"[{'#' * round(share * BAR):{BAR}}] {share:4.0%} {what:<10} {self._name}")

    def clear(self) -> None:
        """Make room for something else."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = ""

    def _show(self, line: str) -> None:
        if self._terminal and line != self._shown:
            self.clear()
            click.echo(line[: shutil.get_terminal_size().columns - 1], nl=False, err=True)
            self._shown = line


def show_deriving(done: int, of: int) -> None:
    """Report on stderr, if that is a terminal, how many nights are derived; few take no time."""
    if of < MANY_NIGHTS or not sys.stderr.isatty():
        return
    if done == of:
        click.echo("\r\x1b[K", nl=False, err=True)
    elif done % PROGRESS_NIGHTS == 0:
        click.echo(f"\rDeriving nights from their records: {done:,} of {of:,}", nl=False, err=True)
