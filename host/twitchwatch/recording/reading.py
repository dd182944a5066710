"""A recording of any format that is recognised, with notices of what was found and converted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from twitchwatch.errors import RecordingError
from twitchwatch.recording.binary import binary_format, read_binary
from twitchwatch.recording.faults import find_fault
from twitchwatch.recording.formats import FORMATS, recognise
from twitchwatch.recording.head import read_head
from twitchwatch.recording.layout import Layout, binary_layout
from twitchwatch.recording.measured import Measured
from twitchwatch.recording.model import RANGE_G, Recording
from twitchwatch.recording.progress import Progress, unseen
from twitchwatch.recording.rate import Pace
from twitchwatch.recording.rows import KeptRows, Rows
from twitchwatch.recording.series import EvenStamps, Stamps
from twitchwatch.recording.source import Source, sources
from twitchwatch.recording.stated import Stated, stated_layout
from twitchwatch.recording.table import Table, line_of_row, read_table
from twitchwatch.recording.timeline import place
from twitchwatch.recording.units import Fault, Scale, scale_of

_FEWEST_COLUMNS = 4
"""A time and three axes."""

_PREFERRED = ("totalacceleration", "accelerometeruncalibrated", "raw data")


def read_recording(path: str | Path, stated: Stated | None = None, progress: Progress = unseen) -> Recording:
    """Read a recording of any known format, converted to 104 Hz and int16; see `timeline.place`.

    "-" is standard input; gzip, zip and UTF-16 are read as they are. However long it is, a few megabytes are
    in memory at a time. Raises RecordingError with the file, the line, what was recognised and the remedy
    if it cannot be a recording.
    """
    with sources(Path(path)) as found:
        stated = stated or Stated()
        return _read(*_recognised(str(path), found, stated), stated, progress)


def _read(source: Source, layout: Layout, stated: Stated, progress: Progress) -> Recording:
    table = (
        read_table(source, layout, progress)
        if layout.is_text
        else read_binary(source, layout.format, progress)
    )
    notices = [f"Read as {layout.format}."]
    if table.cut:
        notices.append("The file is truncated: its incomplete end was left out.")
    start = stated.start or _start(table, layout)
    rows = Rows(_stamps(source, layout, table, stated), table.acc, table.gyro)
    kinds = rows.kinds
    if kinds.first_missing is not None:
        first = _place(source, layout, kinds.first_missing)
        notices.append(f"{_samples(kinds.missing)} without a value left out, the first in {first}.")
    if kinds.first_zero is not None:
        first = _place(source, layout, kinds.first_zero)
        notices.append(
            f"{_samples(kinds.zero)} with 0 on all axes (no gravity) left out, the first in {first}."
        )
    scale = scale_of(kinds.magnitudes, stated.unit_g or layout.unit_g, stated.unit_g is None)
    if isinstance(scale, Fault):
        raise _refusal(source, layout, rows, scale)
    notices += _scale_notices(scale, layout, table)
    if kinds.repeated:
        notices.append(f"{_samples(kinds.repeated)} repeated: one of each was kept.")
    series = KeptRows(rows, scale.unit_g, layout.gyro_unit_dps)
    pace = Pace(series.stamps)
    fault = find_fault(pace)
    if fault is not None:
        raise _refusal(source, layout, rows, fault)
    values = series.measured()
    if series.beyond:
        notices.append(
            f"{_samples(series.beyond)} beyond +-{RANGE_G:.0f} g limited to it, as the ring's sensor would "
            "have done."
        )
    recording = place(Path(source.name).name, series, Measured(values, pace), pace, progress)
    return replace(recording, format=layout.format, start=start, notices=(*notices, *recording.notices))


def _recognised(path: str, contained: list[Source], stated: Stated) -> tuple[Source, Layout]:
    if stated.columns is not None and len(contained) == 1:
        return contained[0], stated_layout(read_head(contained[0]), stated.columns)
    if len(contained) == 1 and (binary := binary_format(contained[0])) is not None:
        return contained[0], binary_layout(binary)
    found = [(source, layout) for source in contained if (layout := recognise(read_head(source)))]
    if not found:
        names = ", ".join(name for name, _, _ in FORMATS)
        raise RecordingError(f"{path}, line 1: no known format ({names}). {_remedy(contained)}")
    if len(found) > 1:
        for wanted in _PREFERRED:
            for source, layout in found:
                if wanted in (source.member or "").lower():
                    return source, layout
        members = ", ".join(source.member or "" for source, _ in found)
        raise RecordingError(
            f"{path}: several recordings in one archive ({members}). Unpack it and choose one."
        )
    return found[0]


def _remedy(contained: list[Source]) -> str:
    """How to read a file that no format describes: by its own columns if it has enough of them."""
    head = read_head(contained[0])
    first = head.first()
    names = head.cells(first, head.dialect(first)[0]) if first < len(head.lines) else []
    if len(contained) > 1 or len(names) < _FEWEST_COLUMNS:
        return "Add a first line with the columns' names, such as t_s,ax_g,ay_g,az_g."
    if head.first(first + 1) == len(head.lines):
        return "No values follow its first line: export the recording again."
    return (
        f"Its columns are {', '.join(names)[:200]}: state those of the time and of the three axes, such as "
        "--columns t=1,x=2,y=3,z=4."
    )


def _start(table: Table, layout: Layout) -> datetime | None:
    if table.times is not None and table.times.start is not None:
        return table.times.start
    return datetime.fromisoformat(layout.start) if layout.start else None


def _stamps(source: Source, layout: Layout, table: Table, stated: Stated) -> Stamps:
    rate_hz = stated.rate_hz or (layout.rate_hz if table.times is None else None)
    if rate_hz is not None:
        return EvenStamps(len(table.acc), rate_hz)
    if table.times is None:
        raise RecordingError(f"{source.name}: {layout.format} states neither times nor a rate. Add --rate.")
    return table.times


def _scale_notices(scale: Scale, layout: Layout, table: Table) -> list[str]:
    notices = [scale.notice] if scale.notice else []
    if table.times is not None and layout.time is not None and layout.time.stamp == "number":
        unit = {1e-3: "milliseconds", 1e-6: "microseconds", 1e-9: "nanoseconds"}.get(table.times.unit_s)
        notices += [f"Times are in {unit}."] if unit else []
    return notices


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"


def _refusal(source: Source, layout: Layout, rows: Rows, fault: Fault) -> RecordingError:
    row = rows.place_of(fault.row)
    return RecordingError(
        f"{source.name}, {_place(source, layout, row)}: {fault.what}. {layout.format} was recognised. "
        f"{fault.remedy}"
    )


def _place(source: Source, layout: Layout, row: int) -> str:
    return f"line {line_of_row(source, layout, row)}" if layout.is_text else f"sample {row}"
