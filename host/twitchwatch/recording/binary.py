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
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twitchwatch.errors import MissingExtraError, RecordingError
from twitchwatch.recording.layout import UNITS_G
from twitchwatch.recording.progress import Progress, unseen
from twitchwatch.recording.source import GT3X_MEMBERS, Source
from twitchwatch.recording.spool import Spool
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


def read_binary(source: Source, name: str, progress: Progress = unseen) -> Table:
    """All samples of a file of format `name`, in g.

    Raises RecordingError if it cannot be read or holds no acceleration, and MissingExtraError if the
    library is not installed.
    """
    with tempfile.NamedTemporaryFile(suffix=".gt3x" if name == GT3X else "") as copy:
        path = source.path
        if source.kept is not None:
            with source.raw() as file:
                shutil.copyfileobj(file, copy)
            copy.flush()
            path = Path(copy.name)
        readers: dict[str, Callable[[Path], Table]] = {GT3X: _gt3x, EDF: _edf}
        try:
            table = readers.get(name, _actfast)(path)
        except ImportError as error:
            raise MissingExtraError(f"{error.name}, which reads {name}, is", "recordings") from error
        except (ValueError, OSError, KeyError, IndexError, EOFError) as error:
            raise RecordingError(
                f"{source.name}: recognised as {name}, but it cannot be read ({error}). Export it again, or "
                "as CSV."
            ) from error
    if not len(table.acc):
        remedy = "Install pygt3x, or export it" if name == GT3X else "Export the recording"
        raise RecordingError(f"{source.name}: no acceleration was found in this {name}. {remedy} as CSV.")
    return table


def _actfast(path: Path) -> Table:
    import actfast

    series = [each for each in actfast.read(path)["timeseries"].values() if "acceleration" in each]
    if not series:
        return _table(np.empty(0), np.empty((0, 3)), None, None)
    since_1970_ns = np.asarray(series[0]["datetime"])
    acc_g = np.asarray(series[0]["acceleration"], np.float64)
    gyro = series[0].get("gyroscope")
    if gyro is not None and len(acc_g) and np.median(np.linalg.norm(acc_g, axis=1)) < _LEAST_GRAVITY_G:
        raise ValueError("the acceleration of this AX6 has no gravity, as if it were the rotation")
    return _table(
        (since_1970_ns - since_1970_ns[:1]) / 1e9,
        acc_g,
        None if gyro is None else np.asarray(gyro, np.float64),
        float(since_1970_ns[0]) / 1e9 if len(since_1970_ns) else None,
    )


def _gt3x(path: Path) -> Table:
    problem: ValueError | None = None
    try:
        table = _actfast(path)
    except ValueError as error:
        table, problem = None, error
    if table is not None and len(table.acc):
        return table
    if find_spec("pygt3x") is None:
        if problem is not None:
            raise ValueError(f"{problem}; pygt3x may be able to read it") from problem
        return _table(np.empty(0), np.empty((0, 3)), None, None)
    from pygt3x.reader import FileReader

    with FileReader(str(path)) as reader:
        frame: Any = reader.to_pandas()
    since_1970_s = frame.index.to_numpy(np.float64)
    acc = frame[["X", "Y", "Z"]].to_numpy(np.float64)
    return _table(since_1970_s - since_1970_s[:1], acc, None, since_1970_s[0] if len(acc) else None)


def _edf(path: Path) -> Table:
    import edfio

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        recording = edfio.read_edf(path)
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
    acc = np.column_stack([axis.data * UNITS_G[axis.physical_dimension.strip().lower()] for axis in found])
    began = datetime.combine(recording.startdate, recording.starttime).replace(tzinfo=UTC)
    table = _table(np.arange(len(acc)) / rates_hz.pop(), acc, None, began.timestamp())
    return replace(table, cut=any("truncated" in str(each.message) for each in said))


def _table(
    since_s: NDArray[np.float64],
    acc_g: NDArray[np.float64],
    gyro_dps: NDArray[np.float64] | None,
    since_1970_s: float | None,
) -> Table:
    """These sensors record the time of their own clock, whose zone the file does not state."""
    start = None
    # pygt3x 0.7.1 reads the clock of the oldest GT3X files 31 years too early.
    if since_1970_s is not None and since_1970_s > _YEAR_2000_S:
        start = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=since_1970_s)).replace(tzinfo=None)
    times, acc = Spool("<f8"), Spool("<f4", 3)
    times.append(since_s)
    acc.append(acc_g)
    gyro = None if gyro_dps is None else Spool("<f4", 3)
    if gyro is not None and gyro_dps is not None:
        gyro.append(gyro_dps)
    return Table(Times(times, start), acc, gyro, cut=False)
