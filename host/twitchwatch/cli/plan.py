"""`twitchwatch plan`: guided weeks, and what changed in them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from twitchwatch.cli.options import Choice, database_option, json_option
from twitchwatch.errors import UsageError
from twitchwatch.journal.program import PLANS
from twitchwatch.journal.tonight import now_and_tonight
from twitchwatch.terminal.output import write_json, write_text


@click.group("plan")
def command() -> None:
    """Follow a plan over some weeks: what to change and when, and whether the twitching changes too."""


@command.command("start")
@click.argument("kind", metavar="PLAN", type=Choice(list(PLANS)))
@database_option
def start(kind: str, database: Path) -> None:
    """Start a plan this evening, and show what it will need.

    four-weeks: observe, optimise, relax, reassess. two-weeks: all of it at once, compared with the two weeks
    before.
    """
    from twitchwatch.archive.selection import read_sensors
    from twitchwatch.journal.book import counted_nights
    from twitchwatch.journal.running import begin_plan, nights_before
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.program_pages import show_started_plan

    now_utc_us, tonight = now_and_tonight()
    with Store.open(database) as store:
        program = begin_plan(store, kind, tonight, now_utc_us)
        counted = counted_nights(night for one in read_sensors(store, None) for night in one.nights)
    show_started_plan(Page(), program, nights_before(program, counted))


@command.command("show")
@database_option
@json_option
def show(database: Path, as_json: bool) -> None:
    """Show what to do today, and what has changed since the plan started, with intervals."""
    from twitchwatch.archive.selection import read_sensors
    from twitchwatch.journal.book import counted_nights
    from twitchwatch.journal.running import changes, latest_plan
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.program_pages import show_plan
    from twitchwatch.views.journal import plan_view

    _, tonight = now_and_tonight()
    with Store.open_existing(database) as store:
        program = latest_plan(store)
        counted = counted_nights(night for sensor in read_sensors(store, None) for night in sensor.nights)
    if program is None:
        raise UsageError(f"No plan has been started: `twitchwatch plan start {next(iter(PLANS))}`.")
    found = changes(program, counted)
    if as_json:
        write_json(plan_view(program, tonight, found))
    else:
        show_plan(Page(), program, tonight, found)


@command.command("stop")
@database_option
def stop(database: Path) -> None:
    """End the plan; yesterday's evening was its last."""
    end_program(database, "plan")


def end_program(database: Path, what: Literal["plan", "experiment"]) -> None:
    """End the program that was started last. Raises UsageError if there is none, or it has ended."""
    from twitchwatch.journal.running import stop_latest
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        stop_latest(store, what, now_and_tonight()[1])
    write_text(f"Ended. `twitchwatch {what} show` still shows the result.")
