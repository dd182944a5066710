"""What people note about events, stretches and moments, as rows that are added and never changed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnnotationRow:
    """One entry about a sensor's records; identity: its hardware id, body: JSON."""

    id: int
    identity: str
    what: str
    entered_utc_us: int
    body: str


def annotate(connection: sqlite3.Connection, identity: str, what: str, entered_utc_us: int, body: str) -> int:
    """Add one entry; returns its number."""
    (number,) = connection.execute(
        "INSERT INTO annotation (identity, what, entered_utc_us, body) VALUES (?, ?, ?, ?) RETURNING id",
        (identity, what, entered_utc_us, body),
    ).fetchone()
    return int(number)


def every_annotation(connection: sqlite3.Connection) -> list[AnnotationRow]:
    """Every entry, in the order in which they were made."""
    rows = connection.execute("SELECT id, identity, what, entered_utc_us, body FROM annotation ORDER BY id")
    return [AnnotationRow(*row) for row in rows]
