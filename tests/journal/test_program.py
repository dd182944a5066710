"""Plans and experiments: what is asked of an evening, and the result."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.analysis.counted import CountedNight
from twitchwatch.errors import UsageError
from twitchwatch.journal import Entry
from twitchwatch.journal.program import PLANS, assignment_of, draw_assignments, kept_to, nights_of, phase_on
from twitchwatch.journal.running import (
    begin_experiment,
    begin_plan,
    changes,
    ended,
    latest_experiment,
    latest_plan,
    outcome,
    stop,
)
from twitchwatch.store import Store

START = date(2026, 2, 2)


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "twitchwatch.db") as store:
        yield store


def counted(rates, rest_h: float = 7.0) -> dict[date, CountedNight]:
    days = [START + timedelta(days=i) for i in range(len(rates))]
    return {day: CountedNight(day, int(rate), rest_h) for day, rate in zip(days, rates, strict=True)}


def test_four_weeks_day_by_day() -> None:
    plan = PLANS["four-weeks"]
    names = [phase_on(plan, START, START + timedelta(days=i)) for i in range(-1, 29)]
    assert names[0] is None
    assert names[-1] is None
    assert [(phase.name, day) for phase, day in names[1:-1]] == [
        (name, day) for name in ("watch", "optimise", "relax", "reassess") for day in range(1, 8)
    ]


def test_two_weeks_are_compared_with_those_before() -> None:
    spans = nights_of(PLANS["two-weeks"], START)
    assert spans == {
        "before": (START - timedelta(days=14), START - timedelta(days=1)),
        "try": (START, START + timedelta(days=13)),
    }


def test_a_plan_says_what_changed(store: Store) -> None:
    program = begin_plan(store, "four-weeks", START, 0)
    rng = np.random.default_rng(1)
    found = changes(program, counted([*rng.poisson(60, 7), *rng.poisson(60, 7), *rng.poisson(25, 14)]))
    assert found["optimise"].verdict == "unclear"
    assert found["relax"].verdict == found["reassess"].verdict == "fewer"
    low, high = found["reassess"].interval
    assert low < 25 / 60 < high
    assert latest_plan(store) == program


def test_a_plan_that_has_just_begun_cannot_say(store: Store) -> None:
    program = begin_plan(store, "four-weeks", START, 0)
    assert {one.verdict for one in changes(program, counted([60, 50])).values()} == {"cannot_say"}


def test_one_at_a_time(store: Store) -> None:
    plan = begin_plan(store, "four-weeks", START, 0)
    with pytest.raises(UsageError, match="plan stop"):
        begin_experiment(store, "late-caffeine", 10, START + timedelta(days=3), 1, 0)
    stop(store, plan, START + timedelta(days=2))
    drawn = begin_experiment(store, "late-caffeine", 10, START + timedelta(days=3), 1, 0)
    with pytest.raises(UsageError, match="experiment stop"):
        begin_plan(store, "two-weeks", START + timedelta(days=4), 0)
    assert ended(drawn, START + timedelta(days=3 + 20))
    begin_plan(store, "two-weeks", START + timedelta(days=3 + 20), 0)
    with pytest.raises(UsageError, match="already ended"):
        stop(store, plan, START)


@given(st.integers(6, 60), st.integers(0, 2**32))
def test_lots_are_one_of_each_two(pairs: int, seed: int) -> None:
    assignments = draw_assignments(pairs, seed)
    assert all(assignments[i] != assignments[i + 1] for i in range(0, 2 * pairs, 2))
    assert assignments == draw_assignments(pairs, seed)
    assert assignment_of(assignments, START, START - timedelta(days=1)) is None
    assert assignment_of(assignments, START, START + timedelta(days=2 * pairs)) is None
    assert assignment_of(assignments, START, START) == assignments[0]


def test_the_lots_are_kept_as_they_were_drawn(store: Store) -> None:
    drawn = begin_experiment(store, "late-caffeine", 8, START, 5, 0)
    assert latest_experiment(store) == drawn
    (row,) = store.programs.all()
    assert json.loads(row.body)["lots"] == list(drawn.assignments)


@pytest.mark.parametrize("pairs", [0, 5, 61])
def test_too_few_or_many_pairs(store: Store, pairs: int) -> None:
    with pytest.raises(UsageError, match="6 to 60 pairs"):
        begin_experiment(store, "caffeine", pairs, START, 1, 0)


def test_an_experiment_finds_what_makes_a_difference(store: Store) -> None:
    drawn = begin_experiment(store, "late-caffeine", 14, START, 9, 0)
    rng = np.random.default_rng(2)
    rates = [rng.poisson(60 if assignment else 25) for assignment in drawn.assignments]
    book = [
        Entry(START + timedelta(days=i), {"late_caffeine_mg": 95.0 if assignment else 0.0}, {}, 0, 0)
        for i, assignment in enumerate(drawn.assignments)
        if i < 20
    ]
    # One evening did not follow its assignment: it counts as assigned all the same.
    book[0] = Entry(START, {"late_caffeine_mg": 0.0 if drawn.assignments[0] else 95.0}, {}, 0, 0)
    found = outcome(drawn, counted(rates), book)
    assert found.comparison.verdict == "more"
    assert found.comparison.p_value < 0.001
    assert found.comparison.nights == (14, 14)
    assert (found.kept, found.broken, found.unknown) == (19, 1, 8)


def test_an_experiment_without_its_nights_cannot_say(store: Store) -> None:
    drawn = begin_experiment(store, "late-caffeine", 14, START, 9, 0)
    assert outcome(drawn, {}, []).comparison.verdict == "cannot_say"
    assert outcome(drawn, counted([5] * 6), []).comparison.verdict == "cannot_say"


def test_whether_a_lot_was_kept_to() -> None:
    assert kept_to("caffeine", True, {"caffeine_mg": 95.0}) is True
    assert kept_to("caffeine", False, {"caffeine_mg": 95.0}) is False
    assert kept_to("caffeine", False, {}) is None
    assert kept_to("screen", False, {"screen_h": 1.0}) is None
