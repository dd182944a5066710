"""`twitchwatch experiment`: a coin toss decides, evening by evening, so that a difference has one cause."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import Choice, database_option, json_option
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.journal.program import EXPERIMENTS, MIN_PAIRS
from twitchwatch.journal.tonight import now_and_tonight
from twitchwatch.terminal.output import write_json


@click.group("experiment")
def command() -> None:
    """Run a randomised experiment: a coin toss decides, evening by evening, whether you do one thing.

    In each pair of evenings, one is with it and one without. A difference can then only be due to it or to
    chance, and how much chance can do is known exactly.
    """


@command.command("start")
@click.argument("name", metavar="NAME", type=Choice(list(EXPERIMENTS)))
@click.option(
    "--pairs",
    type=int,
    default=14,
    show_default=True,
    help=f"Pairs of evenings, at least {MIN_PAIRS}; more pairs can show smaller effects.",
)
@click.option("--seed", type=int, help="Seed of the coin tosses; random if not given.")
@database_option
def start(name: str, pairs: int, seed: int | None, database: Path) -> None:
    """Toss the coins, start this evening, and show what the experiment will need.

    NAME: late-caffeine, caffeine, alcohol, magnesium, screen or relaxation.
    """
    import secrets

    from twitchwatch.journal.running import begin_experiment
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.program_pages import show_started_experiment

    now_utc_us, tonight = now_and_tonight()
    seed = secrets.randbits(32) if seed is None else seed
    with Store.open(database) as store:
        program = begin_experiment(store, name, pairs, tonight, seed, now_utc_us)
    show_started_experiment(Page(), program)


@command.command("show")
@database_option
@json_option
def show(database: Path, as_json: bool) -> None:
    """Show what is assigned tonight, and what the experiment shows so far."""
    from twitchwatch.archive.selection import read_sensors
    from twitchwatch.journal.book import counted_nights, read_entries
    from twitchwatch.journal.program import assignment_of
    from twitchwatch.journal.running import ended, latest_experiment, outcome
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.program_pages import show_experiment
    from twitchwatch.views.journal import experiment_view

    _, tonight = now_and_tonight()
    with Store.open_existing(database) as store:
        program = latest_experiment(store)
        counted = counted_nights(night for sensor in read_sensors(store, None) for night in sensor.nights)
        book = read_entries(store, LOCAL)
    if program is None:
        raise UsageError("No experiment has been started: `twitchwatch experiment start late-caffeine`.")
    found = outcome(program, counted, book)
    assignment = (
        None if ended(program, tonight) else assignment_of(program.assignments, program.first, tonight)
    )
    if as_json:
        write_json(experiment_view(program, assignment, found))
    else:
        show_experiment(Page(), program, assignment, found)


@command.command("stop")
@database_option
def stop(database: Path) -> None:
    """End the experiment; yesterday's evening was its last."""
    from twitchwatch.cli.plan import end_program

    end_program(database, "experiment")
