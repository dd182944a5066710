"""Time stamps as files write them, as seconds since the first one and the moment of that one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.layout import Stamp, TimeColumn

if TYPE_CHECKING:
    import pyarrow as pa

_DAY_S = 86400
_RUN = 200

_LARGEST = 1e19
"""In ns, the year 2286; a larger number is not a time."""

_RATES_HZ = (5.0, 2000.0)
"""Which unit a bare number has, its step shows: within these rates only one of s, ms, us, ns is possible."""

_EPOCH_S = (946_684_800.0, 4_102_444_800.0)
"""From 2000 to 2100: a number of seconds in this range is a date, not a time since the start."""

_PATTERNS: dict[Stamp, str] = {
    "colon": "%Y-%m-%d %H:%M:%S",
    "month_first": "%m/%d/%Y %H:%M:%S",
    "day_first": "%d/%m/%Y %H:%M:%S",
}
_FRACTION = r"^(.*?\d\d?:\d\d:\d\d)(?:[.,:](\d+))?$"
_ISO = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?\s*(?:Z|UTC|([+-]\d\d):?(\d\d))?$"
_OFFSET = r"(Z|UTC|[+-]\d\d:?\d\d)$"


@dataclass(frozen=True, slots=True)
class Times:
    """since_s: (n,) seconds since the first stamp, NaN where a stamp is missing. start: that moment, aware
    if the file states its offset, naive if it is local time of an unstated zone, None if it has no date.
    unit_s: of numbers, as found.
    """

    since_s: NDArray[np.float64]
    start: datetime | None
    unit_s: float = 1.0


def times_of_numbers(values: NDArray[np.float64], unit_s: float | None) -> Times:
    """Stamps (n,) that are numbers; with no unit stated, their step shows it."""
    values = np.where(np.abs(values) <= _LARGEST, values, np.nan)
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Times(values, None)
    unit = unit_s if unit_s is not None else _unit_s(finite)
    first = float(finite[0])
    epoch_s = first * unit
    start = None
    if _EPOCH_S[0] <= epoch_s <= _EPOCH_S[1]:
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=epoch_s)
    return Times((values - first) * unit, start, unit)


def times_of_text(column: pa.ChunkedArray, time: TimeColumn) -> Times:
    """Stamps that are dates with times, or times of the clock, which pass midnight.

    Raises pyarrow.ArrowInvalid if one is none of this kind.
    """
    if time.stamp == "clock":
        return Times(_since_midnight(column), None)
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(column)
    zoned = time.stamp == "iso" and bool(pc.any(pc.match_substring_regex(text, _OFFSET)).as_py())
    if time.stamp == "iso":
        whole = pc.replace_substring_regex(text, _ISO, r"\1T\2" + (r"\4\5" if zoned else ""))
        if zoned:
            whole = pc.replace_substring_regex(whole, r"(T\d\d:\d\d:\d\d)$", r"\1Z")
        moments = pc.cast(whole, pa.timestamp("s", "UTC" if zoned else None))
        fraction = pc.replace_substring_regex(text, _ISO, r"0.\3")
    else:
        whole = pc.replace_substring_regex(text, _FRACTION, r"\1")
        moments = pc.strptime(whole, format=_PATTERNS[time.stamp], unit="s")
        fraction = pc.replace_substring_regex(text, _FRACTION, r"0.\2")
    valid = moments.is_valid().to_numpy(zero_copy_only=False)
    if not valid.any():
        return Times(np.full(len(valid), np.nan), None)
    whole_s = moments.cast(pa.int64()).to_numpy(zero_copy_only=False)
    part_s = pc.cast(fraction, pa.float64()).to_numpy(zero_copy_only=False)
    first = int(np.argmax(valid))
    since_s = np.where(valid, (whole_s - whole_s[first]) + (part_s - part_s[first]), np.nan)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=int(whole_s[first]), microseconds=round(part_s[first] * 1e6)
    )
    return Times(since_s, moment if zoned else moment.replace(tzinfo=None))


def _since_midnight(column: pa.ChunkedArray) -> NDArray[np.float64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    pattern = r"^\s*(\d\d?):(\d\d):(\d\d)(?:[.,:](\d+))?\s*$"
    parts = [
        pc.cast(pc.replace_substring_regex(column, pattern, put), pa.float64()).to_numpy(zero_copy_only=False)
        for put in (r"\1", r"\2", r"\3.\4")
    ]
    clock_s = parts[0] * 3600 + parts[1] * 60 + parts[2]
    valid = np.isfinite(clock_s)
    passed = np.zeros(len(clock_s))
    passed[valid] = np.cumsum(np.diff(clock_s[valid], prepend=clock_s[valid][:1]) < -_DAY_S / 2) * _DAY_S
    since_s: NDArray[np.float64] = clock_s + passed
    return since_s - (since_s[valid][0] if valid.any() else 0.0)


def _unit_s(finite: NDArray[np.float64]) -> float:
    """By the median, over runs of samples, of the mean step: batches and holes do not matter to it."""
    run = max(1, min(_RUN, len(finite) - 1))
    step = float(np.median(np.diff(finite[::run]) / run)) if len(finite) > 1 else 0.0
    for unit in (1.0, 1e-3, 1e-6, 1e-9):
        if step > 0 and _RATES_HZ[0] <= 1 / (step * unit) <= _RATES_HZ[1]:
            return unit
    return 1.0
