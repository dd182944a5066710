"""The seal: until a date, only what is urgent is reported without being asked for."""

from __future__ import annotations

from collections.abc import Iterable

from twitchwatch.flags import Finding
from twitchwatch.store import Store


def seal_of(store: Store, now_utc_us: int) -> int | None:
    """Until when it is sealed, in UTC microseconds; None if it is not."""
    until_us = store.alerts.sealed_until()
    return until_us if now_utc_us < until_us else None


def let_through(flags: Iterable[Finding], sealed_until_us: int | None) -> list[Finding]:
    """Those findings that may be reported without being asked for: all of them, or the urgent ones while it
    is sealed.
    """
    return [flag for flag in flags if sealed_until_us is None or flag.pressing]
