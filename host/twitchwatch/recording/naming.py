"""Finding columns by their names, whatever their case, quotes and units."""

from __future__ import annotations

import re
from collections.abc import Sequence

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import UNITS_DPS, UNITS_G, UNITS_S, Layout, Stamp, TimeColumn, unit_of

Triple = tuple[int, int, int]

_NUMBER = re.compile(r"^\s*[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?\s*$")
_STAMPS: tuple[tuple[str, Stamp], ...] = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?", "iso"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d:\d+", "colon"),
    (r"\d\d?/\d\d?/\d{4} \d\d?:\d\d:\d\d([.,:]\d+)?", "month_first"),
    (r"\d\d?:\d\d:\d\d([.,:]\d+)?", "clock"),
)


def is_number(cell: str) -> bool:
    """Whether a field is a number, with either decimal mark."""
    return bool(_NUMBER.match(cell))


def stamp_of(cell: str) -> Stamp | None:
    """How a timestamp is written, judging by one of them; None if it is not a timestamp."""
    if is_number(cell):
        return "number"
    return next((stamp for pattern, stamp in _STAMPS if re.fullmatch(pattern, cell)), None)


def place_of(names: Sequence[str], pattern: str) -> int | None:
    """The first column whose name matches `pattern` as a whole, in any case."""
    whole = re.compile(pattern, re.IGNORECASE)
    return next((i for i, name in enumerate(names) if whole.fullmatch(name)), None)


def triple(names: Sequence[str], pattern: str) -> Triple | None:
    """The columns of three axes; `pattern` has {} for x, y and z."""
    found = [place_of(names, pattern.format(axis)) for axis in "xyz"]
    return None if None in found else (found[0], found[1], found[2])  # type: ignore[return-value]


def named(
    head: Head,
    header: int,
    what: str,
    *,
    time: str,
    acc: str,
    added: str | None = None,
    gyro: str | None = None,
    unit_g: float | None = None,
    unit_s: float | None = None,
    gyro_unit_dps: float = 1.0,
) -> Layout | None:
    """A layout whose columns are named in line `header`, or None if those columns are not there.

    `time`, `acc`, `added` (a part of the acceleration in columns of its own, such as gravity) and `gyro` are
    patterns. A unit in a column's name goes before the one given.
    """
    if header >= len(head.lines):
        return None
    delimiter, decimal = head.dialect(row := head.first(header + 1))
    names = head.cells(header, delimiter)
    values = head.cells(row, delimiter) if row < len(head.lines) else []
    at, axes = place_of(names, time), triple(names, acc)
    parts = triple(names, added) if added else None
    if at is None or axes is None or (added and parts is None) or len(values) <= max(at, *axes):
        return None
    stamp = stamp_of(values[at])
    if stamp is None:
        return None
    turning = triple(names, gyro) if gyro else None
    stated_dps = UNITS_DPS.get(unit_of(names[turning[0]]) or "") if turning else None
    stated_s = UNITS_S.get(unit_of(names[at]) or "")
    return Layout(
        format=what,
        skip=row,
        delimiter=delimiter,
        decimal=decimal,
        width=len(values),
        acc=tuple((axis, parts[i]) if parts else (axis,) for i, axis in enumerate(axes)),  # type: ignore[arg-type]
        time=TimeColumn(at, stamp, (stated_s or unit_s) if stamp == "number" else None),
        unit_g=UNITS_G.get(unit_of(names[axes[0]]) or "", unit_g),
        gyro=turning,
        gyro_unit_dps=stated_dps or gyro_unit_dps,
    )
