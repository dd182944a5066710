"""Escalation: is the twitching becoming more frequent, across nights or within one?

Twitches come in clusters: their counts vary several times more than Poisson's, and charts built on Poisson
cry wolf every ten days. Here the dispersion is learnt from the counts themselves, nudged towards the usual
one while there are few, and the limits are set by simulation (bench/escalation.py) so that a stated time
passes between false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from twitchwatch.analysis.night import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Direction = Literal["rising", "falling"]

# Fewer nights are no baseline: a week holds each weekday once.
BASELINE_NIGHTS = 7
# One odd night is no change, however odd; two are the least that can be.
AFTER_NIGHTS = 2
# A change that took longer to show than two months is the next baseline.
LONGEST_NIGHTS = 60
# What lay further back than half a year is no longer "usual".
MEMORY_NIGHTS = 180
# Single scores beyond this say no more: one giant night must not carry an alarm.
SCORE_LIMIT = 3.0

# Limit of the score for a false alarm every 365 nights, and its growth when that time grows e-fold: measured
# for dispersions of 1 to 11 and means of 5 to 100 a night, on the safe side of each. Where nights resemble
# the night before (correlation 0.2 to 0.4), some 310 nights are reached.
LIMIT_AT_A_YEAR = 3.5
LIMIT_PER_E_FOLD = 0.31
ARL0_RANGE = (50, 2000)

# A night with less than a minute of rest counts as missing.
LEAST_REST_H = 1 / 60

# Dispersion of nightly counts while nothing is known, and how many nights that guess weighs.
GUESSED_DISPERSION = 3.0
GUESS_NIGHTS = 3.0
# Weight, in nights, of the scores' own nominal variance of 1, and of no likeness from night to night.
UNIT_NIGHTS = 5.0
# More likeness than this from one night to the next is a drift that should be told.
CARRY_OVER_LIMIT = 0.6

# Within a night: clustering assumed of hourly counts (variance over mean), its weight in hours, and the limit
# that at most 1 % of nights of eight steady but clustered hours pass.
HOURLY_DISPERSION = 5.0
HOURLY_WEIGHT = 2.0
HOURLY_LIMIT = 3.35
HOURLY_LIMIT_HOURS = 8
LONGEST_WINDOW = 3
# What is left of the night as its baseline.
BASELINE_HOURS = 3
BASELINE_REST_H = 2.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """The rate changed: noticed at night `index`, and most likely so since `since_index`.

    ratio: rate since then over the rate before; interval: its 95 % interval, taken as if the night of the
    change had been known beforehand, so the truth tends to lie nearer to 1. statistic: standard normal score.
    """

    index: int
    direction: Direction
    ratio: float
    interval: tuple[float, float]
    since_index: int
    statistic: float


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


def monitor(
    counts: Sequence[int | None], rest_hours: Sequence[float | None], *, arl0_days: float = 365
) -> list[Alarm]:
    """Alarms over nights in order, one observation a night; after each the new rate is the baseline.

    counts, rest_hours: of equal length; a night without count or rest (None, or under a minute) is left out.
    arl0_days: mean nights between false alarms while nothing changes, 50 to 2000.
    Method: every split of the last nights into before and after is tried (Hawkins, Qiu and Kang 2003, J.
    Quality Technology 35:355) on normal scores of the counts under a negative binomial with the nights' own
    rate and dispersion, so that rest time counts as exposure; likeness between nights is allowed for.
    Raises ValueError for unequal lengths or another arl0_days.
    """
    import numpy as np

    nights = [
        (index, count, rest_h)
        for index, (count, rest_h) in enumerate(zip(counts, rest_hours, strict=True))
        if count is not None and rest_h is not None and rest_h >= LEAST_REST_H
    ]
    x = np.array([count for _, count, _ in nights], dtype=np.float64)
    rest = np.array([rest_h for _, _, rest_h in nights], dtype=np.float64)
    limit = _nightly_limit(arl0_days)
    alarms = []
    start = 0
    for now in range(len(nights)):
        first = max(start, now + 1 - MEMORY_NIGHTS)
        if now + 1 - first < BASELINE_NIGHTS + AFTER_NIGHTS:
            continue
        statistic, split = _greatest_change(x[first : now + 1], rest[first : now + 1])
        if abs(statistic) <= limit:
            continue
        since = first + split
        ratio, interval = _ratio(x[first : now + 1], rest[first : now + 1], split)
        direction: Direction = "rising" if statistic > 0 else "falling"
        alarms.append(Alarm(nights[now][0], direction, ratio, interval, nights[since][0], statistic))
        start = since
    return alarms


def within_night(hours: Sequence[Span]) -> RisingHours | None:
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
    ratio, interval = _ratio_of(inside, outside, phi, freedom)
    return RisingHours(at_rest[first][0], at_rest[end - 1][0], ratio, interval, *inside, statistic, limit)


def _nightly_limit(arl0_days: float) -> float:
    least, most = ARL0_RANGE
    if not least <= arl0_days <= most:
        raise ValueError(
            f"arl0_days is {arl0_days}; limits are known for {least} to {most}: choose one of these"
        )
    return LIMIT_AT_A_YEAR + LIMIT_PER_E_FOLD * math.log(arl0_days / 365)


def _greatest_change(x: Floats, rest: Floats) -> tuple[float, int]:
    """Signed normal score of the most likely change, and how many nights lie before it."""
    import numpy as np

    n = len(x)
    z = _scores(x, rest)
    total = np.cumsum(z)
    before = np.arange(max(BASELINE_NIGHTS, n - LONGEST_NIGHTS), n - AFTER_NIGHTS + 1)
    after = n - before
    sum_before = total[before - 1]
    sum_after = total[-1] - sum_before
    scatter = float(np.sum(z * z)) - sum_before**2 / before - sum_after**2 / after
    freedom = UNIT_NIGHTS + n - 2
    variance = (UNIT_NIGHTS + scatter) / freedom
    t = (sum_after / after - sum_before / before) / np.sqrt(variance * (1 / before + 1 / after))
    best = int(np.argmax(np.abs(t)))
    split = int(before[best])
    return _normal(float(t[best]), freedom) / _carry_over(z, split), split


def _carry_over(z: Floats, split: int) -> float:
    """By how much nights that resemble the night before widen a mean: sqrt((1 + r) / (1 - r)), at least 1.

    r: lag-one correlation of the scores about the means before and after the split.
    """
    import numpy as np

    rest = np.concatenate((z[:split] - z[:split].mean(), z[split:] - z[split:].mean()))
    r = float(np.sum(rest[1:] * rest[:-1]) / (np.sum(rest * rest) + UNIT_NIGHTS))
    r = min(max(r, 0.0), CARRY_OVER_LIMIT)
    return math.sqrt((1 + r) / (1 - r))


def _scores(x: Floats, rest: Floats) -> Floats:
    """Normal scores (mid-p) of the counts under one negative binomial rate."""
    import numpy as np
    from scipy.special import betainc, ndtri

    mean = (np.sum(x) + 0.5) / np.sum(rest) * rest
    misfit = float(np.sum((x - mean) ** 2 / mean))
    phi = (GUESS_NIGHTS * GUESSED_DISPERSION + misfit) / (GUESS_NIGHTS + len(x) - 1)
    # A hair above 1, or the negative binomial would divide by zero.
    phi = max(1.05, phi)
    size = mean / (phi - 1)
    upto = betainc(size, x + 1, 1 / phi)
    below = np.where(x > 0, betainc(size, np.maximum(x, 1), 1 / phi), 0.0)
    z: Floats = ndtri(np.clip((upto + below) / 2, 1e-9, 1 - 1e-9))
    return np.clip(z, -SCORE_LIMIT, SCORE_LIMIT)


def _normal(t: float, freedom: float) -> float:
    """Student's t as the normal score of the same tail (Wallace 1959, Ann. Math. Stat. 30:1124)."""
    size = math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return math.copysign(size, t)


def _ratio(x: Floats, rest: Floats, split: int) -> tuple[float, tuple[float, float]]:
    before = float(x[:split].sum()), float(rest[:split].sum())
    after = float(x[split:].sum()), float(rest[split:].sum())
    misfit = 0.0
    for (count, rest_h), part in ((before, slice(split)), (after, slice(split, None))):
        mean = (count + 0.5) / rest_h * rest[part]
        misfit += float(((x[part] - mean) ** 2 / mean).sum())
    freedom = GUESS_NIGHTS + len(x) - 2
    phi = max(1.0, (GUESS_NIGHTS * GUESSED_DISPERSION + misfit) / freedom)
    return _ratio_of(after, before, phi, freedom)


def _ratio_of(
    high: tuple[float, float], low: tuple[float, float], phi: float, freedom: float
) -> tuple[float, tuple[float, float]]:
    """Ratio of two rates, each (count, rest_h), with its 95 % interval."""
    from scipy.special import stdtrit

    ratio = (high[0] + 0.5) / high[1] / ((low[0] + 0.5) / low[1])
    reach = float(stdtrit(freedom, 0.975)) * math.sqrt(phi * (1 / (high[0] + 0.5) + 1 / (low[0] + 0.5)))
    return ratio, (ratio * math.exp(-reach), ratio * math.exp(reach))


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
    return _normal(log_ratio / math.sqrt(phi * (1 / inside + 1 / outside)), freedom)
