"""Where the computers near a sensor were: one row for each stay in a time zone.

A stay grows with every sync of this computer, and with every anchor in which another one named its zone.
"""

from __future__ import annotations

import sqlite3

from twitchwatch.foreign import one_line
from twitchwatch.shared.protocol.records import ANCHOR, Record
from twitchwatch.store.rows import ZoneRow
from twitchwatch.store.seals import into

# An anchor from a clock that was wrong does not show where anyone was.
_AHEAD_US = 86_400_000_000
# A stay in which no computer met the sensor for longer may hide a journey: it is two stays in one zone.
_LONGEST_GAP_US = 36 * 3_600_000_000


def note_anchor(connection: sqlite3.Connection, record: Record, received_utc_us: int) -> None:
    """Note the zone in this record, if it is an anchor that has one."""
    if record.type != ANCHOR or record.body is None or not record.tail:
        return
    utc_us = record.body.utc_us
    name = one_line(bytes(record.tail).decode("ascii", errors="replace"))
    if name.isascii() and utc_us <= received_utc_us + _AHEAD_US:
        note_zone(connection, name, utc_us)


def note_zone(connection: sqlite3.Connection, name: str, utc_us: int) -> None:
    """A computer near the sensor was in this zone at this moment."""
    before = connection.execute(
        "SELECT first_utc_us, last_utc_us, name FROM zone WHERE first_utc_us <= ?"
        " ORDER BY first_utc_us DESC LIMIT 1",
        (utc_us,),
    ).fetchone()
    after = connection.execute(
        "SELECT first_utc_us, name FROM zone WHERE first_utc_us > ? ORDER BY first_utc_us LIMIT 1", (utc_us,)
    ).fetchone()
    if before is not None and utc_us <= before[1]:
        if before[2] != name and before[0] < utc_us:
            _divide(connection, before, name, utc_us)
    elif before is not None and before[2] == name and utc_us - before[1] <= _LONGEST_GAP_US:
        connection.execute("UPDATE zone SET last_utc_us = ? WHERE first_utc_us = ?", (utc_us, before[0]))
    elif after is not None and after[1] == name and after[0] - utc_us <= _LONGEST_GAP_US:
        connection.execute("UPDATE zone SET first_utc_us = ? WHERE first_utc_us = ?", (utc_us, after[0]))
    else:
        connection.execute(f"INSERT INTO {into('zone')} VALUES (?, ?, ?)", (utc_us, utc_us, name))


def zones(connection: sqlite3.Connection) -> list[ZoneRow]:
    """Every stay, in chronological order."""
    rows = connection.execute("SELECT first_utc_us, last_utc_us, name FROM zone ORDER BY first_utc_us")
    return [ZoneRow(*row) for row in rows]


def _divide(connection: sqlite3.Connection, stay: tuple[int, int, str], name: str, utc_us: int) -> None:
    """Another computer was elsewhere in the middle of a stay; the rest of it is a stay of its own."""
    first_us, last_us, own = stay
    earlier = connection.execute(
        "SELECT first_utc_us FROM zone WHERE name = ? AND last_utc_us = ?", (name, first_us - 1)
    ).fetchone()
    if earlier is not None:
        # The other stay goes on, and this one begins after it.
        connection.execute("UPDATE zone SET last_utc_us = ? WHERE first_utc_us = ?", (utc_us, earlier[0]))
        connection.execute("DELETE FROM zone WHERE first_utc_us = ?", (first_us,))
    else:
        connection.execute("UPDATE zone SET last_utc_us = ? WHERE first_utc_us = ?", (utc_us - 1, first_us))
        connection.execute(f"INSERT INTO {into('zone')} VALUES (?, ?, ?)", (utc_us, utc_us, name))
    if utc_us < last_us:
        connection.execute(f"INSERT INTO {into('zone')} VALUES (?, ?, ?)", (utc_us + 1, last_us, own))
