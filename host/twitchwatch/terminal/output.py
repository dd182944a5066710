"""Lines to stdout, for people and for programs; messages to stderr."""

from __future__ import annotations

import json
import shutil
import sys

import click

from twitchwatch.errors import ReaderGone
from twitchwatch.foreign import harmless
from twitchwatch.start import give_up
from twitchwatch.typed import as_typed
from twitchwatch.views.shape import SCHEMA_VERSION, View
from twitchwatch.wording.layout import wrapped

# Longer lines are hard to read.
WIDEST = 100


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
