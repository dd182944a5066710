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
    def seen_ms(self) -> int:
        """Time in which a twitch could have been seen."""


def spans(
    minutes: Sequence[Minute], events: Sequence[NightEvent], start_us: int, length_us: int
) -> tuple[Span, ...]:
    """Spans of one length, counted from start_us, from the first with anything in it to the last."""
    rest_ms: defaultdict[int, int] = defaultdict(int)
    twitches: defaultdict[int, int] = defaultdict(int)
    for minute in minutes:
        if minute.worn:
            rest_ms[(minute.start_us - start_us) // length_us] += minute.seen_ms
    for event in events:
        if event.kind == "twitch":
            twitches[(event.utc_us - start_us) // length_us] += 1
    seen = rest_ms.keys() | twitches.keys()
    if not seen:
        return ()
    return tuple(
        Span(start_us + index * length_us, twitches[index], rest_ms[index] / MS_A_HOUR)
        for index in range(min(seen), max(seen) + 1)
    )


def awake_part(
    minutes: Sequence[Minute],
    wakeful: Sequence[bool],
    events: Sequence[NightEvent],
    stretches: Sequence[tuple[int, int]],
) -> Span | None:
    """What was seen in the wakeful minutes, which `stretches` join; None if there were none."""
    if not stretches:
        return None
    seen_ms = sum(minute.seen_ms for minute, awake in zip(minutes, wakeful, strict=True) if awake)
    twitches = sum(
        event.kind == "twitch" and any(start <= event.utc_us < end for start, end in stretches)
        for event in events
    )
    return Span(stretches[0][0], twitches, seen_ms / MS_A_HOUR)


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

        seen_ms = sum(minute.seen_ms for minute in minutes if minute.worn and within(minute.start_us))
        twitches = sum(event.kind == "twitch" and within(event.utc_us) for event in events)
        return Span(start_us, twitches, seen_ms / MS_A_HOUR)

    return part(onset_us, after_us), part(after_us, None)
