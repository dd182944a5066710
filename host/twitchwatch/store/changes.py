"""Settings changes that were requested here, and the sensor's answers."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from twitchwatch.foreign import one_line

# `outcome` of a change that another one to the same setting replaced.
OVERTAKEN = "overtaken"
APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Change:
    """A setting's new `value` (JSON; null: its default). `outcome` is None while it waits."""

    id: int
    hardware_id: str
    name: str
    value: str
    asked_utc_us: int
    answered_utc_us: int | None
    outcome: str | None


def ask(connection: sqlite3.Connection, hardware_id: str, name: str, value: str, now_utc_us: int) -> None:
    """Store a change for the next sync session; it replaces a waiting change of the same setting."""
    connection.execute(
        "UPDATE setting_change SET answered_utc_us = ?, outcome = ?"
        " WHERE hardware_id = ? AND name = ? AND outcome IS NULL",
        (now_utc_us, OVERTAKEN, hardware_id, name),
    )
    connection.execute(
        "INSERT INTO setting_change (hardware_id, name, value, asked_utc_us) VALUES (?, ?, ?, ?)",
        (hardware_id, name, value, now_utc_us),
    )


def answer(connection: sqlite3.Connection, change_id: int, outcome: str, now_utc_us: int) -> None:
    """Record the sensor's answer, or that another change has replaced this one."""
    connection.execute(
        "UPDATE setting_change SET answered_utc_us = ?, outcome = ? WHERE id = ? AND outcome IS NULL",
        (now_utc_us, outcome, change_id),
    )


def changes(connection: sqlite3.Connection, hardware_id: str, *, waiting: bool) -> list[Change]:
    """The changes of one sensor, the oldest first; with `waiting` only those not yet answered."""
    rows = connection.execute(
        "SELECT id, hardware_id, name, value, asked_utc_us, answered_utc_us, outcome FROM setting_change"
        " WHERE hardware_id = ? AND (outcome IS NULL OR NOT ?) ORDER BY id",
        (hardware_id, waiting),
    )
    found = [Change(*row) for row in rows]
    # Versions up to 0.2 stored a sensor's words as they were sent.
    return [one if one.outcome is None else replace(one, outcome=one_line(one.outcome)) for one in found]
