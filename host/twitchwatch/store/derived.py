"""Results derived from the records, as rows: findings with their states, and summaries of nights."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple

from twitchwatch.store.rows import DerivedRow, FindingRow, NightRow
from twitchwatch.store.seals import into

_COLUMNS = (
    "key, identity, kind, scope, since_utc_us, until_utc_us, raised_utc_us, derived_utc_us,"
    " acknowledged_utc_us, acknowledged_urgency, resolved_utc_us, body"
)


_NIGHT = "identity, start_utc_us, end_utc_us, date, zone, derived_utc_us, version, logs, body"


def findings(connection: sqlite3.Connection) -> list[FindingRow]:
    """Every finding, in order of number."""
    return [FindingRow(*row) for row in connection.execute(f"SELECT id, {_COLUMNS} FROM finding ORDER BY id")]


def settle(
    connection: sqlite3.Connection, work: Callable[[list[FindingRow]], Sequence[FindingRow]]
) -> list[FindingRow]:
    """Replace the findings by the result of `work`; those without a number get one."""
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
    """Record when this finding was acknowledged, and how urgent it was; False if there is none."""
    done = connection.execute(
        "UPDATE finding SET acknowledged_utc_us = ?, acknowledged_urgency = ? WHERE id = ?",
        (now_utc_us, urgency, finding_id),
    )
    return done.rowcount == 1


def nights(connection: sqlite3.Connection) -> list[NightRow]:
    """Every night's summary, in chronological order."""
    rows = connection.execute(f"SELECT {_NIGHT} FROM night ORDER BY start_utc_us, identity")
    return [NightRow(*row) for row in rows]


def clock(connection: sqlite3.Connection, identity: str, start_utc_us: int) -> str | None:
    """The clock that dated the records of this night, as JSON; None if it is not kept."""
    row = connection.execute(
        "SELECT clock FROM night WHERE identity = ? AND start_utc_us = ?", (identity, start_utc_us)
    ).fetchone()
    return None if row is None else str(row[0])


def views(connection: sqlite3.Connection) -> list[str]:
    """Every kept night as it is printed, in JSON, in chronological order."""
    rows = connection.execute("SELECT view FROM night ORDER BY start_utc_us, identity")
    return [view for (view,) in rows]


def progress(connection: sqlite3.Connection) -> list[DerivedRow]:
    """How far the records of each log are derived."""
    rows = connection.execute("SELECT device_id, upto_rowid, undated, waiting, waiting_from_seq FROM derived")
    return [DerivedRow(*row) for row in rows]


def keep_nights(
    connection: sqlite3.Connection,
    kept: Sequence[tuple[NightRow, str, str]],
    forgotten: Sequence[NightRow],
    logs: Sequence[DerivedRow],
) -> None:
    """Insert or replace summaries, with view and clock; drop `forgotten`; record how far logs are derived.

    The output of another version of the analysis for them, and for findings, is kept for `former`.
    """
    _put_aside(connection, [row for row, _, _ in kept], forgotten)
    connection.executemany(
        "DELETE FROM night WHERE identity = ? AND start_utc_us = ?",
        [(row.identity, row.start_utc_us) for row in forgotten],
    )
    connection.executemany(
        f"INSERT OR REPLACE INTO night ({_NIGHT}, view, clock) VALUES (?{', ?' * 10})",
        [(*astuple(row), view, dating) for row, view, dating in kept],
    )
    connection.executemany(
        f"INSERT OR REPLACE INTO {into('derived')} VALUES (?, ?, ?, ?, ?)", [astuple(row) for row in logs]
    )


def _put_aside(
    connection: sqlite3.Connection, kept: Sequence[NightRow], forgotten: Sequence[NightRow]
) -> None:
    if not kept:
        return
    moved = connection.executemany(
        f"INSERT OR IGNORE INTO {into('former')}"
        " SELECT 'night', identity || '/' || start_utc_us, identity, view"
        " FROM night WHERE identity = ? AND start_utc_us = ? AND version <> ?",
        [(row.identity, row.start_utc_us, kept[0].version) for row in (*kept, *forgotten)],
    )
    if moved.rowcount > 0:
        connection.execute(
            f"INSERT OR IGNORE INTO {into('former')} SELECT 'finding', id, identity, body FROM finding"
            " WHERE resolved_utc_us IS NULL"
        )


def former(connection: sqlite3.Connection, what: str) -> dict[str, str]:
    """The output of earlier versions for each "night" or "finding" (by number) that was not shown yet."""
    return dict(connection.execute("SELECT key, body FROM former WHERE what = ? ORDER BY key", (what,)))


def forget_former(connection: sqlite3.Connection) -> None:
    """Record that it was shown."""
    connection.execute("DELETE FROM former")


def trends(connection: sqlite3.Connection, version: str) -> dict[str, str]:
    """The states of the trend monitors, in JSON by key."""
    return dict(connection.execute("SELECT key, body FROM trend WHERE version = ?", (version,)))


def keep_trends(connection: sqlite3.Connection, version: str, bodies: Mapping[str, str]) -> None:
    """Keep only these."""
    connection.execute("DELETE FROM trend")
    connection.executemany(
        f"INSERT INTO {into('trend')} VALUES (?, ?, ?)",
        [(key, version, body) for key, body in bodies.items()],
    )
