"""The rules of sleep medicine, applied to a finger."""

from dataclasses import replace

import numpy as np
import pytest

from tests.analysis.nights_made import HOURS, made_night, twitch
from twitchwatch.analysis.series import fragmentary_myoclonus, hypnic_jerks, periodic_movements

NIGHT_S = HOURS * 3600


def night_with(events, **changes):
    night = made_night(**changes)
    made = [
        twitch(night, second, seq, kind, ms, half_s=ms / 1000)
        for seq, (second, kind, ms) in enumerate(sorted(events))
    ]
    return replace(night, events=tuple(made))


def moves(seconds, ms=2000):
    return [(float(second), "movement", ms) for second in seconds]


def every(apart_s, start, count, chance=None):
    jitter = 0 if chance is None else chance.normal(0, 2, count)
    return start + apart_s * np.arange(count) + jitter


def test_movements_every_25_seconds_are_a_series():
    chance = np.random.default_rng(1)
    seconds = np.concatenate([every(25, 4000, 80, chance), every(25, 15_000, 80, chance)])
    found = periodic_movements(night_with(moves(seconds)))
    assert (found.movements, found.series) == (160, 2)
    assert found.per_hour == pytest.approx(160 / 8.2)
    assert found.median_interval_s == pytest.approx(25, abs=1)
    assert len(found.seqs) == 160


def test_as_many_movements_at_random_are_not():
    chance = np.random.default_rng(2)
    # One begins after the other has ended, 2 s later.
    found = [
        periodic_movements(night_with(moves(np.cumsum(2 + chance.exponential(65, 400))))) for _ in range(20)
    ]
    assert sum(one is not None for one in found) <= 2


@pytest.mark.parametrize(("apart_s", "ms"), [(8, 2000), (100, 2000), (25, 400), (25, 12_000)])
def test_too_close_too_far_too_short_or_too_long_is_none(apart_s, ms):
    assert periodic_movements(night_with(moves(every(apart_s, 0, 250), ms))) is None


def test_three_in_a_row_are_no_series():
    seconds = [start + at for start in range(0, NIGHT_S, 200) for at in (0, 25, 50)]
    assert periodic_movements(night_with(moves(seconds))) is None


def test_few_an_hour_are_not_worth_a_word():
    assert periodic_movements(night_with(moves(every(25, 0, 100)))) is None


def test_a_waking_hand_has_no_periodic_movements():
    night = night_with(moves(every(25, 0, 200)))
    awake = ((night.start_utc_us, night.end_utc_us),)
    assert periodic_movements(replace(night, wakeful=awake)) is None


def test_five_a_minute_for_twenty_minutes_is_like_fragmentary_myoclonus():
    chance = np.random.default_rng(3)
    busy = [(second, "twitch", 90) for second in 6000 + chance.random(260) * 1500]
    found = fragmentary_myoclonus(night_with(busy))
    assert found.minutes >= 20
    assert found.twitches >= 200
    # The detector's own duration does not matter, it grows with the size of a twitch.
    night = night_with(busy)
    large = tuple(replace(event, duration_ms=400) for event in night.events)
    assert fragmentary_myoclonus(replace(night, events=large)) == found
    slow = [(second, "twitch", 300) for second, _, _ in busy]
    assert fragmentary_myoclonus(night_with(slow)) is None
    assert fragmentary_myoclonus(night_with(busy[: len(busy) // 2])) is None


def test_twitches_without_a_waveform_count_if_the_others_are_brief():
    chance = np.random.default_rng(3)
    night = night_with([(second, "twitch", 90) for second in 6000 + chance.random(260) * 1500])

    def shown(one_in, half_s=0.09):
        events = (
            replace(event, half_s=half_s if event.seq % one_in == 0 else None) for event in night.events
        )
        return fragmentary_myoclonus(replace(night, events=tuple(events)))

    assert shown(4) == fragmentary_myoclonus(night)
    assert shown(4, half_s=0.3) is None
    # 13 of them say little about the others.
    assert shown(20) is None


def test_a_lively_but_steady_night_is_not():
    # 144 an hour: the 90th percentile of healthy sleepers (Frauscher et al. 2014).
    chance = np.random.default_rng(4)
    steady = [(second, "twitch", 90) for second in chance.random(144 * HOURS) * NIGHT_S]
    assert fragmentary_myoclonus(night_with(steady)) is None


def test_jerks_belong_to_the_beginning_of_sleep():
    night = night_with(
        [(60.0, "jerk", 200), (900.0, "jerk", 200), (9000.0, "jerk", 200), (70.0, "twitch", 80)]
    )
    assert len(hypnic_jerks(night)) == 2
    assert hypnic_jerks(replace(night, onset=None)) == ()
