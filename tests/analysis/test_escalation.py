"""Escalation is found when it is there, and hardly ever when it is not."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twitchwatch.analysis.escalation import (
    Monitoring,
    expected_delay,
    limits_of,
    monitor,
    ratio_of,
    usual_of,
)
from twitchwatch.analysis.night import Span
from twitchwatch.analysis.rates import Clustering
from twitchwatch.analysis.within import within_night


def clustered(chance, mean, dispersion):
    """Negative binomial counts of the given variance over mean."""
    mean = np.asarray(mean, dtype=float)
    return chance.poisson(chance.gamma(mean / (dispersion - 1), dispersion - 1))


def hours(counts, rest_h=1.0):
    return [Span(index * 3_600_000_000, int(count), rest_h) for index, count in enumerate(counts)]


@pytest.mark.parametrize("dispersion", [1.001, 5, 11])
def test_a_year_or_more_passes_between_false_alarms(dispersion):
    chance = np.random.default_rng(365)
    nights = 8 * 730
    alarms = sum(
        len(monitor(clustered(chance, np.full(730, 20.0), dispersion), [6.0] * 730)) for _ in range(8)
    )
    assert nights / max(alarms, 1) >= 365


@pytest.mark.parametrize(("dispersion", "nights"), [(1.001, 3), (5, 7), (11, 14)])
def test_a_doubling_is_found_in_time(dispersion, nights):
    chance = np.random.default_rng(2)
    delays = []
    for _ in range(15):
        counts = clustered(chance, np.r_[np.full(60, 20.0), np.full(60, 40.0)], dispersion)
        found = [alarm for alarm in monitor(counts, [6.0] * 120) if alarm.index >= 60]
        delays.append(found[0].index - 59 if found else math.inf)
    assert np.median(delays) <= nights


def test_an_alarm_tells_since_when_how_much_and_which_way():
    chance = np.random.default_rng(5)
    counts = clustered(chance, np.r_[np.full(40, 60.0), np.full(20, 150.0), np.full(40, 60.0)], 3)
    rising, falling = monitor(counts, [6.0] * 100)
    assert (rising.direction, falling.direction) == ("rising", "falling")
    assert abs(rising.since_index - 40) <= 2
    assert abs(falling.since_index - 60) <= 2
    assert rising.since_index < rising.index < 48
    assert rising.interval[0] < 2.5 < rising.interval[1]
    assert 0.3 < falling.ratio < 0.6
    assert falling.interval[1] < 1


def test_short_nights_are_no_improvement():
    # Counts fall to a third with the hours. 1600 nights may hold four or five false alarms all the same.
    chance = np.random.default_rng(11)
    rest = np.r_[np.full(40, 7.0), np.full(40, 2.0)]
    assert sum(len(monitor(clustered(chance, 10 * rest, 3), rest)) for _ in range(20)) <= 6


def test_missing_nights_keep_their_place():
    chance = np.random.default_rng(9)
    counts = list(clustered(chance, np.r_[np.full(40, 30.0), np.full(20, 90.0)], 2))
    rest = [6.0] * 60
    for index in range(0, 60, 5):
        counts[index], rest[index] = [(None, 6.0), (7, 0.0), (7, None), (None, None)][index // 5 % 4]
    (alarm,) = monitor(counts, rest)
    assert abs(alarm.since_index - 40) <= 2
    assert alarm.index % 5


def test_one_giant_night_is_no_escalation():
    assert monitor([10] * 30 + [4000] + [10] * 30, [6.0] * 61) == []


@pytest.mark.parametrize("counts", [[], [5], [0] * 50, [3] * 8])
def test_too_little_to_say(counts):
    assert monitor(counts, [6.0] * len(counts)) == []


@pytest.mark.parametrize(("dispersion", "measured"), [(1, 2), (5, 6), (11, 11)])
def test_the_delay_that_is_stated_is_about_the_one_that_is_measured(dispersion, measured):
    assert expected_delay(20, dispersion) == pytest.approx(measured, rel=0.35)
    with pytest.raises(ValueError, match="no change"):
        expected_delay(20, dispersion, ratio=1)


def test_what_is_usual_is_learnt_from_a_week_and_more():
    chance = np.random.default_rng(3)
    counts = clustered(chance, np.full(300, 20.0), 5).tolist()
    per_night, dispersion = usual_of(counts, [6.0] * 300)
    assert per_night == pytest.approx(20, rel=0.1)
    assert dispersion == pytest.approx(5, rel=0.3)
    assert usual_of(counts[:6], [6.0] * 6) is None
    assert usual_of([0] * 30, [6.0] * 30) is None


def test_a_ratio_has_the_interval_of_a_quasi_poisson_regression():
    import statsmodels.api as sm

    chance = np.random.default_rng(4)
    counts = clustered(chance, np.r_[np.full(60, 200.0), np.full(60, 300.0)], 5)
    later = np.repeat([0.0, 1.0], 60)
    fit = sm.GLM(
        counts, sm.add_constant(later), family=sm.families.Poisson(), offset=np.log(np.full(120, 6.0))
    )
    fit = fit.fit(scale="X2")
    ratio, interval = ratio_of(
        (counts[60:].sum(), 360.0), (counts[:60].sum(), 360.0), float(fit.scale), float(fit.df_resid)
    )
    assert ratio == pytest.approx(math.exp(fit.params[1]), rel=1e-3)
    # Theirs is a normal interval, ours Student's t.
    assert interval == pytest.approx(np.exp(fit.conf_int()[1]), rel=5e-3)


BAD = [math.nan, math.inf, -1, -5.0, 10**9, None]


@pytest.mark.parametrize("bad", BAD)
def test_a_night_that_cannot_be_is_left_out_and_keeps_its_place(bad):
    chance = np.random.default_rng(9)
    counts = clustered(chance, np.r_[np.full(40, 30.0), np.full(20, 90.0)], 2).tolist()
    rest = [6.0] * 60
    (clean,) = monitor(counts, rest)
    for values, at in ((counts, 10), (rest, 20)):
        values[at] = bad
    (alarm,) = monitor(counts, rest)
    assert (alarm.index, alarm.since_index) == (clean.index, clean.since_index)


def test_counts_without_exposure_and_no_nights_at_all_say_nothing():
    assert monitor([20] * 50, [0.0] * 50) == monitor([20] * 50, [None] * 50) == monitor([], []) == []
    assert monitor(np.full(50, 20), np.full(50, 6.0)) == []


def test_the_greatest_and_the_least_give_finite_answers():
    for counts in ([0] * 20 + [10**6] * 20, [10**6] * 20 + [0] * 20, [0, 10**6] * 20):
        for alarm in monitor(counts, [1 / 60] * 40):
            assert all(map(math.isfinite, (alarm.ratio, *alarm.interval, alarm.statistic)))


def test_lively_weekends_are_no_news_once_they_are_known():
    chance = np.random.default_rng(12)
    week = np.array([1, 1, 1, 1, 3, 3, 1])
    found = {"weekly": [], "flat": []}
    for _ in range(12):
        for name, factor in (("weekly", week[np.arange(140) % 7]), ("flat", np.full(140, week.mean()))):
            mean = 10 * factor * np.r_[np.ones(120), np.full(20, 1.8)]
            alarms = [
                alarm for alarm in monitor(clustered(chance, mean, 2), [6.0] * 140) if alarm.index >= 120
            ]
            found[name].append(alarms[0].index - 119 if alarms else math.inf)
    # Not knowing the week, one waits for twice as long.
    assert np.median(found["weekly"]) <= np.median(found["flat"]) + 3


def test_nights_alike_their_neighbours_do_not_cry_wolf():
    chance = np.random.default_rng(366)
    alarms = 0
    for _ in range(6):
        z = np.empty(730)
        z[0] = chance.normal()
        for night in range(1, 730):
            z[night] = 0.4 * z[night - 1] + math.sqrt(1 - 0.16) * chance.normal()
        spread = math.log1p(4 / 20)
        alarms += len(monitor(chance.poisson(20 * np.exp(math.sqrt(spread) * z - spread / 2)), [6.0] * 730))
    assert 6 * 730 / max(alarms, 1) >= 365


nights_given = st.lists(
    st.tuples(st.integers(0, 60) | st.none(), st.sampled_from([6.0, 0.0, None])), max_size=25
)


@given(nights_given, nights_given, st.integers(0, 25))
@settings(max_examples=30, deadline=None)
def test_nights_followed_again_and_again_give_what_they_give_at_once(first, second, kept):
    monitoring = Monitoring()
    given = [(5, 6.0)] * 12
    for nights in ([*given, *first], [*given, *first[:kept], *second], [*given, *first]):
        counts, rest = [count for count, _ in nights], [rest for _, rest in nights]
        assert monitoring.follow(counts, rest) == monitor(counts, rest)


def test_unusable_arguments_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        monitor([1, 2], [1.0])
    with pytest.raises(ValueError, match="arl0_days"):
        monitor([1], [1.0], arl0_days=3)


@given(st.lists(st.tuples(st.integers(0, 100_000), st.floats(0, 24)), max_size=30))
@settings(max_examples=30, deadline=None)
def test_any_nights_give_finite_answers(nights):
    for alarm in monitor([count for count, _ in nights], [rest for _, rest in nights]):
        assert math.isfinite(alarm.ratio)
        assert 0 < alarm.interval[0] <= alarm.ratio <= alarm.interval[1] < math.inf
        assert alarm.since_index < alarm.index


@pytest.mark.parametrize("per_hour", [2, 5, 10, 20])
def test_steady_clustered_nights_hardly_ever_rise(per_hour):
    chance = np.random.default_rng(1000 + per_hour)
    nights = 2000
    false = sum(
        within_night(hours(clustered(chance, np.full(8, float(per_hour)), 5))) is not None
        for _ in range(nights)
    )
    assert false / nights <= 0.01


def test_with_nights_before_a_threefold_hour_is_found_and_a_lively_person_is_not_alarmed():
    chance = np.random.default_rng(8)

    def usual(dispersion):
        nights = clustered(chance, np.full((28, 8), 10.0), dispersion).tolist()
        return sum((Clustering.of(night, [1.0] * 8) for night in nights), Clustering())

    night = hours([9, 11, 8, 10, 12, 32, 9, 10])
    assert within_night(night) is None
    assert within_night(night, None, usual(1.001)) is not None
    unusually_frequent = usual(11)
    false = sum(
        within_night(hours(clustered(chance, np.full(8, 10.0), 11)), None, unusually_frequent) is not None
        for _ in range(1000)
    )
    assert false <= 9


def test_the_hour_in_which_sleep_begins_never_rises():
    night = hours([9, 11, 90, 10, 12, 9, 9, 10])
    assert within_night(night).first_index == 2
    # Sleep began a quarter past the second hour.
    onset = Span(night[2].start_utc_us - 15 * 60_000_000, 0, 1.0)
    assert within_night(night, onset) is None


def test_a_rising_hour_is_found_and_named():
    found = within_night(hours([9, 11, 8, 10, 12, 70, 64, 9]))
    assert (found.first_index, found.last_index) == (5, 6)
    assert found.ratio == pytest.approx(6.8, abs=0.3)
    assert 1 < found.interval[0] < found.ratio < found.interval[1]
    assert (found.twitches, found.rest_h) == (134, 2.0)


def test_an_hour_without_rest_is_passed_over():
    night = hours([9, 11, 0, 8, 10, 12, 90, 9])
    night[2] = Span(night[2].start_utc_us, 0, 0.0)
    assert within_night(night).first_index == 6


@pytest.mark.parametrize(
    "counts", [[], [5], [1, 50], [0] * 8, [80, 9, 11, 8, 10, 12, 9, 10], [90, 60, 30, 10, 8, 9, 7, 8]]
)
def test_nothing_rises(counts):
    assert within_night(hours(counts)) is None


def test_minutes_of_rest_are_no_baseline():
    assert within_night(hours([1, 1, 1, 90, 1], rest_h=0.2)) is None


@pytest.mark.parametrize(("mean", "dispersion"), [(60, 3.0), (120, 6.0), (30, 1.5)])
def test_a_week_beyond_the_stated_limits_is_about_what_raises_an_alarm(mean, dispersion):
    rng = np.random.default_rng(4)
    counts = rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion, 40).tolist()
    monitoring = Monitoring(365)
    assert monitoring.follow(counts, [6.0] * 40) == []
    low, high = limits_of(monitoring.baseline(), nights=7)
    assert low < sum(counts) / 240 < high

    def alarms(rate):
        week = [round(6 * rate)] * 7
        return [one.direction for one in monitor([*counts, *week], [6.0] * 47)]

    usual = sum(counts) / 240
    # The limit on the scale of square roots, a little wider and a little narrower.
    assert alarms(1.2 * high) == ["rising"]
    assert alarms(usual + 0.7 * (high - usual)) == []
    assert alarms(0.8 * low) == ["falling"]
    assert alarms(usual - 0.7 * (usual - low)) == []


def test_without_a_week_there_are_no_limits():
    assert limits_of([(30.0, 6.0)] * 6, nights=7) is None
    assert limits_of([(0.0, 6.0)] * 20, nights=7) is None
