"""`twitchwatch triggers`: which journal entries are associated with more or fewer twitches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, sensor_option
from twitchwatch.terminal.output import show_deriving, write_json

if TYPE_CHECKING:
    from twitchwatch.analysis.triggers import Effect


@click.command("triggers")
@sensor_option
@database_option
@json_option
def command(sensor: str | None, database: Path, as_json: bool) -> None:
    """Show which journal entries are associated with more or fewer twitches in the following night.

    All factors are estimated together and corrected for their number: if none has an effect, at most one
    journal in twenty shows an association. An association need not be cause and effect; `twitchwatch
    experiment` can find out.
    """
    from twitchwatch.analysis.triggers import effects
    from twitchwatch.archive.selection import read_sensors
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.journal.book import factor_nights, read_entries
    from twitchwatch.journal.fields import STEPS
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.journal import trigger_view
    from twitchwatch.wording.journal import NO_CAUSE, NO_ENTRIES

    with Store.open_existing(database) as store:
        book = read_entries(store, LOCAL)
        nights = [night for sensor in read_sensors(store, sensor, show_deriving) for night in sensor.nights]
    rows = factor_nights(book, nights)
    found = effects(rows, STEPS)
    if as_json:
        for effect in found:
            write_json(trigger_view(effect))
        return
    page = Page()
    if not found:
        page.say(NO_ENTRIES)
        return
    page.say(f"{len(rows)} nights have a journal entry made in time.")
    page.table(("", "Nights", "Associated with"), [_row(effect) for effect in found], right=("Nights",))
    page.say(NO_CAUSE)


def _row(effect: Effect) -> tuple[str, str, str]:
    from twitchwatch.journal.fields import BY_NAME
    from twitchwatch.wording.journal import effect_words

    field = BY_NAME[effect.factor]
    return field.option.replace("-", " "), str(effect.nights), effect_words(effect)
