"""Lines to stdout, for people and for programs; messages to stderr."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence

import click

from twitchwatch.cli.typed import as_typed
from twitchwatch.views.shape import SCHEMA_VERSION, View

# Nobody reads lines of more than this.
WIDEST = 100
_COMMAND = re.compile(r"`[^`]*`\S?")
# Nights take some 30 ms each to derive from their records.
MANY_NIGHTS, PROGRESS_NIGHTS = 30, 10
# Stands for a space at which no line may end.
_HELD = "\x1f"


class ReaderGone(Exception):
    """The reader of our output has closed the pipe, as `head` does."""


def write_line(text: str) -> None:
    """Print one line. Raises ReaderGone if the reader is gone."""
    try:
        click.echo(text)
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
    print(text, file=sys.stderr)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of whole words: no number, id or path is cut, even if it is longer than a line.

    A command between backticks stays in one line if it fits there, so that it can be copied.
    """

    def held(command: re.Match[str]) -> str:
        return command[0].replace(" ", _HELD) if len(command[0]) < width else command[0]

    lines = textwrap.wrap(_COMMAND.sub(held, text), width, break_long_words=False, break_on_hyphens=False)
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


def show_deriving(done: int, of: int) -> None:
    """Report on stderr, if that is a terminal, how many nights are derived; few take no time."""
    if of < MANY_NIGHTS or not sys.stderr.isatty():
        return
    if done == of:
        click.echo("\r\x1b[K", nl=False, err=True)
    elif done % PROGRESS_NIGHTS == 0:
        click.echo(f"\rDeriving nights from their records: {done:,} of {of:,}", nl=False, err=True)
