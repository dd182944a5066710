"""What the database gives out and takes in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """One log of one sensor; a sensor whose log was formatted anew is a new Device.

    `next_seq`: everything below it is on this computer's disk (or known to be missing).
    """

    id: int
    hardware_id: str
    log_id: int
    name: str
    next_seq: int
    first_seen_utc_us: int
    last_seen_utc_us: int


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What one commit did with the records it was given.

    stored: new in the database, `unread` among them. repeated: already there, byte for byte. unread: kept,
    but of a type, version or length that this program cannot read. conflicts: their seq was there with
    other bytes. damaged: no whole record, not kept. missing: seqs that the device said it no longer has,
    newly learnt by this commit.
    """

    stored: int
    repeated: int
    unread: int
    conflicts: int
    damaged: int
    missing: int


@dataclass(frozen=True, slots=True)
class Missing:
    """`count` records from `first_seq` on, which the device no longer had when asked."""

    first_seq: int
    count: int
    seen_utc_us: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record that came with a seq already taken by other bytes; the first to come stays."""

    seq: int
    received_utc_us: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class SyncSession:
    """One meeting with a device; `ended_utc_us` and `outcome` are None while it lasts or when it was cut."""

    id: int
    device_id: int
    transport: str
    started_utc_us: int
    ended_utc_us: int | None
    records: int
    unread: int
    damaged: int
    outcome: str | None


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What is kept of one device; `by_type` counts records by their type number."""

    device: Device
    records: int
    by_type: dict[int, int]
    unread: int
    damaged: int
    conflicts: int
    missing: int
    last_record_received_utc_us: int | None
    last_sync: SyncSession | None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as it was last derived, and what became of it; `id` is None for one not kept yet.

    identity: the hardware id of its sensor. body: the finding as JSON. The times are None where it was not
    acknowledged, or is not resolved.
    """

    id: int | None
    key: str
    identity: str
    kind: str
    scope: str
    since_utc_us: int
    until_utc_us: int
    raised_utc_us: int
    derived_utc_us: int
    acknowledged_utc_us: int | None
    acknowledged_urgency: str | None
    resolved_utc_us: int | None
    body: str


@dataclass(frozen=True, slots=True)
class NightRow:
    """One night of one log as it was last derived; body: its summary as JSON."""

    identity: str
    log_id: int
    date: str
    derived_utc_us: int
    body: str
