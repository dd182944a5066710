"""Duration at half of the peak: the same for every size, direction and noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.analysis.half_width import half_width_s, median_s
from twitchwatch.sim.twitch import random_direction
from validation.findings.half_widths import motion

RATE_HZ = 104


def snippet(shape, direction=(0.6, 0.0, 0.8), size=20.0):
    """64 samples, of which `shape` gives the motion at this many seconds after the onset."""
    at_s = (np.arange(64) - 16) / RATE_HZ
    return 1000 * np.array([0, 0, 1.0]) + size * np.outer(shape(at_s), direction)


@pytest.mark.parametrize("width_s", [0.04, 0.08, 0.15])
def test_it_is_the_full_width_at_half_of_the_maximum(width_s):
    spread = width_s / 2.355
    found = half_width_s(snippet(lambda t: np.exp(-0.5 * ((t - 0.15) / spread) ** 2)), RATE_HZ, 0.5)
    assert found == pytest.approx(width_s, abs=0.004)


def test_a_swing_to_and_fro_is_one_motion():
    # Above half of its peak from 1/12 of a period on until 5/12 of the next one.
    found = half_width_s(snippet(lambda t: np.sin(2 * np.pi * 10 * t) * ((t > 0) & (t < 0.1))), RATE_HZ, 0.5)
    assert found == pytest.approx(0.1 * 10 / 12, abs=0.006)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 50), st.integers(-2000, 2000))
def test_neither_size_nor_direction_nor_gravity_changes_it(seed, scale, gravity):
    chance = np.random.default_rng(seed)
    shown = 20 * motion(chance, 0)
    turn = np.linalg.qr(chance.normal(0, 1, (3, 3)))[0]
    found = half_width_s(shown, RATE_HZ, 0.01)
    assert found is not None
    assert half_width_s(scale * shown @ turn + gravity, RATE_HZ, 1e-4) == pytest.approx(found, abs=0.002)


def test_noise_changes_its_median_by_less_than_a_sample():
    medians = []
    for over_noise in (5, 10, 50):
        chance = np.random.default_rng(8)
        shown = [over_noise * motion(chance, 0) + chance.normal(0, 1, (64, 3)) for _ in range(300)]
        medians.append(np.nanmedian([half_width_s(each, RATE_HZ, 1.0) or np.nan for each in shown]))
    assert max(medians) - min(medians) < 1 / RATE_HZ


def test_what_cannot_be_seen_has_none():
    chance = np.random.default_rng(9)
    lasting = snippet(lambda t: (t > 0) * np.sin(2 * np.pi * 9 * t), random_direction(chance))
    assert half_width_s(lasting, RATE_HZ, 0.5) is None
    assert half_width_s(chance.normal(0, 1, (64, 3)), RATE_HZ, 1.0) is None
    assert half_width_s(np.zeros((64, 3)), RATE_HZ, 1.0) is None
    assert half_width_s(lasting[:10], RATE_HZ, 0.5) is None


def test_a_night_of_few_twitches_has_no_typical_width():
    assert median_s([0.05, None, 0.06, 0.07, 0.08]) is None
    assert median_s([0.05, None, 0.06, 0.07, 0.08, 0.2]) == 0.07
