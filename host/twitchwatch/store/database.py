"""Store: the database as used by the other packages.

One thread writes, each write is one transaction that is on disk when the call returns; readers have their own
connections and see only complete transactions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from twitchwatch.shared.protocol.records import SCHEMAS
from twitchwatch.store import damage
from twitchwatch.store.care import Care
from twitchwatch.store.erasing import Erased
from twitchwatch.store.records import Records
from twitchwatch.store.removal import remove
from twitchwatch.store.rows import Device, DeviceStatus, SyncSession
from twitchwatch.store.seals import SOUND
from twitchwatch.store.standing import DEVICE, ERASED_UTC_US
from twitchwatch.store.subjects import (
    Addresses,
    Alerts,
    Annotations,
    Changes,
    Findings,
    Journal,
    LinkFaults,
    Moments,
    Ports,
    Programs,
    Summaries,
    Zones,
)
from twitchwatch.store.zones import note_zone

_SESSION = (
    "SELECT id, device_id, transport, started_utc_us, ended_utc_us, records, unread, damaged, outcome"
    " FROM sync_session"
)


class Store(Records):
    """The record database; safe to use from any thread. Use as a context manager, or close it.

    Devices, syncs and records are its own methods; the rest is divided by subject: `store.journal.note(...)`.
    """

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        super().__init__(path, busy_timeout_s)
        self.addresses = Addresses(self)
        self.alerts = Alerts(self)
        self.annotations = Annotations(self)
        self.care = Care(self)
        self.changes = Changes(self)
        self.programs = Programs(self)
        self.findings = Findings(self)
        self.journal = Journal(self)
        self.moments = Moments(self)
        self.ports = Ports(self)
        self.summaries = Summaries(self)
        self.link_faults = LinkFaults(self)
        self.zones = Zones(self)

    def register(self, hardware_id: str, log_id: int, name: str, now_utc_us: int) -> Device:
        """The device of this sensor and log, created when first seen; updates name and time."""

        def work(connection: sqlite3.Connection) -> Device:
            row = connection.execute(
                "INSERT INTO device (hardware_id, log_id, name, first_seen_utc_us, last_seen_utc_us)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (hardware_id, log_id) DO UPDATE"
                " SET name = excluded.name,"
                " last_seen_utc_us = max(last_seen_utc_us, excluded.last_seen_utc_us) RETURNING id",
                (hardware_id, log_id, name, now_utc_us, now_utc_us),
            ).fetchone()
            return Device.of(connection.execute(f"{DEVICE} WHERE id = ?", row).fetchone())

        return self.write(work)

    def begin_sync(self, device_id: int, transport: str, started_utc_us: int, zone: str | None = None) -> int:
        """Record that a sync begins; returns the id for `end_sync`. One without an end was interrupted.

        zone: the computer's zone, for the nights that this sync dates.
        """

        def work(connection: sqlite3.Connection) -> int:
            if zone is not None:
                note_zone(connection, zone, started_utc_us)
            (number,) = connection.execute(
                "INSERT INTO sync_session (device_id, transport, started_utc_us) VALUES (?, ?, ?)"
                " RETURNING id",
                (device_id, transport, started_utc_us),
            ).fetchone()
            return int(number)

        return self.write(work)

    def end_sync(
        self, sync_id: int, *, ended_utc_us: int, records: int, unread: int, damaged: int, outcome: str
    ) -> None:
        """Record how a sync ended; `outcome` is a short word such as "complete" or "link lost"."""
        self.write(
            lambda connection: connection.execute(
                "UPDATE sync_session SET ended_utc_us = ?, records = ?, unread = ?, damaged = ?, outcome = ?"
                " WHERE id = ?",
                (ended_utc_us, records, unread, damaged, outcome, sync_id),
            )
        )

    def remove(self, device_id: int) -> int:
        """Remove a device with its records and everything derived for its sensor; returns their number."""
        return self.write(lambda connection: remove(connection, device_id))

    def erase(self, work: Callable[[sqlite3.Connection], Erased]) -> Erased:
        """Erase rows (`erasing`) in one transaction, then rewrite the file, so that nothing of them is left.

        Raises ConfigurationError if another program uses the database: then the rows are gone, but not their
        traces in the file.
        """
        erased = self.write(work)
        self.rewrite()
        return erased

    def devices(self) -> list[Device]:
        """Every device ever seen, the oldest first."""
        with self.reading() as connection:
            return [Device.of(row) for row in connection.execute(f"{DEVICE} ORDER BY id")]

    def device(self, device_id: int) -> Device:
        """The device of this number, which must exist."""
        with self.reading() as connection:
            return Device.of(connection.execute(f"{DEVICE} WHERE id = ?", (device_id,)).fetchone())

    def syncs(self, device_id: int, *, limit: int = 20) -> list[SyncSession]:
        """The last `limit` syncs, newest first."""
        with self.reading() as connection:
            return [
                SyncSession(*row)
                for row in connection.execute(
                    f"{_SESSION} WHERE device_id = ? ORDER BY started_utc_us DESC, id DESC LIMIT ?",
                    (device_id, limit),
                )
            ]

    def status(self) -> list[DeviceStatus]:
        """What is stored for every device."""
        with self.reading() as connection:
            connection.execute("BEGIN")
            rows = connection.execute(f"{DEVICE} ORDER BY id").fetchall()
            return [_status(connection, Device.of(row)) for row in rows]


def _status(connection: sqlite3.Connection, device: Device) -> DeviceStatus:
    by_type: dict[int, int] = {}
    unread = 0
    # Without their versions: records of three years are then counted in a third of the time.
    for kind, count, newest in connection.execute(
        "SELECT type, count(*), max(version) FROM record WHERE device_id = ? GROUP BY type", (device.id,)
    ).fetchall():
        if kind not in SCHEMAS or newest > SCHEMAS[kind][1]:
            readable, later = _by_version(connection, device.id, kind)
            unread += later
            count = readable + later
        if count:
            by_type[kind] = count
    (damaged, set_aside, conflicts, missing, received) = connection.execute(
        "SELECT damaged,"
        " (SELECT count(*) FROM quarantine WHERE device_id = device.id AND origin = 'record'),"
        " (SELECT count(*) FROM conflict WHERE device_id = device.id),"
        f" (SELECT coalesce(sum(count), 0) FROM missing WHERE device_id = device.id"
        f" AND seen_utc_us != {ERASED_UTC_US}),"
        f" (SELECT received_utc_us FROM record WHERE device_id = device.id AND {SOUND}"
        " ORDER BY seq DESC LIMIT 1) FROM device WHERE id = ?",
        (device.id,),
    ).fetchone()
    _look_for_gaps(connection, device.id, sum(by_type.values()))
    sync = connection.execute(
        f"{_SESSION} WHERE device_id = ? ORDER BY started_utc_us DESC, id DESC LIMIT 1", (device.id,)
    ).fetchone()
    return DeviceStatus(
        device,
        sum(by_type.values()),
        by_type,
        unread,
        damaged,
        set_aside,
        conflicts,
        missing,
        received,
        None if sync is None else SyncSession(*sync),
    )


def _by_version(connection: sqlite3.Connection, device_id: int, kind: int) -> tuple[int, int]:
    """Records of one type that can be read, and those that are of a newer version."""
    readable = later = 0
    for version, count in connection.execute(
        "SELECT version, count(*) FROM record WHERE device_id = ? AND type = ? GROUP BY version",
        (device_id, kind),
    ).fetchall():
        if kind in SCHEMAS and version <= SCHEMAS[kind][1]:
            readable += count
            continue
        # Of a newer kind, or damaged: the first is rare, so that each can be looked at.
        (sound,) = connection.execute(
            f"SELECT count(*) FROM record WHERE device_id = ? AND type = ? AND version = ? AND {SOUND}",
            (device_id, kind, version),
        ).fetchone()
        later += sound
    return readable, later


def _look_for_gaps(connection: sqlite3.Connection, device_id: int, count: int) -> None:
    """Note damage if `count`, by one index, differs from the other index and from the newest row."""
    # Apart, each is found at an end of the index.
    (first,) = connection.execute("SELECT min(seq) FROM record WHERE device_id = ?", (device_id,)).fetchone()
    (last,) = connection.execute("SELECT max(seq) FROM record WHERE device_id = ?", (device_id,)).fetchone()
    (missing,) = connection.execute(
        "SELECT coalesce(sum(count), 0) FROM missing WHERE device_id = ? AND first_seq BETWEEN ? AND ?",
        (device_id, first, last),
    ).fetchone()
    newest = connection.execute("SELECT device_id, seq FROM record ORDER BY rowid DESC LIMIT 1").fetchone()
    gone = 0 if first is None else last + 1 - first - count - missing
    if gone or (first is None and count) or (newest and newest[0] == device_id and newest[1] > (last or 0)):
        damage.note(damage.GAP, (device_id, "counted"))
