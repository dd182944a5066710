"""What was said to whom about what, and until when nothing shall be said."""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class AlertRow:
    """What was said of one subject (`key`), and by which channels; times are None while not yet."""

    key: str
    urgency: str
    title: str
    sent_utc_us: int
    unanswered_utc_us: int | None
    over_utc_us: int | None
    channels: str


def alerts(connection: sqlite3.Connection) -> list[AlertRow]:
    """Everything ever said, the oldest first."""
    rows = connection.execute(
        "SELECT key, urgency, title, sent_utc_us, unanswered_utc_us, over_utc_us, channels FROM alert"
        " ORDER BY sent_utc_us, key"
    )
    return [AlertRow(*row) for row in rows]


def keep_alert(connection: sqlite3.Connection, row: AlertRow) -> None:
    """Keep it in the place of what was said of the same subject before."""
    connection.execute("INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(row))


def snooze(connection: sqlite3.Connection, key: str | None, until_utc_us: int) -> None:
    """Say nothing of this subject (None: of any) until then; a time that has passed ends it."""
    connection.execute("INSERT OR REPLACE INTO snooze VALUES (?, ?)", (key or "", until_utc_us))


def snoozes(connection: sqlite3.Connection) -> dict[str | None, int]:
    """Until when nothing is said of which subject; None stands for every one."""
    return {key or None: until for key, until in connection.execute("SELECT key, until_utc_us FROM snooze")}
