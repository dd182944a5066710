"""`twitchwatch journal`: what you had, did and felt on an evening, and how you slept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twitchwatch.cli.options import Choice, Evening, database_option, json_option, night_options
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.journal.fields import BY_NAME, FIELDS, Value, When, contradiction, read
from twitchwatch.journal.tonight import evening_and_slept, now_and_evening
from twitchwatch.terminal.output import write_json, write_message, write_text
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


_METAVARS = {"amount": "AMOUNT", "words": "TEXT", "names": "NAMES", "zone": "ZONE"}


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
    values = _read(texts)
    if not values:
        evening, _ = evening_and_slept()
        values = _asked("morning" if evening is None else "evening")
    _write(database, values, night, as_json, must_exist=False)


@command.command("evening")
@_night_option
@database_option
@json_option
def ask_evening(night: date | None, database: Path, as_json: bool) -> None:
    """Ask the evening questions: what you had, did and felt today."""
    _write(database, _asked("evening"), night, as_json, must_exist=False)


@command.command("morning")
@_night_option
@database_option
@json_option
def ask_morning(night: date | None, database: Path, as_json: bool) -> None:
    """Ask the morning questions: how you slept, and what you felt in the night.

    The answers belong to the last night, and count if you give them by noon.
    """
    _write(database, _asked("morning"), night, as_json, must_exist=False)


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
    by_option = {one.option: one.name for one in FIELDS}
    changes: dict[str, Value | None] = {by_option[option]: None for option in clear}
    changes.update(_read(texts))
    if not changes:
        raise click.UsageError("Say what to change, such as --stress 3 or --clear note.")
    _write(database, changes, night, as_json, must_exist=True)


@command.command("list")
@night_options
@database_option
@json_option
def list_entries(choice: NightChoice, database: Path, as_json: bool) -> None:
    """Show the entries: what counts, and what was changed later."""
    from twitchwatch.journal.book import read_entries
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.journal import journal_view
    from twitchwatch.wording.journal import entry_words
    from twitchwatch.wording.units import evening

    with Store.open_existing(database) as store:
        book = [entry for entry in read_entries(store, LOCAL) if entry.night in choice]
    now_utc_us, _ = now_and_evening()
    if as_json:
        for entry in book:
            write_json(journal_view(entry, now_utc_us))
        return
    page = Page()
    for entry in book:
        page.heading(evening(entry.night))
        page.say(entry_words(entry.sealed) or "Nothing was noted in time.", indent=2)
        if entry.later:
            page.say(entry_words(entry.later), label="Later", indent=2)
    if not book:
        page.say("No entries. `twitchwatch journal evening` starts one.")


def _read(texts: Mapping[str, str | None]) -> dict[str, Value]:
    return {name: read(BY_NAME[name], text) for name, text in texts.items() if text is not None}


def ask_and_note(database: Path, when: When, night: date) -> None:
    """Ask the questions of the morning or the evening, and note the answers for this night."""
    _write(database, _asked(when), night, as_json=False, must_exist=False)


def _asked(when: When) -> dict[str, Value]:
    """Ask for each field of the morning or the evening; Enter skips it."""
    if not sys.stdin.isatty():
        raise click.UsageError('Say what to note, such as --caffeine "2 coffee" --stress 3 --slept 7.')
    values: dict[str, Value] = {}
    write_text("Press Enter to skip a question.")
    for one in (one for one in FIELDS if one.when == when):
        unit = f" ({one.unit})" if one.unit else ""
        while True:
            text = click.prompt(f"{one.asks}{unit}", default="", show_default=False)
            try:
                if text.strip():
                    values[one.name] = read(one, text)
                if wrong := contradiction(values):
                    raise UsageError(wrong)
                break
            except UsageError as error:
                values.pop(one.name, None)
                write_message(str(error))
    return values


def _write(
    database: Path, changes: Mapping[str, Value | None], night: date | None, as_json: bool, must_exist: bool
) -> None:
    from twitchwatch.journal.noting import note, placed
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.journal import journal_view
    from twitchwatch.wording.journal import entry_words, sealed_words, symptom_answers
    from twitchwatch.wording.units import evening

    if not changes:
        write_text("Nothing was noted.")
        return
    now_utc_us, _ = now_and_evening()
    by_night = placed(changes, night)
    with Store.open(database) as store:
        entries = note(store, by_night, LOCAL, now_utc_us, must_exist=must_exist)
    for day, entry in entries.items():
        if as_json:
            write_json(journal_view(entry, now_utc_us))
            continue
        write_text(f"{evening(day)}: {entry_words(entry.current) or 'nothing'}.")
        if late := sealed_words(entry, by_night[day], now_utc_us):
            write_text(late)
    for answer in symptom_answers(by_night):
        if as_json:
            write_message(answer)
        else:
            Page().say(answer, style="bold")
