"""Time zones: the computer's own, which follows summer time, and those that nights keep by name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"UTC([+-])(\d\d):(\d\d)")


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
    """A time in UTC microseconds, on this computer's wall clock."""
    return datetime.fromtimestamp(utc_us // 1_000_000, LOCAL)


def iso(utc_us: int) -> str:
    """UTC in ISO 8601, to the millisecond."""
    return datetime.fromtimestamp(utc_us / 1_000_000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


@cache
def zone_of(name: str) -> tzinfo:
    """The zone of this name: IANA, or an offset such as UTC+05:30. Raises ValueError if there is none."""
    if name == "UTC":
        return UTC
    if (found := _OFFSET.fullmatch(name)) is not None:
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"There is no time zone {name!r} in this computer's table.") from error


def is_zone(name: str) -> bool:
    """Whether this computer knows a zone of this name."""
    try:
        zone_of(name)
    except ValueError:
        return False
    return True


def name_of(zone: tzinfo, utc_us: int) -> str:
    """The name under which a night keeps this zone: its own, or else its offset at that time."""
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    if zone is UTC:
        return "UTC"
    return offset_name(datetime.fromtimestamp(utc_us // 1_000_000, zone))


def offset_name(moment: datetime) -> str:
    """The moment's offset from UTC, such as UTC-03:30."""
    offset = moment.utcoffset() or timedelta(0)
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
