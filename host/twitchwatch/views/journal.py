"""The journal, its triggers, plans and experiments, as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from twitchwatch.analysis.comparison import Comparison
from twitchwatch.analysis.triggers import Effect
from twitchwatch.clock.zone import iso
from twitchwatch.journal.entry import Entry
from twitchwatch.journal.program import EXPERIMENTS, phase_on
from twitchwatch.journal.running import Drawn, Outcome, Running, ended
from twitchwatch.views.shape import Line, View

Low = Annotated[float | None, "95 % interval of it, lower end"]
High = Annotated[float | None, "upper end"]
Reason = Annotated[str | None, "why there is no answer, or null"]


@dataclass(frozen=True)
class JournalView(Line):
    """The entry of an evening."""

    kind: Literal["journal"]
    night: Annotated[str, "date of the evening"]
    sealed: Annotated[bool, "true: it is too late for new notes to count"]
    sealed_utc: Annotated[str, "when the entry was or will be sealed"]
    morning_sealed_utc: Annotated[str, "the same for the morning questions about the night"]
    values: Annotated[dict[str, Any], "fields as they were when sealed, by name with unit"]
    later: Annotated[dict[str, Any], "fields changed later; null for one that was removed"]


@dataclass(frozen=True)
class TriggerView(Line):
    """What goes with one field of the journal."""

    kind: Literal["trigger"]
    factor: Annotated[str, "a field of the journal"]
    answer: Annotated[str, "`more`, `fewer`, `unclear`, `cannot_say`"]
    nights: Annotated[int, "count of nights on which the answer is based"]
    step: Annotated[float | None, "the difference to which `ratio` refers, in the field's unit"]
    ratio: Annotated[float | None, "the rate with `step` more, divided by the rate without"]
    interval_low: Low
    interval_high: High
    p_value: Annotated[float | None, "corrected for the number of factors"]
    reason: Reason


@dataclass(frozen=True)
class ComparisonView(View):
    """Nights compared with other nights."""

    verdict: Annotated[str, "with it, compared with without: `more`, `fewer`, `unclear`, `cannot_say`"]
    nights: Annotated[list[int], "counts of nights without and with"]
    ratio: Annotated[float | None, "of the rates"]
    interval_low: Low
    interval_high: High
    p_value: Annotated[float | None, "share of all possible assignments with a difference at least as large"]
    reason: Reason


@dataclass(frozen=True)
class PlanView(Line):
    """A plan, and what has changed since it started."""

    kind: Literal["plan"]
    plan: Annotated[str, "`four-weeks` or `two-weeks`"]
    first_night: Annotated[str, "date of its first evening"]
    phase: Annotated[str | None, "tonight's phase, or null"]
    day: Annotated[int | None, "day of the phase, from 1, or null"]
    to_do: Annotated[list[str], "what to do tonight"]
    changes: Annotated[
        dict[str, ComparisonView], "phase: comparison with the first week, or with the weeks before"
    ]


@dataclass(frozen=True)
class _Evenings(Line):
    kind: Literal["experiment"]
    experiment: Annotated[str, "its name"]
    first_night: Annotated[str, "date of its first evening"]
    evenings: Annotated[int, "count of evenings with an assignment"]
    tonight: Annotated[str | None, "tonight's assignment, or null"]


@dataclass(frozen=True)
class _Followed(View):
    kept: Annotated[int, "evenings on which you kept to the assignment"]
    broken: Annotated[int, "evenings on which you did not"]
    unknown: Annotated[int, "evenings for which the journal does not show it"]


@dataclass(frozen=True)
class ExperimentView(_Followed, ComparisonView, _Evenings):
    """An experiment, and what it shows so far."""


def journal_view(entry: Entry, now_utc_us: int) -> JournalView:
    """The entry of an evening."""
    return JournalView(
        "journal",
        night=entry.night.isoformat(),
        sealed=now_utc_us >= entry.sealed_utc_us,
        sealed_utc=iso(entry.sealed_utc_us),
        morning_sealed_utc=iso(entry.morning_sealed_utc_us),
        values=dict(entry.sealed),
        later=dict(entry.later),
    )


def trigger_view(effect: Effect) -> TriggerView:
    """What goes with one field of the journal."""
    return TriggerView(
        "trigger",
        factor=effect.factor,
        answer=effect.answer,
        nights=effect.nights,
        step=effect.step,
        ratio=effect.ratio,
        interval_low=None if effect.interval is None else effect.interval[0],
        interval_high=None if effect.interval is None else effect.interval[1],
        p_value=effect.p_value,
        reason=effect.reason or None,
    )


def comparison_view(one: Comparison) -> ComparisonView:
    """Nights compared with other nights."""
    return ComparisonView(**_compared(one))


def plan_view(program: Running, tonight: date, found: Mapping[str, Comparison]) -> PlanView:
    """A plan, and what has changed since it started."""
    now = None if ended(program, tonight) else phase_on(program.plan, program.first, tonight)
    return PlanView(
        "plan",
        plan=program.plan.kind,
        first_night=program.first.isoformat(),
        phase=now[0].name if now else None,
        day=now[1] if now else None,
        to_do=list(now[0].to_do) if now else [],
        changes={name: comparison_view(one) for name, one in found.items()},
    )


def experiment_view(program: Drawn, assignment: bool | None, found: Outcome) -> ExperimentView:
    """An experiment, and what it shows so far."""
    return ExperimentView(
        kind="experiment",
        experiment=program.name,
        first_night=program.first.isoformat(),
        evenings=len(program.assignments),
        tonight=None if assignment is None else asked(program.name, assignment),
        **_compared(found.comparison),
        kept=found.kept,
        broken=found.broken,
        unknown=found.unknown,
    )


def asked(name: str, assignment: bool) -> str:
    """What the assignment asks for on an evening."""
    return EXPERIMENTS[name][0 if assignment else 1]


def _compared(one: Comparison) -> dict[str, Any]:
    return {
        "verdict": one.verdict,
        "nights": list(one.nights),
        "ratio": one.ratio,
        "interval_low": None if one.interval is None else one.interval[0],
        "interval_high": None if one.interval is None else one.interval[1],
        "p_value": one.p_value,
        "reason": one.reason or None,
    }
