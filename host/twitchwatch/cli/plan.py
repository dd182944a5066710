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
    from twitchwatch.wording.journal import plan_needs

    now_utc_us, tonight = now_and_tonight()
    with Store.open(database) as store:
        program = begin_plan(store, kind, tonight, now_utc_us)
        counted = counted_nights(night for one in read_sensors(store, None) for night in one.nights)
    page = Page()
    page.heading(f"{program.plan.title}: started")
    for words in plan_needs(program, nights_before(program, counted)):
        page.say(words)


@command.command("show")
@database_option
@json_option
def show(database: Path, as_json: bool) -> None:
    """Show what to do today, and what has changed since the plan started, with intervals."""
    from twitchwatch.archive.selection import read_sensors
    from twitchwatch.journal.book import counted_nights
    from twitchwatch.journal.program import phase_on
    from twitchwatch.journal.running import changes, ended, latest_plan
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.journal import plan_view
    from twitchwatch.wording.journal import comparison_words
    from twitchwatch.wording.units import NO_DIAGNOSIS, evening

    _, tonight = now_and_tonight()
    with Store.open_existing(database) as store:
        program = latest_plan(store)
        counted = counted_nights(night for sensor in read_sensors(store, None) for night in sensor.nights)
    if program is None:
        raise UsageError(f"No plan has been started: `twitchwatch plan start {next(iter(PLANS))}`.")
    found = changes(program, counted)
    if as_json:
        write_json(plan_view(program, tonight, found))
        return
    page = Page()
    page.heading(program.plan.title)
    now = phase_on(program.plan, program.first, tonight)
    if ended(program, tonight) or now is None:
        page.say(f"Started {evening(program.first)}; ended.", indent=2)
    else:
        phase, day = now
        page.say(f"Started {evening(program.first)}. Now: {phase.name}, day {day} of {phase.days}.", indent=2)
        for what in phase.to_do:
            page.say(f"- {what}", indent=2)
    base = "the two weeks before" if program.plan.before_days else "the first week"
    page.gap()
    page.heading(f"Compared with {base}")
    page.table(("", ""), [(name, comparison_words(one)) for name, one in found.items()])
    page.say(NO_DIAGNOSIS)


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
