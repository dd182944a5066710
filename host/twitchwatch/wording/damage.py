"""Damage in the database, in words."""

from __future__ import annotations

from collections.abc import Mapping

from twitchwatch.clock.dates import moment
from twitchwatch.store.care import LastCheck
from twitchwatch.wording.units import plural

# By database table; other tables share one name.
_NAMES = {
    "record": "record",
    "gap": "gap among the records",
    "device": "sensor entry",
    "missing": "gap note",
    "sync_session": "sync session",
    "finding": "finding",
    "journal": "journal entry",
    "annotation": "annotation",
    "course": "plan or experiment",
    "setting_change": "settings change",
    "zone": "time zone note",
    "alert": "alert note",
    "snooze": "alert note",
}
_PLURALS = {
    "sensor entry": "sensor entries",
    "gap among the records": "gaps among the records",
    "journal entry": "journal entries",
    "plan or experiment": "plans or experiments",
}
# These follow from the records and are derived again without loss.
_DERIVED = ("night", "derived", "trend")
CHECK = "`twitchwatch doctor` checks the whole database."


def lost_words(damaged: Mapping[str, int]) -> str:
    """What cannot be derived again, such as "3 records and 1 journal entry"; empty if nothing is lost."""
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
    """What was left out of an answer, and what to do; empty if nothing was."""
    lost = lost_words(damaged)
    if not lost:
        return ""
    how = "The output leaves that out." if answered else "Without that there is no output."
    return f"The database is damaged: {lost}. {how} {CHECK}"


def database_words(path: str, size_bytes: int, checked: LastCheck | None) -> str:
    """Where the database is, and its state when the daemon last checked all of it."""
    words = f"Database: {path} ({size_bytes / 1e6:.1f} MB)"
    if checked is None:
        return f"{words}, not checked by the daemon yet"
    lost = lost_words(checked.wrong)
    return f"{words}, checked {moment(checked.utc_us)}: {f'damaged: {lost}' if lost else 'intact'}"


def salvaged_words(copied: Mapping[str, int], lost: Mapping[str, int]) -> list[str]:
    """What was saved of a damaged database, and what was not."""
    saved = f"Saved: {lost_words(copied) or 'nothing'}."
    missing = lost_words(lost)
    return [saved, f"Damaged or unreadable: {missing}." if missing else "Nothing is lost."]


def _count(count: int, name: str) -> str:
    if count == 1:
        return f"1 {name}"
    return f"{count:,} {_PLURALS[name]}" if name in _PLURALS else plural(count, name)
