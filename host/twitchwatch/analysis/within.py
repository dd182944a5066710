"""Within a night: do some of its hours rise above the others by more than clustering explains?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from twitchwatch.analysis.escalation import LEAST_REST_H, normal_score, ratio_of
from twitchwatch.analysis.night import Span

# Clustering assumed of hourly counts (variance over mean), its weight in hours, and the limit
# that at most 1 % of nights of eight steady but clustered hours pass.
HOURLY_DISPERSION = 5.0
HOURLY_WEIGHT = 2.0
HOURLY_LIMIT = 3.35
HOURLY_LIMIT_HOURS = 8
FALSE_PER_NIGHT = 0.01
LONGEST_WINDOW = 3
# What is left of the night as its baseline.
BASELINE_HOURS = 3
BASELINE_REST_H = 2.0


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


def within_night(hours: Sequence[Span], onset: Span | None = None) -> RisingHours | None:
    """The hours of one night that rise most above the others, if clustering does not explain them.

    hours: in order; those without rest are passed over. Windows of one to three hours after the first
    (falling asleep is twitchy in everyone) are each compared with the rest of the night, and the limit allows
    for all of them having been tried. None where no window passes, or too little is left to compare with.
    """
    at_rest = [(index, hour) for index, hour in enumerate(hours) if hour.rest_h >= LEAST_REST_H]
    counts = [hour.twitches for _, hour in at_rest]
    rest = [hour.rest_h for _, hour in at_rest]
    found: tuple[float, int, int] | None = None
    windows = 0
    for length in range(1, LONGEST_WINDOW + 1):
        for first in range(1, len(at_rest) - length + 1):
            outside_h = sum(rest) - sum(rest[first : first + length])
            if len(at_rest) - length < BASELINE_HOURS or outside_h < BASELINE_REST_H:
                continue
            windows += 1
            statistic = _window_statistic(counts, rest, first, first + length)
            if found is None or statistic > found[0]:
                found = statistic, first, first + length
    if found is None:
        return None
    statistic, first, end = found
    usual = sum(HOURLY_LIMIT_HOURS - length for length in range(1, LONGEST_WINDOW + 1))
    # More windows give chance more turns (the tail of the normal distribution, to first order).
    limit = math.sqrt(HOURLY_LIMIT**2 + 2 * math.log(max(1.0, windows / usual)))
    if statistic <= limit:
        return None
    inside = sum(counts[first:end]), math.fsum(rest[first:end])
    outside = sum(counts) - inside[0], math.fsum(rest) - inside[1]
    phi, freedom = _two_rate_dispersion(counts, rest, first, end)
    ratio, interval = ratio_of(inside, outside, phi, freedom)
    return RisingHours(at_rest[first][0], at_rest[end - 1][0], ratio, interval, *inside, statistic, limit)


def _two_rate_dispersion(
    counts: Sequence[int], rest: Sequence[float], first: int, end: int
) -> tuple[float, float]:
    """Dispersion of hourly counts about two rates, in [first, end) and outside, and its freedom."""
    inside = sum(counts[first:end]) / math.fsum(rest[first:end])
    outside = (sum(counts) - sum(counts[first:end])) / (math.fsum(rest) - math.fsum(rest[first:end]))
    misfit = 0.0
    for index, (count, rest_h) in enumerate(zip(counts, rest, strict=True)):
        mean = (inside if first <= index < end else outside) * rest_h
        if mean > 0:
            misfit += (count - mean) ** 2 / mean
    freedom = HOURLY_WEIGHT + len(counts) - 2
    return max(1.0, (HOURLY_WEIGHT * HOURLY_DISPERSION + misfit) / freedom), freedom


def _window_statistic(counts: Sequence[int], rest: Sequence[float], first: int, end: int) -> float:
    phi, freedom = _two_rate_dispersion(counts, rest, first, end)
    inside, inside_h = sum(counts[first:end]) + 0.5, math.fsum(rest[first:end])
    outside, outside_h = sum(counts) + 1 - inside, math.fsum(rest) - inside_h
    log_ratio = math.log(inside / inside_h) - math.log(outside / outside_h)
    return normal_score(log_ratio / math.sqrt(phi * (1 / inside + 1 / outside)), freedom)
