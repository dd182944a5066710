"""A finding with its state, and what a new derivation changed, as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from twitchwatch.clock.zone import iso
from twitchwatch.flags import Finding
from twitchwatch.views.shape import Line, iso_date, rounded

Figures = dict[str, float | str | list[str] | None]


@dataclass(frozen=True)
class FlagView(Line):
    """A finding; `finding` names its kind."""

    kind: Literal["finding"]
    id: Annotated[int | None, "its number, for `flags ack`"]
    finding: Annotated[str, "what kind of finding; docs/findings.md lists them"]
    scope: Annotated[str, "`night`, or `nights` for a finding across nights"]
    key: Annotated[str, "stays the same when the finding is derived again"]
    sensor: Annotated[str, "its name; `journal` for what you noted"]
    hardware_id: Annotated[str, "as the sensor reports it"]
    night: Annotated[str | None, "date of its first evening; null for a sensor that no longer sends data"]
    last_night: Annotated[str | None, "date of its last evening so far, or null"]
    since_utc: Annotated[str, "start, ISO 8601"]
    resolved_utc: Annotated[str | None, "when the condition `resolved_when` was met, or null"]
    state: Annotated[str, "`new`, `acknowledged` or `resolved`"]
    urgency: Annotated[str, "`note`, `finding`, `doctor` or `at_once`"]
    confidence: Annotated[str, "`low`, `moderate` or `high`"]
    words: Annotated[str, "what was seen"]
    may_mean: Annotated[str, "what it may mean"]
    to_try: Annotated[str, "what to try"]
    see_doctor: Annotated[str, "when to see a doctor; may be empty"]
    resolved_when: Annotated[str, "the condition that ends the finding"]
    evidence: Annotated[Figures, "object: figures, with their units in their names"]
    statistics: Annotated[Figures, "object: the test behind it"]
    records: Annotated[list[int], "numbers of the records on which it is based"]
    waveforms: Annotated[list[int], "numbers of the records with their waveforms"]
    versions: Annotated[dict[str, Any], "object: versions of analysis, firmware and detector"]


@dataclass(frozen=True)
class ChangeView(Line):
    """What a new derivation changed in one night or finding."""

    kind: Literal["change"]
    what: Annotated[str, "`night` or `finding`"]
    key: Annotated[str, "identifies it: sensor, log and date, or the finding's number"]
    change: Annotated[str, "`new`, `changed` or `gone`"]
    before: Annotated[dict[str, Any], "object: the values that differ, as they were"]
    after: Annotated[dict[str, Any], "object: the same keys, with the new values"]


def flag_view(flag: Finding) -> FlagView:
    """A finding with its state."""
    return FlagView(
        "finding",
        id=flag.id,
        finding=flag.kind,
        scope=flag.scope,
        key=flag.key,
        sensor=flag.sensor,
        hardware_id=flag.hardware_id,
        night=iso_date(flag.night),
        last_night=iso_date(flag.last_night),
        since_utc=iso(flag.since_utc_us),
        resolved_utc=None if flag.resolved_utc_us is None else iso(flag.resolved_utc_us),
        state=flag.state,
        urgency=flag.urgency,
        confidence=flag.confidence,
        words=flag.words,
        may_mean=flag.may_mean,
        to_try=flag.to_try,
        see_doctor=flag.see_doctor,
        resolved_when=flag.resolved_when,
        evidence={name: _figure(value) for name, value in flag.evidence.items()},
        statistics={name: _figure(value) for name, value in flag.statistics.items()},
        records=list(flag.records),
        waveforms=list(flag.waveforms),
        versions={name: _figure(value) for name, value in flag.versions.items()},
    )


def _figure(value: float | str | tuple[str, ...] | None) -> float | str | list[str] | None:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, str) else rounded(value)


def change_view(what: str, key: str, verb: str, differences: Mapping[str, tuple[Any, Any]]) -> ChangeView:
    """What a new derivation changed; differences: the values before and after, by key."""
    return ChangeView(
        "change",
        what=what,
        key=key,
        change=verb,
        before={name: old for name, (old, _) in differences.items()},
        after={name: new for name, (_, new) in differences.items()},
    )
