"""Triggers: found where they are, not claimed where they are not, and "cannot say" where it is too early."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
import statsmodels.api as statsmodels
from hypothesis import given, settings
from hypothesis import strategies as st

from twitchwatch.analysis.comparison import compare, drawn_assignments
from twitchwatch.analysis.counted import CountedNight, FactorNight
from twitchwatch.analysis.regression import fit
from twitchwatch.analysis.triggers import Effect, effects, holm
from twitchwatch.wording.journal import effect_words

START = date(2026, 1, 1)


def nights(counts, factors, rest_h: float = 7.0) -> list[FactorNight]:
    return [
        FactorNight(START + timedelta(days=i), int(count), rest_h, dict(one))
        for i, (count, one) in enumerate(zip(counts, factors, strict=True))
    ]


def modelled(seed: int, n: int = 60, ratio: float = 2.0) -> list[FactorNight]:
    rng = np.random.default_rng(seed)
    cups = rng.integers(0, 4, n)
    stress = rng.integers(0, 11, n)
    mean = 20 * ratio ** (cups - 1.5)
    counts = rng.negative_binomial(5, 5 / (5 + mean))
    return nights(counts, [{"cups": float(c), "stress": float(s)} for c, s in zip(cups, stress, strict=True)])


def test_a_trigger_is_found_with_its_size() -> None:
    by_name = {effect.factor: effect for effect in effects(modelled(4), {"cups": 1.0})}
    cups = by_name["cups"]
    assert cups.answer == "more"
    assert cups.step == 1.0
    assert cups.interval[0] < 2.0 < cups.interval[1]
    assert cups.nights == 60
    assert by_name["stress"].answer == "unclear"


def test_what_does_less_is_told_as_fewer() -> None:
    found = {effect.factor: effect.answer for effect in effects(modelled(5, ratio=0.5))}
    assert found["cups"] == "fewer"


def test_no_more_false_claims_than_stated() -> None:
    """Ten factors that do nothing, 200 journals of 60 nights: a claim in 5 %, and what chance adds (3 sd)."""
    rng = np.random.default_rng(6)
    false = 0
    for _ in range(200):
        values = rng.normal(size=(60, 10))
        counts = rng.negative_binomial(5, 5 / (5 + 20), 60)
        reported = effects(nights(counts, [{f"f{j}": row[j] for j in range(10)} for row in values]))
        false += any(effect.answer in ("more", "fewer") for effect in reported)
    assert false <= 200 * 0.05 + 3 * math.sqrt(200 * 0.05 * 0.95)


@pytest.mark.parametrize(
    ("factors", "reason"),
    [
        ([{"cups": 1.0}] * 10, "noted on 10 nights, 21 are needed"),
        ([{"cups": 2.0}] * 40, "the same on every night"),
        ([{"cups": 1.0}] * 38 + [{"cups": 0.0}] * 2, "nearly the same"),
    ],
)
def test_too_early_to_say(factors: list, reason: str) -> None:
    (effect,) = effects(nights([5] * len(factors), factors))
    assert effect.answer == "cannot_say"
    assert reason in effect.reason
    assert (effect.ratio, effect.interval, effect.p_value) == (None, None, None)


def test_what_goes_together_cannot_be_told_apart() -> None:
    rng = np.random.default_rng(7)
    cups = rng.integers(0, 4, 60)
    factors = [{"cups": float(c), "late": float(95 * c), "stress": float(rng.integers(0, 9))} for c in cups]
    reported = {effect.factor: effect for effect in effects(nights(rng.poisson(20, 60), factors))}
    doubtful = [effect for effect in reported.values() if effect.answer == "cannot_say"]
    assert len(doubtful) == 1
    assert "cannot be distinguished" in doubtful[0].reason


def test_no_twitch_at_all() -> None:
    (effect,) = effects(nights([0] * 40, [{"cups": float(i % 3)} for i in range(40)]))
    assert (effect.answer, effect.reason) == ("cannot_say", "no twitch on any of these nights")


def test_nothing_noted() -> None:
    assert effects([]) == []
    assert effects(nights([5] * 30, [{}] * 30)) == []


ODD = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.sampled_from([0.0, 1.0, 95.0, -1.0])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2_000),
            st.sampled_from([7.0, 0.0, 0.001, math.nan, math.inf, -1.0, 24.0]),
            st.dictionaries(st.sampled_from(["a", "b", "c"]), ODD, max_size=3),
        ),
        max_size=70,
    )
)
def test_whatever_the_journal_holds_it_answers(rows: list) -> None:
    reported = effects(
        [
            FactorNight(START + timedelta(days=i), count, rest_h, values)
            for i, (count, rest_h, values) in enumerate(rows)
        ]
    )
    for effect in reported:
        if effect.answer == "cannot_say":
            assert effect.reason
        else:
            assert math.isfinite(effect.ratio)
            assert all(math.isfinite(end) for end in effect.interval)
            assert 0.0 <= effect.p_value <= 1.0


def test_the_fit_agrees_with_an_oracle() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=200)
    exposure = rng.uniform(4, 8, 200)
    mean = exposure * np.exp(1.0 + 0.4 * x)
    counts = rng.negative_binomial(4, 4 / (4 + mean)).astype(float)
    design = np.column_stack((np.ones(200), x))
    ours = fit(counts, exposure, design)
    family = statsmodels.families.NegativeBinomial(alpha=ours.overdispersion)
    theirs = statsmodels.GLM(counts, design, family=family, exposure=exposure).fit(cov_type="HC3")
    assert ours.coefficients == pytest.approx(theirs.params, rel=1e-4)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.bse, rel=0.02)
    # Alpha was 1/4.
    assert ours.overdispersion == pytest.approx(0.25, abs=0.08)


def test_holm() -> None:
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])


def counted(counts, rest_h: float = 7.0) -> list[CountedNight]:
    return [CountedNight(START + timedelta(days=i), int(c), rest_h) for i, c in enumerate(counts)]


def test_two_sets_of_nights() -> None:
    reported = compare(counted([50, 61, 55, 48, 57, 66]), counted([24, 31, 22, 28, 25, 30]))
    assert reported.verdict == "fewer"
    assert reported.interval[0] < 0.475 < reported.interval[1]
    assert compare(counted([5, 6, 5]), counted([5] * 9)).verdict == "cannot_say"
    assert compare(counted([0] * 9), counted([5] * 9)).verdict == "cannot_say"


def test_lots_give_the_exact_p_value() -> None:
    pairs = list(zip(counted([20, 21, 19, 22, 18, 20]), counted([41, 40, 43, 39, 38, 44]), strict=True))
    reported = drawn_assignments(pairs, 1)
    # All six pairs differ the same way: 2 of 64 ways of drawing are as extreme.
    assert reported.p_value == pytest.approx(2 / 64)
    assert reported.verdict == "more"
    many = drawn_assignments(pairs * 4, 1)
    assert many.p_value < 0.001


def test_an_interval_that_excludes_no_effect_is_explained_if_the_answer_is_unclear() -> None:
    alone = Effect("stress", "unclear", 27, 1.0, 0.8, (0.66, 0.96), 0.07)
    assert "can be chance" in effect_words(alone)
    within = Effect("stress", "unclear", 27, 1.0, 0.9, (0.66, 1.2), 0.4)
    assert "can be chance" not in effect_words(within)
