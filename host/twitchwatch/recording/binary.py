"""Recordings in the binary files of research sensors, read by libraries of others: CWA, GENEActiv, GT3X, EDF.

actfast (childmindresearch, MIT) reads Axivity's CWA and GENEActiv's BIN, and ActiGraph's GT3X except the
"Activity2" records of newer sensors, of which it returns no sample (1.3.0 on small.gt3x of pygt3x's tests),
and the oldest files, which it refuses. ActiGraph's own pygt3x reads those if it is installed; it is under
the GPL, so it is not a dependency. edfio reads EDF and EDF+.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twitchwatch.errors import MissingExtraError, RecordingError
from twitchwatch.recording.layout import UNITS_G
from twitchwatch.recording.pieces import PIECE_BYTES, bin_pages, cwa_pieces, gt3x_pieces
from twitchwatch.recording.progress import Progress, unseen
from twitchwatch.recording.source import GT3X_MEMBERS, Source
from twitchwatch.recording.spool import Spool, temporary_folder
from twitchwatch.recording.stamps import Times
from twitchwatch.recording.table import Table

CWA, BIN, GT3X, EDF = "Axivity CWA", "GENEActiv BIN", "ActiGraph GT3X", "EDF"

FORMATS: tuple[tuple[str, str], ...] = (
    (CWA, "AX3; AX6 if its acceleration includes gravity"),
    (BIN, "GENEActiv's `.bin`"),
    (GT3X, "`.gt3x`; install pygt3x for those of a Link or a sensor before 2014"),
    (EDF, "EDF and EDF+ with three signals in g, mg or m/s2 whose names end in x, y and z"),
)
"""Name, and which files."""

_LEAST_GRAVITY_G = 0.5
"""actfast 1.3.0 takes the first three of an AX6's six values for the rotation; in GGIRread's ax6_testfile.cwa
they are the acceleration (2067 of 2048 counts to 1 g on z)."""

_YEAR_2000_S = 946_684_800

_LITTLE_BYTES = 1 << 20
"""pygt3x takes 40 times the size of a log."""

EDF_S = 600.0
"""Of the recording that are in memory at a time."""

_MAGIC = ((b"MD", CWA), (b"Device Identity", BIN), (b"0       ", EDF))
_ZIP = b"PK\x03\x04"


def binary_format(source: Source) -> str | None:
    """Which binary format a file is, by its first bytes; None if none of these."""
    with source.raw() as file:
        start = file.read(16)
        if start.startswith(_ZIP):
            file.seek(0)
            with zipfile.ZipFile(file) as archive:
                return GT3X if len(GT3X_MEMBERS & set(archive.namelist())) >= 2 else None
    return next((name for magic, name in _MAGIC if start.startswith(magic)), None)


@dataclass(frozen=True, slots=True)
class _Part:
    """Samples (n, 3) in g and degrees a second, with their seconds since 1970 on the sensor's clock.

    cut: the file ends in the middle of a part.
    """

    since_1970_s: NDArray[np.float64]
    acc_g: NDArray[Any]
    gyro_dps: NDArray[Any] | None = None
    cut: bool = False


def read_binary(source: Source, name: str, progress: Progress = unseen) -> Table:
    """All samples of a file of format `name`, in g.

    Raises RecordingError if it cannot be read or holds no acceleration, and MissingExtraError if the
    library is not installed.
    """
    suffix = ".gt3x" if name == GT3X else ""
    with tempfile.NamedTemporaryFile(suffix=suffix, dir=temporary_folder()) as copy:
        path = source.path
        if source.kept is not None:
            with source.raw() as file:
                shutil.copyfileobj(file, copy)
            copy.flush()
            path = Path(copy.name)
        try:
            table = _table(_READERS[name](path, progress))
        except ImportError as error:
            raise MissingExtraError(f"{error.name}, which reads {name}, is", "recordings") from error
        except (ValueError, ArithmeticError, LookupError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise RecordingError(
                f"{source.name}: {name} was recognised, but it cannot be read ({error}). Export it again, or "
                "as CSV."
            ) from error
    if not len(table.acc):
        remedy = "Install pygt3x, or export it" if name == GT3X else "Export the recording"
        raise RecordingError(f"{source.name}: no acceleration was found in this {name}. {remedy} as CSV.")
    return table


def _table(parts: Iterator[_Part]) -> Table:
    """These sensors write the time of their own clock, whose zone the file does not state."""
    times, acc, gyro = Spool("<f8"), Spool("<f4", 3), Spool("<f4", 3)
    first_s, start, cut = 0.0, None, False
    for part in parts:
        if not len(acc) and len(part.acc_g):
            first_s = float(part.since_1970_s[0])
            # pygt3x 0.7.1 reads the clock of the oldest GT3X files 31 years too early.
            if first_s > _YEAR_2000_S:
                start = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=first_s)).replace(tzinfo=None)
        times.append(part.since_1970_s - first_s)
        acc.append(part.acc_g)
        if part.gyro_dps is not None:
            gyro.append(part.gyro_dps)
        cut |= part.cut
    return Table(Times(times, start), acc, gyro if len(gyro) == len(acc) and len(gyro) else None, cut=cut)


def _actfast(pieces: Iterator[Path], path: Path, progress: Progress) -> Iterator[_Part]:
    size = max(1, path.stat().st_size)
    for number, piece in enumerate(pieces):
        progress("Reading", min(1.0, number * PIECE_BYTES / size))
        for series in _read(piece)["timeseries"].values():
            if "acceleration" not in series:
                continue
            acc_g, gyro = np.asarray(series["acceleration"]), series.get("gyroscope")
            if gyro is not None and len(acc_g) and number == 0:
                _check_gravity(acc_g)
            yield _Part(np.asarray(series["datetime"]) / 1e9, acc_g, gyro)
            break


def _read(piece: Path) -> Any:
    import actfast

    try:
        return actfast.read(piece)
    except BaseException as error:
        # A panic of Rust, which pyo3 does not derive from Exception.
        if type(error).__name__ == "PanicException":
            raise ValueError("its content makes no sense") from error
        raise


def _check_gravity(acc_g: NDArray[Any]) -> None:
    if np.median(np.linalg.norm(acc_g, axis=1)) < _LEAST_GRAVITY_G:
        raise ValueError("the acceleration of this AX6 has no gravity, as if it were the rotation")


def _cwa(path: Path, progress: Progress) -> Iterator[_Part]:
    return _actfast(cwa_pieces(path), path, progress)


def _bin(path: Path, progress: Progress) -> Iterator[_Part]:
    return _actfast(bin_pages(path), path, progress)


def _gt3x(path: Path, progress: Progress) -> Iterator[_Part]:
    problem: ValueError | None = None
    found = 0
    try:
        for part in _actfast(gt3x_pieces(path), path, progress):
            found += len(part.acc_g)
            yield part
    except ValueError as error:
        problem = error
    if found and problem is None:
        return
    if found or find_spec("pygt3x") is None:
        if problem is not None:
            raise ValueError(f"{problem}; pygt3x may read it") from problem
        return
    from pygt3x.reader import FileReader

    for number, piece in enumerate(gt3x_pieces(path, _LITTLE_BYTES)):
        progress("Reading", min(1.0, number * _LITTLE_BYTES / max(1, path.stat().st_size)))
        with FileReader(str(piece)) as reader:
            frame: Any = reader.to_pandas()
        if len(frame):
            yield _Part(frame.index.to_numpy(np.float64), frame[["X", "Y", "Z"]].to_numpy(np.float64))


def _edf(path: Path, progress: Progress) -> Iterator[_Part]:
    import edfio

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        recording = edfio.read_edf(path, lazy_load_data=True)
    axes = [
        next(
            (
                signal
                for signal in recording.signals
                if signal.label.strip().lower().endswith(axis)
                and signal.physical_dimension.strip().lower() in UNITS_G
            ),
            None,
        )
        for axis in "xyz"
    ]
    if any(axis is None for axis in axes):
        raise ValueError("no three signals in g, mg or m/s2 whose names end in x, y and z")
    found: list[Any] = axes
    rates_hz = {axis.sampling_frequency for axis in found}
    if len(rates_hz) > 1:
        raise ValueError("the three axes have different rates")
    began = datetime.combine(recording.startdate, recording.starttime).replace(tzinfo=UTC).timestamp()
    cut = any("truncated" in str(each.message) for each in said)
    rate_hz, record_s = rates_hz.pop(), recording.data_record_duration
    records = recording.num_data_records
    few = max(1, round(EDF_S / record_s))
    for first in range(0, records, few):
        progress("Reading", first / records)
        span_s = (first * record_s, min(first + few, records) * record_s)
        acc = [
            axis.get_data_slice(*span_s) * UNITS_G[axis.physical_dimension.strip().lower()] for axis in found
        ]
        since_s = (round(span_s[0] * rate_hz) + np.arange(len(acc[0]))) / rate_hz
        yield _Part(began + since_s, np.column_stack(acc), cut=cut)


_READERS: Mapping[str, Callable[[Path, Progress], Iterator[_Part]]] = {
    CWA: _cwa,
    BIN: _bin,
    GT3X: _gt3x,
    EDF: _edf,
}
