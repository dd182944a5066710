"""`twitchwatch journal`: what you had, did and felt on an evening, and how you slept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twitchwatch.cli.options import Choice, Evening, database_option, json_option, night_options
from twitchwatch.clock.zone import LOCAL
from twitchwatch.journal.fields import BY_NAME, FIELDS, Value, read
from twitchwatch.journal.tonight import evening_and_slept, now_and_evening
from twitchwatch.terminal.output import write_json
from twitchwatch.wording.fields import help_of

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice

_night_option = click.option(
    "--night",
    type=Evening(),
    metavar="DATE",
    help="The evening: YYYY-MM-DD, `today` or `yesterday`; by default it follows from the time of day.",
)


def _field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for one in reversed(FIELDS):
        decorate = click.option(f"--{one.option}", one.name, metavar=_METAVARS[one.kind], help=help_of(one))
        command = decorate(command)
    return command


_METAVARS = {"amount": "AMOUNT", "words": "TEXT", "names": "NAMES", "zone": "ZONE", "choice": "NAME"}


@click.group("journal")
def command() -> None:
    """Keep an evening journal: caffeine, alcohol, exercise, stress, symptoms; and how you slept.

    For `twitchwatch triggers`, what you note about an evening counts if you enter it by 3 in the morning,
    and how you slept if you enter it by noon. What you add later is kept and shown, but does not count,
    because people who know how the night went remember the evening differently. Symptoms count at any time.
    """


@command.command("add")
@_field_options
@_night_option
@database_option
@json_option
def add(night: date | None, database: Path, as_json: bool, **texts: str | None) -> None:
    """Note the fields that you give; the others stay as they are. Without any field, it asks questions.

    Amounts are numbers or what you had: --caffeine "2 coffee + tea". How you slept is noted for the last
    night, everything else for this evening.
    """
    from twitchwatch.terminal.journal_page import ask, note_changes

    values = _read(texts)
    if not values:
        evening, _ = evening_and_slept()
        values = ask("morning" if evening is None else "evening")
    note_changes(database, values, night, as_json=as_json)


@command.command("evening")
@_night_option
@database_option
@json_option
def ask_evening(night: date | None, database: Path, as_json: bool) -> None:
    """Ask the evening questions: what you had, did and felt today."""
    from twitchwatch.terminal.journal_page import ask_and_note

    ask_and_note(database, "evening", night, as_json=as_json)


@command.command("morning")
@_night_option
@database_option
@json_option
def ask_morning(night: date | None, database: Path, as_json: bool) -> None:
    """Ask the morning questions: how you slept, and what you felt in the night.

    The answers belong to the last night, and count if you give them by noon.
    """
    from twitchwatch.terminal.journal_page import ask_and_note

    ask_and_note(database, "morning", night, as_json=as_json)


@command.command("edit")
@_field_options
@click.option(
    "--clear",
    multiple=True,
    type=Choice([one.option for one in FIELDS]),
    metavar="FIELD",
    help="Remove this field from the entry.",
)
@_night_option
@database_option
@json_option
def edit(
    night: date | None, clear: tuple[str, ...], database: Path, as_json: bool, **texts: str | None
) -> None:
    """Change an existing entry, or remove fields from it."""
    from twitchwatch.terminal.journal_page import note_changes

    by_option = {one.option: one.name for one in FIELDS}
    changes: dict[str, Value | None] = {by_option[option]: None for option in clear}
    changes.update(_read(texts))
    if not changes:
        raise click.UsageError("Say what to change, such as --stress 3 or --clear note.")
    note_changes(database, changes, night, as_json=as_json, must_exist=True)


@command.command("list")
@night_options
@database_option
@json_option
def list_entries(choice: NightChoice, database: Path, as_json: bool) -> None:
    """Show the entries: what counts, and what was changed later."""
    from twitchwatch.journal.book import read_entries
    from twitchwatch.store import Store
    from twitchwatch.terminal.journal_page import show_entries
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.journal import journal_view

    with Store.open_existing(database) as store:
        book = [entry for entry in read_entries(store, LOCAL) if entry.night in choice]
    now_utc_us, _ = now_and_evening()
    if as_json:
        for entry in book:
            write_json(journal_view(entry, now_utc_us))
        return
    show_entries(Page(), book)


def _read(texts: Mapping[str, str | None]) -> dict[str, Value]:
    return {name: read(BY_NAME[name], text) for name, text in texts.items() if text is not None}
