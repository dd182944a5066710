"""Store: the database as the rest of the house sees it.

One thread writes, each write is one transaction that is on disk when the call returns; readers have
connections of their own and see whole transactions only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence

from shared.protocol.records import SCHEMAS, Record
from twitchwatch.store import alert_notes, changes, derived, journal_notes, link_notes
from twitchwatch.store.alert_notes import AlertRow
from twitchwatch.store.changes import Change
from twitchwatch.store.connections import Connections
from twitchwatch.store.intake import read_record, take_in
from twitchwatch.store.journal_notes import CourseRow, JournalRow
from twitchwatch.store.link_notes import Trouble, UsbPort
from twitchwatch.store.rows import (
    CommitResult,
    Conflict,
    Device,
    DeviceStatus,
    FindingRow,
    Missing,
    NightRow,
    SyncSession,
)

_DEVICE = "SELECT id, hardware_id, log_id, name, next_seq, first_seen_utc_us, last_seen_utc_us FROM device"
_SESSION = (
    "SELECT id, device_id, transport, started_utc_us, ended_utc_us, records, unread, damaged, outcome"
    " FROM sync_session"
)


class Store(Connections):
    """The record database; safe to use from any thread. Use as a context manager, or close it."""

    def register(self, hardware_id: str, log_id: int, name: str, now_utc_us: int) -> Device:
        """The device of this sensor and log, made at first sight; its name and last sight are brought up."""

        def work(connection: sqlite3.Connection) -> Device:
            row = connection.execute(
                "INSERT INTO device (hardware_id, log_id, name, first_seen_utc_us, last_seen_utc_us)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (hardware_id, log_id) DO UPDATE"
                " SET name = excluded.name,"
                " last_seen_utc_us = max(last_seen_utc_us, excluded.last_seen_utc_us) RETURNING id",
                (hardware_id, log_id, name, now_utc_us, now_utc_us),
            ).fetchone()
            return Device(*connection.execute(f"{_DEVICE} WHERE id = ?", row).fetchone())

        return self._write(work)

    def commit(
        self,
        device_id: int,
        records: Sequence[bytes],
        from_seq: int,
        upto_seq: int,
        damaged: int,
        received_utc_us: int,
    ) -> CommitResult:
        """Keep one window of records in one transaction; when this returns it is on disk.

        records: whole encoded records, in any order. [from_seq, upto_seq): the window for which the device
        said that this is all it has; seqs in it that are nowhere become known as missing. damaged: what the
        link had to throw away. next_seq moves to upto_seq and never back.
        Raises ConfigurationError or IntegrityError; then nothing of the window was kept.
        """
        return self._write(
            lambda connection: take_in(
                connection, device_id, records, from_seq, upto_seq, damaged, received_utc_us
            )
        )

    def begin_sync(self, device_id: int, transport: str, started_utc_us: int) -> int:
        """Note that a sync begins; gives the id for `end_sync`. One never ended was cut short."""

        def work(connection: sqlite3.Connection) -> int:
            (number,) = connection.execute(
                "INSERT INTO sync_session (device_id, transport, started_utc_us) VALUES (?, ?, ?)"
                " RETURNING id",
                (device_id, transport, started_utc_us),
            ).fetchone()
            return int(number)

        return self._write(work)

    def end_sync(
        self, sync_id: int, *, ended_utc_us: int, records: int, unread: int, damaged: int, outcome: str
    ) -> None:
        """Note how a sync ended; `outcome` is a short word such as "complete" or "link lost"."""
        self._write(
            lambda connection: connection.execute(
                "UPDATE sync_session SET ended_utc_us = ?, records = ?, unread = ?, damaged = ?, outcome = ?"
                " WHERE id = ?",
                (ended_utc_us, records, unread, damaged, outcome, sync_id),
            )
        )

    def check(self) -> list[str]:
        """What SQLite finds damaged in the file, in its words; nothing where it is whole."""
        with self._reading() as connection:
            told = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
        return [] if told == ["ok"] else told

    def begin_trouble(self, subject: str, reason: str, message: str, now_utc_us: int) -> None:
        """Note that something keeps records from coming; it replaces what troubled `subject` before."""
        self._write(
            lambda connection: link_notes.begin_trouble(connection, subject, reason, message, now_utc_us)
        )

    def end_troubles(self, subject: str | None, now_utc_us: int) -> None:
        """What troubled `subject` (None: anything) is over."""
        self._write(lambda connection: link_notes.end_troubles(connection, subject, now_utc_us))

    def troubles(self, *, since_utc_us: int = 0) -> list[Trouble]:
        """What kept records from coming at any time since then, the oldest first."""
        with self._reading() as connection:
            return link_notes.troubles(connection, since_utc_us)

    def note_port(self, port: UsbPort, hardware_id: str) -> None:
        """Note which sensor was met at this USB port."""
        self._write(lambda connection: link_notes.note_port(connection, port, hardware_id))

    def ports(self) -> dict[UsbPort, str]:
        """The hardware id of the sensor last met at each USB port."""
        with self._reading() as connection:
            return link_notes.ports(connection)

    def ask_change(self, hardware_id: str, name: str, value: str, now_utc_us: int) -> None:
        """Keep a change of a setting (`value` in JSON) for the next meeting with this sensor."""
        self._write(lambda connection: changes.ask(connection, hardware_id, name, value, now_utc_us))

    def answer_change(self, change_id: int, outcome: str, now_utc_us: int) -> None:
        """Note what the sensor said of a change."""
        self._write(lambda connection: changes.answer(connection, change_id, outcome, now_utc_us))

    def changes(self, hardware_id: str, *, waiting: bool = False) -> list[Change]:
        """Changes of this sensor's settings, the oldest first; with `waiting` those not yet answered."""
        with self._reading() as connection:
            return changes.changes(connection, hardware_id, waiting=waiting)

    def settle_findings(self, settle: Callable[[list[FindingRow]], Sequence[FindingRow]]) -> list[FindingRow]:
        """Keep what `settle` makes of the findings kept so far; gives them back, each with its number.

        Reading and keeping are one transaction, so that two programs that derive at once agree.
        """
        return self._write(lambda connection: derived.settle(connection, settle))

    def acknowledge(self, finding_id: int, urgency: str, now_utc_us: int) -> bool:
        """Note that somebody saw this finding, as urgent as it is now; False where there is none."""
        return self._write(
            lambda connection: derived.acknowledge(connection, finding_id, urgency, now_utc_us)
        )

    def keep_nights(self, nights: Sequence[NightRow], *, forget: Sequence[NightRow] = ()) -> None:
        """Keep these summaries in the place of earlier ones, and drop those of nights that are no more."""
        self._write(lambda connection: derived.keep_nights(connection, nights, forget))

    def findings(self) -> list[FindingRow]:
        """Every finding ever kept, in order of number."""
        with self._reading() as connection:
            return derived.findings(connection)

    def nights(self) -> list[NightRow]:
        """Every night's summary as it was last kept, in order of time."""
        with self._reading() as connection:
            return derived.nights(connection)

    def note_journal(self, night: str, body: str, now_utc_us: int) -> int:
        """Add to the journal of an evening (ISO date); `body` is JSON. Gives the revision's number."""
        return self._write(lambda connection: journal_notes.note(connection, night, now_utc_us, body))

    def journal(self) -> list[JournalRow]:
        """Every revision of the journal, in the order in which they were noted."""
        with self._reading() as connection:
            return journal_notes.journal(connection)

    def begin_course(self, kind: str, first_night: str, body: str, now_utc_us: int) -> int:
        """Note that a plan or experiment begins with this evening (ISO date); gives its number."""
        return self._write(
            lambda connection: journal_notes.begin_course(connection, kind, first_night, now_utc_us, body)
        )

    def end_course(self, number: int, last_night: str) -> bool:
        """Note with which evening it ended; False where none of that number runs."""
        return self._write(lambda connection: journal_notes.end_course(connection, number, last_night))

    def courses(self) -> list[CourseRow]:
        """Every plan and experiment, in order of its start."""
        with self._reading() as connection:
            return journal_notes.courses(connection)

    def alerts(self) -> list[AlertRow]:
        """Everything that was ever said, the oldest first."""
        with self._reading() as connection:
            return alert_notes.alerts(connection)

    def keep_alert(self, row: AlertRow) -> None:
        """Note what was said of a subject, in the place of what was noted before."""
        self._write(lambda connection: alert_notes.keep_alert(connection, row))

    def snooze(self, key: str | None, until_utc_us: int) -> None:
        """Say nothing of this subject (None: of any) until then."""
        self._write(lambda connection: alert_notes.snooze(connection, key, until_utc_us))

    def snoozes(self) -> dict[str | None, int]:
        """Until when nothing shall be said of which subject; None stands for every one."""
        with self._reading() as connection:
            return alert_notes.snoozes(connection)

    def devices(self) -> list[Device]:
        """Every device ever seen, the oldest first."""
        with self._reading() as connection:
            return [Device(*row) for row in connection.execute(f"{_DEVICE} ORDER BY id")]

    def record_count(self, device_id: int) -> int:
        """How many records of this device are kept."""
        with self._reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM record WHERE device_id = ?", (device_id,)
            ).fetchone()
            return int(count)

    def records(
        self,
        device_id: int,
        *,
        types: Collection[int] | None = None,
        boot_id: int | None = None,
        from_seq: int = 0,
        upto_seq: int | None = None,
    ) -> Iterator[Record]:
        """The device's records in order of seq, of `types` (all when None) and in [from_seq, upto_seq).

        What this program cannot read comes with a body of None.
        """
        where = ["device_id = ?", "seq >= ?"]
        values: list[int] = [device_id, from_seq]
        if upto_seq is not None:
            where.append("seq < ?")
            values.append(upto_seq)
        if boot_id is not None:
            where.append("boot_id = ?")
            values.append(boot_id)
        if types is not None:
            where.append(f"type IN ({', '.join('?' * len(types))})")
            values.extend(types)
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT raw FROM record WHERE {' AND '.join(where)} ORDER BY seq", values
            )
            for (raw,) in rows:
                yield read_record(raw)

    def last_record(self, device_id: int, kind: int) -> Record | None:
        """The device's newest record of this type; None where there is none."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT raw FROM record WHERE device_id = ? AND type = ? ORDER BY seq DESC LIMIT 1",
                (device_id, kind),
            ).fetchone()
            return None if row is None else read_record(row[0])

    def missing(self, device_id: int) -> list[Missing]:
        """Runs of records that the device no longer had."""
        with self._reading() as connection:
            return [
                Missing(*row)
                for row in connection.execute(
                    "SELECT first_seq, count, seen_utc_us FROM missing WHERE device_id = ?"
                    " ORDER BY first_seq",
                    (device_id,),
                )
            ]

    def conflicts(self, device_id: int) -> list[Conflict]:
        """Records whose seq was already taken by other bytes."""
        with self._reading() as connection:
            return [
                Conflict(*row)
                for row in connection.execute(
                    "SELECT seq, received_utc_us, raw FROM conflict WHERE device_id = ? ORDER BY rowid",
                    (device_id,),
                )
            ]

    def syncs(self, device_id: int, *, limit: int = 20) -> list[SyncSession]:
        """The last `limit` syncs, newest first."""
        with self._reading() as connection:
            return [
                SyncSession(*row)
                for row in connection.execute(
                    f"{_SESSION} WHERE device_id = ? ORDER BY started_utc_us DESC, id DESC LIMIT ?",
                    (device_id, limit),
                )
            ]

    def status(self) -> list[DeviceStatus]:
        """What is kept of every device."""
        with self._reading() as connection:
            connection.execute("BEGIN")
            rows = connection.execute(f"{_DEVICE} ORDER BY id").fetchall()
            return [_status(connection, Device(*row)) for row in rows]


def _status(connection: sqlite3.Connection, device: Device) -> DeviceStatus:
    by_type: dict[int, int] = {}
    unread = 0
    for kind, version, count in connection.execute(
        "SELECT type, version, count(*) FROM record WHERE device_id = ? GROUP BY type, version", (device.id,)
    ):
        by_type[kind] = by_type.get(kind, 0) + count
        if kind not in SCHEMAS or version > SCHEMAS[kind][1]:
            unread += count
    (damaged, conflicts, missing, received) = connection.execute(
        "SELECT damaged, (SELECT count(*) FROM conflict WHERE device_id = device.id),"
        " (SELECT coalesce(sum(count), 0) FROM missing WHERE device_id = device.id),"
        " (SELECT received_utc_us FROM record WHERE device_id = device.id ORDER BY seq DESC LIMIT 1)"
        " FROM device WHERE id = ?",
        (device.id,),
    ).fetchone()
    sync = connection.execute(
        f"{_SESSION} WHERE device_id = ? ORDER BY started_utc_us DESC, id DESC LIMIT 1", (device.id,)
    ).fetchone()
    return DeviceStatus(
        device,
        sum(by_type.values()),
        by_type,
        unread,
        damaged,
        conflicts,
        missing,
        received,
        None if sync is None else SyncSession(*sync),
    )
