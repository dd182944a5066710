"""A recording of any format that is recognised, with notices of what was found and converted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twitchwatch.errors import RecordingError
from twitchwatch.recording.binary import binary_format, read_binary
from twitchwatch.recording.faults import find_fault
from twitchwatch.recording.formats import FORMATS, recognise
from twitchwatch.recording.head import read_head
from twitchwatch.recording.layout import Layout, binary_layout
from twitchwatch.recording.model import RANGE_G, Recording
from twitchwatch.recording.source import Source, sources
from twitchwatch.recording.stated import Stated, stated_layout
from twitchwatch.recording.table import Table, line_of_row, read_table
from twitchwatch.recording.timeline import place
from twitchwatch.recording.units import Fault, Scale, scale_of

_PREFERRED = ("totalacceleration", "accelerometeruncalibrated", "raw data")


def read_recording(path: str | Path, stated: Stated | None = None) -> Recording:
    """Read a recording of any known format, converted to 104 Hz and int16; see `timeline.place`.

    "-" is standard input; gzip, zip and UTF-16 are read as they are. Raises RecordingError with the file, the
    line, what was recognised and the remedy if it cannot be a recording.
    """
    with sources(Path(path)) as found:
        stated = stated or Stated()
        return _read(*_recognised(str(path), found, stated), stated)


def _read(source: Source, layout: Layout, stated: Stated) -> Recording:
    table = read_table(source, layout) if layout.is_text else read_binary(source, layout.format)
    notices = [f"Read as {layout.format}."]
    if table.cut:
        notices.append("The end of the file is cut: what was incomplete was left out.")
    start = stated.start or _start(table, layout)
    t_s = _times_s(source, layout, table, stated)
    rows = _whole(t_s, table)
    if len(rows) < len(t_s):
        first = _place(source, layout, int(np.setdiff1d(np.arange(len(t_s)), rows, assume_unique=True)[0]))
        notices.append(f"{_samples(len(t_s) - len(rows))} without a value left out, the first in {first}.")
    scale = scale_of(
        np.linalg.norm(table.acc[rows], axis=1), stated.unit_g or layout.unit_g, stated.unit_g is None
    )
    if isinstance(scale, Fault):
        raise _refusal(source, layout, rows, scale)
    notices += _scale_notices(scale, layout, table)
    kept = rows[_once(t_s[rows], table.acc[rows])]
    if len(kept) < len(rows):
        notices.append(f"{_samples(len(rows) - len(kept))} written twice: one of each was kept.")
    acc_g = table.acc[kept] * scale.unit_g
    gyro_dps = None if table.gyro is None else table.gyro[kept] * layout.gyro_unit_dps
    fault = find_fault(t_s[kept], acc_g)
    if fault is not None:
        raise _refusal(source, layout, kept, fault)
    beyond = int((np.abs(acc_g) > RANGE_G).any(axis=1).sum())
    if beyond:
        notices.append(
            f"{_samples(beyond)} beyond +-{RANGE_G:.0f} g limited to it, as our sensor would have done."
        )
    recording = place(Path(source.name).name, t_s[kept], acc_g.clip(-RANGE_G, RANGE_G), gyro_dps)
    return replace(recording, format=layout.format, start=start, notices=(*notices, *recording.notices))


def _recognised(path: str, contained: list[Source], stated: Stated) -> tuple[Source, Layout]:
    if stated.columns is not None and len(contained) == 1:
        return contained[0], stated_layout(read_head(contained[0]), stated.columns)
    if len(contained) == 1 and (binary := binary_format(contained[0])) is not None:
        return contained[0], binary_layout(binary)
    found = [(source, layout) for source in contained if (layout := recognise(read_head(source)))]
    if not found:
        names = ", ".join(name for name, _, _ in FORMATS)
        raise RecordingError(
            f"{path}, line 1: no known format ({names}). "
            "Name the columns in the first line, such as t_s,ax_g,ay_g,az_g."
        )
    if len(found) > 1:
        for wanted in _PREFERRED:
            for source, layout in found:
                if wanted in (source.member or "").lower():
                    return source, layout
        members = ", ".join(source.member or "" for source, _ in found)
        raise RecordingError(
            f"{path}: several recordings in one archive ({members}). Unpack it and name one."
        )
    return found[0]


def _start(table: Table, layout: Layout) -> datetime | None:
    if table.times is not None and table.times.start is not None:
        return table.times.start
    return datetime.fromisoformat(layout.start) if layout.start else None


def _times_s(source: Source, layout: Layout, table: Table, stated: Stated) -> NDArray[np.float64]:
    rate_hz = stated.rate_hz or (layout.rate_hz if table.times is None else None)
    if rate_hz is not None:
        return np.arange(len(table.acc)) / rate_hz
    if table.times is None:
        raise RecordingError(f"{source.name}: {layout.format} states neither times nor a rate. Add --rate.")
    return table.times.since_s


def _whole(t_s: NDArray[np.float64], table: Table) -> NDArray[np.intp]:
    good = np.isfinite(t_s) & np.isfinite(table.acc).all(axis=1)
    if table.gyro is not None:
        good &= np.isfinite(table.gyro).all(axis=1)
    return np.flatnonzero(good)


def _once(t_s: NDArray[np.float64], acc: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Rows that do not repeat the one before in time and values, if most rows of equal time do."""
    same_time = np.diff(t_s, prepend=np.nan) == 0
    same = same_time & (np.diff(acc, axis=0, prepend=np.nan) == 0).all(axis=1)
    return ~same if same.sum() > 0.9 * same_time.sum() else np.ones(len(t_s), bool)


def _scale_notices(scale: Scale, layout: Layout, table: Table) -> list[str]:
    notices = [scale.notice] if scale.notice else []
    if table.times is not None and layout.time is not None and layout.time.stamp == "number":
        unit = {1e-3: "milliseconds", 1e-6: "microseconds", 1e-9: "nanoseconds"}.get(table.times.unit_s)
        notices += [f"Times are in {unit}."] if unit else []
    return notices


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"


def _refusal(source: Source, layout: Layout, rows: NDArray[np.intp], fault: Fault) -> RecordingError:
    row = int(rows[fault.row]) if len(rows) else 0
    return RecordingError(
        f"{source.name}, {_place(source, layout, row)}: {fault.what}. {layout.format} was recognised. "
        f"{fault.remedy}"
    )


def _place(source: Source, layout: Layout, row: int) -> str:
    return f"line {line_of_row(source, layout, row)}" if layout.is_text else f"sample {row}"
