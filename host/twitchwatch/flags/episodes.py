"""Episodes: nearby nights that show the same thing are one finding, not many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from twitchwatch.analysis import VERSION
from twitchwatch.analysis.course import Course
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import LITTLE_REST_H
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.flags.finding import Confidence, Finding, Number, Urgency

FoundT = TypeVar("FoundT")

# One such night may be chance, or the day's doing; three within two weeks are a pattern.
RETURNING_NIGHTS = 3
RETURNING_DAYS = 14


@dataclass(frozen=True, slots=True)
class Episode(Generic[FoundT]):
    """Nights in order with what each of them showed; resolved_utc_us: None while it may continue."""

    nights: tuple[Night, ...]
    found: tuple[FoundT, ...]
    resolved_utc_us: int | None


@dataclass(frozen=True, slots=True)
class _Shown(Generic[FoundT]):
    """A night that shows something, and the nights of the same episode before it."""

    night: Night
    found: FoundT
    before: _Shown[FoundT] | None


@dataclass(frozen=True, slots=True)
class _SoFar(Generic[FoundT]):
    """Episodes that are over, what the open one showed, and the nights since that did not."""

    over: tuple[Episode[FoundT], ...] = ()
    shown: _Shown[FoundT] | None = None
    quiet: int = 0


def episodes(
    what: str,
    nights: Sequence[Night],
    look: Callable[[Night], FoundT | None],
    remembered: Remembered,
    *,
    quiet_nights: int,
    quiet_days: int = 0,
) -> list[Episode[FoundT]]:
    """Group the nights of one sensor, in chronological order, in which `look` finds something.

    what: names `look`. An episode is over after a number of nights with enough rest, and of days, that do not
    show it. An episode without new nights stays the same object.
    """

    def step(before: _SoFar[FoundT], night: Night) -> _SoFar[FoundT]:
        found = look(night)
        if found is not None:
            return _SoFar(before.over, _Shown(night, found, before.shown))
        if before.shown is None or night.rest_h < LITTLE_REST_H:
            return before
        quiet = before.quiet + 1
        if quiet >= quiet_nights and (night.date - before.shown.night.date).days >= quiet_days:
            return _SoFar((*before.over, _episode(before.shown, night.end_utc_us)))
        return _SoFar(before.over, before.shown, quiet)

    course: Course[Night, _SoFar[FoundT]] = remembered.course(
        f"{nights[0].identity}/{what}", lambda: Course(_SoFar())
    )
    last = course.follow(nights, step)[-1]
    shown = last.shown
    if shown is None:
        return list(last.over)
    return [*last.over, remembered.made("episode", shown, lambda: _episode(shown, None))]


def _episode(shown: _Shown[FoundT], resolved_utc_us: int | None) -> Episode[FoundT]:
    nights: list[Night] = []
    found: list[FoundT] = []
    one: _Shown[FoundT] | None = shown
    while one is not None:
        nights.append(one.night)
        found.append(one.found)
        one = one.before
    return Episode(tuple(reversed(nights)), tuple(reversed(found)), resolved_utc_us)


def returns(nights: Sequence[Night]) -> bool:
    """Whether these nights, in order, are a pattern: several within two weeks."""
    dates = sorted({night.date for night in nights})
    within = timedelta(days=RETURNING_DAYS)
    return any(
        dates[at + RETURNING_NIGHTS - 1] - dates[at] < within
        for at in range(len(dates) - RETURNING_NIGHTS + 1)
    )


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
