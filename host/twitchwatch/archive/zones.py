"""The zones of a store: from the computers that synced, from the journal, and the nights that result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from twitchwatch.clock.calendar import Calendar, ZoneNote
from twitchwatch.clock.zone import LocalZone, is_zone, name_of
from twitchwatch.journal import book
from twitchwatch.link.host_zone import computer_zone
from twitchwatch.shared.protocol.records import ANCHOR
from twitchwatch.store import Device, Store

# What a computer says of which nobody has set the zone, such as a Raspberry Pi.
NOT_SET = ("UTC", "Etc/UTC", "Etc/UCT", "UCT", "Universal", "Etc/Universal", "Zulu", "Etc/Zulu")


def calendar_of(store: Store, zone: tzinfo, now_utc_us: int) -> Calendar:
    """The nights of this store; zone: used if none was recorded yet; `LOCAL` means the computer's own.

    A zone of UTC counts only if no other was recorded: a computer that was never set is not a journey.
    """
    rows = [row for row in store.zones.all() if is_zone(row.name)]
    if not all(row.name in NOT_SET for row in rows):
        rows = [row for row in rows if row.name not in NOT_SET]
    notes = [ZoneNote(row.first_utc_us, row.last_utc_us, row.name) for row in rows]
    return Calendar(notes, _name(zone, now_utc_us), book.written_zones(store))


def calendar_of_recordings(store: Store, logs: Sequence[Device], zone: tzinfo, now_utc_us: int) -> Calendar:
    """The nights of recordings: by the zones that they state, otherwise as of `calendar_of`."""
    notes = []
    for device in logs:
        for anchor in store.records(device.id, types=(ANCHOR,)):
            name = "" if anchor.body is None else bytes(anchor.tail).decode("ascii", errors="replace")
            if is_zone(name):
                notes.append(ZoneNote(anchor.body.utc_us, anchor.body.utc_us, name))
    return Calendar(notes, "") if notes else calendar_of(store, zone, now_utc_us)


def note_zone(store: Store, zone: tzinfo, now_utc_us: int) -> None:
    """Record the zone that was assumed while none was recorded, so that a later one moves no night."""
    if not store.zones.all():
        store.zones.note(_name(zone, now_utc_us), now_utc_us)


def _name(zone: tzinfo, now_utc_us: int) -> str:
    return computer_zone() if isinstance(zone, LocalZone) else name_of(zone, now_utc_us)
