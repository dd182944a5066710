"""Within a night: do some of its hours rise above the others by more than clustering explains?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from twitchwatch.analysis.escalation import MIN_REST_H, normal_score, ratio_of
from twitchwatch.analysis.night import Span
from twitchwatch.analysis.rates import Clustering

# How hourly counts cluster (variance over mean) while only this night is known, and its weight in hours.
GUESSED_DISPERSION = 5.0
GUESS_HOURS = 2.0
# With this many earlier nights, their information is used, with at most the weight of this many hours.
USUAL_NIGHTS = 14
USUAL_HOURS = 60.0

# Limits of the score for one false finding in 365 steady nights of eight hours, even if asked after every
# hour, by simulation (validation/findings): while only the night itself is known, for dispersions up to 5;
# with the nights before it, up to 11.
FALSE_PER_NIGHT = 1 / 365
LIMIT_ALONE = 3.5
LIMIT_WITH_USUAL = 4.35
LIMIT_HOURS = 8

LONGEST_WINDOW = 3
# The rest of the night that must remain as its baseline.
BASELINE_HOURS = 3
BASELINE_REST_H = 2.0
# An hour with more than half in the one in which sleep began belongs to that: everyone twitches then.
_HALF_HOUR_US = 1_800_000_000


@dataclass(frozen=True, slots=True)
class RisingHours:
    """Hours first_index to last_index (in the hours given) above the rest of their night.

    ratio and interval as in Alarm; twitches and rest_h of those hours; limit: what `statistic` had to pass.
    """

    first_index: int
    last_index: int
    ratio: float
    interval: tuple[float, float]
    twitches: int
    rest_h: float
    statistic: float
    limit: float


@dataclass(frozen=True, slots=True)
class _Hours:
    """The hours of a night with rest, and what is known from other nights."""

    counts: Sequence[int]
    rest_h: Sequence[float]
    misfit: float
    freedom: float

    def sides(self, first: int, end: int) -> tuple[tuple[int, float], tuple[int, float]]:
        """Count and rest of hours [first, end), and of the others."""
        inside = sum(self.counts[first:end]), math.fsum(self.rest_h[first:end])
        return inside, (sum(self.counts) - inside[0], math.fsum(self.rest_h) - inside[1])

    def dispersion(self, first: int, end: int) -> tuple[float, float]:
        """Of hourly counts about two rates, one in [first, end), with its degrees of freedom."""
        (inside, inside_h), (outside, outside_h) = self.sides(first, end)
        misfit = self.misfit
        for index, (count, rest_h) in enumerate(zip(self.counts, self.rest_h, strict=True)):
            rate = inside / inside_h if first <= index < end else outside / outside_h
            if rate > 0:
                misfit += (count - rate * rest_h) ** 2 / (rate * rest_h)
        freedom = self.freedom + len(self.counts) - 2
        return max(1.0, misfit / freedom), freedom

    def score(self, first: int, end: int) -> float:
        """How far hours [first, end) are above the others, as a standard normal score."""
        phi, freedom = self.dispersion(first, end)
        (inside, inside_h), (outside, outside_h) = self.sides(first, end)
        log_ratio = math.log((inside + 0.5) / inside_h) - math.log((outside + 0.5) / outside_h)
        spread = math.sqrt(phi * (1 / (inside + 0.5) + 1 / (outside + 0.5)))
        return normal_score(log_ratio / spread, freedom)


def within_night(
    hours: Sequence[Span], onset: Span | None = None, usual: Clustering | None = None
) -> RisingHours | None:
    """The hours of one night that rise most above the others, if clustering does not explain them.

    hours: in order; those without rest are skipped. onset: the hour in which sleep began (the first one where
    not known), which is never called rising. usual: how hourly counts clustered in the nights before, which
    includes that some hours of every night are busier. Windows of one to three hours are each compared with
    the rest of the night, and the limit allows for all of them having been tried. None if no window passes,
    or too little is left to compare with.
    """
    at_rest = [(index, hour) for index, hour in enumerate(hours) if hour.rest_h >= MIN_REST_H]
    known = usual is not None and usual.nights >= USUAL_NIGHTS
    misfit, freedom = GUESS_HOURS * GUESSED_DISPERSION, GUESS_HOURS
    if usual is not None and known:
        weight = min(1.0, USUAL_HOURS / usual.freedom)
        misfit, freedom = misfit + weight * usual.misfit, freedom + weight * usual.freedom
    night = _Hours(
        [hour.twitches for _, hour in at_rest], [hour.exposed_h for _, hour in at_rest], misfit, freedom
    )
    earliest = 1
    if onset is not None:
        settled_us = onset.start_utc_us + _HALF_HOUR_US
        earliest = sum(hour.start_utc_us < settled_us for _, hour in at_rest)
    found: tuple[float, int, int] | None = None
    windows = 0
    for length in range(1, LONGEST_WINDOW + 1):
        for first in range(earliest, len(at_rest) - length + 1):
            _, (_, outside_h) = night.sides(first, first + length)
            if len(at_rest) - length < BASELINE_HOURS or outside_h < BASELINE_REST_H:
                continue
            windows += 1
            score = night.score(first, first + length)
            if found is None or score > found[0]:
                found = score, first, first + length
    if found is None:
        return None
    score, first, end = found
    limit = _limit(LIMIT_WITH_USUAL if known else LIMIT_ALONE, windows)
    if score <= limit:
        return None
    inside, outside = night.sides(first, end)
    ratio, interval = ratio_of(inside, outside, *night.dispersion(first, end))
    return RisingHours(at_rest[first][0], at_rest[end - 1][0], ratio, interval, *inside, score, limit)


def _limit(limit: float, windows: int) -> float:
    """More windows than those of eight hours give chance more opportunities (to first order)."""
    usual = sum(LIMIT_HOURS - length for length in range(1, LONGEST_WINDOW + 1))
    return math.sqrt(limit**2 + 2 * math.log(max(1.0, windows / usual)))
