"""Results of per-night analyses: a file each, named after its inputs, so that nothing runs twice.

results/ANALYSIS/WEARER/NIGHT_SENSOR_DIGEST.json
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twitchwatch.study.folder import Folder
from twitchwatch.study.partitions import Manifest

_DIGITS = 16
FIELDS = ("analysis", "wearer", "night", "sensor", "result")
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
    row = {
        "analysis": analysis,
        "wearer": manifest.wearer,
        "night": manifest.night,
        "sensor": manifest.sensor,
        "result": dict(result),
    }
    content = json.dumps(row, sort_keys=True, allow_nan=False) + "\n"
    folder.write(name_of(analysis, manifest), content.encode())


def result_rows(folder: Folder, skipped: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Every result, in order of analysis, wearer and night; `skipped` gets by name why one was left out."""
    for name in folder.names("results", ".json"):
        try:
            row = folder.read_json(name)
            yield {field: row[field] for field in FIELDS}
        except FileNotFoundError:
            # Its wearer has withdrawn in the meantime.
            continue
        except (ValueError, TypeError, KeyError):
            skipped[name] = f"{name} is damaged. Delete it, and run its analysis again."
