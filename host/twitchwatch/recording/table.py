"""The values of a text file by its layout, as arrays; which rows were left out, and the line of a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twitchwatch.errors import MissingExtraError, RecordingError
from twitchwatch.recording.arrow import numbers
from twitchwatch.recording.head import HEAD_BYTES, fields, not_text
from twitchwatch.recording.layout import Layout
from twitchwatch.recording.naming import is_number, stamp_of
from twitchwatch.recording.progress import Progress, unseen
from twitchwatch.recording.source import Source
from twitchwatch.recording.spool import Spool
from twitchwatch.recording.stamps import Times, stamp_reader

_MISSING = ["", "NaN", "nan", "NAN", "NA", "N/A", "n/a", "null", "NULL", "None", "-"]
_LARGEST = 1e9
"""Larger than any count of any sensor; a product of two such numbers is still one."""

PIECE_BYTES = 1 << 22
"""Of the file that are parsed at a time, in blocks of `_BLOCK_BYTES` for each core."""

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """times: of the rows, None if the file has no time column. acc, gyro: (n, 3) in the file's units.

    cut: the file ends in the middle of a line.
    """

    times: Times | None
    acc: Spool
    gyro: Spool | None
    cut: bool


def read_table(source: Source, layout: Layout, progress: Progress = unseen) -> Table:
    """Read all rows.

    Raises RecordingError with the line if one is not a row of the layout, other than a last one that was cut,
    and MissingExtraError if pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("pyarrow, which reads recordings, is", "detect") from error
    stamps = stamp_reader(layout.time) if layout.time else None
    acc, gyro = Spool("<f4", 3), Spool("<f4", 3) if layout.gyro else None
    cut = False
    try:
        for table in _tables(source, layout, progress):
            if table is None:
                cut = True
                break
            if stamps is not None and layout.time is not None:
                stamps.add(table.column(str(layout.time.index)))
            acc.append(np.column_stack([sum(_column(table, i) for i in axis) for axis in layout.acc]))
            if gyro is not None and layout.gyro is not None:
                gyro.append(np.column_stack([_column(table, i) for i in layout.gyro]))
    except pa.ArrowInvalid as error:
        _explain(source, layout)
        raise RecordingError(
            f"{source.name}: {error}. {layout.format} was recognised; correct or delete the line, or export "
            "the recording as plain CSV."
        ) from error
    return Table(None if stamps is None else stamps.times(), acc, gyro, cut)


def line_of_row(source: Source, layout: Layout, row: int) -> int:
    """The line number of a row of values, from 1."""
    with source.open() as file:
        for line, raw in enumerate(file, start=1):
            if line > layout.skip and raw.strip() and not raw.lstrip().startswith(b"#"):
                row -= 1
                if row < 0:
                    return line
    return layout.skip + 1


def _tables(source: Source, layout: Layout, progress: Progress) -> Iterator[Any]:
    """The rows in pieces; None in the place of a last one that was cut in the middle of a line."""
    import pyarrow as pa

    for piece, is_last in _pieces(source, layout.skip, progress):
        try:
            if piece:
                yield _parsed(piece, layout)
        except pa.ArrowInvalid:
            # Once more without comments between the rows.
            lines = piece.splitlines(keepends=True)
            rows = [line for line in lines if line.strip() and not line.lstrip().startswith(b"#")]
            try:
                if rows:
                    yield _parsed(b"".join(rows), layout)
            except pa.ArrowInvalid:
                if not is_last:
                    raise
                yield None


def _pieces(source: Source, skip: int, progress: Progress) -> Iterator[tuple[bytes, bool]]:
    """The file from line `skip` on in pieces of whole lines; the last has no more than the last line."""
    with source.opened() as (file, share):
        left = file.read(PIECE_BYTES)
        left = left[sum(map(len, left[:HEAD_BYTES].splitlines(keepends=True)[:skip])) :]
        while read := file.read(PIECE_BYTES):
            progress("Reading", share())
            piece, left = _divided(left + read)
            yield piece, False
        piece, left = _divided(left)
        yield piece, False
        yield left, True


def _divided(content: bytes) -> tuple[bytes, bytes]:
    """Before and from the last line that has something in it; without line ends, everything and nothing."""
    end = len(content.rstrip())
    at = max(content.rfind(b"\n", 0, end), content.rfind(b"\r", 0, end)) + 1
    return (content[:at], content[at:]) if at or len(content) < PIECE_BYTES else (content, b"")


def _parsed(piece: bytes, layout: Layout) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [str(i) for i in range(layout.width)]
    wanted = {str(i) for axis in layout.acc for i in axis} | {str(i) for i in layout.gyro or ()}
    types = dict.fromkeys(wanted, pa.float64())
    if layout.time is not None:
        types[str(layout.time.index)] = pa.float64() if layout.time.stamp == "number" else pa.string()
    return arrow_csv.read_csv(
        pa.BufferReader(piece),
        read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(delimiter=layout.delimiter),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types,
            include_columns=sorted(types, key=int),
            null_values=_MISSING,
            strings_can_be_null=True,
            decimal_point=layout.decimal,
        ),
        # pyarrow's own pool keeps what it had.
        memory_pool=pa.system_memory_pool(),
    )


def _column(table: Any, index: int) -> NDArray[np.float64]:
    return numbers(table.column(str(index))).clip(-_LARGEST, _LARGEST)


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
                f"{layout.width}. {recognised}; correct or delete the line; a missing line counts as a gap."
            )
        for i, cell in enumerate(cells):
            good = cell in _MISSING or (
                _is_time(cell, layout) if i == time else i not in wanted or is_number(cell)
            )
            if not good:
                what = "a time" if i == time else "a number"
                raise RecordingError(
                    f"{source.name}, line {line}: {cell[:40]!r} is not {what}. {recognised}; correct or "
                    "delete the line; a missing line counts as a gap."
                )
