"""What is damaged in the database, in words."""

from __future__ import annotations

from collections.abc import Mapping

from twitchwatch.clock.zone import local
from twitchwatch.store.care import LastCheck
from twitchwatch.wording.units import plural

# By table of the database; the others are named together.
_NAMES = {
    "record": "record",
    "gap": "gap among the records",
    "device": "entry of a sensor",
    "missing": "note of a gap",
    "sync_session": "note of a sync session",
    "finding": "finding",
    "journal": "journal entry",
    "course": "plan or experiment",
    "setting_change": "change of a setting",
    "zone": "note of a time zone",
    "alert": "note of an alert",
    "snooze": "note of an alert",
}
_PLURALS = {
    "entry of a sensor": "entries of sensors",
    "gap among the records": "gaps among the records",
    "journal entry": "journal entries",
    "plan or experiment": "plans or experiments",
    "change of a setting": "changes of settings",
}
# Follows from the records: derived again without loss.
_DERIVED = ("night", "derived", "trend")
CHECK = "`twitchwatch doctor` checks all of it."


def lost_words(damaged: Mapping[str, int]) -> str:
    """What cannot be derived again: "3 records and 1 journal entry"; empty if there is nothing."""
    counts: dict[str, int] = {}
    for place, count in damaged.items():
        if place not in _DERIVED and place != "file":
            name = _NAMES.get(place, "other note")
            counts[name] = counts.get(name, 0) + count
    parts = [_count(count, name) for name, count in counts.items()]
    if "file" in damaged:
        parts.insert(0, "the structure of the file")
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def left_out(damaged: Mapping[str, int], *, answered: bool) -> str:
    """What a question had to do without, and what to do; empty if it had everything."""
    lost = lost_words(damaged)
    if not lost:
        return ""
    how = "The answer was made without that." if answered else "There is no answer without that."
    return f"The database is damaged: {lost}. {how} {CHECK}"


def database_words(path: str, size_bytes: int, checked: LastCheck | None) -> str:
    """Where the database is, and how it was when the daemon last checked all of it."""
    words = f"Database: {path} ({size_bytes / 1e6:.1f} MB)"
    if checked is None:
        return f"{words}, not checked by the daemon yet"
    lost = lost_words(checked.wrong)
    return (
        f"{words}, checked {local(checked.utc_us):%Y-%m-%d %H:%M}: {f'damaged: {lost}' if lost else 'whole'}"
    )


def salvaged_words(copied: Mapping[str, int], lost: Mapping[str, int]) -> list[str]:
    """What was saved of a damaged database, and what was not."""
    saved = f"Saved: {lost_words(copied) or 'nothing'}."
    missing = lost_words(lost)
    return [saved, f"Damaged or unreadable: {missing}." if missing else "Nothing is lost."]


def _count(count: int, name: str) -> str:
    if count == 1:
        return f"1 {name}"
    if name in _PLURALS:
        return f"{count:,} {_PLURALS[name]}"
    return plural(count, name) if " of " not in name else f"{count:,} {name.replace('note', 'notes', 1)}"
