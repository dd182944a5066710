"""Calendar: the night to which a time belongs, by the zone in which the sensor was worn.

A night ends at noon on the wall clock. A journey changes that clock: earlier nights keep the noons of the
old zone, later nights have those of the new zone. Boundaries never change afterwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from twitchwatch.clock.zone import zone_of

NOON = time(12)
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
# A piece between two noons that is shorter holds no night: it belongs to the one that follows.
MIN_NIGHT_US = 12 * HOUR_US
# Two days from a change of zone every piece is a whole night again.
AROUND_US = 2 * DAY_US


@dataclass(frozen=True, slots=True)
class Cut:
    """One night: UTC microseconds [start_us, end_us), the date of its evening, and its zone."""

    date: date
    start_us: int
    end_us: int
    zone: str


@dataclass(frozen=True, slots=True)
class ZoneNote:
    """A computer near the sensor was in `zone` from first_us to last_us, UTC microseconds."""

    first_us: int
    last_us: int
    zone: str


class Calendar:
    """The nights of a place that may have changed.

    notes: the computer's zones; between two of them the zone changes half-way. written: (evening, zone)
    from the journal, which applies from the noon of that evening until the computer changes its zone or
    another is written. fallback: the zone if none was recorded.
    """

    def __init__(
        self, notes: Iterable[ZoneNote], fallback: str, written: Iterable[tuple[date, str]] = ()
    ) -> None:
        self._since, self._zones = _timeline(notes, fallback, written)
        self._irregular = _irregular(self._since, self._zones)

    @property
    def timeline(self) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """The changes and the zones: calendars in which these are equal have the same nights."""
        return tuple(self._since), tuple(self._zones)

    def zone_at(self, utc_us: int) -> str:
        """The zone at this time."""
        return self._zones[bisect_right(self._since, utc_us)]

    def cut_at(self, utc_us: int) -> Cut:
        """The night to which this time belongs."""
        for bounds in self._irregular:
            if bounds[0] <= utc_us < bounds[-1]:
                at = bisect_right(bounds, utc_us)
                return self._cut(bounds[at - 1], bounds[at])
        zone = self.zone_at(utc_us)
        start_us, end_us = _noons_around(utc_us, zone_of(zone))
        return self._cut(start_us, end_us)

    def _cut(self, start_us: int, end_us: int) -> Cut:
        # Seen from its middle, which is midnight in an ordinary night.
        middle_us = (start_us + end_us) // 2
        zone = self.zone_at(middle_us)
        return Cut(_evening(middle_us, zone_of(zone)), start_us, end_us, zone)


def _timeline(
    notes: Iterable[ZoneNote], fallback: str, written: Iterable[tuple[date, str]]
) -> tuple[list[int], list[str]]:
    """The times of the changes, and the zones: the first before all changes, then one after each."""
    runs: list[ZoneNote] = []
    for note in sorted(notes, key=lambda note: (note.first_us, note.last_us)):
        if runs and runs[-1].zone == note.zone:
            runs[-1] = ZoneNote(runs[-1].first_us, max(runs[-1].last_us, note.last_us), note.zone)
        else:
            runs.append(note)
    changes = [((before.last_us + after.first_us) // 2, after.zone) for before, after in pairwise(runs)]
    for evening, zone in written:
        changes.append((_noon_us(evening, zone_of(zone)), zone))
    zones = [runs[0].zone if runs else fallback]
    since: list[int] = []
    for at_us, zone in sorted(changes):
        if zone != zones[-1]:
            since.append(at_us)
            zones.append(zone)
    return since, zones


def _irregular(since: Sequence[int], zones: Sequence[str]) -> list[list[int]]:
    """Bounds of the nights around each change of zone; changes close together share one list."""
    groups: list[list[int]] = []
    for place, at_us in enumerate(since):
        if groups and at_us - since[groups[-1][-1]] <= 2 * AROUND_US:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [_bounds(group, since, zones) for group in groups]


def _bounds(group: Sequence[int], since: Sequence[int], zones: Sequence[str]) -> list[int]:
    first, last = group[0], group[-1]
    edges = [since[first] - AROUND_US, *(since[place] for place in group), since[last] + AROUND_US]
    cuts: list[int] = []
    for number, (from_us, upto_us) in enumerate(pairwise(edges)):
        there = zone_of(zones[first + number])
        if number and _evening(from_us, there) > _evening(from_us - 1, zone_of(zones[first + number - 1])):
            # The wall clock jumped over a noon.
            cuts.append(from_us)
        at_us = _noons_around(from_us - 1, there)[1]
        while at_us < upto_us:
            cuts.append(at_us)
            at_us = _noons_around(at_us, there)[1]
    cuts = sorted(set(cuts))
    kept = cuts[:1]
    for at, cut in enumerate(cuts[1:], 1):
        # The last one is an ordinary noon again, from which the calendar goes on.
        if cut - kept[-1] >= MIN_NIGHT_US or at == len(cuts) - 1:
            kept.append(cut)
    return kept


def _noons_around(utc_us: int, zone: tzinfo) -> tuple[int, int]:
    evening = _evening(utc_us, zone)
    return _noon_us(evening, zone), _noon_us(evening + timedelta(days=1), zone)


def _evening(utc_us: int, zone: tzinfo) -> date:
    there = datetime.fromtimestamp(utc_us // 1_000_000, zone)
    return there.date() if there.hour >= NOON.hour else there.date() - timedelta(days=1)


def _noon_us(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, NOON, zone).timestamp()) * 1_000_000
