"""Results of per-night analyses: a file each, named after its inputs, so that nothing runs twice.

    results/ANALYSIS-VERSION/WEARER/NIGHT_SENSOR_PARTITION.json
    analyses/ANALYSIS.json                                          the version that ran last

A result is current if its version is the one that ran last, and its partition is the night as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twitchwatch.study.folder import Folder
from twitchwatch.study.partitions import Manifest

_DIGITS = 16
FIELDS = ("analysis", "version", "wearer", "night", "sensor", "partition", "result")
_LATEST = "analyses"
Analysis = Callable[["NightFiles"], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class NightFiles:
    """What an analysis gets: one night of one sensor. files: by name, such as `events.parquet`, its bytes."""

    wearer: str
    night: str
    sensor: str
    files: Mapping[str, bytes]


def name_of(analysis: str, manifest: Manifest) -> str:
    """The file of a result; the partition's digest is a part of its name."""
    own = f"{manifest.night}_{manifest.sensor}_{manifest.digest[:_DIGITS]}"
    return f"results/{analysis}/{manifest.wearer}/{own}.json"


def write_result(folder: Folder, analysis: str, manifest: Manifest, result: Mapping[str, Any]) -> None:
    """Keep a result. Raises OutputError, and TypeError or ValueError for what is not JSON."""
    name, _, version = analysis.rpartition("-")
    row = {
        "analysis": name,
        "version": version,
        "wearer": manifest.wearer,
        "night": manifest.night,
        "sensor": manifest.sensor,
        "partition": manifest.digest[:_DIGITS],
        "result": dict(result),
    }
    content = json.dumps(row, sort_keys=True, allow_nan=False) + "\n"
    folder.write(name_of(analysis, manifest), content.encode())


def note_latest(folder: Folder, analysis: str) -> None:
    """Make the results of this version of an analysis the current ones. Raises OutputError."""
    name, _, version = analysis.rpartition("-")
    folder.write_json(f"{_LATEST}/{name}.json", {"analysis": name, "version": version})


def current_names(folder: Folder, found: Iterable[Manifest], skipped: dict[str, str]) -> frozenset[str]:
    """The files of the current results of these partitions; `skipped` gets by name what is damaged."""
    latest = []
    for name in folder.names(_LATEST, ".json"):
        try:
            noted = folder.read_json(name)
            latest.append(f"{noted['analysis']}-{noted['version']}")
        except (ValueError, TypeError, KeyError):
            skipped[name] = f"{name} is damaged. Run its analysis again."
    partitions = tuple(found)
    return frozenset(name_of(analysis, one) for analysis in latest for one in partitions)


def result_rows(folder: Folder, names: Iterable[str], skipped: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The results in these files; `skipped` gets by name why one was left out."""
    for name in names:
        try:
            row = folder.read_json(name)
            yield {field: row[field] for field in FIELDS}
        except FileNotFoundError:
            # Its wearer has withdrawn in the meantime.
            continue
        except (ValueError, TypeError, KeyError):
            skipped[name] = f"{name} is damaged. Delete it, and run its analysis again."
