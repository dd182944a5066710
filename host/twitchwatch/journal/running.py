"""Programs in the store: the one that is running, its assignments, and its outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from twitchwatch.analysis.comparison import Comparison, compare, drawn_assignments
from twitchwatch.analysis.counted import CountedNight
from twitchwatch.clock.dates import evening
from twitchwatch.errors import UsageError
from twitchwatch.journal.entry import Entry
from twitchwatch.journal.program import (
    EXPERIMENTS,
    MIN_PAIRS,
    PLANS,
    Plan,
    draw_assignments,
    kept_to,
    nights_of,
)
from twitchwatch.store import ProgramRow, Store

PLAN = "plan"
EXPERIMENT = "experiment"
MAX_PAIRS = 60


@dataclass(frozen=True, slots=True)
class Running:
    """A plan: which one, and its first evening; `last` is None unless it was stopped."""

    number: int
    plan: Plan
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """An experiment: its name, its first evening, the assignments, and their seed."""

    number: int
    name: str
    first: date
    last: date | None
    assignments: tuple[bool, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an experiment shows so far; kept, broken, unknown: counts of evenings by compliance."""

    comparison: Comparison
    kept: int
    broken: int
    unknown: int


def begin_plan(store: Store, kind: str, night: date, now_utc_us: int) -> Running:
    """Start a plan this evening. Raises UsageError if one is already running."""
    _refuse_second(store, night)
    number = store.programs.begin(PLAN, night.isoformat(), json.dumps({"plan": kind}), now_utc_us)
    return Running(number, PLANS[kind], night, None)


def begin_experiment(store: Store, name: str, pairs: int, night: date, seed: int, now_utc_us: int) -> Drawn:
    """Draw the assignments of `pairs` pairs of evenings and start.

    Raises UsageError (one runs, wrong number).
    """
    if not MIN_PAIRS <= pairs <= MAX_PAIRS:
        raise UsageError(
            f"An experiment takes {MIN_PAIRS} to {MAX_PAIRS} pairs of evenings: with fewer, no result could "
            "be distinguished from chance."
        )
    _refuse_second(store, night)
    assignments = draw_assignments(pairs, seed)
    # The lots themselves are kept: a later version of the program must not draw others.
    body = json.dumps({"experiment": name, "lots": assignments, "seed": seed})
    number = store.programs.begin(EXPERIMENT, night.isoformat(), body, now_utc_us)
    return Drawn(number, name, night, None, tuple(assignments), seed)


def latest_plan(store: Store) -> Running | None:
    """The plan that was started last, running or not."""
    row = _latest(store, PLAN)
    return None if row is None else _plan(row)


def latest_experiment(store: Store) -> Drawn | None:
    """The experiment that was started last, running or not."""
    row = _latest(store, EXPERIMENT)
    return None if row is None else _experiment(row)


def stop(store: Store, program: Running | Drawn, night: date) -> None:
    """End it with this evening. Raises UsageError if it has ended already."""
    if ended(program, night + timedelta(days=1)) or not store.programs.end(program.number, night.isoformat()):
        raise UsageError("It has already ended.")


def stop_latest(store: Store, what: str, tonight: date) -> None:
    """End the PLAN or EXPERIMENT that was started last; yesterday's evening is its last.

    Raises UsageError.
    """
    program = latest_plan(store) if what == PLAN else latest_experiment(store)
    if program is None:
        raise UsageError(f"No {what} has been started.")
    stop(store, program, max(program.first, tonight - timedelta(days=1)))


def ended(program: Running | Drawn, tonight: date) -> bool:
    """Whether its last evening is over."""
    days = program.plan.days if isinstance(program, Running) else len(program.assignments)
    return program.last is not None or tonight >= program.first + timedelta(days=days)


def changes(program: Running, counted: Mapping[date, CountedNight]) -> dict[str, Comparison]:
    """Each phase so far, compared with the plan's first (or the nights before it)."""
    last = program.last or date.max
    spans = list(nights_of(program.plan, program.first).items())
    (_, base), *rest = spans
    before = _between(counted, *base)
    return {name: compare(before, _between(counted, start, min(end, last))) for name, (start, end) in rest}


def nights_before(program: Running, counted: Mapping[date, CountedNight]) -> int:
    """The number of nights with rest with which the plan can already be compared."""
    start, end = next(iter(nights_of(program.plan, program.first).values()))
    return sum(night.rest_h > 0 for night in _between(counted, start, end))


def outcome(program: Drawn, counted: Mapping[date, CountedNight], book: Sequence[Entry]) -> Outcome:
    """Nights without compared with nights with, as assigned, whether or not the assignment was followed.

    Otherwise, skipping it on bad days would bias the result.
    """
    noted = {entry.night: entry.sealed for entry in book}
    pairs = []
    followed: list[bool | None] = []
    for i in range(0, len(program.assignments), 2):
        days = [program.first + timedelta(days=i + k) for k in range(2)]
        if program.last is not None and days[1] > program.last:
            break
        both = [counted.get(day) for day in days]
        followed += [
            kept_to(program.name, program.assignments[i + k], noted.get(days[k], {}))
            for k in range(2)
            if both[k]
        ]
        if both[0] is not None and both[1] is not None:
            pairs.append((both[1], both[0]) if program.assignments[i] else (both[0], both[1]))
    return Outcome(
        drawn_assignments(pairs, program.seed),
        sum(one is True for one in followed),
        sum(one is False for one in followed),
        sum(one is None for one in followed),
    )


def _between(counted: Mapping[date, CountedNight], start: date, end: date) -> list[CountedNight]:
    return [night for day, night in counted.items() if start <= day <= end]


def _refuse_second(store: Store, night: date) -> None:
    for program in (latest_plan(store), latest_experiment(store)):
        if program is not None and not ended(program, night):
            what = "plan" if isinstance(program, Running) else "experiment"
            raise UsageError(
                f"The {what} started on {evening(program.first)} is still running; two at once would"
                f" interfere. `twitchwatch {what} stop` ends it."
            )


def _latest(store: Store, kind: str) -> ProgramRow | None:
    rows = [row for row in store.programs.all() if row.kind == kind]
    return rows[-1] if rows else None


def _plan(row: ProgramRow) -> Running:
    plan = PLANS[json.loads(row.body)["plan"]]
    return Running(row.id, plan, date.fromisoformat(row.first_night), _day(row.last_night))


def _experiment(row: ProgramRow) -> Drawn:
    body = json.loads(row.body)
    assert body["experiment"] in EXPERIMENTS
    return Drawn(
        row.id,
        body["experiment"],
        date.fromisoformat(row.first_night),
        _day(row.last_night),
        tuple(body["lots"]),
        body["seed"],
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
