"""Plans and experiments in a terminal: what they will need, what to do today, what they show so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from twitchwatch.analysis.comparison import Comparison
from twitchwatch.clock.dates import evening
from twitchwatch.journal.program import phase_on
from twitchwatch.journal.running import Drawn, Outcome, Running, ended
from twitchwatch.terminal.page import Page
from twitchwatch.views.journal import asked
from twitchwatch.wording.journal import comparison_words, experiment_needs, outcome_words, plan_needs
from twitchwatch.wording.units import NO_DIAGNOSIS


def show_started_experiment(page: Page, program: Drawn) -> None:
    """Print what is assigned tonight, and what the experiment will need."""
    page.heading(f"Started: {program.name.replace('-', ' ')}, {len(program.assignments)} evenings")
    page.say(f"Tonight: {asked(program.name, program.assignments[0])}.")
    for words in experiment_needs(program):
        page.say(words)


def show_experiment(page: Page, program: Drawn, assignment: bool | None, found: Outcome) -> None:
    """Print tonight's assignment, None if it has ended, and what the experiment shows so far."""
    page.heading(f"Experiment: {program.name.replace('-', ' ')}, since {evening(program.first)}")
    page.say(
        "It has ended." if assignment is None else f"Tonight: {asked(program.name, assignment)}.", indent=2
    )
    page.say(comparison_words(found.comparison), label="With it, compared with without", indent=2)
    for words in outcome_words(found):
        page.say(words, indent=2)
    page.say(NO_DIAGNOSIS)


def show_started_plan(page: Page, program: Running, nights_before: int) -> None:
    """Print what a plan will need; nights_before: nights with data before it."""
    page.heading(f"{program.plan.title}: started")
    for words in plan_needs(program, nights_before):
        page.say(words)


def show_plan(page: Page, program: Running, tonight: date, found: Mapping[str, Comparison]) -> None:
    """Print what to do today, and what has changed since the plan started."""
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
