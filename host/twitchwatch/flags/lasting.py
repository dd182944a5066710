"""Findings that last and spread: felt while awake, contractions of seconds, more than one site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from twitchwatch.analysis.night import Night, NightEvent
from twitchwatch.analysis.persistence import persistence
from twitchwatch.analysis.rates import LITTLE_REST_H
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.flags import words
from twitchwatch.flags.episodes import Episode, clock, episode_flag, episodes, returns
from twitchwatch.flags.finding import Finding, Urgency

ENDS_DAYS = 28
ENDS_NIGHTS = 7
# Findings that count as spreading if they also occur at a second site.
SPREADING = ("tremor", "escalation")
TOGETHER_DAYS = 28


def felt_flags(nights: Sequence[Night], remembered: Remembered) -> list[Finding]:
    """Twitches that the wearer felt and marked, on several nights; one sensor, in chronological order."""
    reported = episodes(
        "felt",
        nights,
        lambda night: remembered.looks(night).felt or None,
        remembered,
        quiet_nights=ENDS_NIGHTS,
        quiet_days=ENDS_DAYS,
    )
    return [remembered.made("felt", one, partial(_felt, one)) for one in reported if returns(one.nights)]


def _felt(episode: Episode[tuple[NightEvent, ...]]) -> Finding:
    return _flag(
        episode,
        kind="felt_awake",
        words_=(
            f"On {len(episode.nights)} nights you marked {_count(episode)} that the sensor had recorded, "
            "so you were awake at the time."
        ),
        meaning=words.FELT_MEANING,
        urgency="finding",
    )


def contraction_flags(nights: Sequence[Night], remembered: Remembered) -> list[Finding]:
    """Contractions of seconds, on several nights; one sensor, in chronological order."""
    reported = episodes(
        "contractions",
        nights,
        lambda night: remembered.looks(night).contractions or None,
        remembered,
        quiet_nights=ENDS_NIGHTS,
        quiet_days=ENDS_DAYS,
    )
    return [
        remembered.made("contractions", one, partial(_contractions, one))
        for one in reported
        if returns(one.nights)
    ]


def _contractions(episode: Episode[tuple[NightEvent, ...]]) -> Finding:
    return _flag(
        episode,
        kind="long_contractions",
        words_=(
            f"On {len(episode.nights)} nights there were contractions of 2 s or more, {_count(episode)} "
            f"in all, the longest of {_longest_s(episode):.0f} s."
        ),
        meaning=words.CONTRACTION_MEANING,
        # A blanket dragged over the hand lasts as long, and some are in every restless night.
        urgency="note",
    )


def _count(episode: Episode[tuple[NightEvent, ...]]) -> str:
    count = sum(len(events) for events in episode.found)
    return f"{count} events" if count > 1 else "one event"


def _longest_s(episode: Episode[tuple[NightEvent, ...]]) -> float:
    return max(event.duration_ms for events in episode.found for event in events) / 1000


def _flag(
    episode: Episode[tuple[NightEvent, ...]], *, kind: str, words_: str, meaning: str, urgency: Urgency
) -> Finding:
    events = [event for found in episode.found for event in found]
    return episode_flag(
        episode,
        kind=kind,
        since_utc_us=events[0].utc_us,
        urgency=urgency,
        confidence="moderate",
        words=words_,
        may_mean=meaning,
        to_try=words.CALMING,
        see_doctor=words.RED_FLAGS,
        resolved_when="Four weeks pass without one.",
        evidence={
            "nights": len(episode.nights),
            "events": len(events),
            "longest_s": max(event.duration_ms for event in events) / 1000,
            "first_utc": clock(events[0].utc_us),
            "last_utc": clock(events[-1].utc_us),
        },
        records=tuple(event.seq for event in events),
        waveforms=tuple(event.snippet_seq for event in events if event.snippet_seq is not None),
    )


def lasting(flag: Finding, nights: Sequence[Night], shown_on: Sequence[date]) -> Finding:
    """The same finding with the number of weeks it has lasted, more urgent above four.

    nights: of its sensor. shown_on: the evenings that show it.
    """
    observed = [night.date for night in nights if night.rest_h >= LITTLE_REST_H]
    found = persistence(shown_on, observed)
    if found is None:
        return flag
    evidence = {**flag.evidence, "weeks_with": found.weeks_with, "weeks_observed": found.weeks_observed}
    if not found.lasts or flag.resolved_utc_us is not None:
        return replace(flag, evidence=evidence)
    reported = f" It has lasted for {found.days // 7} weeks, in {found.weeks_with} of the "
    reported += f"{found.weeks_observed} that have data: more than four weeks is a reason to see a doctor."
    return replace(flag, evidence=evidence, words=flag.words + reported, urgency="doctor")


def spread_flags(flags: Sequence[Finding], places: Mapping[tuple[str, date], str]) -> list[Finding]:
    """A finding that is open at two sites at once, or follows the sensor to another place."""
    spread: list[Finding] = []
    for kind in SPREADING:
        alike = [
            flag
            for flag in flags
            if flag.kind == kind
            and flag.night is not None
            and flag.urgency != "note"
            and (kind == "tremor" or flag.scope == "nights")
        ]
        alike.sort(key=lambda flag: flag.since_utc_us)
        for at, later in enumerate(alike):
            earlier = next((one for one in alike[:at] if _together(one, later)), None)
            if earlier is None:
                continue
            here, there = _site(earlier, places), _site(later, places)
            if here != there:
                spread.append(_spread(earlier, later, here, there))
                break
    return spread


def _together(earlier: Finding, later: Finding) -> bool:
    assert later.night is not None
    end = earlier.last_night or earlier.night
    assert end is not None
    return (later.night - end).days <= TOGETHER_DAYS


def _site(flag: Finding, places: Mapping[tuple[str, date], str]) -> str:
    assert flag.night is not None
    own = flag.sensor if not flag.hardware_id else f"{flag.sensor} ({flag.hardware_id})"
    return places.get((flag.identity, flag.night), own)


def _spread(earlier: Finding, later: Finding, here: str, there: str) -> Finding:
    what = "Rhythmic shaking" if later.kind == "tremor" else "Twitching that became more frequent"
    both_over = earlier.resolved_utc_us is not None and later.resolved_utc_us is not None
    return Finding(
        kind=f"spread_{later.kind}",
        scope="nights",
        sensor=later.sensor,
        hardware_id=later.hardware_id,
        night=later.night,
        last_night=later.last_night,
        since_utc_us=later.since_utc_us,
        urgency="doctor",
        resolved_utc_us=later.resolved_utc_us if both_over else None,
        confidence="moderate",
        words=f"{what} was seen at more than one site: first {here}, then {there}.",
        may_mean=words.SPREAD_MEANING,
        to_try="",
        see_doctor=words.RED_FLAGS,
        resolved_when="Both findings are resolved.",
        evidence={"sites": (here, there), "first_night": str(earlier.night), "then_night": str(later.night)},
        versions=later.versions,
    )
