"""Erasing nights, sensors, or everything: what it is about, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from sqlite3 import Connection

from twitchwatch.analysis.night import Night
from twitchwatch.archive.annotating import own_annotations
from twitchwatch.archive.nights import Archive, RatedNight, Sensor
from twitchwatch.errors import OutputError
from twitchwatch.store import FindingRow, Store
from twitchwatch.store.erasing import (
    Erased,
    NightRecords,
    copies_of,
    erase_nights,
    erase_sensor,
    files_of,
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased.

    copies: of the database; unless they were erased too, they still have it. files: those deleted.
    """

    nights: int = 0
    rows: Erased = field(default_factory=Erased)
    copies: tuple[Path, ...] = ()
    copies_erased: bool = False
    files: tuple[Path, ...] = ()


def erase_chosen(archive: Archive, chosen: Sequence[RatedNight], *, journal: bool) -> Erasure:
    """Erase what was measured in these nights, their annotations, and their findings.

    journal: the entries of these evenings too. Raises the store's errors.
    """
    store = archive.store
    nights = [one.night for one in chosen]
    logs = {(device.hardware_id, device.log_id): device.id for device in store.devices()}
    places = [
        NightRecords(logs[night.identity, log_id], first, past)
        for night in nights
        for log_id, (first, past) in archive.records_of(night).items()
    ]
    annotations = [one.id for night in nights for one in own_annotations(archive, night)]
    evenings = [night.date.isoformat() for night in nights] if journal else []
    about = [row for row in store.findings.all() if any(_overlaps(row, night) for night in nights)]
    # A finding about other nights too may be derived again, and then it is known that it was sent.
    alone = [row.key for row in about if any(_is_within(row, night) for night in nights)]
    ids = [row.id for row in about if row.id is not None]
    rows = store.erase(lambda connection: erase_nights(connection, places, annotations, evenings, ids, alone))
    return Erasure(len(nights), rows)


def _overlaps(row: FindingRow, night: Night) -> bool:
    return (
        row.identity == night.identity
        and row.since_utc_us < night.end_utc_us
        and row.until_utc_us >= night.start_utc_us
    )


def _is_within(row: FindingRow, night: Night) -> bool:
    return (
        _overlaps(row, night)
        and row.since_utc_us >= night.start_utc_us
        and row.until_utc_us <= night.end_utc_us
    )


def erase_sensors(store: Store, sensors: Sequence[Sensor]) -> Erasure:
    """Erase everything known about these sensors but their keys. Raises the store's errors."""
    wanted = [sensor.device.hardware_id for sensor in sensors]
    keys = {
        hardware_id: [row.key for row in store.findings.all() if row.identity == hardware_id]
        for hardware_id in wanted
    }

    def work(connection: Connection) -> Erased:
        parts = [erase_sensor(connection, one, keys[one]) for one in wanted]
        return Erased(sum(part.records for part in parts), sum(part.annotations for part in parts))

    return Erasure(sum(len(sensor.rated) for sensor in sensors), store.erase(work))


def erase_everything(database: Path) -> Erasure:
    """Delete the database. Raises OutputError."""
    return Erasure(files=_delete(files_of(database)))


def with_copies(done: Erasure, database: Path, folder: Path, *, erase: bool) -> Erasure:
    """The same with the copies of the database, which are deleted if `erase`. Raises OutputError."""
    copies = copies_of(database, folder)
    return replace(done, copies=_delete(copies) if erase else tuple(copies), copies_erased=erase)


def _delete(paths: Sequence[Path]) -> tuple[Path, ...]:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{path} cannot be deleted ({error.strerror}). Delete it yourself.") from error
    return tuple(paths)
