"""Compares two sets of nights: by how much the rate differs, and how certain that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twitchwatch.analysis.counted import CountedNight
from twitchwatch.analysis.regression import fit

Verdict = Literal["more", "fewer", "unclear", "cannot_say"]

# Fewer nights on either side are not enough to estimate how much nights vary by themselves.
MIN_NIGHTS = 4
# At most this many assignments are enumerated; beyond that, a sample of the same size is used.
MAX_DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rate of the second set of nights divided by that of the first.

    interval: 95 %. p_value: under the hypothesis of no difference. nights: of either set, without those
    that had no rest. "cannot_say" has a reason; then ratio, interval and p_value are None.
    """

    verdict: Verdict
    nights: tuple[int, int]
    ratio: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    reason: str = ""


def compare(before: Sequence[CountedNight], after: Sequence[CountedNight]) -> Comparison:
    """How the nights of `after` differ from those of `before` (negative binomial, rest as exposure).

    Never raises.
    """
    first, second = _usable(before), _usable(after)
    sizes = (len(first), len(second))
    if min(sizes) < MIN_NIGHTS:
        return Comparison(
            "cannot_say",
            sizes,
            reason=f"{sizes[0]} nights compared with {sizes[1]}; {MIN_NIGHTS} of each are needed",
        )
    nights = [*first, *second]
    counts = np.array([night.twitches for night in nights], dtype=np.float64)
    exposure = np.array([night.rest_h for night in nights], dtype=np.float64)
    if not counts[: sizes[0]].any() or not counts[sizes[0] :].any():
        return Comparison("cannot_say", sizes, reason="one side has no twitches")
    after_it = np.r_[np.zeros(sizes[0]), np.ones(sizes[1])]
    model = fit(counts, exposure, np.column_stack((np.ones(len(nights)), after_it)))
    if model is None:
        return Comparison("cannot_say", sizes, reason="the fit does not converge")
    from scipy.special import stdtr, stdtrit

    slope = float(model.coefficients[1])
    error = math.sqrt(max(float(model.covariance[1, 1]), 1e-12))
    p_value = 2.0 * float(stdtr(model.freedom, -abs(slope / error)))
    half = float(stdtrit(model.freedom, 0.975)) * error
    return Comparison(
        _verdict(p_value, slope),
        sizes,
        math.exp(slope),
        (math.exp(slope - half), math.exp(slope + half)),
        p_value,
    )


def drawn_assignments(pairs: Sequence[tuple[CountedNight, CountedNight]], seed: int) -> Comparison:
    """The result of an experiment: a coin toss decided which of two nights was with and which without.

    pairs: (without, with). The p-value is exact: the share of all possible assignments that differ at least
    as much (Fisher 1935, The Design of Experiments, ch. 3; Edgington & Onghena 2007, Randomization Tests, ch.
    6). It needs no model of twitching. The ratio and its interval are those of `compare`. seed: for the
    sample of assignments if there are too many. Never raises.
    """
    whole = [pair for pair in pairs if all(_is_usable(night) for night in pair)]
    reported = compare([pair[0] for pair in whole], [pair[1] for pair in whole])
    if reported.verdict == "cannot_say":
        return reported
    # Root counts: their spread hardly depends on their size (Anscombe 1948, Biometrika 35:246).
    roots = np.array(
        [[math.sqrt((night.twitches + 0.375) / night.rest_h) for night in pair] for pair in whole]
    )
    differences = roots[:, 1] - roots[:, 0]
    found = abs(float(differences.sum()))
    n = len(differences)
    if 2**n <= MAX_DRAWS:
        signs = 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
        p_value = float(np.mean(np.abs(signs @ differences) >= found - 1e-12))
    else:
        draws = np.random.default_rng(seed).choice((-1.0, 1.0), size=(MAX_DRAWS, n))
        p_value = float((np.sum(np.abs(draws @ differences) >= found - 1e-12) + 1) / (MAX_DRAWS + 1))
    assert reported.ratio is not None
    return Comparison(
        _verdict(p_value, float(differences.sum())),
        reported.nights,
        reported.ratio,
        reported.interval,
        p_value,
    )


def _verdict(p_value: float, direction: float) -> Verdict:
    if p_value >= 0.05:
        return "unclear"
    return "more" if direction > 0 else "fewer"


def _is_usable(night: CountedNight) -> bool:
    return math.isfinite(night.rest_h) and night.rest_h > 0 and night.twitches >= 0


def _usable(nights: Sequence[CountedNight]) -> list[CountedNight]:
    return [night for night in nights if _is_usable(night)]
