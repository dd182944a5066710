"""Records: stored window by window, never rewritten, read in order of their number."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence

from twitchwatch.shared.protocol.records import ANCHOR, STATUS, Record
from twitchwatch.store import damage
from twitchwatch.store.connections import Connections
from twitchwatch.store.intake import Intake, read_record
from twitchwatch.store.rows import CommitResult, Conflict, Missing, NewRecords, RecordHead
from twitchwatch.store.seals import COLUMNS, LARGEST, SOUND, is_sound
from twitchwatch.store.standing import ERASED_UTC_US, Count, Standing, held_seq, stand


class Whole:
    """Notes a skipped number if the sensor had such a record and it was stored."""

    def __init__(self, connection: sqlite3.Connection, device_id: int) -> None:
        self._connection = connection
        self._device_id = device_id
        self._next: int | None = None

    def came(self, seq: int) -> None:
        """The next record, in order of seq."""
        if self._next is not None and seq > self._next and (lost := self._lost(self._next, seq)):
            damage.note(damage.GAP, (self._device_id, lost))
        self._next = seq + 1

    def _lost(self, from_seq: int, upto_seq: int) -> int | None:
        """The first skipped number that is not known to be missing."""
        gaps = self._connection.execute(
            "SELECT first_seq, first_seq + count FROM missing"
            " WHERE device_id = ? AND first_seq < ? AND first_seq + count > ? ORDER BY first_seq",
            (self._device_id, upto_seq, from_seq),
        )
        for first, end in gaps:
            if first > from_seq:
                break
            from_seq = max(from_seq, end)
        return from_seq if from_seq < upto_seq else None


class Records(Connections):
    """The records of every device."""

    def commit(
        self,
        device_id: int,
        records: Sequence[bytes],
        from_seq: int,
        upto_seq: int,
        damaged: int,
        received_utc_us: int,
        *,
        held_seq: int | None = None,
        compared: bool = True,
    ) -> CommitResult:
        """Store one window of records in one transaction; it is on disk on return.

        records: whole encoded records, in any order. [from_seq, upto_seq): the window for which the device
        said that this is all it has; numbers in it without a record are recorded as missing. damaged: what
        the link had to discard. held_seq: that of the last commit to this log. A record that differs from
        the stored one, and all after it, go into a branch of the log. compared: what precedes the window is
        known to be as stored; if not, and if the window has no stored record before new ones, UnplacedError
        is raised. Raises ConfigurationError or IntegrityError. After an error nothing of it was stored.
        """
        return self.write(
            lambda connection: Intake(connection, device_id, compared, received_utc_us).take(
                records, from_seq, upto_seq, damaged, held_seq
            )
        )

    def held_seq(self, device_id: int) -> int:
        """Every record below this number is on this computer's disk, or known to be missing."""
        with self.reading() as connection:
            return held_seq(connection, device_id)

    def stand(self, device_id: int, count: Count, now_utc_us: int) -> Standing:
        """Where to continue the log of a sensor, given what the sensor states about it."""
        return self.write(lambda connection: stand(connection, device_id, count, now_utc_us))

    def newest_rowid(self) -> int:
        """Grows with every stored record."""
        with self.reading() as connection:
            (newest,) = connection.execute("SELECT coalesce(max(rowid), 0) FROM record").fetchone()
            return int(newest)

    def written_version(self) -> int:
        """Another number after the file was rewritten, as erasing does, which renumbers its rows."""
        with self.reading() as connection:
            # VACUUM changes it, like any change of the schema (sqlite.org/pragma.html#pragma_schema_version).
            (version,) = connection.execute("PRAGMA schema_version").fetchone()
            return int(version)

    def last_received(self, device_id: int) -> int | None:
        """When the device's newest record arrived, UTC microseconds; None if there is none."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT last_record_utc_us FROM device WHERE id = ?", (device_id,)
            ).fetchone()
            return None if row is None else row[0]

    def new_records(self, device_id: int, after_rowid: int) -> NewRecords | None:
        """The device's records that were stored after that one; None if there are none."""
        with self.reading() as connection:
            # The unary plus: rowids are fewer to look through than the device's records.
            row = connection.execute(
                "SELECT count(*), min(seq), max(seq) FROM record"
                f" WHERE rowid > ? AND +device_id = ? AND {SOUND}",
                (after_rowid, device_id),
            ).fetchone()
            return NewRecords(*row) if row[0] else None

    def record_heads(
        self, device_id: int, from_seq: int = 0, upto_seq: int | None = None
    ) -> Iterator[RecordHead]:
        """The device times of the device's records in [from_seq, upto_seq), in order of seq."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT seq, type, version, boot_id, time_us, CASE WHEN type = ? THEN raw END FROM record"
                f" WHERE device_id = ? AND seq >= ? AND seq < ? AND {SOUND} ORDER BY seq",
                (STATUS, device_id, from_seq, LARGEST if upto_seq is None else upto_seq),
            )
            whole = Whole(connection, device_id)
            for row in rows:
                whole.came(row[0])
                yield RecordHead(*row)

    def records_before(self, device_id: int, seq: int, kind: int, *, most: int, within: int) -> list[Record]:
        """The device's last records of this type in [seq - within, seq), `most` of them, in order of seq."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT raw FROM record WHERE device_id = ? AND type = ? AND seq >= ? AND seq < ?"
                f" AND {SOUND} ORDER BY seq DESC LIMIT ?",
                (device_id, kind, seq - within, seq, most),
            ).fetchall()
            return [read_record(raw) for (raw,) in reversed(rows)]

    def anchors(self, device_id: int, from_seq: int, upto_seq: int | None) -> Iterator[Record]:
        """The device's anchors in [from_seq, upto_seq), in order of seq."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT raw FROM record WHERE device_id = ? AND type = ? AND seq >= ? AND seq < ?"
                f" AND {SOUND} ORDER BY seq",
                (device_id, ANCHOR, from_seq, LARGEST if upto_seq is None else upto_seq),
            )
            for (raw,) in rows:
                yield read_record(raw)

    def boot_extents(
        self, device_id: int, from_seq: int = 0, upto_seq: int | None = None
    ) -> dict[int, tuple[int, int]]:
        """The first and the last device time of each boot with records in [from_seq, upto_seq)."""
        within = (device_id, from_seq, LARGEST if upto_seq is None else upto_seq)
        where = "FROM record WHERE device_id = ? AND seq >= ? AND seq < ?"
        with self.reading() as connection:
            # SQLite gives the other columns of the row that has the least or the greatest.
            ends = [
                connection.execute(
                    f"SELECT {end}(time_us), {COLUMNS} {where} GROUP BY boot_id", within
                ).fetchall()
                for end in ("min", "max")
            ]
            if all(is_sound(row[1:]) for rows in ends for row in rows):
                return {first[3]: (first[0], last[0]) for first, last in zip(*ends, strict=True)}
            # A damaged row is at an end: without it, and whatever else is damaged.
            rows = connection.execute(
                f"SELECT boot_id, min(time_us), max(time_us) {where} AND {SOUND} GROUP BY boot_id", within
            )
            return {boot: (first, last) for boot, first, last in rows}

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

        Records that this program cannot read have a body of None. Damaged ones are left out, and noted.
        """
        where = [SOUND, "device_id = ?", "seq >= ?"]
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
        with self.reading() as connection:
            rows = connection.execute(
                f"SELECT raw FROM record WHERE {' AND '.join(where)} ORDER BY seq", values
            )
            whole = Whole(connection, device_id) if types is None and boot_id is None else None
            for (raw,) in rows:
                record = read_record(raw)
                if whole is not None:
                    whole.came(record.seq)
                yield record

    def last_record(self, device_id: int, kind: int) -> Record | None:
        """The device's newest record of this type; None if there is none."""
        with self.reading() as connection:
            row = connection.execute(
                f"SELECT raw FROM record WHERE device_id = ? AND type = ? AND {SOUND}"
                " ORDER BY seq DESC LIMIT 1",
                (device_id, kind),
            ).fetchone()
            return None if row is None else read_record(row[0])

    def missing(self, device_id: int) -> list[Missing]:
        """Ranges of records that the device no longer had."""
        with self.reading() as connection:
            return [
                Missing(*row)
                for row in connection.execute(
                    "SELECT first_seq, count, seen_utc_us FROM missing WHERE device_id = ?"
                    " AND seen_utc_us != ? ORDER BY first_seq",
                    (device_id, ERASED_UTC_US),
                )
            ]

    def conflicts(self, device_id: int) -> list[Conflict]:
        """Records whose seq was already used by other bytes."""
        with self.reading() as connection:
            return [
                Conflict(*row)
                for row in connection.execute(
                    "SELECT seq, received_utc_us, raw FROM conflict WHERE device_id = ? ORDER BY rowid",
                    (device_id,),
                )
            ]
