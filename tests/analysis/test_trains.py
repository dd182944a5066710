"""A rhythm among single twitches is found; flurries, drift and a slow detector do not pass for one."""

from dataclasses import replace

import numpy as np
import pytest

from tests.analysis.nights_made import HOUR_US, made_night, twitch
from twitchwatch.analysis.trains import (
    FALSE_PER_NIGHT,
    MIN_EVENTS,
    local_variations,
    rhythm_of,
    trains_of,
)

LENGTH_S = 60.0


def poisson(chance, per_s):
    return np.sort(chance.random(chance.poisson(per_s * LENGTH_S))) * LENGTH_S


def flurries(chance, per_s):
    middles = chance.random(chance.poisson(per_s * LENGTH_S / 10)) * LENGTH_S
    return np.sort(np.concatenate([middle + chance.normal(0, 1.5, 10) for middle in middles] or [[]]))


def drifting(chance, per_s):
    times = poisson(chance, 2 * per_s)
    return times[chance.random(len(times)) < 0.5 + 0.45 * np.sin(times / LENGTH_S * 9)]


def slow_detector(chance, per_s):
    return np.cumsum(chance.exponential(1 / per_s, round(per_s * LENGTH_S)) + 0.15)


def clockwork(chance, hz, cv, length_s=LENGTH_S):
    shape = 1 / cv**2
    times = np.cumsum(chance.gamma(shape, 1 / (shape * hz), round(2 * hz * length_s)))
    return times[times < length_s]


@pytest.mark.parametrize(
    ("train", "dead_s"), [(poisson, 0), (flurries, 0), (drifting, 0), (slow_detector, 0.15)]
)
def test_what_has_no_rhythm_is_called_rhythmic_as_rarely_as_stated(train, dead_s):
    chance = np.random.default_rng(7)
    found = [rhythm_of(train(chance, 3.0), dead_s=dead_s, seed=k, max_assignments=1) for k in range(120)]
    # 120 trains: 6 expected, and 13 are the most that chance allows once in three hundred times.
    assert sum(one.p_value <= 0.05 for one in found if one) <= 13


def test_a_slow_detector_would_pass_for_a_rhythm_if_it_were_not_allowed_for():
    found = rhythm_of(slow_detector(np.random.default_rng(1), 8.0), max_assignments=1)
    assert found.p_value < 0.01


@pytest.mark.parametrize("cv", [0.1, 0.2, 0.3])
def test_a_minute_at_5_hz_is_found_and_measured(cv):
    chance = np.random.default_rng(3)
    for seed in range(20):
        found = rhythm_of(clockwork(chance, 5.0, cv), seed=seed, max_assignments=1)
        assert found.p_value <= 0.01
        assert found.frequency_hz == pytest.approx(5.0, rel=0.1)
        assert found.interval_cv == pytest.approx(cv, rel=0.35)
        assert found.bands == ("rest tremor", "essential tremor")


def test_a_rhythm_of_which_a_third_was_missed_is_found_by_its_spectrum():
    chance = np.random.default_rng(4)
    times = clockwork(chance, 3.0, 0.05)
    found = rhythm_of(times[chance.random(len(times)) > 0.35], max_assignments=1)
    assert found.p_value <= 0.01
    assert found.frequency_hz == pytest.approx(3.0, rel=0.05)


def test_local_variation_is_that_of_the_paper():
    # Shinomoto, Shima and Tanji 2003: 3/(n-1) times the sum of ((I1 - I2)/(I1 + I2))^2.
    intervals = np.array([0.2, 0.3, 0.1, 0.4])
    terms = [((a - b) / (a + b)) ** 2 for a, b in ((0.2, 0.3), (0.3, 0.1), (0.1, 0.4))]
    assert local_variations(intervals[None, :])[0] == pytest.approx(3 * sum(terms) / 3)
    long = np.random.default_rng(5).exponential(size=(1, 40_000))
    assert local_variations(long)[0] == pytest.approx(1, abs=0.03)


def test_too_few_to_say():
    assert rhythm_of(np.arange(MIN_EVENTS - 1) / 5) is None
    assert rhythm_of([]) is None


def test_twitches_told_at_one_moment_give_a_finite_answer():
    found = rhythm_of([3.0] * MIN_EVENTS, dead_s=0.2)
    assert 0 < found.p_value <= 1
    assert np.isfinite([found.frequency_hz, found.spread_hz, found.interval_cv, found.local_variation]).all()


def test_the_rhythmic_train_of_a_night_is_told_and_the_others_are_not():
    chance = np.random.default_rng(6)
    night = made_night()
    times = np.concatenate(
        [
            chance.random(200) * 7 * 3600,
            3600 + clockwork(chance, 2.0, 0.1),
            9000 + poisson(chance, 2.0),
        ]
    )
    events = [twitch(night, second, seq) for seq, second in enumerate(sorted(times))]
    (found,) = trains_of(replace(night, events=tuple(events)))
    assert found.rhythm.frequency_hz == pytest.approx(2.0, rel=0.05)
    assert found.rhythm.bands == ("slow",)
    assert found.rhythm.p_value <= found.limit <= FALSE_PER_NIGHT
    assert 110 <= len(found.events) <= 130
    assert found.amplitude_mg == 9
    assert abs(found.events[0].utc_us - night.start_utc_us - 10 * HOUR_US - 3600e6) < 5e6
