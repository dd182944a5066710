"""Lines to stdout, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click


class ReaderGone(Exception):
    """Whoever read our output has closed the pipe, as `head` does."""


def write_line(text: str) -> None:
    """Print one line. Raises ReaderGone where nobody reads any more."""
    try:
        click.echo(text)
    except BrokenPipeError as error:
        raise ReaderGone from error


def write_json(values: Mapping[str, Any]) -> None:
    """Print one object on one line. Raises ReaderGone where nobody reads any more."""
    write_line(json.dumps(values, allow_nan=False))
