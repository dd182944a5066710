"""The zones of a store: where its computer was, what the wearer wrote of it, and the nights that follow."""

from __future__ import annotations

from datetime import tzinfo

from twitchwatch.clock.calendar import Calendar, ZoneNote
from twitchwatch.clock.zone import LocalZone, name_of
from twitchwatch.journal import book
from twitchwatch.link.host_zone import computer_zone
from twitchwatch.store import Store


def calendar_of(store: Store, zone: tzinfo, now_utc_us: int) -> Calendar:
    """The nights of this store; zone: where nothing was noted yet, the computer's own if it is `LOCAL`."""
    notes = [ZoneNote(row.first_utc_us, row.last_utc_us, row.name) for row in store.zones.all()]
    return Calendar(notes, _name(zone, now_utc_us), book.written_zones(store))


def note_zone(store: Store, zone: tzinfo, now_utc_us: int) -> None:
    """Note the zone by which nights were cut while none was noted: a later one must not cut them again."""
    if not store.zones.all():
        store.zones.note(_name(zone, now_utc_us), now_utc_us)


def _name(zone: tzinfo, now_utc_us: int) -> str:
    return computer_zone() if isinstance(zone, LocalZone) else name_of(zone, now_utc_us)
