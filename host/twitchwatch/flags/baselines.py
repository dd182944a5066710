"""Baselines: which nights of a sensor can be compared with each other, kept up as nights arrive."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from twitchwatch.analysis.course import unchanged
from twitchwatch.analysis.escalation import Alarm
from twitchwatch.analysis.night import Night, Span
from twitchwatch.analysis.rates import LITTLE_REST_H
from twitchwatch.flags.finding import Finding


@dataclass(frozen=True, slots=True)
class Described:
    """The finding for an alarm: as it was when noticed, and with what followed up to `later` or `newest`."""

    alarm: Alarm
    noticed: Finding
    later: Alarm | None
    newest: Night | None
    flag: Finding


class Baseline:
    """Comparable nights of one sensor, in chronological order.

    counts, rests: twitches and hours of each day from the first evening on, None without enough rest.
    Evenings keep their place in the calendar, so that weekdays stay weekdays. described: by the id of an
    alarm, as long as no night up to it has changed.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.nights: list[Night] = []
        self.counts: list[int | None] = []
        self.rests: list[float | None] = []
        self.described: dict[int, Described] = {}
        self._days: list[int] = []

    def add(self, night: Night) -> None:
        """Append the next night."""
        day = (night.date - self.nights[0].date).days if self.nights else 0
        self.nights.append(night)
        self._days.append(day)
        missing = day + 1 - len(self.counts)
        self.counts += [None] * missing
        self.rests += [None] * missing
        self._count(day)

    def take_back(self) -> None:
        """Remove the last night."""
        self.nights.pop()
        day = self._days.pop()
        upto = self._days[-1] + 1 if self._days else 0
        del self.counts[upto:], self.rests[upto:]
        if upto > day:
            self._count(day)
        self.described = {key: one for key, one in self.described.items() if one.alarm.index < day}

    def between(self, first_day: int, last_day: int) -> Sequence[Night]:
        """The nights of these days, both included."""
        return self.nights[bisect_left(self._days, first_day) : bisect_right(self._days, last_day)]

    def _count(self, day: int) -> None:
        # If a sensor's memory was formatted, its night is in two parts.
        asleep = comparable(self.between(day, day))
        rest_h = sum(part.rest_h for part in asleep)
        enough = rest_h >= LITTLE_REST_H
        self.counts[day] = sum(part.twitches for part in asleep) if enough else None
        self.rests[day] = sum(part.exposed_h for part in asleep) if enough else None


class Baselines:
    """The baselines of one sensor.

    A different detector, detector setting, firmware or place can change the counts, so each has its own
    baseline. So do nights whose dead time was counted, because their rates are corrected for it.
    """

    def __init__(self) -> None:
        self._nights: list[Night] = []
        self._places: list[str | None] = []
        self._keys: list[object] = []
        self._by_key: dict[object, Baseline] = {}

    def follow(self, nights: Sequence[Night], places: Mapping[tuple[str, date], str]) -> Iterable[Baseline]:
        """The baselines of these nights, in the order of their first ones."""
        worn_at = [places.get((night.identity, night.date)) for night in nights]
        same = unchanged(self._nights, nights)
        if self._places[:same] != worn_at[:same]:
            same = next(at for at in range(same) if self._places[at] != worn_at[at])
        for key in reversed(self._keys[same:]):
            self._by_key[key].take_back()
            if not self._by_key[key].nights:
                del self._by_key[key]
        del self._nights[same:], self._places[same:], self._keys[same:]
        for night, place in zip(nights[same:], worn_at[same:], strict=True):
            # The third number of a firmware's version does not affect counts.
            firmware = tuple(sorted({version.rpartition(".")[0] for version in night.firmware}))
            key = night.detector_versions, night.settings, firmware, place, night.bursts is None
            self._by_key.setdefault(key, Baseline(str(key))).add(night)
            self._nights.append(night)
            self._places.append(place)
            self._keys.append(key)
        return self._by_key.values()


def comparable(nights: Iterable[Night]) -> list[Span]:
    """What was seen asleep in each of these nights that could be counted."""
    return [night.asleep for night in nights if not night.uncountable]
