"""The computer's own time zone, as a tzinfo that follows summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """The operating system's offset for each moment; `datetime.astimezone` would keep a single one."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Offset that holds at this wall-clock time."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:
        """The system reports only the whole offset."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """The zone's abbreviation at this wall-clock time."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, dt: datetime) -> datetime:
        """Wall-clock time of a moment; `fold` marks the second pass of an hour that occurs twice."""
        there = dt.replace(tzinfo=UTC).astimezone()
        first = there.replace(tzinfo=self, fold=0)
        return first if first.utcoffset() == there.utcoffset() else first.replace(fold=1)


LOCAL = LocalZone()


def local(utc_us: int) -> datetime:
    """A moment in UTC microseconds on the wall clock here."""
    return datetime.fromtimestamp(utc_us // 1_000_000, LOCAL)


def iso(utc_us: int) -> str:
    """UTC in ISO 8601, to the millisecond."""
    return datetime.fromtimestamp(utc_us / 1_000_000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
