"""A gapless stretch of samples on an even grid: as they are, with holes filled, or interpolated."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SMALL_HOLE = 3
"""Up to this many lost samples are not mentioned: at 100 Hz a hole of 30 ms is shorter than any twitch."""

_UNEVEN = 0.5
"""In steps: near samples whose distance is off by more, a spline swings, which looks like twitches."""

_NEAR = 4
"""Samples on each side of those."""

_KNOTS = 64
"""How far a cubic spline is affected by a knot: each further one halves it at least, so to 1e-19."""

Values = NDArray[np.float64]


class Evener(Protocol):
    """Takes the samples of a stretch in pieces, and gives them on the grid."""

    holes: list[tuple[float, float]]
    """Of more than 3 samples, as (seconds since the first sample, duration_s)."""

    def feed(self, stamps_s: NDArray[np.float64], values: Values) -> Values:
        """Take (n,) and (n, channels); return the grid up to there."""

    def end(self) -> Values:
        """The rest."""


class AsTheyAre:
    """The stamps only jitter: the samples were taken evenly."""

    def __init__(self) -> None:
        self.holes: list[tuple[float, float]] = []

    def feed(self, stamps_s: NDArray[np.float64], values: Values) -> Values:
        """All of them."""
        return values

    def end(self) -> Values:
        """Nothing."""
        return np.empty((0, 3))


class Filled:
    """Samples at their places on the grid of `step_s`, and straight lines where some are missing."""

    def __init__(self, step_s: float) -> None:
        self.holes: list[tuple[float, float]] = []
        self._step_s = step_s
        self._first_s: float | None = None
        self._slots = np.empty(0, np.intp)
        self._last: Values = np.empty((0, 0))

    def feed(self, stamps_s: NDArray[np.float64], values: Values) -> Values:
        """Up to the last sample."""
        if self._first_s is None:
            self._first_s = float(stamps_s[0])
            self._last = values[:0]
        slots = np.append(self._slots, np.rint((stamps_s - self._first_s) / self._step_s).astype(np.intp))
        known = np.concatenate([self._last, values])
        missing = np.diff(slots) - 1
        self.holes += [
            (float((slots[i] + 1) * self._step_s), float(missing[i] * self._step_s))
            for i in np.flatnonzero(missing > SMALL_HOLE)
        ]
        every = np.arange(slots[0] + len(self._slots), slots[-1] + 1)
        self._slots, self._last = slots[-1:], known[-1:].copy()
        return np.column_stack([np.interp(every, slots, channel) for channel in known.T])

    def end(self) -> Values:
        """Nothing."""
        return self._last[:0]


class Interpolated:
    """Samples that drift along the grid of `step_s`: a cubic spline gives the values on it.

    It is exact to 0.1 % up to 0.15 of the recording's rate. Holes of more than 3 samples are filled with
    points on a straight line first, where a spline would swing. Near samples at uneven distances, late ones
    among which some are lost, monotone pieces take its place (Fritsch, Butland 1984), which never swing.
    """

    def __init__(self, step_s: float) -> None:
        self.holes: list[tuple[float, float]] = []
        self._step_s = step_s
        self._stamps_s = np.empty(0)
        self._values: Values = np.empty((0, 0))
        self._first_s = 0.0
        self._given = 0

    def feed(self, stamps_s: NDArray[np.float64], values: Values) -> Values:
        """As far as later samples can no longer change."""
        if not len(self._stamps_s):
            self._first_s = float(stamps_s[0])
            self._stamps_s, self._values = stamps_s[:1], values[:1]
            stamps_s, values = stamps_s[1:], values[1:]
        self._bridge(stamps_s, values)
        if len(self._stamps_s) <= 2 * _KNOTS:
            return values[:0]
        return self._given_until(float(self._stamps_s[-_KNOTS]))

    def end(self) -> Values:
        """To the last sample."""
        return self._given_until(float(self._stamps_s[-1]) + self._step_s / 100)

    def _bridge(self, stamps_s: NDArray[np.float64], values: Values) -> None:
        known_s = np.append(self._stamps_s[-1:], stamps_s)
        known = np.concatenate([self._values[-1:], values])
        missing = np.rint(np.diff(known_s) / self._step_s).astype(int) - 1
        before = np.flatnonzero(missing > SMALL_HOLE)
        if len(before):
            self.holes += [
                (float(known_s[i] + self._step_s), float(missing[i] * self._step_s)) for i in before
            ]
            filled_s = np.concatenate(
                [np.linspace(known_s[i], known_s[i + 1], missing[i] + 2)[1:-1] for i in before]
            )
            filled = np.column_stack([np.interp(filled_s, known_s, channel) for channel in known.T])
            at = np.repeat(before, missing[before])
            stamps_s, values = np.insert(stamps_s, at, filled_s), np.insert(values, at, filled, axis=0)
        self._stamps_s = np.append(self._stamps_s, stamps_s)
        self._values = np.concatenate([self._values, values])

    def _given_until(self, until_s: float) -> Values:
        # Half the memory of reading is scipy's, and most recordings do without.
        from scipy.interpolate import PchipInterpolator, make_interp_spline

        count = int(np.ceil((until_s - self._first_s) / self._step_s))
        even_s = self._first_s + np.arange(self._given, count) * self._step_s
        self._given = max(self._given, count)
        if not len(even_s):
            return self._values[:0]
        spline = make_interp_spline(self._stamps_s, self._values, k=min(3, len(self._stamps_s) - 1))
        at_s = even_s.clip(max=self._stamps_s[-1])
        made = np.asarray(spline(at_s))
        uneven = self._uneven(at_s)
        if uneven.any():
            made[uneven] = PchipInterpolator(self._stamps_s, self._values)(at_s[uneven])
        kept = max(0, int(np.searchsorted(self._stamps_s, even_s[-1])) - _KNOTS)
        self._stamps_s, self._values = self._stamps_s[kept:].copy(), self._values[kept:].copy()
        return made

    def _uneven(self, at_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of these times are near samples at uneven distances."""
        steps = np.diff(self._stamps_s) / self._step_s
        bad = (np.abs(steps - 1) > _UNEVEN).astype(np.int8)
        near = np.convolve(bad, np.ones(2 * _NEAR + 1, np.int8), mode="full")[_NEAR : _NEAR + len(bad)] > 0
        between = np.searchsorted(self._stamps_s, at_s, side="right") - 1
        return near[between.clip(0, len(near) - 1)] if len(near) else np.zeros(len(at_s), np.bool_)
