"""The list of nights for people: a row for each, and what explains it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from twitchwatch.archive.absence import Absence
from twitchwatch.archive.nights import RatedNight, Sensor
from twitchwatch.flags import Finding
from twitchwatch.terminal.page import Page
from twitchwatch.wording.absence import absence_words
from twitchwatch.wording.findings import once
from twitchwatch.wording.layout import fits
from twitchwatch.wording.night_parts import hourly_bars, night_row
from twitchwatch.wording.nights import remarks, undated_words
from twitchwatch.wording.units import NO_DIAGNOSIS, plural

_COLUMNS = ("Night", "Sensor", "Rest", "Twitches", "An hour", "95 %", "Tremor", "Lost", "Limit")


def show_nights(
    page: Page,
    nights: Sequence[RatedNight],
    sensors: Sequence[Sensor],
    missing: Sequence[Absence],
    silent: Sequence[Finding],
) -> None:
    """Print the nights and the missing ones in order, then remarks, and the silent sensors."""
    # The sensor has a column if there are several of them.
    named = len(sensors) > 1
    title, bars = hourly_bars([one.night for one in nights], plain=page.plain)
    columns: tuple[str, ...] = (*_COLUMNS, title)
    rows: list[tuple[date, tuple[str, ...]]] = []
    for one, bar in zip(nights, bars, strict=True):
        night, *figures = night_row(one)
        rows.append((one.night.date, (night, one.night.device, *figures, bar)))
    for absence in missing:
        name = f"{plural(absence.nights, 'night')}: none"
        rows.append((absence.first, (name, *["-"] * (len(_COLUMNS) - 1), "")))
    kept = [row if named else (row[0], *row[2:]) for _, row in sorted(rows, key=lambda row: row[0])]
    columns = columns if named else (columns[0], *columns[2:])
    if not page.terminal or not fits(columns, kept, page.width):
        # The bars are the first to go: every figure stays.
        columns, kept = columns[:-1], [row[:-1] for row in kept]
    page.table(
        columns,
        kept,
        right=("Rest", "Twitches", "Tremor", "Lost", "Limit"),
        titles=2 if named else 1,
    )
    page.gap()
    for sentence in remarks(nights):
        page.say(sentence)
    for absence in missing:
        page.say(absence_words(absence))
    if undated := sum(sensor.undated for sensor in sensors):
        page.say(undated_words(undated))
    if silent:
        page.say(once([*(flag.words for flag in silent), *(flag.to_try for flag in silent)]))
    page.say(NO_DIAGNOSIS)
