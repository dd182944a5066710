"""Records: kept a window at a time, never rewritten, read in order of their number."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from shared.protocol.records import Record
from twitchwatch.store.connections import Connections
from twitchwatch.store.intake import read_record, take_in
from twitchwatch.store.rows import CommitResult, Conflict, Missing


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
    ) -> CommitResult:
        """Keep one window of records in one transaction; when this returns it is on disk.

        records: whole encoded records, in any order. [from_seq, upto_seq): the window for which the device
        said that this is all it has; seqs in it that are nowhere become known as missing. damaged: what the
        link had to throw away. next_seq moves to upto_seq and never back.
        Raises ConfigurationError or IntegrityError; then nothing of the window was kept.
        """
        return self.write(
            lambda connection: take_in(
                connection, device_id, records, from_seq, upto_seq, damaged, received_utc_us
            )
        )

    def record_count(self, device_id: int) -> int:
        """How many records of this device are kept."""
        with self.reading() as connection:
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
        with self.reading() as connection:
            rows = connection.execute(
                f"SELECT raw FROM record WHERE {' AND '.join(where)} ORDER BY seq", values
            )
            for (raw,) in rows:
                yield read_record(raw)

    def last_record(self, device_id: int, kind: int) -> Record | None:
        """The device's newest record of this type; None where there is none."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT raw FROM record WHERE device_id = ? AND type = ? ORDER BY seq DESC LIMIT 1",
                (device_id, kind),
            ).fetchone()
            return None if row is None else read_record(row[0])

    def missing(self, device_id: int) -> list[Missing]:
        """Runs of records that the device no longer had."""
        with self.reading() as connection:
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
        with self.reading() as connection:
            return [
                Conflict(*row)
                for row in connection.execute(
                    "SELECT seq, received_utc_us, raw FROM conflict WHERE device_id = ? ORDER BY rowid",
                    (device_id,),
                )
            ]
