"""Parts of a night, each with its twitches and its rest: hours, the first hour asleep, time awake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from twitchwatch.analysis.night import NightEvent, Span

HOUR_US = 3_600_000_000
MS_A_HOUR = 3_600_000


class Minute(Protocol):
    """What a minute must provide."""

    @property
    def start_us(self) -> int:
        """UTC, microseconds."""

    @property
    def worn(self) -> bool:
        """Whether the sensor was on a hand."""

    @property
    def counted(self) -> bool:
        """Whether live time was counted; of a night, in all minutes or in none."""

    @property
    def seen_ms(self) -> int:
        """Time at rest, not hidden by tremor."""

    @property
    def live_ms(self) -> int:
        """Time in which a twitch could have been reported."""

    @property
    def exposure_ms(self) -> float:
        """Time over which a count of twitches is a rate."""


def part_of(start_us: int, twitches: int, minutes: Sequence[Minute]) -> Span:
    """A part of a night: its twitches, and the time of its minutes."""
    rest_h = sum(minute.live_ms for minute in minutes) / MS_A_HOUR
    blind_h = sum(minute.seen_ms - minute.live_ms for minute in minutes) / MS_A_HOUR
    exposure_h = None
    if any(minute.counted for minute in minutes):
        exposure_h = sum(minute.exposure_ms for minute in minutes) / MS_A_HOUR
    return Span(start_us, twitches, rest_h, exposure_h, blind_h)


def spans(
    minutes: Sequence[Minute], events: Sequence[NightEvent], start_us: int, length_us: int
) -> tuple[Span, ...]:
    """Spans of equal length, counted from start_us, from the first to the last that is not empty."""
    parts: defaultdict[int, list[Minute]] = defaultdict(list)
    twitches: defaultdict[int, int] = defaultdict(int)
    for minute in minutes:
        if minute.worn:
            parts[(minute.start_us - start_us) // length_us].append(minute)
    for event in events:
        if event.kind == "twitch":
            twitches[(event.utc_us - start_us) // length_us] += 1
    seen = parts.keys() | twitches.keys()
    if not seen:
        return ()
    return tuple(
        part_of(start_us + index * length_us, twitches[index], parts[index])
        for index in range(min(seen), max(seen) + 1)
    )


def awake_part(
    minutes: Sequence[Minute],
    wakeful: Sequence[bool],
    events: Sequence[NightEvent],
    stretches: Sequence[tuple[int, int]],
) -> Span | None:
    """Twitches and rest in the waking minutes, which `stretches` join; None if there were none."""
    if not stretches:
        return None
    own = [minute for minute, awake in zip(minutes, wakeful, strict=True) if awake]
    twitches = sum(
        event.kind == "twitch" and any(start <= event.utc_us < end for start, end in stretches)
        for event in events
    )
    return part_of(stretches[0][0], twitches, own)


def around_onset(
    minutes: Sequence[Minute], events: Sequence[NightEvent], onset_us: int | None
) -> tuple[Span | None, Span | None]:
    """The hour in which sleep began, and the time after it; None if no sleep was seen."""
    if onset_us is None:
        return None, None
    after_us = onset_us + HOUR_US

    def part(start_us: int, end_us: int | None) -> Span:
        def within(utc_us: int) -> bool:
            return start_us <= utc_us and (end_us is None or utc_us < end_us)

        own = [minute for minute in minutes if minute.worn and within(minute.start_us)]
        twitches = sum(event.kind == "twitch" and within(event.utc_us) for event in events)
        return part_of(start_us, twitches, own)

    return part(onset_us, after_us), part(after_us, None)
