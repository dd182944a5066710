"""From the store's records to nights with their rates: where database, clock and analysis meet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo

from shared.protocol.records import BOOT, SETTINGS, Record
from twitchwatch.analysis.night import Night, Nights
from twitchwatch.analysis.nights import bounds_of, build_nights
from twitchwatch.analysis.rates import Rate, night_rates
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.clock.fit import ClockFit
from twitchwatch.store import Device, Store

# New records may change the nights that they fall into and, as the clock is followed more closely, those just
# before; the first of the nights read again may be whole no more, and stays as it was.
READ_AGAIN_NIGHTS = 3


@dataclass(frozen=True, slots=True)
class RatedNight:
    """A night with its rate; how twitches cluster is learnt from the nights of the same log before it."""

    night: Night
    rate: Rate


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor: its logs, the newest last, and the nights of each, all in order of time.

    undated: records that nothing tells the time of yet.
    """

    logs: tuple[Device, ...]
    nights_by_log: tuple[tuple[Night, ...], ...]
    undated: int

    @property
    def device(self) -> Device:
        """The log it writes now."""
        return self.logs[-1]

    @property
    def nights(self) -> tuple[Night, ...]:
        """The nights of all its logs; a night in which the log changed is there twice, in two parts."""
        return tuple(
            sorted(
                (night for one in self.nights_by_log for night in one), key=lambda night: night.start_utc_us
            )
        )

    def rated(self, remembered: Remembered | None = None) -> tuple[tuple[RatedNight, ...], ...]:
        """The nights of each log with their rates, as `nights_by_log` has them."""
        return tuple(
            tuple(RatedNight(*one) for one in zip(nights, night_rates(nights, remembered), strict=True))
            for nights in self.nights_by_log
        )


def nights_of(store: Store, device: Device, zone: tzinfo) -> Nights:
    """Every night of one device, in order. Raises the store's errors."""
    return _read(store, device, zone).nights


def sensors_of(store: Store, zone: tzinfo, devices: Sequence[Device] | None = None) -> list[Sensor]:
    """Every sensor that these devices are logs of (all when None), with all its nights."""
    return Shelf(store, zone).sensors(devices)


class Shelf:
    """The nights of a store, for a program that runs on: what has come since is read, and not all again.

    A night that nothing new concerns stays the very same object, of which `remembered` keeps what was found.
    """

    def __init__(self, store: Store, zone: tzinfo) -> None:
        self._store = store
        self._zone = zone
        self._known: dict[int, _Reading] = {}
        self.remembered = Remembered()

    def sensors(self, devices: Sequence[Device] | None = None) -> list[Sensor]:
        """Every sensor that these devices are logs of (all when None). Raises the store's errors."""
        logs: dict[str, list[Device]] = {}
        for device in self._store.devices() if devices is None else devices:
            logs.setdefault(device.hardware_id, []).append(device)
        return [self._sensor(own) for own in logs.values()]

    def _sensor(self, logs: Sequence[Device]) -> Sensor:
        told = [self._nights(device) for device in logs]
        return Sensor(tuple(logs), tuple(one.nights for one in told), sum(one.undated for one in told))

    def _nights(self, device: Device) -> Nights:
        before = self._known.get(device.id)
        records = self._store.record_count(device.id)
        if before is not None and before.records == records and before.device.name == device.name:
            return before.nights
        reading = None if before is None else _read_on(self._store, device, self._zone, before)
        # What filled a hole, further back, is not among the newest.
        if reading is None or reading.records != records:
            reading = _read(self._store, device, self._zone)
        self._known[device.id] = reading
        return reading.nights


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of a device.

    records: how many there were; next_seq: follows the last. again: the night, and again_seq: the seq, from
    which records are read another time; undated_before: undated records before that.
    """

    device: Device
    nights: Nights
    records: int
    next_seq: int
    again: date | None = None
    again_seq: int = 0
    undated_before: int = 0


def _read(store: Store, device: Device, zone: tzinfo) -> _Reading:
    records = list(store.records(device.id))
    fit = ClockFit.from_records(records)
    nights = build_nights(records, fit.utc_us, zone, device=device.name, sensor=device.hardware_id)
    whole = _Reading(device, nights, len(records), records[-1].seq + 1 if records else 0)
    return _marked(whole, records, fit, zone)


def _read_on(store: Store, device: Device, zone: tzinfo, before: _Reading) -> _Reading | None:
    """The reading brought up by the newest records alone; None where it takes all of them."""
    if before.again is None:
        return None
    records = list(store.records(device.id, from_seq=before.again_seq))
    boots = list(store.records(device.id, types=(BOOT, SETTINGS), upto_seq=before.again_seq))
    fit = ClockFit.from_records([*boots, *records])
    newest = build_nights([*boots, *records], fit.utc_us, zone, device=device.name, sensor=device.hardware_id)
    known = {night.date: night for night in before.nights.nights}
    nights = [night for night in known.values() if night.date <= before.again]
    for night in newest.nights:
        if night.date > before.again:
            old = known.get(night.date)
            nights.append(old if old == night else night)
    reading = replace(
        before,
        device=device,
        nights=Nights(tuple(nights), before.undated_before + newest.undated),
        records=before.records + sum(record.seq >= before.next_seq for record in records),
        next_seq=records[-1].seq + 1 if records else before.next_seq,
    )
    return _marked(reading, records, fit, zone)


def _marked(reading: _Reading, records: Sequence[Record], fit: ClockFit, zone: tzinfo) -> _Reading:
    """The same, with the place from which to read another time; records: those just read, to the last."""
    dates = [night.date for night in reading.nights.nights]
    if len(dates) <= READ_AGAIN_NIGHTS:
        return reading
    again = dates[-READ_AGAIN_NIGHTS]
    start_us, _ = bounds_of(again, zone)

    def utc_us(record: Record) -> int:
        found = fit.utc_us(record.boot_id, record.time_us)
        return 0 if found is None else found[0]

    first = bisect_left(records, start_us, key=utc_us)
    undated = sum(fit.utc_us(record.boot_id, record.time_us) is None for record in records[first:])
    return replace(
        reading,
        again=again,
        again_seq=records[first].seq if first < len(records) else reading.next_seq,
        undated_before=reading.nights.undated - undated,
    )
