"""`twitchwatch nights`: one line per night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, night_options, sensor_option
from twitchwatch.terminal.output import show_deriving, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from twitchwatch.archive.absence import Absence
    from twitchwatch.archive.nights import RatedNight, Sensor
    from twitchwatch.archive.selection import NightChoice
    from twitchwatch.flags import Finding
    from twitchwatch.terminal.page import Page


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
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.nights import night_view
    from twitchwatch.wording.nights import why_nothing

    now_utc_us, tonight = now_and_evening()
    with Store.open_existing(database) as store:
        sensors = read_sensors(store, sensor, show_deriving)
        silent = silences(store, [one.device for one in sensors], now_utc_us)
    nights = chosen_nights(sensors, choice)
    missing = absences(every_night(sensors), choice, tonight, silent)
    if as_json:
        lines = [night_view(one.night, one.rate) for one in nights] + [one.view for one in missing]
        for line in sorted(lines, key=lambda line: line.night):
            write_json(line)
    elif nights:
        _show(Page(), nights, sensors, missing, silent if choice.until is None else [])
    else:
        Page().say(why_nothing(sensors, choice, missing))


def _show(
    page: Page,
    nights: Sequence[RatedNight],
    sensors: Sequence[Sensor],
    missing: Sequence[Absence],
    silent: Sequence[Finding],
) -> None:
    from twitchwatch.wording.absence import absence_words
    from twitchwatch.wording.findings import once
    from twitchwatch.wording.night_parts import night_row
    from twitchwatch.wording.nights import remarks, undated_words
    from twitchwatch.wording.units import NO_DIAGNOSIS, plural

    # The sensor has a column if there are several of them.
    named = len(sensors) > 1
    columns = ("Night", "Sensor", "Rest", "Twitches", "An hour", "95 %", "Tremor", "Lost", "Limit")
    rows: list[tuple[date, tuple[str, ...]]] = []
    for one in nights:
        night, *figures = night_row(one)
        rows.append((one.night.date, (night, one.night.device, *figures)))
    for absence in missing:
        rows.append(
            (absence.first, (f"{plural(absence.nights, 'night')}: none", *["-"] * (len(columns) - 1)))
        )
    kept = [row if named else (row[0], *row[2:]) for _, row in sorted(rows, key=lambda row: row[0])]
    page.table(
        columns if named else (columns[0], *columns[2:]),
        kept,
        right=("Rest", "Twitches", "Tremor", "Lost", "Limit"),
        titles=2 if named else 1,
    )
    page.gap()
    for sentence in remarks([one.night for one in nights]):
        page.say(sentence)
    for absence in missing:
        page.say(absence_words(absence))
    if undated := sum(sensor.undated for sensor in sensors):
        page.say(undated_words(undated))
    if silent:
        page.say(once([*(flag.words for flag in silent), *(flag.to_try for flag in silent)]))
    page.say(NO_DIAGNOSIS)
