"""Weeks with and without; felt awake; seconds on end; worn otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.nights_made import FIRST, made_night, mark, twitch
from twitchwatch.analysis.persistence import felt, long_contractions, persistence
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.analysis.wear import worn_differently


def days(*numbers):
    return [FIRST + timedelta(days=number) for number in numbers]


def test_more_than_four_weeks_and_in_most_of_them_lasts():
    found = persistence(days(0, 8, 16, 22, 29), days(*range(40)))
    assert (found.days, found.weeks_with, found.weeks_observed) == (30, 5, 5)
    assert found.lasts


@pytest.mark.parametrize("shown", [(0, 8, 16, 22), (0, 60), (3,)])
def test_four_weeks_or_two_ends_of_a_long_time_do_not_last(shown):
    assert not persistence(days(*shown), days(*range(70))).lasts


def test_weeks_without_data_count_neither_way():
    found = persistence(days(0, 1, 2, 35, 36), days(0, 1, 2, 9, 35, 36))
    assert (found.weeks_with, found.weeks_observed) == (2, 2)


def test_what_never_was_does_not_last():
    assert persistence([], days(1, 2)) is None


@given(st.sets(st.integers(0, 100), min_size=1), st.sets(st.integers(0, 100)))
@settings(deadline=None)
def test_no_more_weeks_show_it_than_were_observed(shown, observed):
    found = persistence(days(*shown), days(*observed))
    assert 1 <= found.weeks_with <= found.weeks_observed <= (found.days + 6) // 7


def test_a_mark_soon_after_a_twitch_says_that_it_was_felt():
    night = made_night()
    events = (twitch(night, 100, 1), twitch(night, 200, 2), twitch(night, 300, 3, kind="movement"))
    marked = replace(night, events=events, marks=(mark(night, 110), mark(night, 305)))
    assert [event.seq for event in felt(marked)] == [1]


def test_contractions_of_seconds_asleep():
    night = made_night()
    kinds = [("spasm", 2500), ("spasm", 900), ("movement", 5000), ("twitch", 80)]
    events = tuple(twitch(night, 100 * at, at, kind, ms) for at, (kind, ms) in enumerate(kinds))
    assert [event.seq for event in long_contractions(replace(night, events=events))] == [0]
    awake = ((night.start_utc_us, night.end_utc_us),)
    assert long_contractions(replace(night, events=events, wakeful=awake)) == ()


def nights(noise, peak=9.0):
    made = []
    for day, level in enumerate(noise):
        night = made_night(day, noise_mg=level)
        made.append(replace(night, events=tuple(twitch(night, at, at, peak_mg=peak) for at in range(10))))
    return made


def test_a_sensor_that_sits_otherwise_is_noticed():
    before = nights([0.30, 0.31, 0.29, 0.32, 0.30, 0.28])
    assert worn_differently(before, nights([0.45, 0.46]), Remembered()) == ("noise",)
    assert worn_differently(before, nights([0.30], peak=15.0), Remembered()) == ("twitch size",)
    assert worn_differently(before, nights([0.33, 0.29]), Remembered()) == ()


def test_noise_that_always_varies_is_no_change():
    assert worn_differently(nights([0.2, 0.5, 0.3, 0.6, 0.25, 0.45]), nights([0.55]), Remembered()) == ()


def test_too_few_nights_tell_nothing():
    assert worn_differently(nights([0.3] * 4), nights([0.9]), Remembered()) == ()
    assert worn_differently(nights([0.3] * 9), [], Remembered()) == ()
