"""The model of counts: against another program's likelihood, and against truth that was drawn."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from twitchwatch.errors import UsageError
from twitchwatch.study.counts import (
    BETWEEN_WEARERS,
    NIGHT_CV,
    modelled_counts,
    modelled_wearer,
)
from twitchwatch.study.mixed_model import fit
from twitchwatch.study.power import power


def drawn(seed, wearers, nights, between, k, effect):
    chance = np.random.default_rng(seed)
    names = np.repeat(np.arange(wearers), nights)
    treated = (names % 2).astype(float)
    hours = chance.uniform(4, 8, wearers * nights)
    mean = hours * 20 * effect**treated * np.exp(between * chance.normal(size=wearers))[names]
    counts = chance.poisson(chance.gamma(k, mean / k))
    return counts, hours, [str(one) for one in names], treated


def test_without_differences_between_wearers_it_is_the_negative_binomial_of_statsmodels():
    counts, hours, names, treated = drawn(1, 30, 8, 0.0, 5.0, 1.5)
    own = fit(counts, hours, names, {"treated": treated})
    design = sm.add_constant(treated - treated.mean())
    other = sm.NegativeBinomial(counts, design, offset=np.log(hours)).fit(disp=False)
    assert own.effects[0].ratio == pytest.approx(np.exp(other.params[1]), rel=0.01)
    assert own.night_cv == pytest.approx(np.sqrt(other.params[-1]), rel=0.05)
    assert own.between < 0.1


def test_its_intervals_hold_what_they_promise():
    """Of 30 studies with a true ratio of 1.5, most intervals contain it: 25 or fewer has p < 0.02."""
    studies = [drawn(seed, 24, 6, 0.5, 8.0, 1.5) for seed in range(30)]
    fitted = [fit(counts, hours, names, {"treated": treated}) for counts, hours, names, treated in studies]
    inside = sum(one.effects[0].low <= 1.5 <= one.effects[0].high for one in fitted)
    assert inside > 25
    assert np.mean([np.log(one.effects[0].ratio) for one in fitted]) == pytest.approx(np.log(1.5), abs=0.1)
    assert np.mean([one.between for one in fitted]) == pytest.approx(0.5, abs=0.06)
    assert np.mean([one.night_cv for one in fitted]) == pytest.approx(8**-0.5, abs=0.03)


def test_terms_without_variation_are_left_out_and_few_wearers_refused():
    counts, hours, names, treated = drawn(3, 6, 4, 0.5, 8.0, 1.0)
    assert fit(counts, hours, names, {"same": np.ones(len(counts))}).effects == ()
    with pytest.raises(UsageError, match="5 wearers"):
        fit(counts[:8], hours[:8], names[:8], {"treated": treated[:8]})
    with pytest.raises(UsageError, match="no twitch"):
        fit(np.zeros_like(counts), hours, names, {})


def test_a_clear_effect_is_found_and_none_seldom():
    assert power(40, 10, 8.0, 12).power >= 0.9
    assert power(40, 10, 1.0, 20).power <= 0.2


def test_the_modelled_wearers_are_as_stated():
    chance = np.random.default_rng(2)
    people = [modelled_wearer(chance, "healthy", 30) for _ in range(2000)]
    rates = np.array([one.per_hour for one in people])
    assert np.quantile(rates, 0.9) == pytest.approx(144, rel=0.15)
    assert np.std(np.log(rates)) == pytest.approx(BETWEEN_WEARERS, rel=0.05)
    own = modelled_counts(chance, people[0], 4000)
    shares = own.counts / own.rest_h / own.per_hour
    assert np.mean(shares) == pytest.approx(1, abs=0.03)
    assert np.std(shares) > NIGHT_CV["healthy"]
    assert 0.8 < len(own.nights) / 4000 < 0.95
    worse = modelled_counts(chance, modelled_wearer(chance, "worsening", 100), 100)
    assert worse.per_hour[-1] / worse.per_hour[0] == pytest.approx(3, rel=0.15)
