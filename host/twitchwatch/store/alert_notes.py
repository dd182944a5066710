"""Sent alerts, by subject and channel, and snoozes."""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass

from twitchwatch.store.seals import into

# Among the snoozes: the seal. Versions that do not know it take it for a subject that never comes up.
SEAL = "sealed"


@dataclass(frozen=True, slots=True)
class AlertRow:
    """What was sent about one subject (`key`), and by which channels; times are None until they occur."""

    key: str
    urgency: str
    title: str
    sent_utc_us: int
    unanswered_utc_us: int | None
    over_utc_us: int | None
    channels: str


def alerts(connection: sqlite3.Connection) -> list[AlertRow]:
    """Everything that was ever sent, the oldest first."""
    rows = connection.execute(
        "SELECT key, urgency, title, sent_utc_us, unanswered_utc_us, over_utc_us, channels FROM alert"
        " ORDER BY sent_utc_us, key"
    )
    return [AlertRow(*row) for row in rows]


def keep_alert(connection: sqlite3.Connection, row: AlertRow) -> None:
    """Store it, replacing what was sent before about the same subject."""
    connection.execute(f"INSERT OR REPLACE INTO {into('alert')} VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(row))


def snooze(connection: sqlite3.Connection, key: str | None, until_utc_us: int) -> None:
    """Send nothing about this subject (None: any subject) until then; a time in the past ends the snooze."""
    connection.execute(f"INSERT OR REPLACE INTO {into('snooze')} VALUES (?, ?)", (key or "", until_utc_us))


def snoozes(connection: sqlite3.Connection) -> dict[str | None, int]:
    """The time until which nothing is sent, by subject; None stands for all."""
    rows = connection.execute("SELECT key, until_utc_us FROM snooze WHERE key <> ?", (SEAL,))
    return {key or None: until for key, until in rows}


def sealed_until(connection: sqlite3.Connection) -> int:
    """The time until which only what is urgent is reported; in the past or 0 if there is no seal."""
    row = connection.execute("SELECT until_utc_us FROM snooze WHERE key = ?", (SEAL,)).fetchone()
    return 0 if row is None else int(row[0])
