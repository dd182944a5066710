"""`twitchwatch events`: everything detected in a night, one line each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, night_options, sensor_option
from twitchwatch.terminal.output import write_json
from twitchwatch.terminal.progress import show_deriving

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice


@click.command("events")
@click.option(
    "--plot", is_flag=True, help="Also draw each night, and its largest twitch with a recorded waveform."
)
@night_options
@sensor_option
@database_option
@json_option
def command(choice: NightChoice, sensor: str | None, database: Path, as_json: bool, plot: bool) -> None:
    """List events in chronological order; by default those of the last night.

    These are twitches, tremor bouts, jerks, spasms and movements, your marks (the sensor's button), and
    gaps for which the sensor has no data. The waveform check classifies each event again: one that is
    certainly not a twitch is listed as a disturbance or as unclear, and not counted.
    """
    from twitchwatch.archive.absence import absences
    from twitchwatch.archive.findings import silences
    from twitchwatch.archive.selection import every_night, whole_nights
    from twitchwatch.archive.waveforms import largest_waveforms
    from twitchwatch.journal.tonight import now_and_evening
    from twitchwatch.store import Store
    from twitchwatch.terminal.events_page import show_events
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.events import events_of
    from twitchwatch.wording.nights import why_nothing

    if plot and as_json:
        raise click.UsageError("--plot draws for people: leave out --json.")
    now_utc_us, tonight = now_and_evening()
    with Store.open_existing(database) as store:
        sensors, nights = whole_nights(store, sensor, choice, show_deriving)
        plots = largest_waveforms(store, nights) if plot else None
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
        show_events(Page(), nights, plots)
    else:
        Page().say(why_nothing(sensors, choice, missing))
