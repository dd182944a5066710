"""A rate is a count over rest time, with an interval that clustering cannot make a lie."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.analysis.nights_made import made_night
from twitchwatch.analysis.live_rate import CLASSES, Live
from twitchwatch.analysis.night import Span
from twitchwatch.analysis.rates import (
    Clustering,
    interval_of,
    left_out,
    night_rate,
    night_rates,
    rate,
    recording_range,
)


def test_no_rest_no_rate():
    found = rate([3, 0], [0.0, 0.0])
    assert (found.count, found.per_hour, found.interval_low, found.rest) == (3, None, None, "none")
    assert rate([], []).rest == "none"


def test_little_rest_is_said():
    assert rate([5, 4], [0.9, 1.0]).rest == "little"
    assert rate([5, 4], [1.0, 1.0]).rest == "enough"


def test_no_twitches_have_an_upper_limit():
    found = rate([0] * 8, [1.0] * 8)
    assert (found.per_hour, found.interval_low) == (0, 0)
    # Exact: -ln 0.025 over eight hours.
    assert found.interval_high >= 3.689 / 8


def test_clusters_widen_the_interval():
    even = rate([10] * 8, [1.0] * 8)
    clustered = rate([0, 40, 0, 0, 38, 2, 0, 0], [1.0] * 8)
    assert even.per_hour == clustered.per_hour
    assert clustered.dispersion > 10 > even.dispersion == 1
    assert clustered.interval_high - clustered.interval_low > 3 * (even.interval_high - even.interval_low)


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0.01, 1)), min_size=1, max_size=24))
@settings(deadline=None)
def test_hardly_narrower_than_exact_poisson(bins):
    found = rate([count for count, _ in bins], [rest for _, rest in bins])
    low = stats.chi2.ppf(0.025, 2 * found.count) / 2 if found.count else 0
    high = stats.chi2.ppf(0.975, 2 * found.count + 2) / 2
    # Mid-p gives away half of the count's own probability.
    assert found.interval_low <= 1.1 * low / found.rest_h + 1e-9
    assert found.interval_high >= 0.93 * high / found.rest_h - 1e-9
    assert found.interval_low <= found.per_hour <= found.interval_high


def clustered(chance, mean, dispersion, size):
    return chance.poisson(chance.gamma(mean / (dispersion - 1), dispersion - 1, size=size))


def test_a_million_twitches_in_a_moment_give_a_finite_answer():
    found = rate([10**6, 50, 0, 3], [1e-6, 1.0, 0.0, 1.0])
    assert 0 <= found.interval_low <= found.per_hour <= found.interval_high < np.inf


@pytest.mark.parametrize("dispersion", [1.001, 2, 5, 11])
@pytest.mark.parametrize("per_hour", [2.5, 15])
def test_the_truth_lies_within_as_often_as_stated(dispersion, per_hour):
    chance = np.random.default_rng(95)
    trials = 700
    hits = 0
    for _ in range(trials):
        *before, night = clustered(chance, per_hour, dispersion, (29, 8)).tolist()
        usual = sum((Clustering.of(one, [1.0] * 8) for one in before), Clustering())
        found = rate(night, [1.0] * 8, usual)
        hits += found.interval_low <= per_hour <= found.interval_high
    # Three standard errors of 700 trials about the bounds that are stated.
    assert 0.93 - 0.029 <= hits / trials <= 0.97 + 0.019


@pytest.mark.parametrize(("dispersion", "least"), [(1.001, 0.97), (5, 0.91), (11, 0.88)])
def test_one_night_alone_covers_less_where_it_is_clustered(dispersion, least):
    chance = np.random.default_rng(96)
    nights = clustered(chance, 15, dispersion, (700, 8)).tolist()
    found = [rate(night, [1.0] * 8) for night in nights]
    assert sum(one.interval_low <= 15 <= one.interval_high for one in found) / 700 >= least


def test_the_dispersion_is_found_from_nights_of_few_hours():
    chance = np.random.default_rng(97)
    for dispersion, per_hour in ((5, 15), (11, 2.5), (11, 60)):
        nights = clustered(chance, per_hour, dispersion, (400, 8)).tolist()
        known = sum((Clustering.of(one, [1.0] * 8) for one in nights), Clustering())
        assert known.dispersion()[0] == pytest.approx(dispersion, rel=0.2)


def test_the_poisson_interval_is_the_mid_p_one():
    # Mid-p of 10: P(X > 10) + P(X = 10)/2 = 0.025 at the lower end.
    low, high = interval_of(10, 1.0, 1e9)
    mid = [stats.poisson.cdf(9, mean) + stats.poisson.pmf(10, mean) / 2 for mean in (low, high)]
    assert mid == pytest.approx([0.975, 0.025], abs=2e-4)


def test_a_night_tells_why_it_is_left_out():
    assert left_out(made_night()) is None
    assert left_out(made_night(rest_h=0.2)) == "1.6 h of rest"
    assert left_out(made_night(counts=())) == "no rest was seen"
    assert left_out(replace(made_night(counts=()), wear="not worn")) == "it was not worn"
    assert left_out(replace(made_night(), wear="unknown")) == "whether it was worn is unknown"
    awake = Span(made_night().start_utc_us, 0, 7.0)
    assert left_out(made_night(awake=awake)) == "1.0 h of rest asleep"


def test_rates_of_nights_learn_from_the_nights_before_alone():
    nights = [made_night(day, counts=[0, 30, 0, 0, 25, 0, 5, 0]) for day in range(10)]
    found = night_rates(nights)
    assert found[:5] == night_rates(nights[:5])
    assert found[0] == night_rate(nights[0])
    assert found[9].dispersion > found[0].dispersion
    assert found[9].interval_low > found[0].interval_low


def live(counts: dict[str, int], live_h: float, seen_h: float) -> Live:
    return Live({**dict.fromkeys(CLASSES, 0), **counts}, 3600 * live_h, 3600 * seen_h)


def test_a_recording_has_the_interval_that_a_night_with_the_same_hours_has():
    """Without dead time both state twitches over live hours, by one rule."""
    counts, hours = [10, 2, 30, 5], [1.0, 0.9, 1.0, 0.5]
    found = recording_range(live({"twitch": 47}, 3.4, 3.4), counts, hours)
    night = rate(counts, hours)
    assert found.low == pytest.approx(night.per_hour)
    assert found.low_interval == pytest.approx((night.interval_low, night.interval_high))
    assert (found.high, found.high_interval) == (found.low, pytest.approx(found.low_interval))


def test_both_ends_of_a_recording_s_rate_lie_in_their_intervals():
    found = recording_range(live({"twitch": 30, "unlike": 20, "several": 4}, 2.0, 2.4), [12, 18], [1.0, 1.0])
    assert found.low == pytest.approx(30 / 2.0 * 1.2)
    assert found.high == pytest.approx(54 / 2.0)
    assert found.low_interval[0] < found.low < found.low_interval[1]
    assert found.high_interval[0] < found.high < found.high_interval[1]
    assert found.high_interval[0] > found.low_interval[0]
    none = recording_range(live({"twitch": 30}, 0.2, 2.4), [30], [0.2])
    assert (none.low, none.low_interval, none.high, none.high_interval) == (None,) * 4
    silent = recording_range(live({}, 1.0, 1.0), [0], [1.0])
    assert silent.low_interval[0] == silent.low == 0 < silent.low_interval[1]


def test_the_interval_of_a_recording_holds_the_true_rate():
    """Ten minutes at 60 an hour by chance: a Poisson count of 10, whose clustering is not known."""
    rng = np.random.default_rng(3)
    held = 0
    for count in rng.poisson(10, 300).tolist():
        found = recording_range(live({"twitch": count}, 1 / 6, 1 / 6), [count], [1 / 6])
        held += found.low_interval[0] <= 60 <= found.low_interval[1]
    assert held / 300 >= 0.95
