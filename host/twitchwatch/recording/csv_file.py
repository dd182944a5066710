"""Recordings as CSV files: `t_s,ax_g,ay_g,az_g`, and `gx_dps,gy_dps,gz_dps` if there is a gyroscope."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn, cast

import numpy as np
from numpy.typing import NDArray

from twitchwatch.errors import RecordingError
from twitchwatch.recording.faults import find_fault
from twitchwatch.recording.model import Recording
from twitchwatch.recording.timeline import place

REQUIRED = ("t_s", "ax_g", "ay_g", "az_g")
GYRO = ("gx_dps", "gy_dps", "gz_dps")


def read_recording(path: str | Path) -> Recording:
    """Read a CSV file (or .csv.gz) of 20 to 1000 Hz, converted to 104 Hz and int16; see `timeline.place`.

    Raises RecordingError with the file, the line and the remedy if it cannot be a recording.
    """
    source = Path(path)
    try:
        columns = _read_header(source)
        table = _read_table(source, columns)
    except (OSError, EOFError, zlib.error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise RecordingError(
            f"{source}: cannot be read ({reason}). Check the name and the permissions; a name that ends in "
            ".gz must be a whole gzip file."
        ) from error
    order = [columns.index(name) for name in REQUIRED]
    t_s, acc_g = table[:, order[0]], table[:, order[1:]]
    gyro_dps = table[:, [columns.index(name) for name in GYRO]] if GYRO[0] in columns else None
    fault = find_fault(t_s, acc_g, gyro_dps)
    if fault is not None:
        _refuse(source, _line_of_row(source, fault.row), fault.what, fault.remedy)
    return place(source.name, t_s, acc_g, gyro_dps)


def write_csv(
    path: str | Path,
    t_s: NDArray[np.floating],
    acc_g: NDArray[np.floating],
    gyro_dps: NDArray[np.floating] | None = None,
) -> None:
    """Write t_s (n,) in s, acc_g (n, 3) in g and gyro_dps (n, 3) to a microsecond, 1 ug and 0.1 mdps.

    A name that ends in .gz is compressed. Raises OSError if the file cannot be written.
    """
    columns = (
        [np.asarray(t_s)[:, None], acc_g] if gyro_dps is None else [np.asarray(t_s)[:, None], acc_g, gyro_dps]
    )
    names = REQUIRED if gyro_dps is None else REQUIRED + GYRO
    formats = ["%.6f"] * 4 + ["%.4f"] * (len(names) - 4)
    np.savetxt(path, np.hstack(columns), fmt=formats, delimiter=",", header=",".join(names), comments="")


def _refuse(source: Path, line: int, what: str, remedy: str) -> NoReturn:
    raise RecordingError(f"{source}, line {line}: {what}. {remedy}")


def _refuse_binary(source: Path, line: int) -> NoReturn:
    _refuse(source, line, "this is not text", "Export the recording as CSV in UTF-8 (.csv or .csv.gz).")


def _open(source: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(source)) if source.suffix == ".gz" else source.open("rb")


def _read_header(source: Path) -> list[str]:
    with _open(source) as file:
        header = file.readline(4096)
        line, row = next(_rows(file), (2, b""))
    try:
        names = [name.strip() for name in header.decode("utf-8-sig").split(",")]
    except UnicodeDecodeError:
        _refuse_binary(source, 1)
    if b"\0" in header + row:
        _refuse_binary(source, 1 if b"\0" in header else line)
    wanted = f"The first line must read {','.join(REQUIRED)}, with {','.join(GYRO)} if there is a gyroscope."
    if not header.strip():
        _refuse(source, 1, "the header is empty", wanted)
    for name in (*REQUIRED, *GYRO):
        if name not in names and (name in REQUIRED or set(GYRO) & set(names)):
            _refuse(source, 1, f"there is no column {name}", wanted)
    for name in names:
        if name not in (*REQUIRED, *GYRO) or names.count(name) > 1:
            what = f"column {name[:40]!r} is " + ("there twice" if names.count(name) > 1 else "not known")
            _refuse(source, 1, what, f"Take it out. {wanted}")
    if not row:
        _refuse(source, 1, "there are no samples after the header", "Export the recording again.")
    return names


def _read_table(source: Path, columns: list[str]) -> NDArray[np.float64]:
    try:
        table = np.loadtxt(source, delimiter=",", skiprows=1, comments=None, ndmin=2, encoding="utf-8")
    except ValueError as error:
        _explain(source, columns)
        raise RecordingError(f"{source}: {error}. Export the recording as plain CSV.") from error
    if table.shape[1] != len(columns):
        _explain(source, columns)
    return table


def _explain(source: Path, columns: list[str]) -> None:
    """Find the line that numpy could not read; slow, and needed only after a failure."""
    with _open(source) as file:
        file.readline()
        for line, row in _rows(file):
            try:
                fields = row.decode().split(",")
            except UnicodeDecodeError:
                _refuse_binary(source, line)
            if len(fields) != len(columns):
                _refuse(
                    source,
                    line,
                    f"{len(fields)} values where the header names {len(columns)}",
                    "Every line needs one value for each column, with decimal points and no decimal commas.",
                )
            for name, field in zip(columns, fields, strict=True):
                if not _is_number(field):
                    _refuse(
                        source,
                        line,
                        f"{name} is {field.strip()[:40]!r}, which is not a number",
                        "Correct the value, or leave out the whole line: a hole in t_s is understood.",
                    )


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _rows(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines after the header with their numbers; empty ones do not count as rows, as in numpy."""
    for line, text in enumerate(file, start=2):
        row = text.rstrip(b"\r\n")
        if row:
            yield line, row


def _line_of_row(source: Path, row: int) -> int:
    with _open(source) as file:
        file.readline()
        for index, (line, _) in enumerate(_rows(file)):
            if index == row:
                return line
    return 1
