"""Persistence and spread: over how many weeks, also while awake, and for seconds at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from twitchwatch.analysis.night import NightEvent, WholeNight

# Twitching that lasts "more than four weeks" should be examined.
WEEKS_THAT_LAST = 4
# A week with fewer nights of data does not count.
NIGHTS_A_WEEK = 2
# Of the weeks that were observed, the share that must show it for it to be lasting and not merely recurring.
SHARE_OF_WEEKS = 0.75

# The button is pressed by someone awake, shortly after feeling something.
FELT_WITHIN_S = 30.0
# A contraction of several seconds is not a twitch.
SECONDS_THAT_LAST = 2.0


@dataclass(frozen=True, slots=True)
class Persistence:
    """How a finding is spread over time.

    days: from its first night to its last. weeks_with, weeks_observed: weeks of seven days, counted from
    its first night, that showed it, and that had enough data to show it. lasts: for more than four weeks,
    and in most of them.
    """

    first: date
    last: date
    days: int
    weeks_with: int
    weeks_observed: int

    @property
    def lasts(self) -> bool:
        """More than four weeks, and in most of those observed."""
        long = self.days > 7 * WEEKS_THAT_LAST
        return long and self.weeks_with >= SHARE_OF_WEEKS * self.weeks_observed


def persistence(with_it: Iterable[date], observed: Iterable[date]) -> Persistence | None:
    """How the evenings `with_it` are distributed among those `observed`; None if there are none."""
    shown = sorted(set(with_it))
    if not shown:
        return None
    first, last = shown[0], shown[-1]
    nights: dict[int, int] = {}
    for evening in set(observed) | set(shown):
        if first <= evening <= last + timedelta(days=6):
            week = (evening - first).days // 7
            nights[week] = nights.get(week, 0) + 1
    weeks_with = {(evening - first).days // 7 for evening in shown}
    weeks = {week for week, count in nights.items() if count >= NIGHTS_A_WEEK} | weeks_with
    weeks = {week for week in weeks if week <= (last - first).days // 7}
    return Persistence(first, last, (last - first).days + 1, len(weeks_with), len(weeks))


def felt(night: WholeNight) -> tuple[NightEvent, ...]:
    """The twitches, jerks and spasms that the wearer felt while awake: a mark followed."""
    found = []
    for event in night.events:
        if event.kind == "movement":
            continue
        end_us = event.utc_us + 1000 * event.duration_ms
        if any(0 <= mark.utc_us - end_us <= FELT_WITHIN_S * 1_000_000 for mark in night.marks):
            found.append(event)
    return tuple(found)


def long_contractions(night: WholeNight) -> tuple[NightEvent, ...]:
    """The spasms of a night that lasted for seconds, with the hand at rest and asleep."""
    return tuple(
        event
        for event in night.events
        if event.kind == "spasm"
        and event.duration_ms >= 1000 * SECONDS_THAT_LAST
        and not night.awake_at(event.utc_us)
    )
