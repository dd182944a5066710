"""Pulling: nights from the wearers' databases into partitions, new and changed ones only."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twitchwatch.archive.nights import Archive, RatedNight
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import OutputError, TwitchwatchError
from twitchwatch.store import Store
from twitchwatch.study.folder import Folder
from twitchwatch.study.partitions import Manifest, manifest_at, write_partition
from twitchwatch.study.pseudonyms import KeyFile
from twitchwatch.study.register import takes_part, taking_part
from twitchwatch.tables import Table
from twitchwatch.views.columns import Column, Row
from twitchwatch.views.exported import TABLES, event_rows, hour_rows, minute_rows, night_row

WEARER = Column("wearer", str, "pseudonym of the wearer")
SENSOR = Column("sensor", str, "pseudonym of the sensor")
_SAID = ("sensor", "hardware_id")
# What names a person, a sensor or a place, or is text of the wearer's own, does not leave the database.
_LEFT = frozenset((*_SAID, "zone"))

STUDY_TABLES: dict[str, tuple[Column, ...]] = {
    name: (WEARER, SENSOR, *(column for column in TABLES[name] if column.name not in _LEFT))
    for name in ("nights", "hours", "minutes", "events")
}
"""The columns of the tables of a study: those of an export, under pseudonyms."""


@dataclass(slots=True)
class Pulled:
    """How many nights were written and were there already; failed: by label, why a database was left out."""

    written: int = 0
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def pull(
    folder: Folder, key: KeyFile, now_utc_us: int, on_wearer: Callable[[int, int], None] = lambda *_: None
) -> Pulled:
    """Pull the nights of everybody who takes part. A database that cannot be read does not stop the others.

    Raises OutputError if the study cannot be written; complete files are kept.
    """
    result = Pulled()
    consented = {one.wearer for one in taking_part(folder)}
    labels = [label for label in key.wearers if key.pseudonym(label) in consented]
    for at, label in enumerate(labels):
        on_wearer(at, len(labels))
        try:
            store = Store.open_existing(Path(key.wearers[label]))
        except TwitchwatchError as error:
            result.failed[label] = str(error)
            continue
        with store:
            try:
                _pull_wearer(folder, key, key.pseudonym(label), store, now_utc_us, result)
            except AheadError as error:
                result.failed[label] = str(error)
    return result


class AheadError(TwitchwatchError):
    """The clock of a wearer's nights is ahead of this computer's."""


def _pull_wearer(
    folder: Folder, key: KeyFile, wearer: str, store: Store, now_utc_us: int, result: Pulled
) -> None:
    archive = Archive(store, LOCAL)
    ahead = []
    for sensor in archive.sensors():
        for one in sensor.rated:
            if one.night.start_utc_us > now_utc_us:
                ahead.append(one.night.date.isoformat())
                continue
            plain = json.dumps(one.view.as_json(), sort_keys=True)
            manifest = Manifest(
                wearer,
                one.night.date.isoformat(),
                key.sensor(one.night.identity),
                hashlib.sha256(plain.encode()).hexdigest(),
                one.view.start_utc,
                analysis_version=one.night.analysis_version,
            )
            before = manifest_at(folder, manifest.place)
            if before is not None and before.source == manifest.source:
                result.unchanged += 1
                continue
            rows = rows_of(archive, one, wearer, manifest.sensor)
            if one.view.rest_h and not rows["minutes"]:
                # Its wearer has erased it since the list of nights was read.
                continue
            try:
                write_partition(folder, manifest, parquet_files(rows))
            except OutputError:
                # A withdrawal removes the folder in which it is written.
                if takes_part(folder, wearer):
                    raise
            # Asked after it is written: a withdrawal strikes the entry first, and then removes what it finds.
            if not takes_part(folder, wearer):
                folder.remove(manifest.place)
                return
            result.written += 1
    if ahead:
        raise AheadError(
            f"Left out {len(ahead)} nights that are in the future, from {min(ahead)} on: the clock of the "
            "computer that fetched them was wrong, or this one's is."
        )


def rows_of(archive: Archive, one: RatedNight, wearer: str, sensor: str) -> dict[str, list[Row]]:
    """The rows of a night for each table, under pseudonyms."""
    whole = archive.whole(one.night)
    named = {
        "nights": [night_row(one.view)],
        "hours": hour_rows(one.view),
        "minutes": minute_rows(whole),
        "events": event_rows(whole),
    }
    return {
        name: [{**row, "wearer": wearer, "sensor": sensor} for row in rows] for name, rows in named.items()
    }


def parquet_files(rows: Mapping[str, Sequence[Row]]) -> dict[str, bytes]:
    """Each table as the bytes of a Parquet file."""
    files = {}
    with tempfile.TemporaryDirectory(prefix="twitchwatch-study-") as made:
        for name, own in rows.items():
            path = Path(made) / f"{name}.parquet"
            with Table(path, STUDY_TABLES[name]) as table:
                table.add(own)
            files[path.name] = path.read_bytes()
    return files
