"""Entries: what was noted about each evening when its night began, and what was added later.

People who know how the night went remember the evening differently. So an entry is sealed before its night:
notes made until then count; later notes are kept separately and are only shown. What the night itself was
like, such as the hours of sleep, is noted in the morning, until noon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from twitchwatch.journal.fields import MORNING, Value

# Local time of the morning after. Who is up until then may still be writing of the evening; who gets up has
# slept, and may have looked.
SEAL_HOUR = 3
# An evening's name holds until the noon that follows it, as a night's does.
NOON_HOUR = 12


@dataclass(frozen=True, slots=True)
class Revision:
    """What was noted at one time for the evening of `night`: fields and their values, None to clear one."""

    night: date
    entered_utc_us: int
    changes: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One evening.

    sealed: the fields as they were when the night began, for the analysis. later: the fields changed after
    that, None for those cleared. sealed_utc_us: when the entry was or will be sealed;
    morning_sealed_utc_us: the same for the fields of the morning.
    """

    night: date
    sealed: Mapping[str, Value]
    later: Mapping[str, Value | None]
    sealed_utc_us: int
    morning_sealed_utc_us: int
    revisions: tuple[Revision, ...] = field(default=())

    @property
    def current(self) -> dict[str, Value]:
        """The fields with all later changes."""
        return merged(self.sealed, self.later)


def evening_of(utc_us: int, zone: tzinfo) -> date:
    """The evening to which a time belongs: until noon, yesterday's."""
    there = datetime.fromtimestamp(utc_us / 1e6, zone)
    return (there - timedelta(hours=NOON_HOUR)).date() if there.hour < NOON_HOUR else there.date()


def sealed_at(night: date, zone: tzinfo) -> int:
    """The time, in UTC microseconds, at which the entry of `night` is sealed."""
    return _morning_after(night, SEAL_HOUR, zone)


def morning_sealed_at(night: date, zone: tzinfo) -> int:
    """The time, in UTC microseconds, at which the notes on `night` itself are sealed: the noon after it."""
    return _morning_after(night, NOON_HOUR, zone)


def _morning_after(night: date, hour: int, zone: tzinfo) -> int:
    there = datetime.combine(night + timedelta(days=1), time(hour), zone)
    return int(there.astimezone(UTC).timestamp()) * 1_000_000


def entries(revisions: Iterable[Revision], zone: tzinfo) -> list[Entry]:
    """One entry for each evening about which anything was noted, in order."""
    by_night: dict[date, list[Revision]] = {}
    for revision in sorted(revisions, key=lambda one: one.entered_utc_us):
        by_night.setdefault(revision.night, []).append(revision)
    return [_entry(night, noted, zone) for night, noted in sorted(by_night.items())]


def _entry(night: date, revisions: list[Revision], zone: tzinfo) -> Entry:
    evening_us, morning_us = sealed_at(night, zone), morning_sealed_at(night, zone)
    sealed: dict[str, Value] = {}
    later: dict[str, Value | None] = {}
    for one in revisions:
        in_time = {
            name: value
            for name, value in one.changes.items()
            if one.entered_utc_us < (morning_us if name in MORNING else evening_us)
        }
        sealed = merged(sealed, in_time)
        later.update({name: value for name, value in one.changes.items() if name not in in_time})
    later = {name: value for name, value in later.items() if sealed.get(name) != value}
    return Entry(night, sealed, later, evening_us, morning_us, tuple(revisions))


def merged(start: Mapping[str, Value], changes: Mapping[str, Value | None]) -> dict[str, Value]:
    """The fields after these changes; None removes a field."""
    return {name: value for name, value in {**start, **changes}.items() if value is not None}
