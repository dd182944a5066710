"""How much of a sensor's log is stored, from the rows alone; no separately kept number is trusted.

A log that went back (a flash image restored) repeats numbers with other records. From there on it is kept
as a separate log, a branch, whose `log_id` is the sensor's plus a multiple of BRANCH. Records that a branch
has in common with an older log stay in that log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from twitchwatch.store.seals import LARGEST, SOUND, unsealed

# A sensor's own log_id has 32 bits.
BRANCH = 2**32
DEVICE = "SELECT id, hardware_id, log_id, name, first_seen_utc_us, last_seen_utc_us FROM device"
_END = LARGEST
# `missing.seen_utc_us` of records that were here and were erased at the wearer's request.
ERASED_UTC_US = -1


@dataclass(frozen=True, slots=True)
class Count:
    """What a sensor states about its log: the oldest record held, the next to be logged, the current boot."""

    first_seq: int
    next_seq: int
    boot_id: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where to continue.

    device_id: the log to continue. held_seq: everything below is stored, or known to be missing. from_seq:
    request from here on, so that at least one stored record is compared, if the sensor still has one.
    compared: a record that differs is the first that does. set_back: the sensor's log ends before the
    stored one.
    """

    device_id: int
    held_seq: int
    from_seq: int
    compared: bool
    set_back: bool


def branches(connection: sqlite3.Connection, device_id: int) -> list[int]:
    """The log and its branches, the oldest first."""
    return [
        int(number)
        for (number,) in connection.execute(
            "SELECT one.id FROM device AS one JOIN device AS this ON this.id = ?"
            f" AND one.hardware_id = this.hardware_id AND one.log_id % {BRANCH} = this.log_id % {BRANCH}"
            " ORDER BY one.log_id",
            (device_id,),
        )
    ]


def begin_branch(connection: sqlite3.Connection, device_id: int, now_utc_us: int) -> int:
    """A branch of this log without records: an existing empty one, or a new one."""
    logs = branches(connection, device_id)
    for number in logs[1:]:
        if connection.execute("SELECT 1 FROM record WHERE device_id = ?", (number,)).fetchone() is None:
            return number
    (number,) = connection.execute(
        # Not the number of a device whose records are still here.
        "INSERT INTO device (id, hardware_id, log_id, name, first_seen_utc_us, last_seen_utc_us)"
        " SELECT 1 + max((SELECT max(id) FROM device), (SELECT coalesce(max(device_id), 0) FROM record)),"
        f" hardware_id, log_id + {BRANCH}, (SELECT name FROM device WHERE id = ?), ?, ?"
        " FROM device WHERE id = ? RETURNING id",
        (device_id, now_utc_us, now_utc_us, logs[-1]),
    ).fetchone()
    return int(number)


def first_seq(connection: sqlite3.Connection, device_id: int) -> int | None:
    """The number of the log's first sound record; None if it has none."""
    row = connection.execute(
        f"SELECT seq FROM record WHERE device_id = ? AND {SOUND} ORDER BY seq LIMIT 1", (device_id,)
    ).fetchone()
    return None if row is None else int(row[0])


def held_seq(connection: sqlite3.Connection, device_id: int, at: int | None = None) -> int:
    """The first number from `at` on that is neither stored nor known to be missing.

    at: everything below was found to be so in this session. None: from the log's begin. A branch begins with
    its first own record.
    """
    at = max(at or 0, _begin(connection, device_id))
    gaps = connection.execute(
        "SELECT first_seq, first_seq + count FROM missing WHERE device_id = ? AND first_seq + count > ?"
        " ORDER BY 1",
        (device_id, at),
    ).fetchall()
    for first, end in [*gaps, (_END, _END)]:
        at = _run_end(connection, device_id, at, first)
        if at < first:
            break
        at = max(at, end)
    return at


def _begin(connection: sqlite3.Connection, device_id: int) -> int:
    (log_id,) = connection.execute("SELECT log_id FROM device WHERE id = ?", (device_id,)).fetchone()
    return 0 if log_id < BRANCH else first_seq(connection, device_id) or 0


def _run_end(connection: sqlite3.Connection, device_id: int, at: int, end: int) -> int:
    # Halving looks at each row twice at most; a run without a hole, once.
    count, last = connection.execute(
        "SELECT count(*), max(seq) FROM record WHERE device_id = ? AND seq >= ? AND seq < ?",
        (device_id, at, end),
    ).fetchone()
    if not count:
        return at
    if count == last + 1 - at:
        return int(last) + 1
    middle = at + (last + 1 - at) // 2
    reached = _run_end(connection, device_id, at, middle)
    return reached if reached < middle else _run_end(connection, device_id, middle, end)


def stand(connection: sqlite3.Connection, device_id: int, count: Count, now_utc_us: int) -> Standing:
    """Compare the log and its branches with what the sensor states about its log; see Standing."""
    logs = branches(connection, device_id)
    if len(logs) > 1:
        row = connection.execute(
            # The unary plus: among the newest rows the answer is near.
            f"SELECT device_id FROM record WHERE +device_id IN ({', '.join('?' * len(logs))})"
            " ORDER BY rowid DESC LIMIT 1",
            logs,
        ).fetchone()
        device_id = device_id if row is None else row[0]
    top, boot_id = next(_sound(connection, device_id, 0, _END), (-1, 0))
    top = max(top, _erased_end(connection, device_id) - 1)
    _check_gaps(connection, device_id, max(top + 1, count.first_seq))
    held = held_seq(connection, device_id)
    # What the sensor no longer has can no longer be requested; the rest is read, not only counted.
    damaged = connection.execute(
        f"SELECT seq FROM record WHERE device_id = ? AND seq >= ? AND seq < ? AND NOT {SOUND}"
        " ORDER BY seq LIMIT 1",
        (device_id, count.first_seq, held),
    ).fetchone()
    if damaged is not None:
        held = damaged[0]
    begin = _begin(connection, device_id)
    lacking = _lacking(connection, logs, count.first_seq, begin)
    if lacking is not None:
        # What a branch has in common with an older log, and that one no longer has.
        return Standing(device_id, lacking, count.first_seq, True, False)
    overlap = next(_sound(connection, device_id, count.first_seq, min(held, count.next_seq)), None)
    if top >= count.next_seq:
        return Standing(device_id, held, min(held, count.first_seq), True, True)
    if overlap is not None:
        return Standing(device_id, held, overlap[0], False, False)
    if top >= 0 and count.boot_id < boot_id:
        branch = begin_branch(connection, device_id, now_utc_us)
        return Standing(branch, 0, count.first_seq, True, True)
    return Standing(device_id, held, min(held, count.first_seq) if top >= 0 else held, True, False)


def erased(connection: sqlite3.Connection, device_id: int, seq: int) -> bool:
    """Whether the record of this number was erased here."""
    row = connection.execute(
        "SELECT 1 FROM missing WHERE device_id = ? AND seen_utc_us = ? AND first_seq <= ?"
        " AND first_seq + count > ?",
        (device_id, ERASED_UTC_US, seq, seq),
    ).fetchone()
    return row is not None


def _erased_end(connection: sqlite3.Connection, device_id: int) -> int:
    (end,) = connection.execute(
        "SELECT coalesce(max(first_seq + count), 0) FROM missing WHERE device_id = ? AND seen_utc_us = ?",
        (device_id, ERASED_UTC_US),
    ).fetchone()
    return int(end)


def _sound(
    connection: sqlite3.Connection, device_id: int, from_seq: int, upto_seq: int
) -> Iterator[tuple[int, int]]:
    """Number and boot of the sound records in [from_seq, upto_seq), the newest first."""
    yield from connection.execute(
        f"SELECT seq, boot_id FROM record WHERE device_id = ? AND seq >= ? AND seq < ? AND {SOUND}"
        " ORDER BY seq DESC",
        (device_id, from_seq, upto_seq),
    )


def _lacking(connection: sqlite3.Connection, logs: list[int], from_seq: int, upto_seq: int) -> int | None:
    """The first number in [from_seq, upto_seq) that none of the logs has."""
    if from_seq >= upto_seq:
        return None
    had = {seq for log in logs for seq, _ in _sound(connection, log, from_seq, upto_seq)}
    for log in logs:
        for first, end in connection.execute(
            "SELECT max(first_seq, ?), min(first_seq + count, ?) FROM missing WHERE device_id = ?",
            (from_seq, upto_seq, log),
        ):
            had.update(range(first, end))
    return next((seq for seq in range(from_seq, upto_seq) if seq not in had), None)


def _check_gaps(connection: sqlite3.Connection, device_id: int, limit: int) -> None:
    """Forget gaps that are damaged or cannot be: with records in them, or after the last, from `limit` on.

    What is missing there can be requested again, or the sensor says again that it does not have it.
    """
    connection.execute(
        f"DELETE FROM missing WHERE device_id = :d AND ({unsealed('missing')} OR first_seq < 0"
        " OR first_seq >= :u OR EXISTS (SELECT 1 FROM record"
        " WHERE device_id = :d AND seq >= first_seq AND seq < first_seq + count))",
        {"d": device_id, "u": limit},
    )
    connection.execute(
        "UPDATE missing SET count = :u - first_seq WHERE device_id = :d AND first_seq + count > :u",
        {"d": device_id, "u": limit},
    )
