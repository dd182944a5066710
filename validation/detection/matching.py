"""Found against true: one-to-one, within a tenth of a second of the onset; F1 and its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from twitchwatch.recording import SAMPLE_RATE_HZ

TOLERANCE_S = 0.1
_BLOCK_S = 30
_DRAWS = 1000
_LEVEL = 0.95

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Score:
    """hits, misses, false: counts in consecutive blocks of 30 s; late_ms: found less true, of the hits."""

    hits: Indices
    misses: Indices
    false: Indices
    late_ms: NDArray[np.float64]
    seconds: float

    def __add__(self, other: Score) -> Score:
        return Score(
            np.concatenate([self.hits, other.hits]),
            np.concatenate([self.misses, other.misses]),
            np.concatenate([self.false, other.false]),
            np.concatenate([self.late_ms, other.late_ms]),
            self.seconds + other.seconds,
        )

    @property
    def f1(self) -> float:
        return f1(self.hits.sum(), self.misses.sum(), self.false.sum())

    @property
    def sensitivity(self) -> float:
        return share(self.hits.sum(), self.hits.sum() + self.misses.sum())

    @property
    def precision(self) -> float:
        return share(self.hits.sum(), self.hits.sum() + self.false.sum())

    @property
    def false_per_hour(self) -> float:
        return float(self.false.sum()) * 3600 / self.seconds

    def f1_interval(self) -> tuple[float, float]:
        """95 % by bootstrap over blocks of 30 s."""
        rng = np.random.default_rng(0)
        drawn = rng.integers(len(self.hits), size=(_DRAWS, len(self.hits)))
        hits, misses, false = (each[drawn].sum(axis=1) for each in (self.hits, self.misses, self.false))
        values = 2 * hits / np.maximum(2 * hits + misses + false, 1)
        low, high = np.quantile(values, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
        return float(low), float(high)

    def late(self, quantile: float) -> float:
        """Quantile of the absolute onset error in ms; nan without a hit."""
        return float(np.quantile(np.abs(self.late_ms), quantile)) if len(self.late_ms) else float("nan")


def f1(hits: float, misses: float, false: float) -> float:
    """2 TP / (2 TP + FP + FN)."""
    return share(2 * hits, 2 * hits + misses + false)


def share(part: float, whole: float) -> float:
    """part / whole; nan of nothing."""
    return float(part) / float(whole) if whole else float("nan")


def interval(part: int, whole: int) -> tuple[float, float]:
    """95 % of a share (Wilson 1927)."""
    if not whole:
        return 0.0, 1.0
    z = norm.ppf((1 + _LEVEL) / 2)
    p = part / whole
    centre = (p + z**2 / (2 * whole)) / (1 + z**2 / whole)
    half = z / (1 + z**2 / whole) * np.sqrt(p * (1 - p) / whole + z**2 / (4 * whole**2))
    return float(max(0, centre - half)), float(min(1, centre + half))


def match(true: Indices, found: Indices) -> list[tuple[int, int]]:
    """Pairs (i of true, j of found), both in chronological order: the maximum number, each used once."""
    reach = TOLERANCE_S * SAMPLE_RATE_HZ
    pairs = []
    i = j = 0
    while i < len(true) and j < len(found):
        if found[j] < true[i] - reach:
            j += 1
        elif found[j] > true[i] + reach:
            i += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def score(true: Indices, found: Indices, seconds: float) -> Score:
    """Match samples of onsets with samples of detections, in a scene of this many seconds."""
    pairs = match(true, found)
    matched_true = np.array([i for i, _ in pairs], int)
    matched_found = np.array([j for _, j in pairs], int)
    blocks = int(seconds // _BLOCK_S) + 1

    def per_block(samples: Indices) -> Indices:
        return np.bincount(samples // (_BLOCK_S * SAMPLE_RATE_HZ), minlength=blocks)

    return Score(
        per_block(true[matched_true]),
        per_block(np.delete(true, matched_true)),
        per_block(np.delete(found, matched_found)),
        (found[matched_found] - true[matched_true]) * 1000 / SAMPLE_RATE_HZ,
        seconds,
    )
