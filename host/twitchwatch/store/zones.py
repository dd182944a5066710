"""Where this computer was: one row for each stay in a time zone, which grows as sensors are met."""

from __future__ import annotations

import sqlite3

from twitchwatch.store.rows import ZoneRow


def note_zone(connection: sqlite3.Connection, name: str, utc_us: int) -> None:
    """The computer is in this zone at this moment. A moment before the last known one changes nothing."""
    newest = connection.execute(
        "SELECT first_utc_us, last_utc_us, name FROM zone ORDER BY last_utc_us DESC LIMIT 1"
    ).fetchone()
    if newest is None:
        connection.execute("INSERT INTO zone VALUES (?, ?, ?)", (utc_us, utc_us, name))
    elif utc_us <= newest[1]:
        return
    elif newest[2] == name:
        connection.execute("UPDATE zone SET last_utc_us = ? WHERE first_utc_us = ?", (utc_us, newest[0]))
    else:
        connection.execute("INSERT INTO zone VALUES (?, ?, ?)", (utc_us, utc_us, name))


def zones(connection: sqlite3.Connection) -> list[ZoneRow]:
    """Every stay, in order of time."""
    rows = connection.execute("SELECT first_utc_us, last_utc_us, name FROM zone ORDER BY first_utc_us")
    return [ZoneRow(*row) for row in rows]
