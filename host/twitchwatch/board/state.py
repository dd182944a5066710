"""The newest state that a sensor has reported of its board, from the stored records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.protocol import records as protocol
from shared.protocol.records import Record
from twitchwatch.analysis.board_faults import BoardPart, broken_parts, restarts
from twitchwatch.link.clock import ClockFit

if TYPE_CHECKING:
    from twitchwatch.store import Device, Store

# Restarts are counted over the last week: what was put right longer ago is no advice any more.
RECENT_US = 7 * 86_400_000_000
# A night has some thousand records; so many reach a week back and cost no more than a glance.
RECENT_RECORDS = 20_000
# The record's number for a board that cannot measure its cell.
NOT_MEASURED_MV = 65535


@dataclass(frozen=True, slots=True)
class Restarts:
    """Restarts by cause (`RESTART_CAUSES`) since a moment, which is None if its time is not known."""

    counts: Counter[str]
    since_utc_us: int | None


@dataclass(frozen=True, slots=True)
class BoardState:
    """A sensor's newest status record, with its newest boot and crash records.

    recent: restarts in the week before that status; None if the firmware does not count them.
    """

    status: Record
    boot: Record | None
    crash: Record | None
    recent: Restarts | None

    @property
    def body(self) -> protocol.Status:
        """The status record's fields."""
        body: protocol.Status = self.status.body
        return body

    @property
    def detailed(self) -> bool:
        """Whether the firmware reports what status records have from version 2 on."""
        return int(self.status.version) >= 2

    @property
    def battery_mv(self) -> int | None:
        """The cell's voltage; None if it is not measured."""
        return None if self.body.battery_mv == NOT_MEASURED_MV else int(self.body.battery_mv)

    @property
    def awake_percent(self) -> float | None:
        """Share of time that the processor was awake since the status before; None if not known."""
        share = self.body.awake_permille
        return None if share == protocol.AWAKE_UNKNOWN else share / 10

    @property
    def dropped_gpio(self) -> int | None:
        """The pin that no longer ends a sleep because it did so for no reason; None if there is none."""
        return None if self.body.dropped_pin == protocol.PIN_NONE else int(self.body.dropped_pin)

    @property
    def fault(self) -> str:
        """The sensor's own words on what is wrong; may be empty."""
        return bytes(self.status.tail).decode(errors="replace")

    @property
    def broken(self) -> tuple[BoardPart, ...]:
        """Parts that do not work, the most urgent first."""
        bits = int(self.body.broken)
        if self.body.sensor != protocol.SENSOR_WORKING:
            bits |= protocol.PART_SENSOR
        return broken_parts(bits)


def board_state(store: Store, device: Device) -> BoardState | None:
    """The newest state of this device's board; None if it has not reported any."""
    status = _last(store, device, protocol.STATUS)
    if status is None:
        return None
    boot, crash = (_last(store, device, kind) for kind in (protocol.BOOT, protocol.CRASH))
    recent = _recent(store, device, status) if status.version >= 2 else None
    return BoardState(status, boot, crash, recent)


def _last(store: Store, device: Device, kind: int) -> Record | None:
    record = store.last_record(device.id, kind)
    return None if record is None or record.body is None else record


def _recent(store: Store, device: Device, newest: Record) -> Restarts:
    kinds = (protocol.STATUS, protocol.ANCHOR)
    records = list(store.records(device.id, types=kinds, from_seq=max(0, newest.seq - RECENT_RECORDS)))
    fit = ClockFit.from_records(records)

    def utc_us(record: Record) -> int | None:
        found = fit.utc_us(record.boot_id, record.time_us)
        return None if found is None else found[0]

    now = utc_us(newest)
    statuses = [
        record
        for record in records
        if record.type == protocol.STATUS
        and record.version >= 2
        and (now is None or (at := utc_us(record)) is None or now - at <= RECENT_US)
    ]
    counts: Counter[str] = Counter()
    for _, new in restarts(statuses):
        counts += new
    return Restarts(counts, utc_us(statuses[0]) if statuses else None)
