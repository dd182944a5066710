"""What is stored for a sensor, in words: the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence

from twitchwatch.archive.demo_data import Removed
from twitchwatch.clock.dates import moment
from twitchwatch.store import DeviceStatus, SyncSession
from twitchwatch.wording.units import plural


def removed_words(database: str, removed: Removed) -> str:
    """What was simulated and has been removed."""
    if not removed.nights:
        return f"{database} has no demo data. Nothing was removed."
    nights = "1 simulated night" if removed.nights == 1 else f"{removed.nights} simulated nights"
    return f"Removed from {database}: {nights}, {removed.records:,} records, and their findings."


def month_words(database: str, nights: int, records: int) -> list[str]:
    """What was generated for trying things, and how to view it."""
    return [
        f"{plural(nights, 'modelled night')} with {records:,} records are in {database}. They are marked as"
        " demo data, and no sensor's nights are compared with them.",
        f"View them with `twitchwatch dashboard --open --database {database}`, or with `morning`, `nights`,"
        " `flags`, `triggers` and `report` and the same --database.",
        f"`twitchwatch demo --remove --database {database}` removes them.",
    ]


def dashboard_words(database: str | None, address: str) -> str:
    """How to see a simulated night in the browser; database: where it is kept, None if nowhere."""
    if database is None:
        return "The night was not kept. `twitchwatch demo --open` shows one in your browser."
    return (
        f"See this night in your browser, at {address}: `twitchwatch dashboard --open --database {database}`"
    )


def by_sensor(known: Sequence[DeviceStatus]) -> list[list[DeviceStatus]]:
    """The logs of each sensor, in order of its newest; known: in order of their number."""
    found: dict[str, list[DeviceStatus]] = {}
    for status in known:
        found.setdefault(status.device.hardware_id, []).append(status)
    return sorted(found.values(), key=lambda own: own[-1].device.id)


def known_row(own: Sequence[DeviceStatus], *, paired: bool, counted: bool) -> tuple[str, ...]:
    """The logs of a sensor that is known here, as cells; counted: with how many there are.

    The number is that of the newest log; each of them names the sensor.
    """
    device = own[-1].device
    last_seen_us = max(status.device.last_seen_utc_us for status in own)
    return (
        str(device.id),
        device.name,
        device.hardware_id,
        moment(last_seen_us),
        f"{sum(status.records for status in own):,}",
        *([str(len(own))] if counted else []),
        "imported" if device.imported else "yes" if paired else "no",
    )


def is_intact(status: DeviceStatus) -> bool:
    """Whether every record arrived, can be read and is kept."""
    return not (status.missing or status.damaged or status.set_aside or status.unread or status.conflicts)


def earlier_rows(intact: Sequence[DeviceStatus]) -> list[tuple[str, str]]:
    """The earlier logs of a sensor of which nothing is lost, in a line."""
    if not intact:
        return []
    records = sum(status.records for status in intact)
    return [("Earlier", f"{plural(len(intact), 'log')} with {plural(records, 'record')}, all intact")]


def stored_rows(status: DeviceStatus) -> list[tuple[str, str]]:
    """The last sync, the records, and what is missing or damaged."""
    last = ("Last sync", sync_words(status.last_sync))
    if status.device.imported:
        last = ("Imported", f"{moment(status.device.last_seen_utc_us)}, from a recording")
    rows = [last, ("Records", _records(status))]
    for title, count, meaning in (
        ("Missing", status.missing, "the sensor no longer had them: its memory was full or damaged"),
        ("Damaged", status.damaged, "arrived damaged"),
        (
            *("Set aside", status.set_aside),
            "damaged on this computer's disk: kept, left out of figures, and fetched again if the sensor "
            "has them",
        ),
        ("Unread", status.unread, "of a newer type: kept, and readable after an upgrade of twitchwatch"),
        ("Conflicts", status.conflicts, "set aside: another record has their number"),
    ):
        if count:
            rows.append((title, f"{count:,}, {meaning}"))
    if is_intact(status):
        rows.append(("Losses", "none: every record arrived intact"))
    return rows


def sync_words(sync: SyncSession | None) -> str:
    """When a sensor was last met, and how that ended."""
    if sync is None:
        return "none yet"
    outcome = sync.outcome or "not finished: in progress, or interrupted"
    return f"{moment(sync.started_utc_us)}, {outcome}, {plural(sync.records, 'record')}"


def _records(status: DeviceStatus) -> str:
    received = status.last_record_received_utc_us
    if received is None:
        return "none"
    return f"{status.records:,}, the newest received {moment(received)}"
