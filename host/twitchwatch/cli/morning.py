"""`twitchwatch morning`: how last night was, whether anything is new, and the one thing to do."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option, sensor_option
from twitchwatch.terminal.output import write_json
from twitchwatch.terminal.progress import show_deriving


@click.command("morning")
@sensor_option
@database_option
@json_option
def command(sensor: str | None, database: Path, as_json: bool) -> None:
    """Compare last night with your usual nights; show what is new, and the one thing to do.

    In a terminal it then asks how you slept, if you have not noted it yet; press Enter to skip a question.
    """
    from twitchwatch.archive.morning import mornings, newest_night, worn_by_you
    from twitchwatch.archive.nights import Archive
    from twitchwatch.archive.selection import chosen_devices
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.journal.tonight import now_and_evening, running_and_slept
    from twitchwatch.store import Store
    from twitchwatch.terminal.journal_page import ask_and_note
    from twitchwatch.terminal.morning_page import show_morning
    from twitchwatch.terminal.page import Page
    from twitchwatch.wording.morning import view_of
    from twitchwatch.wording.nights import NOTHING_YET

    now_utc_us, _ = now_and_evening()
    running, slept = running_and_slept()
    with Store.open_existing(database) as store:
        archive = Archive(store, LOCAL, progress=show_deriving)
        sensors = worn_by_you(archive.sensors(chosen_devices(store, sensor)))
        night = newest_night(sensors, running, slept)
        found = mornings(archive, sensors, night, now_utc_us)
    if as_json:
        for one in found:
            write_json(view_of(one))
        return
    page = Page()
    for one in found:
        show_morning(page, one, named=len(found) > 1)
    if not found:
        page.say(NOTHING_YET)
    elif any(one.journal_due for one in found) and sys.stdin.isatty() and sys.stdout.isatty():
        ask_and_note(database, "morning", night)
