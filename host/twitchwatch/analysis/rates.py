"""Rates: counts over rest time, with intervals for clustered counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from twitchwatch.analysis.course import Course
from twitchwatch.analysis.distributions import beta_share, normal_tail, root, t_quantile
from twitchwatch.analysis.live_rate import Live
from twitchwatch.analysis.night import Measured, Night
from twitchwatch.analysis.remembered import Remembered

# Below this a night is shown but left out of trends: a rate of 10 an hour with the usual clustering is then
# known only to within a factor of three.
LITTLE_REST_H = 2.0

# Variance over mean of hourly counts while nothing is known, and the weight of that guess in bins.
GUESSED_DISPERSION = 3.0
GUESS_BINS = 2.0
# An estimate from few bins may be too small by this much; it is not corrected further.
MAX_CORRECTION = 3.0
# A hair above 1, or the negative binomial would divide by zero; it is Poisson then.
MIN_DISPERSION = 1.0005
# The clustering of twitches is estimated from this many earlier nights.
USUAL_NIGHTS = 28

Rest = Literal["enough", "little", "none"]


@dataclass(frozen=True, slots=True)
class Clustering:
    """What bins of equal length show about the clustering of counts, as sums that can be added over nights.

    misfit, misfit_squares: of the bins' (count - mean) squared over mean, each night about its own rate.
    bins: how many; freedom: those less one a night; nights: with any count; count: in all of them.
    """

    misfit: float = 0.0
    misfit_squares: float = 0.0
    bins: int = 0
    freedom: int = 0
    nights: int = 0
    count: int = 0

    @classmethod
    def of(cls, counts: Sequence[int], rest_hours: Sequence[float]) -> Clustering:
        """For one night's bins; those without rest are ignored."""
        pairs = [(count, rest_h) for count, rest_h in zip(counts, rest_hours, strict=True) if rest_h > 0]
        total = sum(count for count, _ in pairs)
        if not total:
            return cls()
        per_hour = total / math.fsum(rest_h for _, rest_h in pairs)
        misfits = [(count - per_hour * rest_h) ** 2 / (per_hour * rest_h) for count, rest_h in pairs]
        squares = math.fsum(misfit**2 for misfit in misfits)
        return cls(math.fsum(misfits), squares, len(pairs), len(pairs) - 1, 1, total)

    def __add__(self, other: Clustering) -> Clustering:
        """The sum of both."""
        return Clustering(
            self.misfit + other.misfit,
            self.misfit_squares + other.misfit_squares,
            self.bins + other.bins,
            self.freedom + other.freedom,
            self.nights + other.nights,
            self.count + other.count,
        )

    def dispersion(self) -> tuple[float, float]:
        """Variance over mean of the bins' counts, at least 1, and its degrees of freedom.

        A guess is included, which has little weight once there are some nights. Rare and clustered counts
        need two corrections. Counts scatter less around a night's own rate than around the true one: for
        negative binomial bins the observed ratio is (c + k) / (1 + k) for a night's count c and size
        parameter k, and the true one is c / k + 1. And the freedom is that of a chi-squared with the misfits'
        own variance (Satterthwaite 1946, Biometrics Bulletin 2:110).
        """
        freedom = self.freedom + GUESS_BINS
        found = max(1.0, (self.misfit + GUESS_BINS * GUESSED_DISPERSION) / freedom)
        mean = self.count / self.nights if self.nights else 0.0
        # All of a night's count in one of equal bins: more is only possible with a bin of almost no rest.
        found = min(found, max(mean, GUESSED_DISPERSION))
        phi = MAX_CORRECTION * found if self.nights else found
        if mean > found:
            phi = min(phi, 1 + mean * (found - 1) / (mean - found))
        if self.bins < 2:
            return phi, GUESS_BINS
        centre = self.misfit / self.bins
        variance = self.misfit_squares / self.bins - centre**2
        matched = 2 * centre**2 * self.freedom / variance if variance > 0 else self.freedom
        return phi, GUESS_BINS + min(float(self.freedom), max(1.0, matched))


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per hour of rest, with a 95 % interval; all None without rest.

    If dead time was counted, the rate of known shapes is corrected for it (live_rate.py).
    dispersion: variance over mean of the bins' counts, 1 for Poisson; freedom: its degrees of freedom.
    rest: whether there was enough of it; "little" is shown but left out of trends.
    """

    count: int
    rest_h: float
    per_hour: float | None
    interval_low: float | None
    interval_high: float | None
    dispersion: float | None
    rest: Rest
    freedom: float | None = None


@dataclass(frozen=True, slots=True)
class RateRange:
    """A rate of twitches as a range, corrected for dead time, each end with its 95 % interval.

    low: those of known shape, the rate by which nights are compared. high: all brief motions at rest that
    neither the heart, a tremor, a movement nor a disturbance explains. None if there were too many to count.
    """

    low: float | None
    low_interval: tuple[float, float] | None
    high: float | None
    high_interval: tuple[float, float] | None
    too_many: bool


def rate(
    counts: Sequence[int],
    rest_hours: Sequence[float],
    usual: Clustering | None = None,
    *,
    in_rest_h: float | None = None,
) -> Rate:
    """Rate over bins of equal length, such as the hours of a night, or nights; counts without rest count too.

    rest_hours: what the counts are divided by; in_rest_h: hours at rest, of which these are less if dead time
    is corrected for. usual: how this wearer's counts cluster, from other nights. The interval holds the rates
    under which a negative binomial count as far off as this one is not too rare (mid-p, Lancaster 1961, JASA
    56:223), at a level that allows for the dispersion being an estimate, as Student's t does. One night alone
    does not determine its dispersion well: docs/findings.md shows what its interval covers.
    """
    count = sum(counts)
    exposed_h = math.fsum(hours for hours in rest_hours if hours > 0)
    rest_h = exposed_h if in_rest_h is None else in_rest_h
    if exposed_h <= 0:
        return Rate(count, 0.0, None, None, None, None, "none")
    phi, freedom = (Clustering.of(counts, rest_hours) + (usual or Clustering())).dispersion()
    low, high = interval_of(count, phi, freedom)
    return Rate(
        count=count,
        rest_h=rest_h,
        per_hour=count / exposed_h,
        interval_low=low / exposed_h,
        interval_high=high / exposed_h,
        dispersion=phi,
        rest="enough" if rest_h >= LITTLE_REST_H else "little",
        freedom=freedom,
    )


def interval_of(count: int, dispersion: float, freedom: float) -> tuple[float, float]:
    """95 % interval of the mean of which `count` is one observation; `freedom` of the dispersion."""
    tail = normal_tail(t_quantile(freedom, 0.975))
    phi = max(dispersion, MIN_DISPERSION)
    low = min(_mean_where(count, phi, 1 - tail), count) if count else 0.0
    return low, max(_mean_where(count, phi, tail), count)


def _mean_where(count: int, phi: float, chance: float) -> float:
    """The negative binomial mean for which at most `count` has this probability, equality counted half."""

    def lacking(log_mean: float) -> float:
        size = math.exp(log_mean) / (phi - 1)
        upto = beta_share(size, count + 1, 1 / phi)
        below = beta_share(size, count, 1 / phi) if count else 0.0
        return chance - (upto + below) / 2

    widest = math.log(count + 1) + 5 + 2 * math.log(phi + 1)
    return math.exp(root(lacking, -30.0, widest, 1e-9))


def left_out(night: Night) -> str | None:
    """Why a night is left out of trends; None if it is not."""
    asleep_h, rest_h = night.asleep.rest_h, night.rest_h
    if rest_h <= 0:
        return "it was not worn" if night.wear == "not worn" else "no rest was seen"
    if night.wear == "unknown":
        return "whether it was worn is unknown"
    if night.uncountable:
        return "there were too many twitches to count"
    if asleep_h >= LITTLE_REST_H:
        return None
    reported = f"{asleep_h:.1f} h of rest"
    return f"{reported} asleep" if rest_h >= LITTLE_REST_H else reported


def night_rate(night: Night | Measured, usual: Clustering | None = None) -> Rate:
    """A night's rate over all its hours; none if there were too many to count."""
    hours = night.hours
    if night.uncountable:
        return Rate(night.twitches, night.rest_h, None, None, None, None, "enough")
    counts = [hour.twitches for hour in hours]
    in_rest_h = math.fsum(hour.rest_h for hour in hours)
    return rate(counts, [hour.exposed_h for hour in hours], usual, in_rest_h=in_rest_h)


def rate_range(night: Night, found: Rate) -> RateRange | None:
    """The range in which the night's rate lies; None if dead time was not counted, or without rest.

    found: the night's rate. Twitches cluster as much within a larger count as they do alone (negative
    binomial of the same size).
    """
    live = night.live
    if live is None or not live.seen_s:
        return None
    low, high = found.per_hour, live.high_per_h
    ends, dispersion, freedom = (found.interval_low, found.interval_high), found.dispersion, found.freedom
    if low is None or high is None or ends[0] is None or ends[1] is None or not dispersion or not freedom:
        return RateRange(None, None, None, None, live.too_many)
    low_interval = (ends[0], ends[1])
    if high <= low:
        return RateRange(low, low_interval, low, low_interval, live.too_many)
    live_h = live.live_s / 3600
    return RateRange(
        low,
        low_interval,
        high,
        _high_interval(high, live_h, found.count, dispersion, freedom),
        live.too_many,
    )


def _high_interval(
    high: float, live_h: float, known: int, dispersion: float, freedom: float
) -> tuple[float, float]:
    count = round(high * live_h)
    least, most = interval_of(count, 1 + (dispersion - 1) * count / max(1, known), freedom)
    return least / live_h, most / live_h


def recording_range(live: Live, counts: Sequence[int], live_hours: Sequence[float]) -> RateRange:
    """The range in which the rate of a single recording lies; rates are None if no time was live.

    counts: bursts of known shape in each hour, whose clustering they show, with that hour's live time; one
    recording shows little of it, and the guess has much weight. The interval is that of a night.
    """
    low, high = live.low_per_h, live.high_per_h
    if low is None or high is None:
        return RateRange(None, None, None, None, live.too_many)
    dispersion, freedom = Clustering.of(counts, live_hours).dispersion()
    known, live_h = live.bursts["twitch"], live.live_s / 3600
    # The rate of known shapes is stated for the time that hides none of them, as for a night.
    exposed_h = known / low if low else live_h
    least, most = interval_of(known, dispersion, freedom)
    return RateRange(
        low,
        (least / exposed_h, most / exposed_h),
        high,
        _high_interval(high, live_h, known, dispersion, freedom),
        live.too_many,
    )


@dataclass(frozen=True, slots=True)
class _Usual:
    """How the hours of the latest nights clustered, each and together."""

    latest: tuple[Clustering, ...]
    usual: Clustering


def usual_clusterings(nights: Sequence[Night], remembered: Remembered | None = None) -> list[Clustering]:
    """For each night of one sensor, in order, how hourly counts clustered in the nights before."""
    if not nights:
        return []
    kept = remembered or Remembered()

    def step(before: _Usual, night: Night) -> _Usual:
        latest = (*before.latest, _clustering(night))[-USUAL_NIGHTS:]
        return _Usual(latest, sum(latest, Clustering()))

    # Asked for rates and for findings alike.
    course: Course[Night, _Usual] = kept.course(
        f"{nights[0].identity}/clustering", lambda: Course(_Usual((), Clustering()))
    )
    return [one.usual for one in course.follow(nights, step)[:-1]]


def _clustering(night: Night) -> Clustering:
    if left_out(night) is not None:
        return Clustering()
    return Clustering.of([hour.twitches for hour in night.hours], [hour.exposed_h for hour in night.hours])


def night_rates(nights: Sequence[Night], remembered: Remembered | None = None) -> list[Rate]:
    """The rate of each night of one sensor, in order, with its interval from the nights before."""
    kept = remembered or Remembered()
    return [
        kept.of("rate", night, partial(night_rate, night, usual), usual)
        for night, usual in zip(nights, usual_clusterings(nights, kept), strict=True)
    ]


def measured_rates(nights: Sequence[Night], remembered: Remembered | None = None) -> list[Rate | None]:
    """Of each night of one sensor, in order, the rate without its annotations; None without any."""
    usual = usual_clusterings(nights, remembered)
    return [
        None if night.measured is None else night_rate(night.measured, known)
        for night, known in zip(nights, usual, strict=True)
    ]
