"""Findings: what the records say now, beside what was said before and what people did about it.

The records are the truth and findings are derived from them, again and again. Kept are only what cannot be
derived (who has acknowledged what, and when a finding came and went) and, for comparison, what was last said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, tzinfo
from functools import partial
from typing import Any

from shared.protocol.records import EPOCH, NOT_WORN
from twitchwatch.analysis import VERSION
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import Rate, night_rates
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.errors import UsageError
from twitchwatch.export.json_lines import flag_to_json, night_to_json
from twitchwatch.flags import Flag, Sight, Symptom, raise_flags
from twitchwatch.flags.ledger import Entry, settle
from twitchwatch.flags.silence import NOT_MEASURED_MV, deaf_flag, silence_flag
from twitchwatch.journal import book
from twitchwatch.shelf import Sensor, Shelf, sensors_of
from twitchwatch.store import Device, FindingRow, NightRow, Store

# Of a kept finding, what a new derivation does not change by itself.
_STATE_KEYS = ("state", "id")


@dataclass(frozen=True, slots=True)
class Change:
    """What a new derivation changed of one night or finding.

    what: "night" or "finding". key: which. before, after: as JSON objects; None where there was or is none.
    differences: the keys whose values differ, each with the value before and after.
    """

    what: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    differences: Mapping[str, tuple[Any, Any]]


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
    _keep_nights(store, _night_rows(sensors, now_utc_us, shelf.remembered), others=False)
    shelf.remembered.forget_others()
    return _keep_flags(store, flags, now_utc_us, others=False)


def reanalyse(
    store: Store,
    zone: tzinfo,
    now_utc_us: int,
    *,
    places: Mapping[tuple[str, date], str] | None = None,
    symptoms: Iterable[Symptom] | None = None,
    arl0_days: float = 365,
    keep: bool = True,
) -> list[Change]:
    """Derive every night and finding again and say what differs from what was kept.

    keep: whether the new ones take the place of the old. Arguments else as of `derive`.
    """
    sensors = sensors_of(store, zone)
    flags = flags_of(store, sensors, zone, now_utc_us, places=places, symptoms=symptoms, arl0_days=arl0_days)
    nights_before = {_night_key(row): json.loads(row.body) for row in store.nights()}
    night_rows = _night_rows(sensors, now_utc_us, Remembered())
    nights_after = {_night_key(row): json.loads(row.body) for row in night_rows}
    rows = store.findings()
    bodies = {row.id: json.loads(row.body) for row in rows}
    findings_before = {str(row.id): bodies[row.id] for row in rows if row.resolved_utc_us is None}
    findings_after: dict[str, Any] = {}
    for settled in settle([_entry_of(row) for row in rows], flags, now_utc_us):
        number, flag = settled.entry.id, settled.flag
        if flag is None:
            continue
        findings_after[flag.key if number is None else str(number)] = _body_of(flag)
        if number is not None:
            findings_before.setdefault(str(number), bodies[number])
    if keep:
        _keep_nights(store, night_rows, others=True)
        _keep_flags(store, flags, now_utc_us, others=True)
    return [
        *_changes("night", nights_before, nights_after),
        *_changes("finding", _of_nights(findings_before), _of_nights(findings_after)),
    ]


def acknowledge(store: Store, finding_id: int, now_utc_us: int) -> FindingRow:
    """Note that somebody saw this finding; gives it. Raises UsageError where there is none of this number."""
    row = next((row for row in store.findings() if row.id == finding_id), None)
    if row is None:
        raise UsageError(
            f"There is no finding {finding_id}. `twitchwatch flags --all` lists them with their numbers."
        )
    store.acknowledge(finding_id, json.loads(row.body)["urgency"], now_utc_us)
    return row


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
    for trouble in store.troubles():
        if trouble.ended_utc_us is None and trouble.subject.startswith("Bluetooth"):
            found.append(
                deaf_flag(
                    trouble.subject, trouble.reason, trouble.message, trouble.started_utc_us, now_utc_us
                )
            )
    return [flag for flag in found if flag is not None]


def _keep_flags(store: Store, flags: Sequence[Flag], now_utc_us: int, *, others: bool) -> list[Flag]:
    """Settle them with what is kept; others: replace also what another version of the analysis said."""
    told: list[Flag | None] = []

    def work(rows: list[FindingRow]) -> list[FindingRow]:
        before = {row.id: row for row in rows}
        after = []
        for settled in settle([_entry_of(row) for row in rows], flags, now_utc_us):
            told.append(settled.flag)
            old = before.get(settled.entry.id)
            body = old.body if old is not None else ""
            if settled.flag is not None and (old is None or others or _is_ours(old.body)):
                body = json.dumps(_body_of(settled.flag))
            new = FindingRow(**_shared(settled.entry), body=body)
            same = old is not None and new == replace(old, derived_utc_us=new.derived_utc_us)
            after.append(old if same and old is not None else new)
        return after

    kept = store.settle_findings(work)
    found = [replace(flag, id=row.id) for flag, row in zip(told, kept, strict=True) if flag is not None]
    return sorted(found, key=lambda flag: flag.since_utc_us)


def _keep_nights(store: Store, rows: Sequence[NightRow], *, others: bool) -> None:
    before = {_night_key(row): row for row in store.nights()}
    after = {_night_key(row): row for row in rows}
    changed = [
        row
        for key, row in after.items()
        if (old := before.get(key)) is None or (old.body != row.body and (others or _is_ours(old.body)))
    ]
    gone = [row for key, row in before.items() if key not in after and (others or _is_ours(row.body))]
    if changed or gone:
        store.keep_nights(changed, forget=gone)


def _night_rows(sensors: Sequence[Sensor], now_utc_us: int, remembered: Remembered) -> list[NightRow]:
    return [
        NightRow(
            log.hardware_id,
            log.log_id,
            night.date.isoformat(),
            now_utc_us,
            remembered.of("summary", night, partial(_summary, night, found), found),
        )
        for sensor in sensors
        for log, nights in zip(sensor.logs, sensor.nights_by_log, strict=True)
        for night, found in zip(nights, night_rates(nights, remembered), strict=True)
    ]


def _summary(night: Night, found: Rate) -> str:
    return json.dumps(night_to_json(night, found))


def _night_key(row: NightRow) -> str:
    return f"{row.identity}/{row.log_id}/{row.date}"


def _body_of(flag: Flag) -> dict[str, Any]:
    return {key: value for key, value in flag_to_json(flag).items() if key not in _STATE_KEYS}


def _of_nights(bodies: Mapping[str, Any]) -> dict[str, Any]:
    """Without the silence of sensors, which rests on the clock and not on records."""
    return {key: body for key, body in bodies.items() if body["night"] is not None}


def _is_ours(body: str) -> bool:
    told = json.loads(body)
    version = told.get("analysis_version", told.get("versions", {}).get("analysis", VERSION))
    return bool(version == VERSION)


def _shared(entry: Entry) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(Entry)}


def _entry_of(row: FindingRow) -> Entry:
    return Entry(**{field.name: getattr(row, field.name) for field in fields(Entry)})


def _changes(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    found = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        names = (old or {}).keys() | (new or {}).keys()
        differences = {
            name: ((old or {}).get(name), (new or {}).get(name))
            for name in sorted(names)
            if (old or {}).get(name) != (new or {}).get(name)
        }
        found.append(Change(what, key, old, new, differences))
    return found
