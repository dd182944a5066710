"""`twitchwatch journal`: what was drunk, done and felt on an evening."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twitchwatch.cli.options import Evening, database_option, json_option, night_options
from twitchwatch.cli.output import write_json, write_line
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.journal.fields import BY_NAME, FIELDS, Field, Value, read
from twitchwatch.journal.tonight import now_and_evening

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice

_night_option = click.option(
    "--night",
    type=Evening(),
    metavar="YYYY-MM-DD",
    help="The evening, by its date; tonight if not given (until noon: yesterday's).",
)


def _help(one: Field) -> str:
    if one.kind == "names":
        return (
            f"{one.asks}."
            if one.choices
            else f"{one.asks.replace(', with commas', '')}, separated by commas."
        )
    doses = ", ".join(f"{word} {amount:g}" for word, amount in one.doses.items())
    unit = f" in {one.unit}" if one.unit else ""
    known = (
        f' Or "2 coffee + tea": {doses}.' if one.name == "caffeine_mg" else f" Or: {doses}." if doses else ""
    )
    return f"{one.asks}{unit}.{known}"


def _field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for one in reversed(FIELDS):
        decorate = click.option(f"--{one.option}", one.name, metavar="TEXT", help=_help(one))
        command = decorate(command)
    return command


@click.group("journal")
def command() -> None:
    """Note what was drunk, done and felt on an evening: caffeine, stress, sleep, symptoms.

    Noted in the evening it counts for `twitchwatch triggers`. At 3 in the morning the entry is sealed: what
    you add afterwards is kept beside it and shown, but does not count, because whoever knows how the night
    went remembers the evening differently. Symptoms count at any time.
    """


@command.command("add")
@_field_options
@_night_option
@database_option
@json_option
def add(night: date | None, database: Path, as_json: bool, **texts: str | None) -> None:
    """Note what you name; the rest stays as it is. Without any field, it asks for each.

    Amounts are numbers or what you had: --caffeine "2 coffee + tea".
    """
    values = _read(texts)
    if not values:
        if not sys.stdin.isatty():
            raise click.UsageError('Name what to note, such as --caffeine "2 coffee" --stress 3.')
        values = _asked()
    _write(database, night, values, as_json, must_exist=False)


@command.command("edit")
@_field_options
@click.option(
    "--clear",
    multiple=True,
    type=click.Choice([one.option for one in FIELDS]),
    metavar="FIELD",
    help="Take this field out of the entry.",
)
@_night_option
@database_option
@json_option
def edit(
    night: date | None, clear: tuple[str, ...], database: Path, as_json: bool, **texts: str | None
) -> None:
    """Change an entry that is there, or take fields out of it."""
    by_option = {one.option: one.name for one in FIELDS}
    changes: dict[str, Value | None] = {by_option[option]: None for option in clear}
    changes.update(_read(texts))
    if not changes:
        raise click.UsageError("Name what to change, such as --stress 3 or --clear note.")
    _write(database, night, changes, as_json, must_exist=True)


@command.command("list")
@night_options
@database_option
@json_option
def list_entries(choice: NightChoice, database: Path, as_json: bool) -> None:
    """Show the entries: what counts, and what was changed later."""
    from twitchwatch.cli.page import Page
    from twitchwatch.journal.book import read_entries
    from twitchwatch.store import Store
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
        page.say("Nothing is noted of that time. `twitchwatch journal add` notes an evening.")


def _read(texts: Mapping[str, str | None]) -> dict[str, Value]:
    return {name: read(BY_NAME[name], text) for name, text in texts.items() if text is not None}


def _asked() -> dict[str, Value]:
    """Ask for each field; Enter leaves it out."""
    values: dict[str, Value] = {}
    write_line("Enter leaves a question out.")
    for one in FIELDS:
        unit = f" ({one.unit})" if one.unit else ""
        while True:
            text = click.prompt(f"{one.asks}{unit}", default="", show_default=False)
            try:
                if text.strip():
                    values[one.name] = read(one, text)
                break
            except UsageError as error:
                write_line(str(error))
    return values


def _write(
    database: Path,
    night: date | None,
    changes: Mapping[str, Value | None],
    as_json: bool,
    *,
    must_exist: bool,
) -> None:
    from twitchwatch.journal import sealed_at
    from twitchwatch.journal.book import read_entries, write_changes
    from twitchwatch.store import Store
    from twitchwatch.views.journal import journal_view
    from twitchwatch.wording.journal import entry_words
    from twitchwatch.wording.units import evening

    now_utc_us, tonight = now_and_evening()
    night = night or tonight
    if night > tonight:
        raise UsageError(f"{evening(night)} has not come yet; the journal is for what has been.")
    late = now_utc_us >= sealed_at(night, LOCAL)
    with Store.open(database) as store:
        if must_exist and all(entry.night != night for entry in read_entries(store, LOCAL)):
            raise UsageError(
                f"Nothing is noted of {evening(night)}. `twitchwatch journal add` begins an entry; "
                "`twitchwatch journal list` shows those that are there."
            )
        if changes:
            write_changes(store, night, changes, now_utc_us)
        entry = next((one for one in read_entries(store, LOCAL) if one.night == night), None)
    if entry is None:
        write_line("Nothing was noted.")
        return
    if as_json:
        write_json(journal_view(entry, now_utc_us))
        return
    write_line(f"{evening(night)}: {entry_words(entry.current) or 'nothing'}.")
    if late:
        write_line("That night has been: this is kept beside the entry, and does not count for triggers.")
    if entry.current.get("symptoms"):
        write_line("You noted a symptom that a doctor should hear of: see `twitchwatch flags`.")
