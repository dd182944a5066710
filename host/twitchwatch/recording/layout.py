"""Where the samples of a text file are, and in which units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

STANDARD_GRAVITY = 9.80665
"""m/s2 (3rd CGPM, 1901)."""

Stamp = Literal["number", "iso", "colon", "month_first", "day_first", "clock"]
"""How a time is written, in this order: a number; 2026-03-01T23:00:00.5+01:00; 2026-03-01 23:00:00:500;
03/01/2026 23:00:00.500; 01/03/2026 23:00:00.500; 23:00:00:500."""


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The column of time stamps; `unit` in seconds, None if its size is to show it."""

    index: int
    stamp: Stamp = "number"
    unit_s: float | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file; columns count from 0.

    format: what was recognised. skip: lines before the first row of values. acc: for each axis, the columns
    whose sum it is. unit_g: of those values in g, None if their size is to show it. gyro: a column for each
    axis, or none; gyro_unit_dps likewise. rate_hz, start: what the header states; a file without a time
    column needs a rate. start is ISO 8601, without offset if the file has none.
    """

    format: str
    skip: int
    delimiter: str
    decimal: str
    width: int
    acc: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    time: TimeColumn | None = None
    unit_g: float | None = None
    gyro: tuple[int, int, int] | None = None
    gyro_unit_dps: float = 1.0
    rate_hz: float | None = None
    start: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether the file has lines and columns; a binary one has samples only, in g."""
        return bool(self.delimiter)


def binary_layout(name: str) -> Layout:
    """Of a binary format, whose reader knows where everything is."""
    return Layout(name, 0, "", ".", 0, ((0,), (1,), (2,)), unit_g=1.0)


UNITS_G = {
    "g": 1.0,
    "mg": 1e-3,
    "m/s2": 1 / STANDARD_GRAVITY,
    "m/s^2": 1 / STANDARD_GRAVITY,
    "m/s²": 1 / STANDARD_GRAVITY,
    "ms-2": 1 / STANDARD_GRAVITY,
    "ms2": 1 / STANDARD_GRAVITY,
}
"""Units of acceleration as they are written, in g."""

UNITS_S = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}
"""Units of time as they are written, in s."""

UNITS_DPS = {"rad/s": 180 / 3.141592653589793, "deg/s": 1.0, "d/s": 1.0, "dps": 1.0, "°/s": 1.0}
"""Units of turning as they are written, in degrees a second."""

_UNIT = re.compile(r"[(\[]([^)\]]+)[)\]]|_(s|ms|us|ns|g|mg|ms2|dps)$", re.IGNORECASE)


def unit_of(name: str) -> str | None:
    """The unit that a column name states in brackets or at its end: "Time (s)" and "t_s" give "s"."""
    found = _UNIT.search(name)
    return (found.group(1) or found.group(2)).strip().lower() if found else None
