"""Which evening it is: the one to note, and the one that can still be changed."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

from twitchwatch.clock.zone import LOCAL
from twitchwatch.journal.entry import NOON_HOUR, SEAL_HOUR, evening_of, sealed_at

# Words accepted instead of a date: days before today.
_DAYS_BACK = {"today": 0, "tonight": 0, "yesterday": 1}


def now_and_evening() -> tuple[int, date]:
    """Now, in UTC microseconds, and the evening to note: until noon, yesterday's."""
    now_utc_us = int(time.time()) * 1_000_000
    return now_utc_us, evening_of(now_utc_us, LOCAL)


def now_and_tonight() -> tuple[int, date]:
    """Now, in UTC microseconds, and the evening that can still be changed: today's from 3 am on."""
    now_utc_us, evening = now_and_evening()
    return now_utc_us, evening + timedelta(days=1) if now_utc_us >= sealed_at(evening, LOCAL) else evening


def evening_and_slept() -> tuple[date | None, date]:
    """The current evening, None in the morning (when it is ambiguous), and the last night.

    Until 3 am it is still the evening of the day before, and the last night is the one before that.
    """
    there = datetime.fromtimestamp(time.time(), LOCAL) - timedelta(hours=SEAL_HOUR)
    in_the_morning = there.hour < NOON_HOUR - SEAL_HOUR
    return None if in_the_morning else there.date(), there.date() - timedelta(days=1)


def running_and_slept() -> tuple[date | None, date]:
    """The night that is not over, None from noon on, and the night slept last."""
    _, evening = now_and_evening()
    _, slept = evening_and_slept()
    return (evening if evening < today() else None), slept


def today() -> date:
    """The calendar date, local time."""
    return datetime.fromtimestamp(time.time(), LOCAL).date()


def date_in(text: str) -> date:
    """The date that was typed: in ISO form, `today` or `yesterday`. Raises ValueError."""
    back = _DAYS_BACK.get(text.lower())
    return date.fromisoformat(text) if back is None else today() - timedelta(days=back)
