"""Rates: counts over rest time, with intervals for counts that come in clusters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# Below this a night is shown but left out of trends: a rate of 10 an hour with the usual clustering is then
# known only to within a factor of three.
LITTLE_REST_H = 2.0

# Variance over mean of hourly counts of real twitching; what is assumed where the night is too short to tell.
USUAL_DISPERSION = 5.0
# Bins that the assumption counts for, at least so many in all with the night's own.
LEAST_FREEDOM = 3

Rest = Literal["enough", "little", "none"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per hour of rest, with a 95 % interval; all three None without rest.

    dispersion: variance over mean of the bins' counts, 1 for Poisson. rest: whether there was enough of it;
    "little" is shown but left out of trends.
    """

    count: int
    rest_h: float
    per_hour: float | None
    interval_low: float | None
    interval_high: float | None
    dispersion: float | None
    rest: Rest


def rate(counts: Sequence[int], rest_hours: Sequence[float]) -> Rate:
    """Rate over bins of equal length, such as the hours of a night; counts without rest still count.

    The interval is that of Garwood (1936, Biometrika 28:437) for the effective count, count / dispersion: the
    Poisson count that would be as uncertain. Where few bins leave the dispersion itself uncertain, it is
    widened as Student's t widens a normal interval. Never narrower than the exact Poisson interval.
    """
    from scipy.special import stdtrit

    count = sum(counts)
    rest_h = math.fsum(rest_hours)
    if rest_h <= 0:
        return Rate(count, 0.0, None, None, None, None, "none")
    phi, freedom = dispersion(counts, rest_hours)
    scale = phi * (float(stdtrit(freedom, 0.975)) / 1.96) ** 2
    low, high = _poisson_interval(count)
    wide_low, wide_high = (scale * end for end in _poisson_interval(count / scale))
    return Rate(
        count=count,
        rest_h=rest_h,
        per_hour=count / rest_h,
        interval_low=min(low, wide_low) / rest_h,
        interval_high=max(high, wide_high) / rest_h,
        dispersion=phi,
        rest="enough" if rest_h >= LITTLE_REST_H else "little",
    )


def _poisson_interval(count: float) -> tuple[float, float]:
    from scipy.special import chdtri

    low = float(chdtri(2 * count, 0.975)) / 2 if count else 0.0
    return low, float(chdtri(2 * count + 2, 0.025)) / 2


def dispersion(counts: Sequence[int], rest_hours: Sequence[float]) -> tuple[float, int]:
    """Variance over mean of the counts given their rest time (Pearson), at least 1, and its freedom.

    With fewer than four bins at rest the usual dispersion of twitching is mixed in.
    """
    bins = [(count, rest_h) for count, rest_h in zip(counts, rest_hours, strict=True) if rest_h > 0]
    per_hour = sum(count for count, _ in bins) / math.fsum(rest_h for _, rest_h in bins) if bins else 0.0
    misfit = math.fsum(
        (count - per_hour * rest_h) ** 2 / (per_hour * rest_h) for count, rest_h in bins if per_hour > 0
    )
    freedom = max(0, len(bins) - 1)
    assumed = max(0, LEAST_FREEDOM - freedom)
    return max(1.0, (misfit + assumed * USUAL_DISPERSION) / (freedom + assumed)), freedom + assumed
