"""`twitchwatch annotate`: what an event was, which stretches do not count, and notes on moments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twitchwatch.cli.options import (
    Choice,
    Evening,
    database_option,
    json_option,
    night_options,
    sensor_option,
)

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice
    from twitchwatch.terminal.annotating import Annotating

VERDICTS = ("twitch", "no-twitch", "tremor", "no-tremor")
KINDS = ("twitch", "unlike", "jerk", "spasm", "movement", "tremor")


def _of_night(command: Callable[..., Any]) -> Callable[..., Any]:
    says = "The night, by the date of its evening; by default the last one."
    for option in (click.option("--night", type=Evening(), metavar="DATE", help=says), *_about):
        command = option(command)
    return command


_about = (sensor_option, database_option, json_option)


def _annotating(database: Path, sensor: str | None, night: date | None, as_json: bool) -> Annotating:
    from twitchwatch.terminal.annotating import Annotating

    return Annotating(database, sensor, night, as_json)


@click.group("annotate")
def command() -> None:
    """Correct what an event was, leave a stretch out, or note something at a moment.

    The records stay as they are. Figures, trends and findings follow your annotations at once, and are also
    given as measured. Each entry can be removed again.
    """


@command.command("events")
@click.argument("numbers", nargs=-1)
@click.option(
    "--as",
    "verdict",
    type=Choice(VERDICTS),
    required=True,
    metavar="VERDICT",
    help=f"What it was: {', '.join(VERDICTS)}.",
)
@click.option(
    "--kind",
    type=Choice(KINDS),
    metavar="KIND",
    help=f"All events of a kind, not by numbers: {', '.join(KINDS)}.",
)
@click.option("--from", "begin", metavar="TIME", help="Only those from this time on, such as 02:00.")
@click.option("--to", "end", metavar="TIME", help="Only those before this time.")
@click.option("--words", default="", metavar="TEXT", help="Why, for yourself.")
@_of_night
def events(
    numbers: tuple[str, ...],
    verdict: str,
    kind: str | None,
    begin: str | None,
    end: str | None,
    words: str,
    **night: Any,
) -> None:
    """Annotate events by their numbers, as `twitchwatch events` lists them, or all of a kind.

    For example: annotate events 3.1042 3.1050 --as no-twitch; annotate events --kind twitch --from 02:00
    --to 02:30 --as no-twitch. Your verdicts show how often the detector was right.
    """
    _annotating(**night).events(numbers, kind, (begin, end), verdict.replace("-", "_"), words)


@command.command("leave-out")
@click.argument("begin", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--reason", default="", metavar="TEXT", help="Why, such as `ring on the table`.")
@_of_night
def leave_out(begin: str, end: str, reason: str, **night: Any) -> None:
    """Leave out a stretch of a night, from one time of day to another, such as 02:10 03:00.

    No minute that it touches counts, neither its events nor its rest.
    """
    _annotating(**night).leave_out((begin, end), reason)


@command.command("note")
@click.argument("begin", metavar="TIME")
@click.argument("words", required=False, default="")
@click.option("--to", "end", metavar="TIME", help="The end, if the note is about a stretch.")
@_of_night
def note(begin: str, words: str, end: str | None, **night: Any) -> None:
    """Bookmark a moment of a night, with a note or without, such as 03:12 "woke up"."""
    _annotating(**night).note(begin, end, words)


@command.command("remove")
@click.argument("number", type=int)
@sensor_option
@database_option
@json_option
def remove(number: int, **night: Any) -> None:
    """Take an annotation back, by its number. It stays in the list, without effect."""
    _annotating(night=None, **night).remove(number)


@command.command("list")
@night_options
@sensor_option
@database_option
@json_option
def list_entries(choice: NightChoice, **night: Any) -> None:
    """List all annotations, and how often the detector was right according to them."""
    _annotating(night=None, **night).list(choice)
