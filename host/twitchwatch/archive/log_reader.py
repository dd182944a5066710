"""One log of a sensor, read in pieces: its clock, its records, and what a night needs of them."""

from __future__ import annotations

import json
from binascii import crc32
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twitchwatch.analysis.board_faults import STOPPED
from twitchwatch.analysis.contract import RING, SOURCE_CONTRACT, Contract, contract_of
from twitchwatch.analysis.nights import Clock, LogPart
from twitchwatch.analysis.placing import Head, makes_night
from twitchwatch.clock.fit import ClockFit, KeptClock
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.records import Record
from twitchwatch.store import Device, Store
from twitchwatch.store.intake import read_record

# A waveform follows its event, and a bout its bursts, within this many records.
AROUND_SEQS = 256
# A piece is dated by its own anchors, this many before it (a day of one every ten minutes), and some from
# after it.
ANCHORS_BEFORE = 144
ANCHORS_WITHIN = 50_000
CLOCK_AROUND_SEQS = 5_000
# A sensor reports its state once an hour: the last report before a night is within this many records.
STATUS_WITHIN = 1_000


class LogReader:
    """One log."""

    def __init__(self, store: Store, device: Device) -> None:
        self.device = device
        self._store = store
        self._boots = {
            record.boot_id: record.body
            for record in store.records(device.id, types=(protocol.BOOT,))
            if record.body is not None
        }
        settings = [
            record
            for record in store.records(device.id, types=(protocol.SETTINGS,))
            if record.body is not None
        ]
        self._parameters = [
            (record.seq, crc32(record.tail))
            for record in settings
            if record.body.what == protocol.DETECTOR_PARAMETERS
        ]
        self.contract = _contract(device, settings)
        """What the sensor delivers; None for a recording for which that was not stored."""
        self._fit: tuple[int, int | None, ClockFit] | None = None

    def heads(self, from_seq: int, upto_seq: int | None) -> Iterator[Head]:
        """The clock that dates each record in [from_seq, upto_seq), to the end if None."""
        for head in self._store.record_heads(self.device.id, from_seq, upto_seq):
            makes = makes_night(head.type, head.version)
            if not makes and head.raw is not None:
                status = read_record(head.raw).body
                makes = status is None or bool(status.broken & STOPPED)
            yield Head(head.seq, head.boot_id, head.time_us, makes)

    def fit(self, from_seq: int, upto_seq: int | None) -> ClockFit:
        """The clock of the records in [from_seq, upto_seq), to the end if None."""
        if self._fit is not None:
            begin, end, fit = self._fit
            if begin <= from_seq and (end is None or (upto_seq is not None and upto_seq <= end)):
                return fit
        device_id = self.device.id
        # Asked by their type only if that is all of them: otherwise they are near.
        if from_seq == 0 and upto_seq is None:
            begin, end = 0, None
            anchors = list(self._store.records(device_id, types=(protocol.ANCHOR,)))
        else:
            before = self._store.records_before(
                device_id, from_seq, protocol.ANCHOR, most=ANCHORS_BEFORE, within=ANCHORS_WITHIN
            )
            begin = before[0].seq if before else from_seq
            end = None if upto_seq is None else upto_seq + CLOCK_AROUND_SEQS
            anchors = list(self._store.anchors(device_id, begin, end))
        fit = ClockFit.from_anchors(anchors, self._store.boot_extents(device_id, begin, end))
        self._fit = begin, end, fit
        return fit

    def part(self, run: tuple[int, int], utc: Clock) -> LogPart:
        """The parts of its records that a night needs, [first, past the last)."""
        first = max(0, run[0] - AROUND_SEQS)
        device_id = self.device.id
        records = list(self._store.records(device_id, from_seq=first, upto_seq=run[1] + AROUND_SEQS))
        at = bisect_left(self._parameters, (first, 0))
        before = self._store.records_before(device_id, first, protocol.STATUS, most=1, within=STATUS_WITHIN)
        return LogPart(
            self.device.log_id,
            records,
            utc,
            self._boots,
            self._parameters[at - 1][1] if at else None,
            before[0] if before else None,
            self.contract,
        )


def _contract(device: Device, settings: Sequence[Record]) -> Contract | None:
    if not device.imported:
        return RING
    for record in settings:
        if record.body.what == SOURCE_CONTRACT:
            return contract_of(json.loads(record.tail))
    return None


def kept_clock(part: LogPart, fit: ClockFit) -> dict[str, list[Any]]:
    """The clock that dates the records of this part, for JSON."""
    spans: dict[int, tuple[int, int]] = {}
    for record in part.records:
        first_us, last_us = spans.get(record.boot_id, (record.time_us, record.time_us))
        spans[record.boot_id] = min(first_us, record.time_us), max(last_us, record.time_us)
    return fit.kept(spans)


def clock_again(kept: Mapping[str, Sequence[Any]]) -> Clock:
    """The clock that was kept."""
    return KeptClock(kept).utc_us
