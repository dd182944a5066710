"""Keeping: writes derived results to the database, next to what people did about them.

The collector keeps as records arrive; a query derives and writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import tzinfo
from typing import Any

from twitchwatch.archive.findings import entry_of, flags_of
from twitchwatch.archive.nights import Archive
from twitchwatch.archive.summaries import ROW_VERSION, trend_row
from twitchwatch.archive.zones import note_zone
from twitchwatch.errors import UsageError
from twitchwatch.flags import Finding
from twitchwatch.flags.ledger import Entry, settle
from twitchwatch.store import FindingRow, Store
from twitchwatch.views.findings import flag_view

# Of a kept finding, what a new derivation does not change by itself.
_STATE_KEYS = ("state", "id")


def keep(
    store: Store,
    zone: tzinfo,
    now_utc_us: int,
    *,
    archive: Archive | None = None,
) -> list[Finding]:
    """Derive every finding, and keep it with the nights on which it is based."""
    note_zone(store, zone, now_utc_us)
    archive = archive or Archive(store, zone)
    flags = flags_of(archive, zone, now_utc_us)
    keep_nights(archive, now_utc_us)
    return keep_flags(store, flags, now_utc_us)


def keep_nights(archive: Archive, now_utc_us: int) -> None:
    """Keep the nights of an archive whose findings have been derived."""
    store = archive.store
    unkept = archive.unkept(now_utc_us)
    if unkept.rows or unkept.gone or unkept.logs != list(store.summaries.progress().values()):
        store.summaries.keep(unkept.rows, forget=unkept.gone, logs=unkept.logs)
        archive.kept([row for row, _, _ in unkept.rows])
    archive.forget_others()
    trends = {key: trend_row(one) for key, one in archive.remembered.trends.items()}
    if trends != store.summaries.trends(ROW_VERSION):
        store.summaries.keep_trends(ROW_VERSION, trends)


def keep_flags(store: Store, flags: Sequence[Finding], now_utc_us: int) -> list[Finding]:
    """Match them with the kept findings, and keep them; returns them with their states and numbers."""
    found: list[Finding | None] = []

    def work(rows: list[FindingRow]) -> list[FindingRow]:
        before = {row.id: row for row in rows}
        after = []
        for settled in settle([entry_of(row) for row in rows], flags, now_utc_us):
            found.append(settled.flag)
            old = before.get(settled.entry.id)
            body = old.body if old is not None else ""
            if settled.flag is not None:
                body = json.dumps(body_of(settled.flag))
            new = FindingRow(**_shared(settled.entry), body=body)
            same = old is not None and new == replace(old, derived_utc_us=new.derived_utc_us)
            after.append(old if same and old is not None else replace(new, derived_utc_us=now_utc_us))
        return after

    kept = store.findings.settle(work)
    numbered = [replace(flag, id=row.id) for flag, row in zip(found, kept, strict=True) if flag is not None]
    return sorted(numbered, key=lambda flag: flag.since_utc_us)


def acknowledge(store: Store, finding_id: int, now_utc_us: int) -> FindingRow:
    """Record that this finding was seen, and return it. Raises UsageError if none has this number."""
    row = next((row for row in store.findings.all() if row.id == finding_id), None)
    if row is None:
        raise UsageError(
            f"There is no finding {finding_id}. `twitchwatch flags --all` lists them with their numbers."
        )
    store.findings.acknowledge(finding_id, json.loads(row.body)["urgency"], now_utc_us)
    return row


def body_of(flag: Finding) -> dict[str, Any]:
    """A finding as it is kept: without the parts that a new derivation does not change."""
    return {key: value for key, value in flag_view(flag).as_json().items() if key not in _STATE_KEYS}


def _shared(entry: Entry) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(Entry)}
