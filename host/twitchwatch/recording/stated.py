"""What the user states about a recording, overriding what is found in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from twitchwatch.errors import UsageError
from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import UNITS_G, Layout, TimeColumn
from twitchwatch.recording.naming import is_number, stamp_of

_COUNTS = re.compile(r"([\d.]+)/g")
_ROLES = ("t", "x", "y", "z")


@dataclass(frozen=True, slots=True)
class Stated:
    """The rate in Hz, the unit in g, the moment of the first sample, and the columns by role: t, x, y, z.

    A column is a name of the first line, or a number from 1.
    """

    rate_hz: float | None = None
    unit_g: float | None = None
    start: datetime | None = None
    columns: Mapping[str, str] | None = None


def stated(rate_hz: float | None, units: str | None, start: str | None, columns: str | None) -> Stated:
    """From the command line: units such as m/s2 or 8192/g, start in ISO 8601, columns as t=1,x=ax,y=ay,z=az.

    Raises UsageError, with an example, if one cannot be used.
    """
    if rate_hz is not None and not 0 < rate_hz < float("inf"):
        raise UsageError(f"--rate {rate_hz:g} is not a rate: give samples per second, such as 100.")
    return Stated(rate_hz, _unit_g(units), None if start is None else moment(start), _columns(columns))


def moment(start: str) -> datetime:
    """A time in ISO 8601. Raises UsageError, with an example."""
    try:
        return datetime.fromisoformat(start)
    except ValueError as error:
        raise UsageError(f"--start {start} is not a time: write it as 2026-03-01T23:00:00+01:00.") from error


def stated_layout(head: Head, columns: Mapping[str, str]) -> Layout:
    """A layout of the columns that were stated. Raises UsageError if one is not there, or holds no number."""
    first = head.first()
    delimiter, decimal = head.dialect(first)
    names = head.cells(first, delimiter) if first < len(head.lines) else []
    named = not all(is_number(cell) or stamp_of(cell) for cell in names)
    row = head.first(first + 1) if named else first
    delimiter, decimal = head.dialect(row)
    values = head.cells(row, delimiter) if row < len(head.lines) else []
    places = {role: _place(head, names, len(values), column) for role, column in columns.items()}
    stamp = stamp_of(values[places["t"]]) if "t" in places else None
    if "t" in places and stamp is None:
        raise UsageError(f"{head.name}: {values[places['t']][:40]!r} in the time column is not a time.")
    return Layout(
        format="CSV, columns as given",
        skip=row,
        delimiter=delimiter,
        decimal=decimal,
        width=len(values),
        acc=((places["x"],), (places["y"],), (places["z"],)),
        time=None if stamp is None else TimeColumn(places["t"], stamp),
    )


def _place(head: Head, names: list[str], width: int, column: str) -> int:
    if column in names:
        return names.index(column)
    if column.isdecimal() and 1 <= int(column) <= width:
        return int(column) - 1
    raise UsageError(f"{head.name}: there is no column {column!r}. It has {', '.join(names)[:200]}.")


def _unit_g(units: str | None) -> float | None:
    if units is None:
        return None
    counts = _COUNTS.fullmatch(units)
    if counts and is_number(counts.group(1)) and float(counts.group(1)) > 0:
        return 1 / float(counts.group(1))
    if units.lower() not in UNITS_G:
        raise UsageError(
            f"--units {units} is not a unit: give g, mg, m/s2, or the counts per g, such as 8192/g."
        )
    return UNITS_G[units.lower()]


def _columns(columns: str | None) -> Mapping[str, str] | None:
    if columns is None:
        return None
    pairs = dict(part.partition("=")[::2] for part in columns.split(","))
    if not set("xyz") <= set(pairs) <= set(_ROLES) or not all(pairs.values()):
        raise UsageError(f"--columns {columns} is incomplete: write t=1,x=2,y=3,z=4, with numbers or names.")
    return pairs
