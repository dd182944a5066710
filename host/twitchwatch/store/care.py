"""Care of the database: the full check, and the treatment of what it finds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from twitchwatch.store.connections import Connections
from twitchwatch.store.examining import Examination, examine
from twitchwatch.store.quarantine import mend_record, set_aside
from twitchwatch.store.seals import DERIVED, SOUND, into, unsealed

# Some milliseconds of SQLite's virtual machine.
STEPS_PER_LOOK = 100_000


@dataclass(frozen=True, slots=True)
class SetAside:
    """A damaged row that was taken out of the table `origin`; raw: the bytes of a record, else None."""

    origin: str
    found_utc_us: int
    device_id: int | None
    seq: int | None
    columns: str
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class LastCheck:
    """When everything was last checked, how many records were sound, and what was damaged, by place."""

    utc_us: int
    records: int
    wrong: dict[str, int]


class Care:
    """The check of everything, over the connections of the store."""

    def __init__(self, connections: Connections) -> None:
        self._store = connections

    def examine(self) -> Examination:
        """Check everything, as `twitchwatch doctor` does. Nothing is changed."""
        with self._store.reading_all() as connection:
            return examine(connection)

    def examine_until(self, stopped: Callable[[], bool]) -> Examination | None:
        """The same, unless it was `stopped`; then None."""
        with self._store.reading_all() as connection:
            connection.set_progress_handler(stopped, STEPS_PER_LOOK)
            found = examine(connection)
            return None if stopped() else found

    def put_right(self, found: Examination, now_utc_us: int) -> None:
        """Set damaged rows aside, record the time of the check, and read the remaining rows again.

        A record whose bytes are intact is stored under its own number; the others are fetched again if the
        sensor still has them. Findings and nights are derived again. A sensor's entry is not changed,
        because its records depend on it. A file whose structure is damaged is left alone.
        """
        self._store.write(lambda connection: _put_right(connection, found, now_utc_us))
        self._store.look_over()

    def set_aside(self) -> list[SetAside]:
        """Every row that was ever set aside, the oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT origin, found_utc_us, device_id, seq, columns, raw FROM quarantine ORDER BY id"
            )
            return [SetAside(*row) for row in rows]

    def last_check(self) -> LastCheck | None:
        """The last check by a daemon; None if there was none yet."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT utc_us, records, wrong FROM last_check").fetchone()
        return None if row is None else LastCheck(row[0], row[1], json.loads(row[2]))


def _put_right(connection: sqlite3.Connection, found: Examination, now_utc_us: int) -> None:
    if not found.structure:
        for table, rowids in found.damaged.items():
            if table in DERIVED or table == "device":
                continue
            amiss = f"NOT {SOUND}" if table == "record" else unsealed(table)
            for rowid in rowids:
                still = connection.execute(f"SELECT 1 FROM {table} WHERE rowid = ? AND {amiss}", (rowid,))
                if still.fetchone() is None:
                    continue
                if table == "record":
                    mend_record(connection, rowid, now_utc_us)
                else:
                    set_aside(connection, table, rowid, now_utc_us)
        if any(table in found.damaged for table in DERIVED):
            for table in DERIVED:
                connection.execute(f"DELETE FROM {table}")
    connection.execute(
        f"INSERT OR REPLACE INTO {into('last_check')} VALUES (1, ?, ?, ?)",
        (now_utc_us, found.records, json.dumps(found.lost)),
    )
