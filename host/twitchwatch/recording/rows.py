"""The rows of a file: which of them are samples, and these as a series in g."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.measured import Values
from twitchwatch.recording.model import RANGE_G
from twitchwatch.recording.series import Stamps, spans
from twitchwatch.recording.spool import Spool

_MISSING, _SAMPLE, _REPEATED = 0, 1, 2
_MOSTLY = 0.9
_MAGNITUDES = 1 << 20
"""A median of this many is exact to a thousandth of their spread."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """missing: rows without a time or a value, the first of them `first_missing`. zero: the same for those
    that are 0 on all axes. repeated: rows that repeat the previous one and are left out. magnitudes: of the
    others, in the file's unit, evenly taken.
    """

    missing: int
    first_missing: int | None
    zero: int
    first_zero: int | None
    repeated: int
    magnitudes: NDArray[np.float64]


class Rows:
    """All rows of a file: stamps, acc and, or None, gyro (n, 3) in the file's units."""

    def __init__(self, stamps: Stamps, acc: Spool, gyro: Spool | None) -> None:
        self.stamps = stamps
        self.acc = acc
        self.gyro = gyro
        self._kinds = Spool("u1")

    @cached_property
    def kinds(self) -> Kinds:
        """Look at all of them once.

        A row repeats the previous one if its time and its values are the same; such rows are left out if most
        rows of equal time are like that. Gravity is always there: 0 on all axes is not a measurement, but
        what a program writes if it has none.
        """
        missing = zero = same_times = repeated = 0
        first_missing = first_zero = None
        magnitudes = Thinned(_MAGNITUDES)
        before = np.full((1, 4), np.nan)
        for first, count in spans(len(self.acc)):
            t_s, acc = self.stamps.read(first, count), self.acc.read(first, count)
            whole = np.isfinite(t_s) & np.isfinite(acc).all(axis=1)
            if self.gyro is not None:
                whole &= np.isfinite(self.gyro.read(first, count)).all(axis=1)
            if first_missing is None and not whole.all():
                first_missing = first + int(np.argmin(whole))
            missing += len(whole) - int(whole.sum())
            nothing = whole & (acc == 0).all(axis=1)
            if first_zero is None and nothing.any():
                first_zero = first + int(np.argmax(nothing))
            zero += int(nothing.sum())
            whole &= ~nothing
            rows = np.column_stack([t_s, acc])[whole]
            same = np.diff(np.concatenate([before, rows]), axis=0) == 0
            repeats = same.all(axis=1)
            same_times += int(same[:, 0].sum())
            repeated += int(repeats.sum())
            kinds = whole.astype(np.uint8)
            kinds[whole] += repeats
            self._kinds.append(kinds)
            magnitudes.add(np.linalg.norm(rows[:, 1:], axis=1))
            before = rows[-1:] if len(rows) else before
        if repeated <= _MOSTLY * same_times:
            repeated = 0
        return Kinds(missing, first_missing, zero, first_zero, repeated, magnitudes.values())

    def kept(self, first: int, count: int) -> NDArray[np.bool_]:
        """Which of `count` rows from `first` on are samples."""
        kinds = self._kinds.read(first, count)
        kept: NDArray[np.bool_] = (kinds == _SAMPLE) if self.kinds.repeated else kinds != _MISSING
        return kept

    def place_of(self, sample: int) -> int:
        """The row of a sample, counted without those that are left out; 0 if there is none."""
        for first, count in spans(len(self.acc)):
            rows = np.flatnonzero(self.kept(first, count))
            if sample < len(rows):
                return first + int(rows[sample])
            sample -= len(rows)
        return 0


class KeptRows:
    """The samples among rows, in g and degrees a second, limited to the sensor's range."""

    def __init__(self, rows: Rows, unit_g: float, gyro_unit_dps: float) -> None:
        self._rows = rows
        self._unit_g = unit_g
        self._gyro_unit_dps = gyro_unit_dps
        self.beyond = 0
        """Samples beyond the range, once they have been measured."""
        self.stamps: Stamps = rows.stamps
        """Of the samples only."""
        if rows.kinds.missing or rows.kinds.zero or rows.kinds.repeated:
            self.stamps = stamps = Spool("<f8")
            for first, count in spans(len(rows.acc)):
                stamps.append(rows.stamps.read(first, count)[rows.kept(first, count)])

    @property
    def channels(self) -> int:
        """3, or 6 with a gyroscope."""
        return 3 if self._rows.gyro is None else 6

    def measured(self) -> Values:
        """Look at all values once."""
        values = Values()
        for _, _, acc_g in self._accelerations():
            self.beyond += int((np.abs(acc_g) > RANGE_G).any(axis=1).sum())
            values.add(acc_g.clip(-RANGE_G, RANGE_G))
        return values

    def blocks(self) -> Iterator[NDArray[np.float64]]:
        """All values (n, channels) in order."""
        rows = self._rows
        for first, count, acc_g in self._accelerations():
            values = acc_g.clip(-RANGE_G, RANGE_G)
            if rows.gyro is not None:
                turning = rows.gyro.read(first, count)[rows.kept(first, count)]
                values = np.hstack([values, turning * self._gyro_unit_dps])
            yield values

    def _accelerations(self) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
        for first, count in spans(len(self._rows.acc)):
            acc = self._rows.acc.read(first, count)[self._rows.kept(first, count)]
            if len(acc):
                yield first, count, acc.astype(np.float64) * self._unit_g


class Thinned:
    """Values of a series of any length: every one, or, if there are too many, every second, fourth, ..."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._stride = 1
        self._seen = 0
        self._kept: list[NDArray[np.float64]] = []
        self._count = 0

    def add(self, values: NDArray[np.float64]) -> None:
        """Take the next ones."""
        self._kept.append(values[-self._seen % self._stride :: self._stride].copy())
        self._count += len(self._kept[-1])
        self._seen += len(values)
        while self._count > self._most:
            self._stride *= 2
            self._kept = [np.concatenate(self._kept)[::2]]
            self._count = len(self._kept[0])

    def values(self) -> NDArray[np.float64]:
        """Those that were kept."""
        return np.concatenate([np.empty(0), *self._kept])
