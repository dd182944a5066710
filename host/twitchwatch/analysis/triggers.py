"""Triggers: which journal entries are associated with more or fewer twitches in the following night.

An association is not necessarily cause and effect. Every answer states its certainty, and "not enough
nights to say" is one of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from twitchwatch.analysis.counted import FactorNight
from twitchwatch.analysis.regression import Fit, fit

Floats = npt.NDArray[np.float64]
Answer = Literal["more", "fewer", "unclear", "cannot_say"]

# Nights with the factor noted, and nights on either side of its median or of "none": below that, an interval
# from clustered counts is wider than any effect that caffeine or stress could have.
MIN_NIGHTS = 21
MIN_EITHER_SIDE = 5
# Nights for each factor that is looked at together with others (Vittinghoff & McCulloch 2007, Am J Epidemiol
# 165:710: five to nine are enough).
NIGHTS_A_FACTOR = 5
# Chance that any factor is named although none has an effect.
FALSE_CLAIM = 0.05
# Two factors this closely correlated cannot be separated: variance inflated tenfold (Kutner et al. 2005,
# Applied Linear Statistical Models, 10.5).
_MAX_INFLATION = 10.0


@dataclass(frozen=True, slots=True)
class Effect:
    """The association with `step` more of a factor: the rate is `ratio` times as high.

    interval: 95 % for this factor alone. p_value: corrected for the number of factors (Holm). answer:
    "more" or "fewer" if that is below 5 %, otherwise "unclear"; "cannot_say" with its `reason`; then
    numbers are None. nights: those on which it is based.
    """

    factor: str
    answer: Answer
    nights: int
    step: float | None = None
    ratio: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    reason: str = ""


def effects(nights: Sequence[FactorNight], steps: Mapping[str, float] | None = None) -> list[Effect]:
    """The effect of every factor that was ever noted, in order of name.

    All factors are fitted together, with a steady drift over the nights beside them, so that correlated
    effects are shared (negative binomial, rest as exposure). steps: the difference of each factor for its
    ratio; by default one standard deviation. Nights without rest, and those with invalid numbers, are left
    out. Never raises.
    """
    usable = _usable(nights)
    names = sorted({name for night in usable for name in night.factors})
    why_not = {name: _why_not(name, usable) for name in names}
    together = [name for name in names if not why_not[name]]
    # Nights on which something was not noted cannot be fitted: the factor noted least often goes first.
    rows = _complete(usable, together)
    while together and len(rows) < max(MIN_NIGHTS, NIGHTS_A_FACTOR * len(together) + 2):
        least = min(together, key=lambda name: (_noted(name, usable), name))
        together.remove(least)
        why_not[least] = (
            f"noted on {_nights(_noted(least, usable))}, too few of them together with the other factors"
        )
        rows = _complete(usable, together)
    together = _apart(rows, together, why_not)
    found = _fitted(rows, together, steps or {}, why_not)
    return [
        found.get(name) or Effect(name, "cannot_say", _noted(name, usable), reason=why_not[name])
        for name in names
    ]


def _usable(nights: Sequence[FactorNight]) -> list[FactorNight]:
    good = [
        FactorNight(
            night.date,
            night.twitches,
            night.rest_h,
            {name: value for name, value in night.factors.items() if math.isfinite(value)},
        )
        for night in nights
        if math.isfinite(night.rest_h) and night.rest_h > 0 and night.twitches >= 0
    ]
    return sorted(good, key=lambda night: night.date)


def _noted(name: str, nights: Sequence[FactorNight]) -> int:
    return sum(name in night.factors for night in nights)


def _nights(count: int) -> str:
    return "1 night" if count == 1 else f"{count} nights"


def _why_not(name: str, nights: Sequence[FactorNight]) -> str:
    """Why this factor cannot be judged; empty if it can."""
    values = [night.factors[name] for night in nights if name in night.factors]
    if len(values) < MIN_NIGHTS:
        return f"noted on {_nights(len(values))}, {MIN_NIGHTS} are needed"
    spread = sorted(values)
    lower = sum(value <= (spread[0] + spread[-1]) / 2 for value in values)
    fewer = min(lower, len(values) - lower)
    if spread[0] == spread[-1]:
        return "the same on every night"
    if fewer < MIN_EITHER_SIDE and _sides(spread) < MIN_EITHER_SIDE:
        return f"nearly the same on every night: {max(fewer, _sides(spread))} nights differ"
    return ""


def _sides(spread: Sequence[float]) -> int:
    """Nights on the smaller side of the commonest value."""
    commonest = max(set(spread), key=spread.count)
    return min(
        max(sum(value < commonest for value in spread), sum(value > commonest for value in spread)),
        sum(value == commonest for value in spread),
    )


def _complete(nights: Sequence[FactorNight], names: Sequence[str]) -> list[FactorNight]:
    return [night for night in nights if all(name in night.factors for name in names)]


def _apart(rows: Sequence[FactorNight], names: list[str], why_not: dict[str, str]) -> list[str]:
    """Without factors that cannot be separated from others, which are named in `why_not`."""
    kept = list(names)
    while len(kept) > 1:
        correlation = np.corrcoef(_columns(rows, kept), rowvar=False)
        inflation = np.diag(np.linalg.pinv(correlation, hermitian=True))
        off = np.abs(correlation - np.eye(len(kept)))
        worst = int(np.argmax(np.where(off.max(axis=1) > 1 - 1e-9, np.inf, inflation)))
        if inflation[worst] < _MAX_INFLATION and off.max() <= 1 - 1e-9:
            break
        twin = kept[int(np.argmax(off[worst]))]
        why_not[kept[worst]] = f"is so closely correlated with {twin} that they cannot be distinguished"
        del kept[worst]
    return kept


def _columns(rows: Sequence[FactorNight], names: Sequence[str]) -> Floats:
    return np.array([[row.factors[name] for name in names] for row in rows], dtype=np.float64)


def _fitted(
    rows: Sequence[FactorNight],
    names: Sequence[str],
    steps: Mapping[str, float],
    why_not: dict[str, str],
) -> dict[str, Effect]:
    if not names:
        return {}
    values = _columns(rows, names)
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / spread
    days = np.array([row.date.toordinal() for row in rows], dtype=np.float64)
    drift = (days - days.mean()) / max(days.std(), 1.0)
    counts = np.array([row.twitches for row in rows], dtype=np.float64)
    exposure = np.array([row.rest_h for row in rows], dtype=np.float64)
    design = np.column_stack((np.ones(len(rows)), drift, scaled))
    model = fit(counts, exposure, design)
    if model is None:
        for name in names:
            why_not[name] = (
                "no twitch on any of these nights" if not counts.any() else "the fit does not converge"
            )
        return {}
    errors = _errors(model, counts, exposure, design, days)
    from scipy.special import stdtr, stdtrit

    slopes = model.coefficients[2:]
    p_values = 2.0 * stdtr(model.freedom, -np.abs(slopes / errors))
    corrected = holm(p_values)
    width = float(stdtrit(model.freedom, 0.975))
    found = {}
    for i, name in enumerate(names):
        step = float(steps.get(name, spread[i]))
        by = step / float(spread[i])
        middle, half = float(slopes[i]) * by, abs(width * float(errors[i]) * by)
        answer: Answer = "unclear"
        if corrected[i] < FALSE_CLAIM:
            answer = "more" if middle > 0 else "fewer"
        found[name] = Effect(
            name,
            answer,
            len(rows),
            step,
            _ratio(middle),
            (_ratio(middle - half), _ratio(middle + half)),
            float(corrected[i]),
        )
    return found


def _ratio(log: float) -> float:
    return math.exp(max(-20.0, min(20.0, log)))


def _errors(model: Fit, counts: Floats, exposure: Floats, design: Floats, days: Floats) -> Floats:
    """Standard errors of the factors, widened for the correlation between nights.

    Where both a factor and what is left of the rate carry over with r and s from one night to the next,
    nights carry only as much information as (1 - rs) / (1 + rs) of them would (Bartlett 1946, J R Stat Soc B
    8:27).
    """
    mean = exposure * np.exp(design @ model.coefficients)
    rest = (counts - mean) / np.sqrt(mean + model.overdispersion * mean**2)
    follows = np.flatnonzero(np.diff(days) == 1)
    errors = np.sqrt(np.maximum(np.diag(model.covariance)[2:], 1e-12))
    if len(follows) >= MIN_NIGHTS // 2:
        left = _carried(rest, follows, design.shape[1])
        for i in range(len(errors)):
            both = min(0.8, max(0.0, left) * max(0.0, _carried(design[:, 2 + i], follows, 1)))
            errors[i] *= math.sqrt((1 + both) / (1 - both))
    return np.asarray(errors, dtype=np.float64)


def _carried(values: Floats, follows: npt.NDArray[np.intp], fitted: int) -> float:
    """Correlation of consecutive nights, their bias undone (Kendall 1954, Biometrika 41:403)."""
    centred = values - values.mean()
    total = float(np.mean(centred**2))
    if total <= 0:
        return 0.0
    found = float(np.mean(centred[follows] * centred[follows + 1])) / total
    return min(0.95, found + (fitted + 3.0 * max(found, 0.0)) / len(values))


def holm(p_values: Floats) -> Floats:
    """P-values such that any false claim at all is as rare as the level (Holm 1979, Scand J Stat 6:65)."""
    order = np.argsort(p_values)
    m = len(p_values)
    stepped = np.maximum.accumulate((m - np.arange(m)) * p_values[order])
    corrected = np.empty(m)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected
