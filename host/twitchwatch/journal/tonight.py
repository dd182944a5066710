"""Which evening it is: the one that is written of, and the one that can still be spent otherwise."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

from twitchwatch.clock.zone import LOCAL
from twitchwatch.journal.entry import evening_of, sealed_at


def now_and_evening() -> tuple[int, date]:
    """Now, in UTC microseconds, and the evening that is written of: until noon yesterday's."""
    now_utc_us = int(time.time()) * 1_000_000
    return now_utc_us, evening_of(now_utc_us, LOCAL)


def now_and_tonight() -> tuple[int, date]:
    """Now, in UTC microseconds, and the evening that can still be spent otherwise: today's from 3 am on."""
    now_utc_us, evening = now_and_evening()
    return now_utc_us, evening + timedelta(days=1) if now_utc_us >= sealed_at(evening, LOCAL) else evening


def today() -> date:
    """The calendar's day, local time."""
    return datetime.fromtimestamp(time.time(), LOCAL).date()
