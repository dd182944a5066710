"""The journal in a terminal: its questions, what was noted, and what it is associated with."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import click

from twitchwatch.analysis.triggers import Effect
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.journal.entry import Entry
from twitchwatch.journal.fields import BY_NAME, FIELDS, Field, Value, When, contradiction, read
from twitchwatch.journal.noting import note, placed
from twitchwatch.journal.tonight import now_and_evening
from twitchwatch.store import Store
from twitchwatch.terminal.output import write_json, write_message, write_text
from twitchwatch.terminal.page import Page
from twitchwatch.views.journal import journal_view
from twitchwatch.wording.journal import (
    NO_CAUSE,
    NO_ENTRIES,
    effect_words,
    entry_words,
    sealed_words,
    symptom_answers,
)
from twitchwatch.wording.units import plural


def ask(when: When, without: Collection[str] = ()) -> dict[str, Value]:
    """Ask for each field of the morning or the evening, except those `without`; Enter skips it.

    Raises click.UsageError if stdin is not a terminal.
    """
    if not sys.stdin.isatty():
        raise click.UsageError('Say what to note, such as --caffeine "2 coffee" --stress 3 --slept 7.')
    return ask_for([one for one in FIELDS if one.when == when and one.name not in without])


def ask_for(fields: Iterable[Field]) -> dict[str, Value]:
    """Ask for each of these fields in a terminal; Enter skips it."""
    values: dict[str, Value] = {}
    write_text("Press Enter to skip a question.")
    for one in fields:
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


def ask_and_note(database: Path, when: When, night: date | None, *, as_json: bool = False) -> None:
    """Ask the questions of the morning or the evening, and note the answers as `note_changes` does."""
    note_changes(database, ask(when), night, as_json=as_json)


def note_changes(
    database: Path,
    changes: Mapping[str, Value | None],
    night: date | None,
    *,
    as_json: bool,
    must_exist: bool = False,
) -> None:
    """Note the changes and print the resulting entries.

    night: the evening to which they belong; None: as `placed` decides. must_exist: whether it needs an entry
    already. Raises UsageError, and the store's errors.
    """
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


def show_entries(page: Page, book: Sequence[Entry]) -> None:
    """Print the entries: what counts, and what was changed later."""
    for entry in book:
        page.heading(evening(entry.night))
        page.say(entry_words(entry.sealed) or "Nothing was noted in time.", indent=2)
        if entry.later:
            page.say(entry_words(entry.later), label="Later", indent=2)
    if not book:
        page.say("No entries. `twitchwatch journal evening` starts one.")


def show_triggers(page: Page, found: Sequence[Effect], nights: int) -> None:
    """Print what is associated with more or fewer twitches, from this many nights with an entry."""
    if not found:
        page.say(NO_ENTRIES)
        return
    page.say(f"{plural(nights, 'night')} {'has' if nights == 1 else 'have'} a journal entry made in time.")
    rows = [
        (BY_NAME[one.factor].option.replace("-", " "), str(one.nights), effect_words(one)) for one in found
    ]
    page.table(("", "Nights", "Associated with"), rows, right=("Nights",))
    page.say(NO_CAUSE)
