"""Stored times from which intervals are counted; if the computer's clock is set, they shift with it.

They are: when a sensor was first and last seen, when its newest record arrived, link faults, sent alerts,
snoozes, and since when a sensor is silent. Every other time is a date, and does not change.
"""

from __future__ import annotations

import sqlite3

# A clock that is set is noticed within a second; what was stored in that time has the new clock already.
NOTICED_US = 2_000_000

_COLUMNS = (
    ("device", "first_seen_utc_us"),
    ("device", "last_seen_utc_us"),
    ("device", "last_record_utc_us"),
    ("trouble", "started_utc_us"),
    ("trouble", "ended_utc_us"),
    ("alert", "sent_utc_us"),
    ("alert", "unanswered_utc_us"),
    ("alert", "over_utc_us"),
)


def move(connection: sqlite3.Connection, by_us: int, now_utc_us: int) -> None:
    """The clock was set by `by_us` to `now_utc_us`: shift the times stored with the old clock."""
    # By the old clock it was this much; what is beyond was stored since.
    old_now_us = now_utc_us - by_us
    if by_us > 0:
        old, values = "{0} <= :old_now", {"by": by_us, "old_now": old_now_us + NOTICED_US}
    else:
        old, values = "{0} NOT BETWEEN :fresh AND :now", {
            "by": by_us, "fresh": now_utc_us - NOTICED_US, "now": now_utc_us,
        }  # fmt: skip
    for table, column in _COLUMNS:
        connection.execute(f"UPDATE {table} SET {column} = {column} + :by WHERE {old.format(column)}", values)
    connection.execute("UPDATE snooze SET until_utc_us = until_utc_us + ?", (by_us,))
    # A finding that belongs to no night carries its beginning in its key.
    connection.execute(
        "UPDATE finding SET since_utc_us = since_utc_us + :by, until_utc_us = until_utc_us + :by,"
        " key = identity || '/' || kind || '/' || scope || '/' || (since_utc_us + :by)"
        " WHERE key = identity || '/' || kind || '/' || scope || '/' || since_utc_us"
        f" AND {old.format('since_utc_us')}",
        values,
    )


def newest(connection: sqlite3.Connection) -> int:
    """The newest of these times, except snoozes, which are in the future; 0 if there is none."""
    columns = [f"(SELECT max({column}) FROM {table})" for table, column in _COLUMNS]
    row = connection.execute(f"SELECT {', '.join(columns)}").fetchone()
    return max((int(moment) for moment in row if moment is not None), default=0)
