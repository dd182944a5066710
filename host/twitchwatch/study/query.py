"""SQL over a study, by DuckDB: a view for each table, without the partitions that are damaged."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as arrow

from twitchwatch.errors import UsageError
from twitchwatch.study.folder import Folder
from twitchwatch.study.partitions import Manifest, damaged, manifests
from twitchwatch.study.pulling import STUDY_TABLES
from twitchwatch.study.register import wearers
from twitchwatch.study.results import FIELDS, current_names, result_rows
from twitchwatch.tables import schema_of

_WEARERS = arrow.schema(
    [
        ("wearer", arrow.string()),
        ("consented", arrow.string()),
        ("age", arrow.int64()),
        ("sex", arrow.string()),
        ("site", arrow.string()),
        ("group", arrow.string()),
        ("withdrawn", arrow.string()),
    ]
)

RESULTS, FORMER = "results", "former_results"


@dataclass(frozen=True, slots=True)
class Answer:
    """The table that a query gave, and by place why a partition was left out."""

    table: Any
    skipped: dict[str, str]


def database() -> duckdb.DuckDBPyConnection:
    """An empty database in memory that fetches nothing from anywhere."""
    return duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )


def query(folder: Folder, sql: str) -> Answer:
    """Run a read-only query. Tables: wearers, nights, hours, minutes, events, results, former_results.

    The checksum of every file that it may read is checked before. Raises UsageError for SQL that DuckDB
    does not accept.
    """
    with database() as connection:
        asked = _tables_in(connection, sql)
        try:
            skipped = prepare(connection, folder, asked)
            table = connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise UsageError(f"DuckDB does not accept this query: {error}") from error
    return Answer(table, skipped)


def prepare(
    connection: duckdb.DuckDBPyConnection, folder: Folder, asked: Iterable[str] = tuple(STUDY_TABLES)
) -> dict[str, str]:
    """Make the tables of the study known to a connection; returns by place why a partition was left out."""
    people = [{name: getattr(one, name) for name in _WEARERS.names} for one in wearers(folder)]
    connection.register("wearers", arrow.Table.from_pylist(people, schema=_WEARERS))
    here = {one["wearer"] for one in people if one["withdrawn"] is None}
    found, skipped = manifests(folder)
    found = [one for one in found if one.wearer in here]
    asked = set(asked)
    if asked & {RESULTS, FORMER}:
        _make_results(connection, folder, found, here, asked, skipped)
    asked &= STUDY_TABLES.keys()
    names = frozenset(f"{name}.parquet" for name in asked)
    wrong, columns = damaged(folder, found, names)
    skipped |= wrong
    kinds = Counter(file for file, _ in columns)
    if not folder.local:
        connection.register_filesystem(folder.fs)
    # What was not checked cannot be reached either, by whatever way a query composes its name.
    for name in asked:
        file = f"{name}.parquet"
        paths = [
            folder.path(f"{one.place}/{file}") if folder.local else _remote(folder, f"{one.place}/{file}")
            for one in found
            if one.place not in skipped and file in one.files
        ]
        _make_view(connection, name, paths, alike=kinds[file] == 1)
    return skipped


def _tables_in(connection: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The tables that a query may read: those that it names anywhere. It must be a single one that reads."""
    try:
        kinds = [statement.type for statement in connection.extract_statements(sql)]
    except duckdb.Error as error:
        raise UsageError(f"DuckDB does not accept this query: {error}") from error
    if kinds != [duckdb.StatementType.SELECT]:
        raise UsageError("Give a single read-only query: SELECT, FROM or WITH.")
    tables = (*STUDY_TABLES, RESULTS, FORMER)
    return {name for name in tables if re.search(rf"\b{name}\b", sql, re.IGNORECASE)}


def _remote(folder: Folder, name: str) -> str:
    return str(folder.fs.unstrip_protocol(folder.path(name)))


def _make_view(connection: duckdb.DuckDBPyConnection, name: str, paths: list[str], *, alike: bool) -> None:
    """alike: all files have the same columns, so that DuckDB need not open each of them to find out."""
    # Partitions of older versions lack columns: every one is there, and empty if it was not recorded.
    columns = f"{name}_columns"
    connection.register(columns if paths else name, schema_of(STUDY_TABLES[name]).empty_table())
    if paths:
        connection.read_parquet(paths, union_by_name=not alike).create_view(f"{name}_files")
        connection.execute(f"CREATE VIEW {name} AS FROM {columns} UNION ALL BY NAME FROM {name}_files")


def _make_results(
    connection: duckdb.DuckDBPyConnection,
    folder: Folder,
    found: Sequence[Manifest],
    here: set[str],
    asked: set[str],
    skipped: dict[str, str],
) -> None:
    current = current_names(folder, found, skipped)
    names = folder.names("results", ".json")
    for table in asked & {RESULTS, FORMER}:
        own = [name for name in names if (name in current) == (table == RESULTS)]
        rows = [
            {**row, "result": json.dumps(row["result"])}
            for row in result_rows(folder, own, skipped)
            if row["wearer"] in here
        ]
        schema = arrow.schema([(name, arrow.string()) for name in FIELDS])
        connection.register(table, arrow.Table.from_pylist(rows, schema=schema))
