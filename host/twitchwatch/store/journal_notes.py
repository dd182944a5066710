"""The wearer's notes, as rows: the journal, which only grows, and courses of guided nights."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

# A field of the demo's entries, which no wearer noted.
MODELLED = "modelled"


@dataclass(frozen=True, slots=True)
class JournalRow:
    """What was noted at one time for one evening (`night`, an ISO date); `body` is JSON."""

    id: int
    night: str
    entered_utc_us: int
    body: str


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """A plan or an experiment: its first evening, and its last (None while it runs); `body` is JSON."""

    id: int
    kind: str
    first_night: str
    last_night: str | None
    started_utc_us: int
    body: str


def note(connection: sqlite3.Connection, night: str, entered_utc_us: int, body: str) -> int:
    """Add one revision; returns its number."""
    (number,) = connection.execute(
        "INSERT INTO journal (night, entered_utc_us, body) VALUES (?, ?, ?) RETURNING id",
        (night, entered_utc_us, body),
    ).fetchone()
    return int(number)


def journal(connection: sqlite3.Connection) -> list[JournalRow]:
    """Every revision, in the order in which they were noted."""
    rows = connection.execute("SELECT id, night, entered_utc_us, body FROM journal ORDER BY id")
    return [JournalRow(*row) for row in rows]


def forget_modelled(connection: sqlite3.Connection) -> None:
    """Remove what the demo noted."""
    connection.execute("DELETE FROM journal WHERE json_extract(body, ?) IS NOT NULL", (f"$.{MODELLED}",))


def begin_program(
    connection: sqlite3.Connection, kind: str, first_night: str, started_utc_us: int, body: str
) -> int:
    """Record the start of a course; returns its number."""
    (number,) = connection.execute(
        "INSERT INTO course (kind, first_night, started_utc_us, body) VALUES (?, ?, ?, ?) RETURNING id",
        (kind, first_night, started_utc_us, body),
    ).fetchone()
    return int(number)


def end_program(connection: sqlite3.Connection, number: int, last_night: str) -> bool:
    """Record its last evening; False if no course with that number is running."""
    done = connection.execute(
        "UPDATE course SET last_night = ? WHERE id = ? AND last_night IS NULL", (last_night, number)
    )
    return done.rowcount == 1


def programs(connection: sqlite3.Connection) -> list[ProgramRow]:
    """Every course, in order of its start."""
    rows = connection.execute(
        "SELECT id, kind, first_night, last_night, started_utc_us, body FROM course ORDER BY id"
    )
    return [ProgramRow(*row) for row in rows]
