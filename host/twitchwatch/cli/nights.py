"""`twitchwatch nights`: one line per night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, night_options, sensor_option
from twitchwatch.terminal.output import write_json
from twitchwatch.terminal.progress import show_deriving

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice


@click.command("nights")
@night_options
@sensor_option
@database_option
@json_option
def command(choice: NightChoice, sensor: str | None, database: Path, as_json: bool) -> None:
    """List the nights: rest, twitches an hour of rest with their 95 % interval, tremor, time lost.

    A night runs from noon to noon and is named after its evening. Rest is the time in which a twitch could
    have been seen.
    """
    from twitchwatch.archive.absence import absences
    from twitchwatch.archive.findings import silences
    from twitchwatch.archive.selection import chosen_nights, every_night, read_sensors
    from twitchwatch.journal.tonight import now_and_evening
    from twitchwatch.store import Store
    from twitchwatch.terminal.nights_page import show_nights
    from twitchwatch.terminal.page import Page
    from twitchwatch.wording.nights import why_nothing

    now_utc_us, tonight = now_and_evening()
    with Store.open_existing(database) as store:
        sensors = read_sensors(store, sensor, show_deriving)
        silent = silences(store, [one.device for one in sensors], now_utc_us)
    nights = chosen_nights(sensors, choice)
    missing = absences(every_night(sensors), choice, tonight, silent)
    if as_json:
        lines = [one.view for one in nights] + [one.view for one in missing]
        for line in sorted(lines, key=lambda line: line.night):
            write_json(line)
    elif nights:
        show_nights(Page(), nights, sensors, missing, silent if choice.until is None else [])
    else:
        Page().say(why_nothing(sensors, choice, missing))
