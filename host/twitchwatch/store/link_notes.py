"""What the link stores in addition to records: link faults, and the port and address of each sensor."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from twitchwatch.foreign import MAX_TEXT_CHARACTERS, one_line
from twitchwatch.store.seals import into

# Alerts need days, doctors weeks; three months are enough.
KEPT_US = 90 * 86_400 * 1_000_000
# However often something fails, the table stays small: of those that are over, this many are kept.
KEPT_ROWS = 1000
# A household has few sensors; a system that gives them new addresses does so rarely.
KEPT_ADDRESSES = 64


@dataclass(frozen=True, slots=True)
class LinkFault:
    """Something that prevented records from arriving; `ended_utc_us` is None while it lasts.

    subject: "Bluetooth", "Bluetooth hci0", a port, or "Sensor NAME (ADDRESS)" (up to 0.2 the name alone).
    reason: a `DeviceReason`'s value.
    """

    subject: str
    reason: str
    message: str
    started_utc_us: int
    ended_utc_us: int | None


@dataclass(frozen=True, slots=True)
class UsbPort:
    """A USB serial port by its chip's own name, because the system's name changes with the socket."""

    vid: int
    pid: int
    serial_number: str


def begin_link_fault(
    connection: sqlite3.Connection, subject: str, reason: str, message: str, now_utc_us: int
) -> None:
    """Record its start; an earlier fault of `subject` ends; the oldest ended faults are deleted."""
    end_link_faults(connection, subject, now_utc_us)
    connection.execute(
        "DELETE FROM trouble WHERE ended_utc_us IS NOT NULL AND id NOT IN"
        " (SELECT id FROM trouble WHERE ended_utc_us IS NOT NULL ORDER BY id DESC LIMIT ?)",
        (KEPT_ROWS - 1,),
    )
    connection.execute(
        "INSERT INTO trouble (subject, reason, message, started_utc_us) VALUES (?, ?, ?, ?)",
        (subject, reason, message, now_utc_us),
    )


def end_link_faults(connection: sqlite3.Connection, subject: str | None, now_utc_us: int) -> None:
    """Record that the fault of `subject`, or every fault, is over."""
    connection.execute(
        "UPDATE trouble SET ended_utc_us = max(?, started_utc_us)"
        " WHERE ended_utc_us IS NULL AND (?2 IS NULL OR subject = ?2)",
        (now_utc_us, subject),
    )


def forget_link_faults(connection: sqlite3.Connection, now_utc_us: int) -> None:
    """Delete faults that began more than KEPT_US ago."""
    connection.execute("DELETE FROM trouble WHERE started_utc_us < ?", (now_utc_us - KEPT_US,))


def link_faults(connection: sqlite3.Connection, since_utc_us: int) -> list[LinkFault]:
    """All faults that were present at any time since then, the oldest first."""
    rows = connection.execute(
        "SELECT subject, reason, message, started_utc_us, ended_utc_us FROM trouble"
        " WHERE ended_utc_us IS NULL OR ended_utc_us >= ? ORDER BY started_utc_us, id",
        (since_utc_us,),
    )
    return [
        LinkFault(one_line(subject), reason, one_line(message, MAX_TEXT_CHARACTERS), *times)
        for subject, reason, message, *times in rows
    ]


def note_port(connection: sqlite3.Connection, port: UsbPort, hardware_id: str) -> None:
    """Record that the sensor was at this port; only the last one counts."""
    connection.execute(
        f"INSERT INTO {into('port')} VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET hardware_id = excluded.hardware_id",
        (port.vid, port.pid, port.serial_number, hardware_id),
    )


def ports(connection: sqlite3.Connection) -> dict[UsbPort, str]:
    """The hardware id of the last sensor at each port."""
    rows = connection.execute("SELECT vid, pid, serial_number, hardware_id FROM port")
    return {UsbPort(vid, pid, serial): hardware_id for vid, pid, serial, hardware_id in rows}


def note_address(connection: sqlite3.Connection, address: str, hardware_id: str) -> None:
    """Record that the sensor proved its key at this address; the newest KEPT_ADDRESSES are kept."""
    connection.execute(
        f"INSERT OR REPLACE INTO {into('proven_address')} VALUES (?, ?)", (address, hardware_id)
    )
    connection.execute(
        "DELETE FROM proven_address WHERE rowid NOT IN"
        " (SELECT rowid FROM proven_address ORDER BY rowid DESC LIMIT ?)",
        (KEPT_ADDRESSES,),
    )


def addresses(connection: sqlite3.Connection) -> dict[str, str]:
    """The hardware id of the sensor that proved its key at each address, the newest last."""
    return dict(connection.execute("SELECT address, hardware_id FROM proven_address ORDER BY rowid"))
