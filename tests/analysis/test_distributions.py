"""What is computed without scipy is what scipy computes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from twitchwatch.analysis.distributions import beta_share, normal_tail, root, t_quantile

logs = st.floats(-8, 10)


@given(logs, logs, st.floats(0, 1, allow_subnormal=False))
def test_the_incomplete_beta_function(log_a, log_b, x):
    a, b = math.exp(log_a), math.exp(log_b)
    assert beta_share(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-9, abs=1e-11)


@given(st.floats(0.5, 1e5), st.sampled_from([0.9, 0.975, 0.999]))
def test_the_quantiles_of_t(freedom, chance):
    assert t_quantile(freedom, chance) == pytest.approx(special.stdtrit(freedom, chance), rel=1e-8)


@given(st.floats(-8, 8))
def test_the_normal_tail(z):
    assert normal_tail(z) == pytest.approx(special.ndtr(-z), rel=1e-12)


@given(st.floats(-20, 20), st.floats(0.01, 30))
def test_a_root_is_found_however_steep_the_function(zero, steep):
    found = root(lambda x: math.tanh(steep * (x - zero)), -30, 40, 1e-9)
    assert found == pytest.approx(zero, abs=1e-9)


def test_a_root_beyond_an_end_is_that_end():
    assert root(lambda x: x + 5, 0, 10) == 0
    assert root(lambda x: x - 50, 0, 10) == 10
