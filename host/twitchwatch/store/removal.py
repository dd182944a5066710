"""Removal of a device: simulated records, which must not remain among those of a wearer."""

from __future__ import annotations

import sqlite3

from twitchwatch.store.journal_notes import forget_modelled
from twitchwatch.store.rows import DEMO_HARDWARE_ID


def remove(connection: sqlite3.Connection, device_id: int) -> int:
    """Remove a device, its records, and what was derived for its sensor; returns the number of records.

    With the last log of the demo its journal goes too.
    """
    (identity,) = connection.execute("SELECT hardware_id FROM device WHERE id = ?", (device_id,)).fetchone()
    removed = connection.execute("DELETE FROM record WHERE device_id = ?", (device_id,)).rowcount
    for table in ("conflict", "missing", "sync_session", "derived"):
        connection.execute(f"DELETE FROM {table} WHERE device_id = ?", (device_id,))
    connection.execute("DELETE FROM device WHERE id = ?", (device_id,))
    # What other logs of the sensor hold is derived again.
    connection.execute(
        "DELETE FROM derived WHERE device_id IN (SELECT id FROM device WHERE hardware_id = ?)", (identity,)
    )
    for table in ("night", "finding", "former"):
        connection.execute(f"DELETE FROM {table} WHERE identity = ?", (identity,))
    # They name records by their log, so they stay while the sensor has another one.
    connection.execute(
        "DELETE FROM annotation WHERE identity = ?1"
        " AND NOT EXISTS (SELECT 1 FROM device WHERE hardware_id = ?1)",
        (identity,),
    )
    if (
        identity == DEMO_HARDWARE_ID
        and not connection.execute("SELECT 1 FROM device WHERE hardware_id = ?", (identity,)).fetchone()
    ):
        forget_modelled(connection)
    # SQLite gives the numbers of the last rows again.
    connection.execute(
        "UPDATE derived SET upto_rowid = min(upto_rowid, (SELECT coalesce(max(rowid), 0) FROM record))"
    )
    return removed
