"""Keeping: what was derived, beside what was kept before and what people did about it.

Kept are only what cannot be derived (who has acknowledged what, and when a finding came and went) and, for
comparison, what was last said.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

from twitchwatch.analysis import VERSION
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.archive.nights import RatedNight, Sensor
from twitchwatch.errors import UsageError
from twitchwatch.flags import Flag
from twitchwatch.flags.ledger import Entry, settle
from twitchwatch.store import FindingRow, NightRow, Store
from twitchwatch.views.findings import flag_view
from twitchwatch.views.nights import night_view

# Of a kept finding, what a new derivation does not change by itself.
_STATE_KEYS = ("state", "id")


def keep_flags(store: Store, flags: Sequence[Flag], now_utc_us: int, *, others: bool) -> list[Flag]:
    """Settle them with what is kept; others: replace also what another version of the analysis said."""
    told: list[Flag | None] = []

    def work(rows: list[FindingRow]) -> list[FindingRow]:
        before = {row.id: row for row in rows}
        after = []
        for settled in settle([entry_of(row) for row in rows], flags, now_utc_us):
            told.append(settled.flag)
            old = before.get(settled.entry.id)
            body = old.body if old is not None else ""
            if settled.flag is not None and (old is None or others or _is_ours(old.body)):
                body = json.dumps(body_of(settled.flag))
            new = FindingRow(**_shared(settled.entry), body=body)
            same = old is not None and new == replace(old, derived_utc_us=new.derived_utc_us)
            after.append(old if same and old is not None else new)
        return after

    kept = store.findings.settle(work)
    found = [replace(flag, id=row.id) for flag, row in zip(told, kept, strict=True) if flag is not None]
    return sorted(found, key=lambda flag: flag.since_utc_us)


def keep_nights(store: Store, rows: Sequence[NightRow], *, others: bool) -> None:
    """Keep these summaries; others: replace also what another version of the analysis said."""
    before = {night_key(row): row for row in store.summaries.all()}
    after = {night_key(row): row for row in rows}
    changed = [
        row
        for key, row in after.items()
        if (old := before.get(key)) is None or (old.body != row.body and (others or _is_ours(old.body)))
    ]
    gone = [row for key, row in before.items() if key not in after and (others or _is_ours(row.body))]
    if changed or gone:
        store.summaries.keep(changed, forget=gone)


def night_rows(sensors: Sequence[Sensor], now_utc_us: int, remembered: Remembered) -> list[NightRow]:
    """Every night's summary as a row."""
    return [
        NightRow(
            log.hardware_id,
            log.log_id,
            one.night.date.isoformat(),
            now_utc_us,
            remembered.of("summary", one.night, partial(_summary, one), one.rate),
        )
        for sensor in sensors
        for log, nights in zip(sensor.logs, sensor.rated(remembered), strict=True)
        for one in nights
    ]


def acknowledge(store: Store, finding_id: int, now_utc_us: int) -> FindingRow:
    """Note that somebody saw this finding; gives it. Raises UsageError where there is none of this number."""
    row = next((row for row in store.findings.all() if row.id == finding_id), None)
    if row is None:
        raise UsageError(
            f"There is no finding {finding_id}. `twitchwatch flags --all` lists them with their numbers."
        )
    store.findings.acknowledge(finding_id, json.loads(row.body)["urgency"], now_utc_us)
    return row


def night_key(row: NightRow) -> str:
    """What a night is known by: sensor, log and date."""
    return f"{row.identity}/{row.log_id}/{row.date}"


def body_of(flag: Flag) -> dict[str, Any]:
    """A finding as it is kept: without what a new derivation does not change by itself."""
    return {key: value for key, value in flag_view(flag).as_json().items() if key not in _STATE_KEYS}


def entry_of(row: FindingRow) -> Entry:
    """What the ledger settles of a row."""
    return Entry(**{field.name: getattr(row, field.name) for field in fields(Entry)})


def _summary(one: RatedNight) -> str:
    return json.dumps(night_view(one.night, one.rate).as_json())


def _is_ours(body: str) -> bool:
    told = json.loads(body)
    version = told.get("analysis_version", told.get("versions", {}).get("analysis", VERSION))
    return bool(version == VERSION)


def _shared(entry: Entry) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(Entry)}
