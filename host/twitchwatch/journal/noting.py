"""Noting: which evening an entry belongs to, and whether it is plausible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo

from twitchwatch.clock.dates import evening
from twitchwatch.errors import UsageError
from twitchwatch.journal.book import read_entries, write_changes
from twitchwatch.journal.entry import Entry, merged
from twitchwatch.journal.fields import BY_NAME, MORNING, Value, contradiction
from twitchwatch.journal.tonight import evening_and_slept, today
from twitchwatch.store import Store

Changes = Mapping[str, Value | None]


def placed(changes: Changes, night: date | None) -> dict[date, dict[str, Value | None]]:
    """The changes by the evening to which they belong; night: the one that the user gave, if any.

    Without one, notes about the night belong to the last night, all others to this evening. In the morning
    amounts may belong to either evening. Raises UsageError then, and for a date in the future.
    """
    if night is not None:
        if night > today():
            raise UsageError(f"{evening(night)} is in the future; note it afterwards.")
        return {night: dict(changes)}
    found: dict[date, dict[str, Value | None]] = {}
    this_evening, slept = evening_and_slept()
    for name, value in changes.items():
        one = BY_NAME[name]
        if this_evening is None and one.factor and name not in MORNING:
            raise UsageError(
                f"{one.asks}: on which day? Add `--night today` for this evening's entry, where it counts, or"
                " `--night yesterday` for last evening's, which is sealed: kept, but it does not count."
            )
        where = slept if name in MORNING else this_evening or slept
        found.setdefault(where, {})[name] = value
    return found


def note(
    store: Store, changes: Mapping[date, Changes], zone: tzinfo, now_utc_us: int, *, must_exist: bool = False
) -> dict[date, Entry]:
    """Store changes by evening; returns the resulting entries.

    must_exist: whether each evening must have an entry already. Raises UsageError, and then nothing is
    written; and the store's errors.
    """
    before = {entry.night: entry for entry in read_entries(store, zone)}
    for night, own in changes.items():
        if must_exist and night not in before:
            raise UsageError(
                f"There is no entry for {evening(night)}. `twitchwatch journal add` starts one; "
                "`twitchwatch journal list` shows the existing ones."
            )
        known = before[night].current if night in before else {}
        if wrong := contradiction(merged(known, own)):
            raise UsageError(wrong)
    for night, own in changes.items():
        write_changes(store, night, own, now_utc_us)
    return {entry.night: entry for entry in read_entries(store, zone) if entry.night in changes}
