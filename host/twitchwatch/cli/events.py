"""`twitchwatch events`: everything detected in a night, one line each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, night_options, sensor_option
from twitchwatch.terminal.output import show_deriving, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twitchwatch.analysis.night import WholeNight
    from twitchwatch.archive.selection import NightChoice
    from twitchwatch.terminal.page import Page


@click.command("events")
@night_options
@sensor_option
@database_option
@json_option
def command(choice: NightChoice, sensor: str | None, database: Path, as_json: bool) -> None:
    """List events in chronological order; by default those of the last night.

    These are twitches, tremor bouts, jerks, spasms and movements, your marks (the sensor's button), and
    gaps for which the sensor has no data. The waveform check classifies each event again: one that is
    certainly not a twitch is listed as a disturbance or as unclear, and not counted.
    """
    from twitchwatch.archive.absence import absences
    from twitchwatch.archive.findings import silences
    from twitchwatch.archive.selection import every_night, whole_nights
    from twitchwatch.journal.tonight import now_and_evening
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.events import events_of
    from twitchwatch.wording.nights import why_nothing

    now_utc_us, tonight = now_and_evening()
    with Store.open_existing(database) as store:
        sensors, nights = whole_nights(store, sensor, choice, show_deriving)
        silent = silences(store, [one.device for one in sensors], now_utc_us)
    # Without a date, the most recent night is shown, whenever it was.
    missing = [] if choice.everything else absences(every_night(sensors), choice, tonight, silent)
    if as_json:
        for absence in missing:
            write_json(absence.view)
        for night in nights:
            for line in events_of(night):
                write_json(line)
    elif nights:
        _show(Page(), nights)
    else:
        Page().say(why_nothing(sensors, choice, missing))


def _show(page: Page, nights: Sequence[WholeNight]) -> None:
    from twitchwatch.clock.zone import zone_of
    from twitchwatch.views.events import events_of
    from twitchwatch.wording.events import counted_words, doubted, event_row
    from twitchwatch.wording.units import NO_DIAGNOSIS, evening

    for night in nights:
        page.heading(f"{evening(night.date)}, {night.device}")
        lines = events_of(night)
        if lines:
            page.table(
                ("Time", "What", "Lasts", "Peak", "Details"),
                [event_row(line, zone_of(night.zone)) for line in lines],
                right=("Lasts", "Peak"),
                titles=2,
                styles=["bold" if line.kind in ("tremor", "mark") else "" for line in lines],
            )
        else:
            page.say("No events.")
        if any(doubted(line) for line in lines):
            page.say("? The waveform check suggests something else, but not with certainty.")
        page.say(counted_words(night))
        page.gap()
    page.say(NO_DIAGNOSIS)
