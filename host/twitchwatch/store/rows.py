"""The rows that the database returns and accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from twitchwatch.foreign import one_line

# The simulated ring of the demo: a locally administered address, which no chip has.
DEMO_HARDWARE_ID = "02:7C:57:00:00:01"
DEMO_NAME = "demo"
# Stands for a hardware id if recordings of another sensor were imported; followed by whose they are.
IMPORTED = "file:"


def is_worn(hardware_id: str) -> bool:
    """Whether this is a sensor that reports here: not the simulated one, and not a recording."""
    return hardware_id != DEMO_HARDWARE_ID and not hardware_id.startswith(IMPORTED)


@dataclass(frozen=True, slots=True)
class Device:
    """One log of one sensor; if a sensor's log was formatted, or went back, it is a new Device."""

    id: int
    hardware_id: str
    log_id: int
    name: str
    first_seen_utc_us: int
    last_seen_utc_us: int

    @classmethod
    def of(cls, row: tuple[int, str, int, str, int, int]) -> Device:
        """The device in this row; versions up to 0.2 stored the name as it was sent."""
        number, hardware_id, log_id, name, *seen = row
        return cls(number, one_line(hardware_id), log_id, one_line(name), *seen)

    @property
    def demo(self) -> bool:
        """Whether it is the simulated ring of `twitchwatch demo`."""
        return self.hardware_id == DEMO_HARDWARE_ID

    @property
    def imported(self) -> bool:
        """Whether it stands for recordings of another sensor, which `twitchwatch import` read."""
        return self.hardware_id.startswith(IMPORTED)

    @property
    def worn(self) -> bool:
        """Whether it is a sensor that reports here, for somebody who wears it."""
        return is_worn(self.hardware_id)


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What one commit did with its records.

    stored: new in the database, `unread` among them. repeated: already there, byte for byte. unread: kept,
    but of a type, version or length that this program cannot read. conflicts: their seq was there with other
    bytes; both are kept. damaged: not a complete record, not stored. missing: seqs that the device said it no
    longer has, newly known from this commit. device_id: the log in which the window ends: the one named, or
    a branch. held_seq: everything of it below is on disk, or known to be missing.
    """

    stored: int
    repeated: int
    unread: int
    conflicts: int
    damaged: int
    missing: int
    device_id: int
    held_seq: int


@dataclass(frozen=True, slots=True)
class Missing:
    """`count` records from `first_seq` on, which the device no longer had when asked."""

    first_seq: int
    count: int
    seen_utc_us: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Bytes set aside because another record has their seq: damaged here, or from a log that went back."""

    seq: int
    received_utc_us: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class SyncSession:
    """One sync session with a device; `ended_utc_us`, `outcome`: None while it lasts, or if interrupted."""

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
    """What is stored for one device; `by_type` counts records by their type number.

    damaged: came damaged over the link. set_aside: damaged on this disk, and taken out of the records.
    """

    device: Device
    records: int
    by_type: dict[int, int]
    unread: int
    damaged: int
    set_aside: int
    conflicts: int
    missing: int
    last_record_received_utc_us: int | None
    last_sync: SyncSession | None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as it was last derived, and its state; `id` is None if it has not been stored yet.

    identity: the hardware id of its sensor. body: the finding as JSON. The times are None if it was not
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
    """One night of one sensor as it was last derived.

    zone: where it was worn. version: of the analysis and of this row's form. logs: JSON, records [first, past
    the last) by log_id. body: its summary, JSON.
    """

    identity: str
    start_utc_us: int
    end_utc_us: int
    date: str
    zone: str
    derived_utc_us: int
    version: str
    logs: str
    body: str


@dataclass(frozen=True, slots=True)
class DerivedRow:
    """The records of a log on which the kept nights are based.

    upto_rowid: the newest record at that time. undated: how many had no known time; waiting: how many of
    these may get one when the sensor next syncs; waiting_from_seq: the first of them.
    """

    device_id: int
    upto_rowid: int
    undated: int
    waiting: int
    waiting_from_seq: int | None


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """The computer was in the zone `name` from first_utc_us to last_utc_us."""

    first_utc_us: int
    last_utc_us: int
    name: str


@dataclass(frozen=True, slots=True)
class NewRecords:
    """Records of one log that arrived after others: how many, and the lowest and the highest seq."""

    count: int
    first_seq: int
    last_seq: int


class RecordHead(NamedTuple):
    """A record's type and device time; raw: all of it, for status records only."""

    seq: int
    type: int
    version: int
    boot_id: int
    time_us: int
    raw: bytes | None
