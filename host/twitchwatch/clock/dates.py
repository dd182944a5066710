"""Dates and times as people read them, in one form everywhere; options, files and JSON have ISO 8601."""

from __future__ import annotations

from datetime import date, datetime

from twitchwatch.clock.zone import local


def evening(night: date) -> str:
    """A date, or a night's name, which is the day of its evening: Wed 4 Mar 2026."""
    return f"{night:%a} {night.day} {night:%b %Y}"


def moment(utc_us: int) -> str:
    """A time in UTC microseconds, on this computer's wall clock: Wed 4 Mar 2026, 06:55."""
    return moment_of(local(utc_us))


def moment_of(there: datetime) -> str:
    """A time on the wall clock of its own zone: Wed 4 Mar 2026, 06:55."""
    return f"{evening(there)}, {there:%H:%M}"
