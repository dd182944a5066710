"""Escalation: whether twitching becomes more or less frequent from night to night.

Twitches come in clusters: their counts vary several times more than Poisson's, and nights resemble the night
before. Charts based on Poisson raise a false alarm every ten days. Here dispersion, correlation of
neighbouring nights and the weekly pattern are estimated from the counts themselves, shrunk towards usual
values while there are few. The limit is set by simulation (validation/findings) so that a stated time passes
between false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from twitchwatch.analysis.distributions import t_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Direction = Literal["rising", "falling"]

# Fewer nights are not a baseline: a week holds each weekday once.
BASELINE_NIGHTS = 7
# One odd night is not a change, however odd; at least two are needed.
AFTER_NIGHTS = 2
# A change that takes longer than two months to show becomes the next baseline.
LONGEST_NIGHTS = 60
# Nights more than half a year ago are no longer "usual".
MEMORY_NIGHTS = 180
# Single scores are clipped here: one extreme night must not cause an alarm.
SCORE_LIMIT = 3.0

# Limit of the score for a false alarm every 365 nights, and its growth when that time grows e-fold: measured
# for dispersions of 1 to 11, means of 5 to 100 a night, neighbouring nights alike (correlation up to 0.5) or
# not, and nights missing, on the safe side of each.
LIMIT_AT_A_YEAR = 3.42
LIMIT_PER_E_FOLD = 0.31
ARL0_RANGE = (50, 2000)

# A night with less than a minute of rest counts as missing; more than a day has no night.
MIN_REST_H = 1 / 60
MAX_REST_H = 25.0
# 14 twitches a second, all night: beyond any hand.
MAX_TWITCHES = 1_000_000

# Dispersion of nightly counts while nothing is known, and the weight of that guess in nights.
GUESSED_DISPERSION = 3.0
GUESS_NIGHTS = 3.0
# Weight, in nights, of the scores' own nominal variance of 1.
UNIT_NIGHTS = 10.0
# Likeness (lag-one correlation) of neighbouring nights while nothing is known, and how many nights it weighs;
# after an alarm what was learnt takes its place, and weighs no more than this many nights.
GUESSED_LIKENESS = 0.1
LIKENESS_NIGHTS = 10.0
LIKENESS_MEMORY = 60.0
# More correlation than this is a drift that should be reported.
MAX_LIKENESS = 0.7
# By this it fades with each further night, or by itself if that is slower: counting hides part of what
# neighbours share, so that their correlation alone would let it fade too fast.
LIKENESS_FADES = 0.75

# No interval extends beyond e to this, up or down: nothing is known by then.
WIDEST_REACH = 30.0

# Eight weeks show what a weekday does; 1 % of the chi-squared distribution of six degrees (seven weekdays).
WEEKDAY_NIGHTS = 56
WEEKDAY_LIMIT = 16.81
WEEKDAYS = 7


@dataclass(frozen=True, slots=True)
class Alarm:
    """The rate changed: detected at night `index`, and most likely since `since_index`.

    ratio: rate since then over the rate before; interval: its 95 % interval, taken as if the night of the
    change had been known beforehand, so the truth tends to lie nearer to 1. statistic: standard normal score.
    """

    index: int
    direction: Direction
    ratio: float
    interval: tuple[float, float]
    since_index: int
    statistic: float


def monitor(
    counts: Sequence[int | None], rest_hours: Sequence[float | None], *, arl0_days: float = 365
) -> list[Alarm]:
    """Alarms over nights in order, one observation a night; after each the new rate is the baseline.

    counts, rest_hours: of equal length, one place a night, so that the seventh after a place is the same
    weekday. A night is left out, and keeps its place, where its count or rest is missing (None or not a
    number), cannot be (negative, beyond a million twitches or 25 hours), or its rest is under a minute.
    arl0_days: mean nights between false alarms while nothing changes, 50 to 2000.
    Method: every split of the last nights into before and after is tried (Hawkins, Qiu and Kang 2003, J.
    Quality Technology 35:355) on normal scores of the counts under a negative binomial with the nights' own
    rate and dispersion, so that rest time counts as exposure; likeness between nights is allowed for.
    Raises ValueError for unequal lengths or another arl0_days.
    """
    return Monitoring(arl0_days).follow(counts, rest_hours)


class Monitoring:
    """`monitor` for repeated calls: nights that did not change are not computed again."""

    def __init__(self, arl0_days: float = 365) -> None:
        self._arl0_days = arl0_days
        self._limit = limit_for(arl0_days)
        self._given: list[tuple[float | None, float | None]] = []
        self._nights: list[tuple[int, float, float]] = []
        self._alarms: list[Alarm] = []
        self._state = _State(0, 0, 0, GUESSED_LIKENESS, LIKENESS_NIGHTS)
        # The state before each night, so that a changed night can be replaced.
        self._before: list[_State] = []

    def kept(self) -> list[Any]:
        """Its state, for JSON: see `from_kept`."""
        alarms = [list(astuple(alarm)) for alarm in self._alarms]
        states = [list(astuple(state)) for state in (*self._before, self._state)]
        return [self._arl0_days, self._given, self._nights, alarms, states]

    @classmethod
    def from_kept(cls, kept: Sequence[Any]) -> Monitoring:
        """A monitor in that state."""
        arl0_days, given, nights, alarms, states = kept
        monitoring = cls(arl0_days)
        monitoring._given = [(count, rest_h) for count, rest_h in given]
        monitoring._nights = [(place, count, rest_h) for place, count, rest_h in nights]
        monitoring._alarms = [
            Alarm(index, direction, ratio, (low, high), since, statistic)
            for index, direction, ratio, (low, high), since, statistic in alarms
        ]
        *monitoring._before, monitoring._state = [_State(*state) for state in states]
        return monitoring

    def baseline(self) -> list[tuple[float, float]]:
        """Count and rest of each usable night since the last change, of at most the last MEMORY_NIGHTS."""
        first = max(self._state.start, len(self._nights) - MEMORY_NIGHTS)
        return [(count, rest_h) for _, count, rest_h in self._nights[first:]]

    def follow(self, counts: Sequence[int | None], rest_hours: Sequence[float | None]) -> list[Alarm]:
        """Alarms over these nights, as from `monitor`."""
        given = list(zip(counts, rest_hours, strict=True))
        same = min(len(given), len(self._given))
        if given[:same] != self._given[:same]:
            same = next(at for at in range(same) if given[at] != self._given[at])
        if same < len(self._given):
            self._state = self._before[same]
            del self._given[same:], self._before[same:]
            del self._nights[self._state.nights :], self._alarms[self._state.alarms :]
        for count, rest_h in given[same:]:
            self._before.append(self._state)
            self._given.append((count, rest_h))
            if count is not None and rest_h is not None and _usable(count, rest_h):
                self._nights.append((len(self._given) - 1, float(count), float(rest_h)))
                self._state = self._judge()
        return list(self._alarms)

    def _judge(self) -> _State:
        """Look for a change with the newest night; an alarm is recorded."""
        import numpy as np

        state, now = self._state, len(self._nights)
        first = max(state.start, now - MEMORY_NIGHTS)
        if now - first < BASELINE_NIGHTS + AFTER_NIGHTS:
            return replace(state, nights=now)
        places, x, rest = np.array(self._nights[first:], dtype=np.float64).T
        rest = rest * _weekday_factors(x, rest, places.astype(np.int64) % WEEKDAYS)
        learnt = state.likeness, state.likeness_nights
        statistic, split, likeness = _greatest_change(x, rest, learnt)
        if abs(statistic) <= self._limit:
            return replace(state, nights=now)
        ratio, interval = _ratio(x, rest, split)
        direction: Direction = "rising" if statistic > 0 else "falling"
        index, since = self._nights[-1][0], self._nights[first + split][0]
        self._alarms.append(Alarm(index, direction, ratio, interval, since, statistic))
        weight = min(state.likeness_nights + now - first, LIKENESS_MEMORY)
        return _State(first + split, now, len(self._alarms), likeness, weight)


@dataclass(frozen=True, slots=True)
class _State:
    """Where the baseline starts (in usable nights), how many nights and alarms there were; what is learnt."""

    start: int
    nights: int
    alarms: int
    likeness: float
    likeness_nights: float


def _usable(count: float, rest_h: float) -> bool:
    # Comparisons with nan are false: it is not usable.
    return 0 <= count <= MAX_TWITCHES and MIN_REST_H <= rest_h <= MAX_REST_H


def limit_for(arl0_days: float) -> float:
    """The limit for the score. Raises ValueError outside the range that was measured."""
    least, most = ARL0_RANGE
    if not least <= arl0_days <= most:
        raise ValueError(
            f"arl0_days is {arl0_days}; limits are known from {least} to {most}: choose a value in this range"
        )
    return LIMIT_AT_A_YEAR + LIMIT_PER_E_FOLD * math.log(arl0_days / 365)


def expected_delay(
    per_night: float, dispersion: float, *, ratio: float = 2.0, arl0_days: float = 365
) -> float:
    """Roughly how many nights it takes to find a change by `ratio` of a well-known rate, at this dispersion.

    The number whose mean is as far off as the limit, on the scale of square roots, where counts scatter
    alike at any mean (Anscombe 1948, Biometrika 35:246); measured medians are in docs/findings.md. Raises
    ValueError for a rate, a dispersion or a ratio that is not positive, or a ratio of 1.
    """
    if per_night <= 0 or dispersion <= 0 or ratio <= 0 or ratio == 1:
        raise ValueError(
            f"no change to wait for: {per_night} a night, dispersion {dispersion}, ratio {ratio}"
        )
    shift = 2 * math.sqrt(per_night) * (math.sqrt(ratio) - 1)
    return max(float(AFTER_NIGHTS), (limit_for(arl0_days) / shift) ** 2 * dispersion)


def limits_of(
    baseline: Sequence[tuple[float, float]], *, nights: int, arl0_days: float = 365
) -> tuple[float, float] | None:
    """Approximate rates an hour beyond which this many nights in a row would be a change from the baseline.

    baseline: count and rest of each of its nights. On the scale of square roots, as for `expected_delay`.
    None if nothing is usual yet.
    """
    usual = usual_of([round(count) for count, _ in baseline], [rest_h for _, rest_h in baseline])
    if usual is None:
        return None
    per_night, dispersion = usual
    spread = math.sqrt(dispersion * (1 / nights + 1 / len(baseline)))
    reach = limit_for(arl0_days) * spread / (2 * math.sqrt(per_night))
    rate = math.fsum(count for count, _ in baseline) / math.fsum(rest_h for _, rest_h in baseline)
    return rate * max(0.0, 1 - reach) ** 2, rate * (1 + reach) ** 2


def usual_of(counts: Sequence[int], rest_hours: Sequence[float]) -> tuple[float, float] | None:
    """Twitches of a usual night, and their dispersion from night to night; None if nothing is usual."""
    total, rest_h = sum(counts), math.fsum(rest_hours)
    if len(counts) < BASELINE_NIGHTS or not total:
        return None
    misfit = math.fsum(
        (count - total * hours / rest_h) ** 2 / (total * hours / rest_h)
        for count, hours in zip(counts, rest_hours, strict=True)
    )
    phi = (GUESS_NIGHTS * GUESSED_DISPERSION + misfit) / (GUESS_NIGHTS + len(counts) - 1)
    return total / len(counts), max(1.0, phi)


def _greatest_change(x: Floats, rest: Floats, learnt: tuple[float, float]) -> tuple[float, int, float]:
    """Signed normal score of the most likely change, how many nights lie before it, and their likeness.

    learnt: likeness known beforehand, and its weight in nights.
    """
    import numpy as np

    n = len(x)
    z = _scores(x, rest)
    total = np.cumsum(z)
    before = np.arange(max(BASELINE_NIGHTS, n - LONGEST_NIGHTS), n - AFTER_NIGHTS + 1)
    after = n - before
    sum_before = total[before - 1]
    sum_after = total[-1] - sum_before
    scatter = float(np.sum(z * z)) - sum_before**2 / before - sum_after**2 / after
    shift = sum_after / after - sum_before / before
    plain = shift / np.sqrt((UNIT_NIGHTS + scatter) * (1 / before + 1 / after))
    r = _likeness(z, int(before[np.argmax(np.abs(plain))]), learnt)
    wide_before, wide_after = _widening(before, r), _widening(after, r)
    # A mean of nights that are alike takes up more than one of the scatter's degrees of freedom.
    freedom = UNIT_NIGHTS + np.maximum(n - wide_before - wide_after, 1.0)
    variance = (UNIT_NIGHTS + scatter) / freedom
    t = shift / np.sqrt(variance * (wide_before / before + wide_after / after))
    best = int(np.argmax(np.abs(t)))
    return normal_score(float(t[best]), float(freedom[best])), int(before[best]), r


def _likeness(z: Floats, split: int, learnt: tuple[float, float]) -> float:
    """Lag-one correlation of the scores about the means before and after the split, freed of its bias."""
    import numpy as np

    n = len(z)
    about = np.concatenate((z[:split] - z[:split].mean(), z[split:] - z[split:].mean()))
    products = float(np.sum(about[1:] * about[:-1]))
    r = products / (float(np.sum(about * about)) + 1e-9)
    # Two means were taken out of it: -(1 + 3r)/n for one (Kendall 1954, Biometrika 41:403).
    r = min((r + 2 / n) / max(1 - 6 / n, 0.25), MAX_LIKENESS)
    known, weight = learnt
    return max((n * r + weight * known) / (n + weight), 0.0)


def _widening(nights: Ints, r: float) -> Floats:
    """Variance of a mean of nights, each correlated r with the next, over that of independent nights."""
    q = max(r, LIKENESS_FADES)
    return 1 + 2 * r * (1 / (1 - q) - (1 - q**nights) / (nights * (1 - q) ** 2))


def _weekday_factors(x: Floats, rest: Floats, weekday: Ints) -> Floats:
    """Each night's usual rate over that of the week; all 1 with few nights, or where weekdays are alike."""
    import numpy as np

    n = len(x)
    if n < WEEKDAY_NIGHTS:
        return np.ones(n)
    mean = np.sum(x) / np.sum(rest) * rest
    z = np.sqrt(x + 0.375) - np.sqrt(mean + 0.375)
    nights = np.bincount(weekday, minlength=WEEKDAYS)
    if nights.min() < WEEKDAYS:
        return np.ones(n)
    means = np.bincount(weekday, z - z.mean(), minlength=WEEKDAYS) / nights
    strength = float(np.sum(nights * means**2)) / float(z.var() + 1e-9)
    if strength < WEEKDAY_LIMIT:
        return np.ones(n)
    rates = (np.bincount(weekday, x, WEEKDAYS) + 0.5) / np.bincount(weekday, rest, WEEKDAYS)
    # Drawn towards none (James and Stein 1961): part of what seven means differ by is chance.
    log_factor = (1 - (WEEKDAYS - 1) / strength) * np.log(rates / np.average(rates, weights=nights))
    return np.exp(log_factor)[weekday]


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


def normal_score(t: float, freedom: float) -> float:
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
    return ratio_of(after, before, phi, freedom)


def ratio_of(
    high: tuple[float, float], low: tuple[float, float], phi: float, freedom: float
) -> tuple[float, tuple[float, float]]:
    """Ratio of two rates, each (count, rest_h), with its 95 % interval.

    phi: dispersion, known with `freedom` degrees of freedom. On the logarithm, with Student's t; half a count
    is added to each, so that none is zero.
    """
    ratio = (high[0] + 0.5) / high[1] / ((low[0] + 0.5) / low[1])
    reach = t_quantile(freedom, 0.975) * math.sqrt(phi * (1 / (high[0] + 0.5) + 1 / (low[0] + 0.5)))
    reach = min(reach, WIDEST_REACH)
    return ratio, (ratio * math.exp(-reach), ratio * math.exp(reach))
