"""Tables of many rows, written row by row: CSV or Parquet, completely or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from twitchwatch.errors import OutputError, UsageError
from twitchwatch.views.columns import Column, Row

CSV, PARQUET = ".csv", ".parquet"
_GROUP = 10_000
# Formulas begin so (ASVS 5.0, 1.2.10; line ends and wide forms are from OWASP's page on CSV injection).
_GUARDED = ("'", "=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def check_table(path: Path) -> None:
    """Raise UsageError, before hours of work, if this cannot be the name of a table."""
    if path.suffix.lower() not in (CSV, PARQUET):
        raise UsageError(f"{path} is not the name of a table: let it end in {CSV} or {PARQUET}.")
    check_folder(path)


def schema_of(columns: Sequence[Column]) -> Any:
    """The columns as an Arrow schema; the meaning of each is in its metadata."""
    import pyarrow as arrow

    types = {
        str: arrow.string(),
        int: arrow.int64(),
        float: arrow.float64(),
        bool: arrow.bool_(),
        datetime: arrow.timestamp("ms", tz="UTC"),
        date: arrow.date32(),
    }
    return arrow.schema(
        [
            arrow.field(column.name, types[column.cells], metadata={"meaning": column.meaning})
            for column in columns
        ]
    )


def check_folder(path: Path) -> None:
    """Raise UsageError if there is no folder for the file `path`, or it is a folder itself."""
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"cannot be written: there is no folder {path.parent}"
        raise UsageError(f"{path} {what}. Name a file in a folder that exists.")


class _Writer(Protocol):
    def write(self, rows: Sequence[Row]) -> None: ...
    def close(self) -> None: ...


class Table:
    """A table at `path`, which gets its name when complete; raises OutputError if it cannot be written."""

    def __init__(self, path: Path, columns: Sequence[Column], ending: str | None = None) -> None:
        """ending: of its kind, if not that of its name."""
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._rows: list[Row] = []
        try:
            make = _Parquet if (ending or path.suffix.lower()) == PARQUET else _Csv
            self._writer: _Writer = make(self._part, columns)
        except OSError as error:
            raise self._failed(error) from error

    def add(self, rows: Iterable[Row]) -> None:
        """Write these rows; if a row lacks a column, its cell is empty."""
        self._rows += rows
        if len(self._rows) >= _GROUP:
            self._write()

    def finish(self) -> None:
        """Give the table its name, because it is complete."""
        self._write()
        try:
            self._writer.close()
            self._part.replace(self._path)
        except OSError as error:
            raise self._failed(error) from error

    def discard(self) -> None:
        """Leave nothing behind, because the table will not be completed."""
        with suppress(OSError):
            self._writer.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> Table:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self.finish()
            except OutputError:
                self.discard()
                raise
        else:
            self.discard()

    def _write(self) -> None:
        rows, self._rows = self._rows, []
        try:
            self._writer.write(rows)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self._path} cannot be written ({error.strerror or error}). Make room, or name another file."
        )


class _Csv:
    """RFC 4180 in UTF-8; empty cells for what is not known, `true` and `false`."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._names = [column.name for column in columns]
        self._rows = csv.writer(self._file)
        self._rows.writerow(self._names)

    def write(self, rows: Sequence[Row]) -> None:
        self._rows.writerows([[_cell(row.get(name)) for name in self._names] for row in rows])

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """One row group for some ten thousand rows; the meaning of each column is in its metadata."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        import pyarrow as arrow
        import pyarrow.parquet as parquet

        self._schema = schema_of(columns)
        self._dated = {column.name: column.cells for column in columns if column.cells in (datetime, date)}
        self._table: Any = arrow.Table
        self._writer: Any = parquet.ParquetWriter(path, self._schema)

    def write(self, rows: Sequence[Row]) -> None:
        if rows:
            typed = [self._typed(row) for row in rows]
            self._writer.write_table(self._table.from_pylist(typed, schema=self._schema))

    def close(self) -> None:
        self._writer.close()

    def _typed(self, row: Row) -> dict[str, object]:
        """The row with times and nights as such."""
        typed: dict[str, object] = dict(row)
        for name, cells in self._dated.items():
            text = row.get(name)
            if isinstance(text, str):
                typed[name] = cells.fromisoformat(text)
        return typed


def write_csv(path: Path, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Write rows as a CSV file, whatever its name ends in. Raises OutputError."""
    with Table(path, [Column(name, str, "") for name in names], CSV) as table:
        table.add(rows)


def _cell(value: object) -> object:
    """A cell of CSV: a spreadsheet must not take somebody's words for a formula, which it would run.

    An apostrophe in front prevents that (OWASP ASVS 5.0, 1.2.10). Words that begin with one get another, so
    that anyone who removes the first apostrophe of a cell has the words again.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_GUARDED):
        return f"'{value}"
    return str(value).lower() if isinstance(value, bool) else value
