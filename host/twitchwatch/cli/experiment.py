"""`twitchwatch experiment`: lots decide of each evening, so that what differs has one cause."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option
from twitchwatch.cli.output import write_json, write_line
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.journal.course import EXPERIMENTS, LEAST_PAIRS
from twitchwatch.journal.tonight import now_and_tonight

if TYPE_CHECKING:
    pass


@click.group("experiment")
def command() -> None:
    """Find out whether one thing makes the twitching more or less: lots decide of each evening.

    Of each two evenings one is with and one without; which, is drawn. So what differs in the end has no
    other cause but luck, and how much luck can do is known exactly.
    """


@command.command("start")
@click.argument("name", metavar="NAME", type=click.Choice(list(EXPERIMENTS)))
@click.option(
    "--pairs",
    type=int,
    default=14,
    show_default=True,
    help=f"Pairs of evenings; {LEAST_PAIRS} at the least, more find smaller effects.",
)
@click.option("--seed", type=int, help="Of the lots; drawn at random if not given.")
@database_option
def start(name: str, pairs: int, seed: int | None, database: Path) -> None:
    """Draw the lots and begin with this evening."""
    import secrets

    from twitchwatch.journal.running import begin_experiment
    from twitchwatch.store import Store
    from twitchwatch.views.journal import asked

    now_utc_us, tonight = now_and_tonight()
    seed = secrets.randbits(32) if seed is None else seed
    with Store.open(database) as store:
        course = begin_experiment(store, name, pairs, tonight, seed, now_utc_us)
    write_line(f"Begun: {2 * pairs} evenings. Tonight: {asked(course.name, course.lots[0])}.")
    write_line("`twitchwatch experiment show` says it each evening. Note how it went in the journal.")


@command.command("show")
@database_option
@json_option
def show(database: Path, as_json: bool) -> None:
    """Say what the lot wants tonight, and what the experiment shows so far."""
    from twitchwatch.archive.selection import read_sensors
    from twitchwatch.cli.page import Page
    from twitchwatch.journal.book import counted_nights, read_entries
    from twitchwatch.journal.course import lot_of
    from twitchwatch.journal.running import ended, latest_experiment, outcome
    from twitchwatch.store import Store
    from twitchwatch.views.journal import asked, experiment_view
    from twitchwatch.wording.journal import comparison_words
    from twitchwatch.wording.units import NO_DIAGNOSIS, evening

    _, tonight = now_and_tonight()
    with Store.open_existing(database) as store:
        course = latest_experiment(store)
        counted = counted_nights(night for sensor in read_sensors(store, None) for night in sensor.nights)
        book = read_entries(store, LOCAL)
    if course is None:
        raise UsageError("No experiment has been begun: `twitchwatch experiment start late-caffeine`.")
    found = outcome(course, counted, book)
    lot = None if ended(course, tonight) else lot_of(course.lots, course.first, tonight)
    if as_json:
        write_json(experiment_view(course, lot, found))
        return
    page = Page()
    page.heading(f"Experiment: {course.name.replace('-', ' ')}, since {evening(course.first)}")
    page.say("It has ended." if lot is None else f"Tonight: {asked(course.name, lot)}.", indent=2)
    page.say(comparison_words(found.comparison), label="With, beside without", indent=2)
    if found.comparison.p_value is not None:
        page.say(
            f"So large a difference, either way, would come by luck in {found.comparison.p_value:.1%}"
            " of all ways in which the lots could have fallen.",
            indent=2,
        )
    page.say(
        f"{found.kept} evenings followed the lot, {found.broken} did not, of {found.unknown} the journal does"
        " not tell; all are counted by what the lot said.",
        indent=2,
    )
    page.say(NO_DIAGNOSIS)


@command.command("stop")
@database_option
def stop(database: Path) -> None:
    """End the experiment with yesterday's evening."""
    from twitchwatch.cli.plan import end_course

    end_course(database, "experiment")
