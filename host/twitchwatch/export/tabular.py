"""Export as tables: CSV or Parquet, with a data package that describes every column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any

from twitchwatch import __version__
from twitchwatch.clock.zone import LOCAL
from twitchwatch.export.folder import sha256_of
from twitchwatch.export.ordering import Content
from twitchwatch.journal.entry import evening_of
from twitchwatch.tables import Table
from twitchwatch.views.columns import Row
from twitchwatch.views.exported import (
    ABOUT,
    TABLES,
    TABLES_VERSION,
    event_rows,
    hour_rows,
    journal_row,
    minute_rows,
    missing_row,
    night_row,
    plain_row,
)
from twitchwatch.views.findings import flag_view
from twitchwatch.views.journal import journal_view
from twitchwatch.views.sensors import known_device

# https://specs.frictionlessdata.io/table-schema/, 1.0: types and formats.
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", datetime: "datetime", date: "date"}


def write_tables(content: Content, folder: Path, ending: str) -> list[Path]:
    """Write every table into `folder` as CSV or Parquet (`ending`), with datapackage.json beside them.

    A night is in memory at a time. Raises the store's errors and OutputError.
    """
    paths = {name: folder / f"{name}{ending}" for name in TABLES}
    with ExitStack() as stack:
        tables = {name: stack.enter_context(Table(path, TABLES[name])) for name, path in paths.items()}
        for name, rows in _whole(content):
            tables[name].add(rows)
        for one in content.rated:
            view = one.view
            tables["nights"].add([night_row(view)])
            tables["hours"].add(hour_rows(view))
            night = content.archive.whole(one.night)
            tables["minutes"].add(minute_rows(night))
            tables["events"].add(event_rows(night))
    package = folder / "datapackage.json"
    package.write_text(json.dumps(data_package(paths), indent=2) + "\n", encoding="utf-8")
    return [*paths.values(), package]


def _whole(content: Content) -> Iterator[tuple[str, Iterable[Row]]]:
    """The tables that do not grow with the nights' events."""
    yield "sensors", [plain_row(known_device(one, paired=False)) for one in content.logs]
    tonight = evening_of(content.now_utc_us, LOCAL)
    yield "missing_nights", [missing_row(one) for one in content.missing(tonight)]
    yield "annotations", [plain_row(one) for one in content.annotations()]
    yield "journal", [journal_row(journal_view(one, content.now_utc_us)) for one in content.journal()]
    yield "findings", [plain_row(flag_view(one)) for one in content.findings()]


def data_package(paths: dict[str, Path] | None = None) -> dict[str, Any]:
    """The description of the tables as a Data Package (Frictionless Data, version 1).

    paths: the files, for their names, sizes and SHA-256; without them it describes CSV files of any export.
    """
    resources = []
    for name, columns in TABLES.items():
        path = None if paths is None else paths[name]
        resource: dict[str, Any] = {
            "name": name.replace("_", "-"),
            "path": f"{name}.csv" if path is None else path.name,
            "description": ABOUT[name],
            "schema": {
                "fields": [
                    {"name": column.name, "type": _TYPES[column.cells], "description": column.meaning}
                    for column in columns
                ],
                "missingValues": [""],
            },
        }
        if path is None or path.suffix == ".csv":
            resource |= {"profile": "tabular-data-resource", "encoding": "utf-8"}
        if path is not None:
            resource |= {"bytes": path.stat().st_size, "hash": f"sha256:{sha256_of(path)}"}
        resources.append(resource)
    return {
        "name": "twitchwatch-export",
        "title": "Nights of Twitchwatch",
        "description": "Finger motion overnight. Not a diagnosis.",
        "version": str(TABLES_VERSION),
        "twitchwatch_version": __version__,
        "resources": resources,
    }
