"""The values of a text file by its layout, as arrays; which rows were left out, and the line of a row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from twitchwatch.errors import MissingExtraError, RecordingError
from twitchwatch.recording.head import fields, not_text
from twitchwatch.recording.layout import Layout
from twitchwatch.recording.naming import is_number, stamp_of
from twitchwatch.recording.source import Source
from twitchwatch.recording.stamps import Times, times_of_numbers, times_of_text

_MISSING = ["", "NaN", "nan", "NAN", "NA", "N/A", "n/a", "null", "NULL", "None", "-"]
_LARGEST = 1e9
"""Larger than any count of any sensor; a product of two such numbers is still one."""

_BLOCK_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Table:
    """times: of the rows, None if the file has no time column. acc, gyro: (n, 3) in the file's units.

    cut: the file ends in the middle of a line.
    """

    times: Times | None
    acc: NDArray[np.float64]
    gyro: NDArray[np.float64] | None
    cut: bool


def read_table(source: Source, layout: Layout) -> Table:
    """Read all rows.

    Raises RecordingError with the line if one is not a row of the layout, other than a last one that was cut,
    and MissingExtraError if pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("pyarrow, which reads recordings, is", "detect") from error
    cut = False
    try:
        with source.open() as file:
            table = _parsed(file, layout)
    except pa.ArrowInvalid:
        table, cut = _mended(source, layout)
    try:
        times = _times(table, layout)
    except pa.ArrowInvalid as error:
        _explain(source, layout)
        raise RecordingError(
            f"{source.name}: {error}. {layout.format} was recognised; correct or delete the line."
        ) from error
    acc = np.column_stack([sum(_column(table, i) for i in axis) for axis in layout.acc])
    gyro = np.column_stack([_column(table, i) for i in layout.gyro]) if layout.gyro else None
    return Table(times, acc, gyro, cut)


def line_of_row(source: Source, layout: Layout, row: int) -> int:
    """The line number of a row of values, from 1."""
    for index, (line, _) in enumerate(_rows(source, layout)):
        if index == row:
            return line
    return layout.skip + 1


def _parsed(file: IO[bytes], layout: Layout) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [str(i) for i in range(layout.width)]
    wanted = {str(i) for axis in layout.acc for i in axis} | {str(i) for i in layout.gyro or ()}
    types = dict.fromkeys(wanted, pa.float64())
    if layout.time is not None:
        types[str(layout.time.index)] = pa.float64() if layout.time.stamp == "number" else pa.string()
    return arrow_csv.read_csv(
        file,
        read_options=arrow_csv.ReadOptions(
            skip_rows=layout.skip, column_names=names, block_size=_BLOCK_BYTES
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=layout.delimiter),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types,
            include_columns=sorted(types, key=int),
            null_values=_MISSING,
            strings_can_be_null=True,
            decimal_point=layout.decimal,
        ),
    )


def _mended(source: Source, layout: Layout) -> tuple[Any, bool]:
    """Once more without comments between the rows, then without the last line, which may have been cut."""
    import pyarrow as pa

    with source.open() as file:
        lines = file.read().splitlines(keepends=True)
    rows = [line for line in lines[layout.skip :] if line.strip() and not line.lstrip().startswith(b"#")]
    for cut in (False, True):
        try:
            kept = lines[: layout.skip] + (rows[:-1] if cut else rows)
            return _parsed(io.BytesIO(b"".join(kept)), layout), cut
        except pa.ArrowInvalid as error:
            problem = error
    _explain(source, layout)
    raise RecordingError(
        f"{source.name}: {problem}. {layout.format} was recognised; export the recording as plain CSV."
    ) from problem


def _times(table: Any, layout: Layout) -> Times | None:
    if layout.time is None:
        return None
    column = table.column(str(layout.time.index))
    if layout.time.stamp == "number":
        return times_of_numbers(column.to_numpy(zero_copy_only=False), layout.time.unit_s)
    return times_of_text(column, layout.time)


def _column(table: Any, index: int) -> NDArray[np.float64]:
    values: NDArray[np.float64] = table.column(str(index)).to_numpy(zero_copy_only=False)
    return values.clip(-_LARGEST, _LARGEST)


def _rows(source: Source, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    with source.open() as file:
        for line, raw in enumerate(file, start=1):
            try:
                text = raw.decode().strip("\r\n")
            except UnicodeDecodeError:
                not_text(source, line)
            if "\0" in text:
                not_text(source, line)
            if line > layout.skip and text and not text.lstrip().startswith("#"):
                yield line, fields(text, layout.delimiter)


def _is_time(cell: str, layout: Layout) -> bool:
    wanted = layout.time.stamp if layout.time else None
    return stamp_of(cell) == ("month_first" if wanted == "day_first" else wanted)


def _explain(source: Source, layout: Layout) -> None:
    """Find the line that could not be read; slow, and needed only after a failure."""
    recognised = f"{layout.format} was recognised"
    time = layout.time.index if layout.time else None
    wanted = {i for axis in layout.acc for i in axis} | set(layout.gyro or ())
    for line, cells in _rows(source, layout):
        if len(cells) != layout.width:
            raise RecordingError(
                f"{source.name}, line {line}: {len(cells)} values where the lines before have "
                f"{layout.width}. {recognised}; correct or delete the line: a hole is understood."
            )
        for i, cell in enumerate(cells):
            good = cell in _MISSING or (
                _is_time(cell, layout) if i == time else i not in wanted or is_number(cell)
            )
            if not good:
                what = "a time" if i == time else "a number"
                raise RecordingError(
                    f"{source.name}, line {line}: {cell[:40]!r} is not {what}. {recognised}; correct or "
                    "delete the line: a hole is understood."
                )
