"""Episodes: nearby nights that show the same thing are one finding, not many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from twitchwatch.analysis import VERSION
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import LITTLE_REST_H
from twitchwatch.flags.finding import Confidence, Finding, Number, Urgency

FoundT = TypeVar("FoundT")


@dataclass(frozen=True, slots=True)
class Episode(Generic[FoundT]):
    """Nights in order with what each of them showed; resolved_utc_us: None while it may continue."""

    nights: tuple[Night, ...]
    found: tuple[FoundT, ...]
    resolved_utc_us: int | None


def episodes(
    nights: Sequence[Night],
    look: Callable[[Night], FoundT | None],
    *,
    quiet_nights: int,
    quiet_days: int = 0,
) -> list[Episode[FoundT]]:
    """Group the nights of one sensor, in chronological order, in which `look` finds something.

    An episode is over after a number of nights with enough rest, and of days, that do not show it.
    """
    over: list[Episode[FoundT]] = []
    shown: list[tuple[Night, FoundT]] = []
    quiet = 0
    for night in nights:
        found = look(night)
        if found is not None:
            shown.append((night, found))
            quiet = 0
        elif shown and night.rest_h >= LITTLE_REST_H:
            quiet += 1
            if quiet >= quiet_nights and (night.date - shown[-1][0].date).days >= quiet_days:
                over.append(_episode(shown, night.end_utc_us))
                shown = []
    return [*over, _episode(shown, None)] if shown else over


def _episode(shown: Sequence[tuple[Night, FoundT]], resolved_utc_us: int | None) -> Episode[FoundT]:
    return Episode(tuple(night for night, _ in shown), tuple(found for _, found in shown), resolved_utc_us)


def episode_flag(
    episode: Episode[FoundT],
    *,
    kind: str,
    since_utc_us: int,
    confidence: Confidence,
    words: str,
    may_mean: str,
    to_try: str,
    see_doctor: str,
    resolved_when: str,
    evidence: Mapping[str, Number | tuple[str, ...]],
    statistics: Mapping[str, Number] | None = None,
    records: tuple[int, ...] = (),
    waveforms: tuple[int, ...] = (),
    urgency: Urgency = "finding",
) -> Finding:
    """The finding for an episode of one sensor's nights; the arguments are those of `Finding`."""
    first, last = episode.nights[0], episode.nights[-1]
    return Finding(
        kind=kind,
        scope="night",
        sensor=first.device,
        hardware_id=first.sensor,
        night=first.date,
        last_night=last.date,
        since_utc_us=since_utc_us,
        resolved_utc_us=episode.resolved_utc_us,
        confidence=confidence,
        words=words,
        may_mean=may_mean,
        to_try=to_try,
        see_doctor=see_doctor,
        resolved_when=resolved_when,
        evidence=evidence,
        statistics=statistics or {},
        records=records,
        waveforms=waveforms,
        urgency=urgency,
        versions=versions_of(episode.nights),
    )


def versions_of(nights: Sequence[Night]) -> dict[str, Number | tuple[str, ...]]:
    """The versions by which a finding on these nights was derived."""
    return {
        "analysis": VERSION,
        "firmware": tuple(sorted({version for night in nights for version in night.firmware})),
        "detector": tuple(sorted({str(version) for night in nights for version in night.detector_versions})),
    }


def clock(utc_us: int) -> str:
    """UTC in ISO 8601, to the second."""
    return datetime.fromtimestamp(utc_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hours(count: int) -> str:
    """A number of hours, in words."""
    return "one hour" if count == 1 else f"{count} hours"


def duration(seconds: float) -> str:
    """A duration in the unit that people would use."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def on_nights(count: int) -> str:
    """Text appended to a statement: the number of nights to which it applies."""
    return "" if count == 1 else f", over {count} nights"
