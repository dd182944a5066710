"""A rate is a count over rest time, with an interval that clustering cannot make a lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from twitchwatch.analysis.rates import rate


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
def test_never_narrower_than_poisson(bins):
    found = rate([count for count, _ in bins], [rest for _, rest in bins])
    low = stats.chi2.ppf(0.025, 2 * found.count) / 2 if found.count else 0
    high = stats.chi2.ppf(0.975, 2 * found.count + 2) / 2
    assert found.interval_low <= low / found.rest_h + 1e-9
    assert found.interval_high >= high / found.rest_h - 1e-9
    assert found.interval_low <= found.per_hour <= found.interval_high


@pytest.mark.parametrize(("dispersion", "least"), [(1.001, 0.95), (2, 0.95), (5, 0.93), (11, 0.91)])
def test_the_truth_lies_within(dispersion, least):
    chance = np.random.default_rng(95)
    nights = 1500
    counts = chance.poisson(chance.gamma(15 / (dispersion - 1), dispersion - 1, size=(nights, 8)))
    found = [rate(night.tolist(), [1.0] * 8) for night in counts]
    assert sum(one.interval_low <= 15 <= one.interval_high for one in found) / nights >= least
