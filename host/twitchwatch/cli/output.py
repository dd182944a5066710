"""Lines to stdout, for people and for programs."""

from __future__ import annotations

import json

import click

from twitchwatch.views.shape import View


class ReaderGone(Exception):
    """Whoever read our output has closed the pipe, as `head` does."""


def write_line(text: str) -> None:
    """Print one line. Raises ReaderGone where nobody reads any more."""
    try:
        click.echo(text)
    except BrokenPipeError as error:
        raise ReaderGone from error


def write_json(view: View) -> None:
    """Print one object on one line. Raises ReaderGone where nobody reads any more."""
    write_line(json.dumps(view.as_json(), allow_nan=False))
