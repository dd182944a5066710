"""Findings: what the records show now, with the state and number of each.

Only the records are permanent; findings are derived from them each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import tzinfo

from twitchwatch.analysis.night import Night
from twitchwatch.archive.nights import Archive
from twitchwatch.flags import Finding, Sight, raise_flags
from twitchwatch.flags.ledger import Entry, settle
from twitchwatch.flags.silence import deaf_flag, silence_flag
from twitchwatch.journal import book
from twitchwatch.shared.protocol.records import BATTERY_UNKNOWN_MV, EPOCH, NOT_WORN, Epoch
from twitchwatch.store import Device, FindingRow, Store, is_worn


def derive(
    store: Store,
    zone: tzinfo,
    now_utc_us: int,
    *,
    archive: Archive | None = None,
) -> list[Finding]:
    """Every finding that the records support, ordered by start, with its state and number.

    archive: of this store, for a program that asks repeatedly, or has already asked for nights. Nothing is
    written: a finding that is not kept yet has the number that it would get. Raises the store's errors.
    """
    archive = archive or Archive(store, zone)
    flags = flags_of(archive, zone, now_utc_us)
    rows = store.findings.all()
    reported = settle([entry_of(row) for row in rows], flags, now_utc_us)
    number = max((row.id for row in rows if row.id is not None), default=0)
    found = []
    for one in reported:
        if one.entry.id is None:
            number += 1
        if one.flag is not None:
            found.append(replace(one.flag, id=number if one.entry.id is None else one.entry.id))
    return sorted(found, key=lambda flag: flag.since_utc_us)


def flags_of(
    archive: Archive,
    zone: tzinfo,
    now_utc_us: int,
) -> list[Finding]:
    """What stands out in the nights of all sensors, and the silent sensors; without state and number."""
    store, sensors = archive.store, archive.sensors()
    nights = [night for sensor in sensors for night in sensor.nights]
    written = book.read_entries(store, zone)
    # Apart: what a simulated ring or somebody's recording shows does not spread to the wearer's hand.
    apart: dict[str, list[Night]] = {"": []}
    for night in nights:
        apart.setdefault("" if is_worn(night.sensor) else night.sensor, []).append(night)
    flags = []
    for sensor, own in apart.items():
        flags += raise_flags(
            own,
            now_utc_us=now_utc_us,
            places={} if sensor else book.places(written, own),
            symptoms=() if sensor else book.symptoms(written),
            remembered=archive.remembered,
        )
    flags += silences(store, [sensor.device for sensor in sensors], now_utc_us)
    return sorted(flags, key=lambda flag: flag.since_utc_us)


def battery_mv(store: Store, device: Device) -> int | None:
    """The cell's voltage in the newest minute of a sensor; None if it is not known."""
    body = _last_minute(store, device)
    return None if body is None or body.battery_mv == BATTERY_UNKNOWN_MV else int(body.battery_mv)


def _last_minute(store: Store, device: Device) -> Epoch | None:
    minute = store.last_record(device.id, EPOCH)
    return None if minute is None else minute.body


def silences(store: Store, devices: Iterable[Device], now_utc_us: int) -> list[Finding]:
    """Findings about those of the sensors that send nothing, and about Bluetooth if it is down."""
    found = []
    for device in devices:
        if not device.worn:
            continue
        body = _last_minute(store, device)
        sight = Sight(
            device.name,
            device.first_seen_utc_us,
            device.last_seen_utc_us,
            store.last_received(device.id),
            device.hardware_id,
            battery_mv(store, device),
            None if body is None else body.flags != NOT_WORN,
        )
        found.append(silence_flag(sight, now_utc_us))
    for fault in store.link_faults.all():
        if fault.ended_utc_us is None and fault.subject.startswith("Bluetooth"):
            found.append(
                deaf_flag(
                    fault.subject,
                    fault.reason,
                    fault.message,
                    fault.started_utc_us,
                    now_utc_us,
                )
            )
    return [flag for flag in found if flag is not None]


def entry_of(row: FindingRow) -> Entry:
    """The ledger entry of a row."""
    return Entry(**{field.name: getattr(row, field.name) for field in fields(Entry)})
