"""`twitchwatch triggers`: which journal entries are associated with more or fewer twitches."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option, sensor_option
from twitchwatch.terminal.output import write_json
from twitchwatch.terminal.progress import show_deriving


@click.command("triggers")
@sensor_option
@database_option
@json_option
def command(sensor: str | None, database: Path, as_json: bool) -> None:
    """Show which journal entries are associated with more or fewer twitches in the following night.

    All factors are estimated together and corrected for their number: if none has an effect, at most one
    journal in twenty shows an association, which is not necessarily cause and effect; `twitchwatch
    experiment` can find out.
    """
    from twitchwatch.analysis.triggers import effects
    from twitchwatch.archive.selection import read_sensors
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.journal.book import factor_nights, read_entries
    from twitchwatch.journal.fields import STEPS
    from twitchwatch.store import Store
    from twitchwatch.terminal.journal_page import show_triggers
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.journal import trigger_view

    with Store.open_existing(database) as store:
        book = read_entries(store, LOCAL)
        nights = [night for sensor in read_sensors(store, sensor, show_deriving) for night in sensor.nights]
    rows = factor_nights(book, nights)
    found = effects(rows, STEPS)
    if as_json:
        for effect in found:
            write_json(trigger_view(effect))
        return
    show_triggers(Page(), found, len(rows))
