"""What was derived from the records, as rows: findings with what became of them, and nights in short."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import astuple

from twitchwatch.store.rows import FindingRow, NightRow

_COLUMNS = (
    "key, identity, kind, scope, since_utc_us, until_utc_us, raised_utc_us, derived_utc_us,"
    " acknowledged_utc_us, acknowledged_urgency, resolved_utc_us, body"
)


def findings(connection: sqlite3.Connection) -> list[FindingRow]:
    """Every finding, in order of number."""
    return [FindingRow(*row) for row in connection.execute(f"SELECT id, {_COLUMNS} FROM finding ORDER BY id")]


def settle(
    connection: sqlite3.Connection, work: Callable[[list[FindingRow]], Sequence[FindingRow]]
) -> list[FindingRow]:
    """Replace the findings by what `work` makes of them; those without a number get one."""
    before = {row.id: row for row in findings(connection)}
    kept = []
    # A key may pass from one finding to another.
    after = list(work(list(before.values())))
    changed = [row for row in after if row.id is not None and before[row.id].key != row.key]
    for row in changed:
        connection.execute("UPDATE finding SET key = ? WHERE id = ?", (f"moving/{row.id}", row.id))
    for row in after:
        if row.id is not None and before[row.id] == row:
            kept.append(row)
            continue
        (number,) = connection.execute(
            f"INSERT OR REPLACE INTO finding (id, {_COLUMNS}) VALUES (?{', ?' * 12}) RETURNING id",
            astuple(row),
        ).fetchone()
        kept.append(FindingRow(number, *astuple(row)[1:]))
    return kept


def acknowledge(connection: sqlite3.Connection, finding_id: int, urgency: str, now_utc_us: int) -> bool:
    """Note when this finding was acknowledged, and how urgent it was; False where there is none."""
    done = connection.execute(
        "UPDATE finding SET acknowledged_utc_us = ?, acknowledged_urgency = ? WHERE id = ?",
        (now_utc_us, urgency, finding_id),
    )
    return done.rowcount == 1


def nights(connection: sqlite3.Connection) -> list[NightRow]:
    """Every night's summary, in order of time."""
    rows = connection.execute(
        "SELECT identity, log_id, date, derived_utc_us, body FROM night ORDER BY date, identity, log_id"
    )
    return [NightRow(*row) for row in rows]


def keep_nights(
    connection: sqlite3.Connection, kept: Sequence[NightRow], forgotten: Sequence[NightRow]
) -> None:
    """Insert or replace summaries; drop those of `forgotten`."""
    connection.executemany(
        "DELETE FROM night WHERE identity = ? AND log_id = ? AND date = ?",
        [(row.identity, row.log_id, row.date) for row in forgotten],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO night VALUES (?, ?, ?, ?, ?)", [astuple(row) for row in kept]
    )
