"""Reanalysis: every night and finding derived again and compared with what was kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from twitchwatch.archive.findings import entry_of, flags_of
from twitchwatch.archive.keeping import body_of, keep_flags, keep_nights
from twitchwatch.archive.nights import Archive, Progress
from twitchwatch.archive.zones import note_zone
from twitchwatch.flags.ledger import settle
from twitchwatch.store import Store


@dataclass(frozen=True, slots=True)
class Change:
    """What a new derivation changed in one night or finding.

    what: "night" or "finding". key: which. before, after: as JSON objects; None if there was or is none.
    differences: the keys whose values differ, each with the value before and after.
    """

    what: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    differences: Mapping[str, tuple[Any, Any]]

    @property
    def verb(self) -> str:
        """The kind of change: new, changed, gone."""
        if self.before is None:
            return "new"
        return "changed" if self.after is not None else "gone"


def reanalyse(
    store: Store,
    zone: tzinfo,
    now_utc_us: int,
    *,
    keep: bool = True,
    progress: Progress | None = None,
) -> list[Change]:
    """Derive every night and finding again from the records, and return the differences from what was kept.

    Nights that the collector has already derived again after a program update are compared with those that
    the earlier version kept.

    keep: whether the new ones replace the old ones. progress: as `Archive` takes it.
    """
    nights_before = _by_night(json.loads(view) for view in store.summaries.views())
    nights_before |= _by_night(json.loads(view) for view in store.summaries.former("night").values())
    if keep:
        note_zone(store, zone, now_utc_us)
    archive = Archive(store, zone, progress=progress, fresh=True)
    flags = flags_of(archive, zone, now_utc_us)
    nights_after = _by_night(one.view.as_json() for sensor in archive.sensors() for one in sensor.rated)
    rows = store.findings.all()
    former = store.summaries.former("finding")
    bodies = {str(row.id): json.loads(former.get(str(row.id), row.body)) for row in rows}
    findings_before = {
        str(row.id): bodies[str(row.id)]
        for row in rows
        if row.resolved_utc_us is None or str(row.id) in former
    }
    findings_after: dict[str, Any] = {}
    for settled in settle([entry_of(row) for row in rows], flags, now_utc_us):
        number, flag = settled.entry.id, settled.flag
        if flag is None:
            continue
        findings_after[flag.key if number is None else str(number)] = body_of(flag)
        if number is not None:
            findings_before.setdefault(str(number), bodies[str(number)])
    if keep:
        keep_nights(archive, now_utc_us)
        keep_flags(store, flags, now_utc_us)
        store.summaries.forget_former()
    return [
        *_changes("night", nights_before, nights_after),
        *_changes("finding", _of_nights(findings_before), _of_nights(findings_after)),
    ]


def _by_night(views: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Nights by sensor and date; if a date occurs twice on a journey, the second one also by its zone."""
    found: dict[str, Any] = {}
    for view in views:
        key = f"{view['hardware_id']}/{view['night']}"
        found[f"{key}/{view['zone']}" if key in found else key] = view
    return found


def _of_nights(bodies: Mapping[str, Any]) -> dict[str, Any]:
    """Findings without those about silent sensors, which depend on the clock, not on records."""
    return {key: body for key, body in bodies.items() if body["night"] is not None}


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
