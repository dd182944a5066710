"""Programs: guided weeks in which one thing at a time is changed, and randomised experiments."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# An experiment of fewer pairs cannot show anything, however large: 2 of 2^5 ways of drawing lots are 6 %.
MIN_PAIRS = 6


@dataclass(frozen=True, slots=True)
class Phase:
    """Part of a plan: its days, its name and what to do in it."""

    name: str
    days: int
    to_do: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Guided weeks. `before_days`: number of nights before its start with which it is compared, or 0."""

    kind: str
    title: str
    phases: tuple[Phase, ...]
    before_days: int = 0

    @property
    def days(self) -> int:
        """Its length."""
        return sum(phase.days for phase in self.phases)


_LESS = (
    "Cut down on caffeine and alcohol; no caffeine after 2 pm, no nicotine or hard exercise in the last six "
    "hours.",
    "Drink 2 to 2.5 litres a day.",
    "Eat food rich in magnesium: nuts, seeds, beans, greens. Take tablets only if advised to.",
    "Sleep 7 to 8 hours, screens off for the last hour.",
)
_CALM = (
    "Relax for 10 to 15 minutes a day: breathe slowly, or relax one muscle after another in bed.",
    "Stretch the hands in the evening and rest them from typing and gripping.",
)
_WATCH = ("Change nothing. Note every evening with `twitchwatch journal evening`.",)
_LOOK = (
    "Keep up what helped, and see what has changed.",
    "Unchanged or worse: show it to a doctor.",
)

PLANS: dict[str, Plan] = {
    plan.kind: plan
    for plan in (
        Plan(
            "four-weeks",
            "Four weeks: watch, optimise, relax, reassess",
            (
                Phase("watch", 7, _WATCH),
                Phase("optimise", 7, _LESS),
                Phase("relax", 7, (*_CALM, "Continue as in the week before.")),
                Phase("reassess", 7, _LOOK),
            ),
        ),
        Plan(
            "two-weeks",
            "Two weeks of all of it, compared with the two weeks before",
            (Phase("try", 14, (*_LESS, *_CALM)),),
            before_days=14,
        ),
    )
}

# What lots can decide of an evening: (what is asked of it, with; without).
EXPERIMENTS: dict[str, tuple[str, str]] = {
    "late-caffeine": ("caffeine after 2 pm, as usual", "no caffeine after 2 pm"),
    "caffeine": ("caffeine as usual", "no caffeine"),
    "alcohol": ("a drink, if that is usual for you", "no alcohol"),
    "magnesium": ("magnesium in the evening", "no magnesium"),
    "screen": ("screens as usual", "no screen in the last hour"),
    "relaxation": ("15 minutes of relaxation", "no relaxation"),
}


def phase_on(plan: Plan, first_night: date, night: date) -> tuple[Phase, int] | None:
    """The phase that an evening belongs to and the day of it, from 1; None before and after the plan."""
    day = (night - first_night).days
    for phase in plan.phases:
        if 0 <= day < phase.days:
            return phase, day + 1
        day -= phase.days
    return None


def nights_of(plan: Plan, first_night: date) -> dict[str, tuple[date, date]]:
    """First and last evening of each phase, and of "before" if there is one."""
    found = {}
    if plan.before_days:
        found["before"] = (first_night - timedelta(days=plan.before_days), first_night - timedelta(days=1))
    start = first_night
    for phase in plan.phases:
        found[phase.name] = (start, start + timedelta(days=phase.days - 1))
        start += timedelta(days=phase.days)
    return found


def draw_assignments(pairs: int, seed: int) -> list[bool]:
    """For each of 2 x `pairs` evenings, whether it is one with: one of each pair, drawn at random."""
    assignments = random.Random(seed)
    drawn: list[bool] = []
    for _ in range(pairs):
        first = assignments.random() < 0.5
        drawn += [first, not first]
    return drawn


def assignment_of(drawn: Sequence[bool], first_night: date, night: date) -> bool | None:
    """The assignment of an evening; None before and after the experiment."""
    day = (night - first_night).days
    return drawn[day] if 0 <= day < len(drawn) else None


def kept_to(experiment: str, wanted: bool, values: Mapping[str, object]) -> bool | None:
    """Whether the evening's entry shows that the assignment was followed; None if it does not show it."""
    name = {"late-caffeine": "late_caffeine_mg", "caffeine": "caffeine_mg", "alcohol": "alcohol_g",
            "magnesium": "magnesium_mg"}.get(experiment)  # fmt: skip
    value = values.get(name) if name else None
    if not isinstance(value, int | float):
        return None
    return (value > 0) == wanted
