"""Findings: what the records say now, with the state and number that each has been given.

The records are the truth and findings are derived from them, again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo

from shared.protocol.records import EPOCH, NOT_WORN
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.archive.keeping import keep_flags, keep_nights, night_rows
from twitchwatch.archive.nights import Sensor, Shelf
from twitchwatch.flags import Flag, Sight, Symptom, raise_flags
from twitchwatch.flags.silence import NOT_MEASURED_MV, deaf_flag, silence_flag
from twitchwatch.journal import book
from twitchwatch.store import Device, Store


def derive(
    store: Store,
    zone: tzinfo,
    now_utc_us: int,
    *,
    sensors: Sequence[Sensor] | None = None,
    shelf: Shelf | None = None,
    places: Mapping[tuple[str, date], str] | None = None,
    symptoms: Iterable[Symptom] | None = None,
    arl0_days: float = 365,
) -> list[Flag]:
    """Every finding that the records support, in order of its beginning, with its state and number.

    sensors: all of them, where the caller has read them already; shelf: gives them to a program that derives
    again and again, for which it is much quicker. places, symptoms: what the journal says
    where not given. arl0_days: as `flags.raise_flags` takes it. What is kept is brought up, except
    for what another version of the analysis said: that waits for `reanalyse`. Raises the store's errors.
    """
    shelf = shelf or Shelf(store, zone)
    sensors = shelf.sensors() if sensors is None else sensors
    flags = flags_of(
        store,
        sensors,
        zone,
        now_utc_us,
        places=places,
        symptoms=symptoms,
        arl0_days=arl0_days,
        remembered=shelf.remembered,
    )
    keep_nights(store, night_rows(sensors, now_utc_us, shelf.remembered), others=False)
    shelf.remembered.forget_others()
    return keep_flags(store, flags, now_utc_us, others=False)


def flags_of(
    store: Store,
    sensors: Sequence[Sensor],
    zone: tzinfo,
    now_utc_us: int,
    *,
    places: Mapping[tuple[str, date], str] | None = None,
    symptoms: Iterable[Symptom] | None = None,
    arl0_days: float = 365,
    remembered: Remembered | None = None,
) -> list[Flag]:
    """What stands out in these sensors' nights, and which of them are silent; nothing is kept of it."""
    nights = [night for sensor in sensors for night in sensor.nights]
    if symptoms is None or places is None:
        written = book.read_entries(store, zone)
        symptoms = book.symptoms(written) if symptoms is None else symptoms
        places = book.places(written, nights) if places is None else places
    flags = raise_flags(
        nights,
        now_utc_us=now_utc_us,
        places=places,
        symptoms=symptoms,
        arl0_days=arl0_days,
        remembered=remembered,
    )
    flags += silences(store, [sensor.device for sensor in sensors], now_utc_us)
    return sorted(flags, key=lambda flag: flag.since_utc_us)


def silences(store: Store, devices: Iterable[Device], now_utc_us: int) -> list[Flag]:
    """Which of these sensors say nothing, and whether this computer hears at all; each with its cause."""
    received = {status.device.id: status.last_record_received_utc_us for status in store.status()}
    found = []
    for device in devices:
        minute = store.last_record(device.id, EPOCH)
        body = None if minute is None else minute.body
        battery_mv = None if body is None or body.battery_mv == NOT_MEASURED_MV else body.battery_mv
        sight = Sight(
            device.name,
            device.first_seen_utc_us,
            device.last_seen_utc_us,
            received.get(device.id),
            device.hardware_id,
            battery_mv,
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
