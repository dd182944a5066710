"""Timestamps as written in files, as seconds since the first one, and the moment of the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.arrow import numbers, present, raw
from twitchwatch.recording.layout import Stamp, TimeColumn
from twitchwatch.recording.spool import Spool

if TYPE_CHECKING:
    import pyarrow as pa

_DAY_S = 86400
_RUN = 200

_LARGEST = 1e19
"""In ns, the year 2286; a larger number is not a time."""

_RATES_HZ = (5.0, 2000.0)
"""The step shows the unit of a bare number: within these rates only one of s, ms, us, ns is possible."""

_SLOWEST_S = 60.0
"""Between samples that are dated: a slower recording is refused as too slow."""

_EPOCH_S = (946_684_800.0, 4_102_444_800.0)
"""From 2000 to 2100: a number of seconds in this range is a date, not a time since the start."""

_PATTERNS: dict[Stamp, str] = {
    "colon": "%Y-%m-%d %H:%M:%S",
    "month_first": "%m/%d/%Y %H:%M:%S",
    "day_first": "%d/%m/%Y %H:%M:%S",
}
_FRACTION = r"^(.*?\d\d?:\d\d:\d\d)(?:[.,:](\d+))?$"
_ISO = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?\s*(?:Z|UTC|([+-]\d\d):?(\d\d))?$"
_CLOCK = r"^\s*(\d\d?):(\d\d):(\d\d)(?:[.,:](\d+))?\s*$"
_OFFSET = r"(Z|UTC|[+-]\d\d:?\d\d)$"


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds since the first stamp, (stored - first) * unit_s; NaN where a stamp is missing.

    start: that moment, aware if the file states its offset, naive if it is local time of an unstated zone,
    None if it has no date. unit_s: of numbers, as found.
    """

    stored: Spool
    start: datetime | None
    first: float = 0.0
    unit_s: float = 1.0

    def __len__(self) -> int:
        """Stamps."""
        return len(self.stored)

    def read(self, first: int, count: int) -> NDArray[np.float64]:
        """Seconds of those from `first` on, as many as there are."""
        since_s: NDArray[np.float64] = (self.stored.read(first, count) - self.first) * self.unit_s
        return since_s


class StampReader(Protocol):
    """Takes the stamps of a file in pieces."""

    def add(self, column: pa.ChunkedArray) -> None:
        """Take the next ones; raises pyarrow.ArrowInvalid if one is none of this kind."""

    def times(self) -> Times:
        """Of all."""


def stamp_reader(time: TimeColumn) -> StampReader:
    """For stamps as the column has them."""
    if time.stamp == "number":
        return Numbers(time.unit_s)
    return Clock() if time.stamp == "clock" else Dates(time.stamp)


class Numbers:
    """Stamps that are numbers; with no unit stated, their step shows it."""

    def __init__(self, unit_s: float | None = None) -> None:
        self._unit_s = unit_s
        self._stored = Spool("<f8")
        self._finite = 0
        self._head: NDArray[np.float64] = np.empty(0)
        self._marks: list[NDArray[np.float64]] = []

    def add(self, column: pa.ChunkedArray) -> None:
        """Take the next ones."""
        self.add_values(numbers(column))

    def add_values(self, values: NDArray[np.float64]) -> None:
        """Take the next ones, as an array."""
        values = np.where(np.abs(values) <= _LARGEST, values, np.nan)
        self._stored.append(values)
        finite = values[np.isfinite(values)]
        self._head = np.append(self._head, finite[: _RUN + 1 - len(self._head)])
        self._marks.append(finite[-self._finite % _RUN :: _RUN].copy())
        self._finite += len(finite)

    def times(self) -> Times:
        """Of all."""
        if not self._finite:
            return Times(self._stored, None)
        unit = self._unit_s if self._unit_s is not None else self._found_unit_s()
        first = float(self._head[0])
        epoch_s = first * unit
        start = None
        if _EPOCH_S[0] <= epoch_s <= _EPOCH_S[1]:
            start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=epoch_s)
        return Times(self._stored, start, first, unit)

    def _found_unit_s(self) -> float:
        """By the median, over runs of samples, of the mean step: batches and holes do not matter to it."""
        run = max(1, min(_RUN, self._finite - 1))
        marks = np.concatenate(self._marks) if self._finite > _RUN else self._head[::run]
        step = float(np.median(np.diff(marks) / run)) if self._finite > 1 else 0.0
        for unit in (1.0, 1e-3, 1e-6, 1e-9):
            # A date has only one unit, at any rate; a count since some start may look like one.
            if _EPOCH_S[0] <= marks[0] * unit <= _EPOCH_S[1] and step * unit <= _SLOWEST_S:
                return unit
        for unit in (1.0, 1e-3, 1e-6, 1e-9):
            if step > 0 and _RATES_HZ[0] <= 1 / (step * unit) <= _RATES_HZ[1]:
                return unit
        return 1.0


class Dates:
    """Stamps that are dates with times. The first of them shows whether they have a zone."""

    def __init__(self, stamp: Stamp) -> None:
        self._stamp = stamp
        self._stored = Spool("<f8")
        self._zoned = False
        self._first: tuple[int, float] | None = None

    def add(self, column: pa.ChunkedArray) -> None:
        """Take the next ones."""
        import pyarrow as pa
        import pyarrow.compute as pc

        text = pc.utf8_trim_whitespace(column)
        if self._first is None:
            self._zoned = self._stamp == "iso" and bool(
                pc.any(pc.match_substring_regex(text, _OFFSET)).as_py()
            )
        try:
            valid, whole_s, part_s = self._usual(text)
        except pa.ArrowInvalid:
            moments, fraction = self._parsed(text)
            valid, whole_s = present(moments), raw(moments, np.int64)
            part_s = numbers(pc.cast(fraction, pa.float64()))
        if self._first is None and valid.any():
            at = int(np.argmax(valid))
            self._first = (int(whole_s[at]), float(part_s[at]))
        first_s, first_part_s = self._first or (0, 0.0)
        self._stored.append(np.where(valid, (whole_s - first_s) + (part_s - first_part_s), np.nan))

    def _usual(
        self, text: pa.ChunkedArray
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.float64]]:
        """Those that pyarrow reads itself, ten times as fast: which are there, whole seconds, the rest."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._stamp == "colon":
            text = pc.utf8_replace_slice(text, 19, 20, ".")
        elif self._stamp != "iso":
            raise pa.ArrowInvalid
        moments = pc.cast(text, pa.timestamp("ns", "UTC" if self._zoned else None))
        whole_s, rest_ns = np.divmod(raw(moments, np.int64), 1_000_000_000)
        return present(moments), whole_s, rest_ns / 1e9

    def _parsed(self, text: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
        """Whole seconds since 1970, and the remainder of each as a decimal fraction."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._stamp != "iso":
            whole = pc.replace_substring_regex(text, _FRACTION, r"\1")
            moments = pc.strptime(whole, format=_PATTERNS[self._stamp], unit="s")
            return moments, pc.replace_substring_regex(text, _FRACTION, r"0.\2")
        whole = pc.replace_substring_regex(text, _ISO, r"\1T\2" + (r"\4\5" if self._zoned else ""))
        if self._zoned:
            whole = pc.replace_substring_regex(whole, r"(T\d\d:\d\d:\d\d)$", r"\1Z")
        moments = pc.cast(whole, pa.timestamp("s", "UTC" if self._zoned else None))
        return moments, pc.replace_substring_regex(text, _ISO, r"0.\3")

    def times(self) -> Times:
        """Of all."""
        if self._first is None:
            return Times(self._stored, None)
        whole_s, part_s = self._first
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            seconds=whole_s, microseconds=round(part_s * 1e6)
        )
        return Times(self._stored, moment if self._zoned else moment.replace(tzinfo=None))


class Clock:
    """Times of the clock, which pass midnight."""

    def __init__(self) -> None:
        self._stored = Spool("<f8")
        self._first_s: float | None = None
        self._before_s = self._passed_s = 0.0

    def add(self, column: pa.ChunkedArray) -> None:
        """Take the next ones."""
        import pyarrow as pa
        import pyarrow.compute as pc

        parts = [
            numbers(pc.cast(pc.replace_substring_regex(column, _CLOCK, put), pa.float64()))
            for put in (r"\1", r"\2", r"\3.\4")
        ]
        clock_s = parts[0] * 3600 + parts[1] * 60 + parts[2]
        valid = np.isfinite(clock_s)
        if valid.any():
            known_s = clock_s[valid]
            if self._first_s is None:
                self._first_s = self._before_s = float(known_s[0])
            midnights = np.cumsum(np.diff(known_s, prepend=self._before_s) < -_DAY_S / 2)
            clock_s[valid] = known_s + self._passed_s + midnights * _DAY_S
            self._before_s = float(known_s[-1])
            self._passed_s += float(midnights[-1]) * _DAY_S
        self._stored.append(clock_s - (self._first_s or 0.0))

    def times(self) -> Times:
        """Of all."""
        return Times(self._stored, None)
