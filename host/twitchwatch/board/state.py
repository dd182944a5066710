"""The newest state that a sensor has reported about its board, from the stored records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twitchwatch.analysis.board_faults import BoardPart, broken_parts, restarts
from twitchwatch.clock.fit import ClockFit
from twitchwatch.foreign import MAX_TEXT_CHARACTERS, one_line
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.records import Record

if TYPE_CHECKING:
    from twitchwatch.store import Device, Store

# Restarts are counted over the last week: what was put right longer ago is no advice any more.
RECENT_US = 7 * 86_400_000_000
# A night has some thousand records; this many reach a week back and cost no more than a glance.
RECENT_RECORDS = 20_000
# What was broken last night is still worth a line when the newest status is clean.
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Recent:
    """Totals of the status records of at most a week.

    counts: restarts by cause (`RESTART_CAUSES`) since a moment, which is None if its time is not known.
    went_back: causes whose counter decreased, so that their counts may be wrong.
    reports: status records of the last day; broken: in how many of them each part was (`PARTS`, by name).
    before: the status record before the newest.
    """

    counts: Counter[str]
    went_back: frozenset[str]
    since_utc_us: int | None
    reports: int
    broken: Counter[str]
    before: Record | None


@dataclass(frozen=True, slots=True)
class BoardState:
    """A sensor's newest status record, with its newest boot and crash records.

    recent: what was reported in the week before that status; None if the firmware does not report it.
    """

    status: Record
    boot: Record | None
    crash: Record | None
    recent: Recent | None

    @property
    def body(self) -> protocol.Status:
        """The status record's fields."""
        body: protocol.Status = self.status.body
        return body

    @property
    def detailed(self) -> bool:
        """Whether the firmware reports the fields that status records have from version 2 on."""
        return int(self.status.version) >= 2

    @property
    def battery_mv(self) -> int | None:
        """The cell's voltage; None if it is not measured."""
        return None if self.body.battery_mv == protocol.BATTERY_UNKNOWN_MV else int(self.body.battery_mv)

    @property
    def awake_percent(self) -> float | None:
        """Share of time for which the processor was awake since the previous status; None if not known."""
        share = self.body.awake_permille
        return None if share == protocol.AWAKE_UNKNOWN else share / 10

    @property
    def dropped_gpio(self) -> int | None:
        """The pin that no longer wakes the board because it did so for no reason; None if there is none."""
        return None if self.body.dropped_pin == protocol.PIN_NONE else int(self.body.dropped_pin)

    @property
    def reported(self) -> tuple[str, ...]:
        """The board's own words on what is wrong, one for each part; may be empty."""
        words = one_line(bytes(self.status.tail).decode(errors="replace"), MAX_TEXT_CHARACTERS)
        return tuple(words.split("; ")) if words else ()

    def words_of(self, bit: int) -> str:
        """The board's own words on one part; bit 0: on the board as a whole. Empty if there are none.

        The words are in the order of the bits, after those on the whole.
        """
        reported = self.reported
        if not self.detailed:
            return "; ".join(reported) if bit == protocol.PART_SENSOR else ""
        bits = [each for each in (1 << n for n in range(16)) if self._broken_bits & each]
        if len(reported) == len(bits) + 1:
            bits = [0, *bits]
        return dict(zip(bits, reported, strict=True)).get(bit, "") if len(reported) == len(bits) else ""

    @property
    def broken(self) -> tuple[BoardPart, ...]:
        """Parts that do not work, the most urgent first."""
        return broken_parts(self._broken_bits)

    @property
    def _broken_bits(self) -> int:
        absent = self.body.sensor != protocol.SENSOR_WORKING
        return int(self.body.broken) | (protocol.PART_SENSOR if absent else 0)


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


def _recent(store: Store, device: Device, newest: Record) -> Recent:
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
        and record.body is not None
        and (now is None or (at := utc_us(record)) is None or now - at <= RECENT_US)
    ]
    counts: Counter[str] = Counter()
    went_back: set[str] = set()
    for _, new, less in restarts(statuses):
        counts += new
        went_back.update(less)
    day = [
        record for record in statuses if now is None or (at := utc_us(record)) is None or now - at <= DAY_US
    ]
    broken = Counter(part.name for record in day for part in broken_parts(record.body.broken))
    before = statuses[-2] if len(statuses) > 1 else None
    return Recent(
        counts, frozenset(went_back), utc_us(statuses[0]) if statuses else None, len(day), broken, before
    )
