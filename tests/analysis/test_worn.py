"""Whether a night was worn, where some minutes cannot tell."""

from typing import NamedTuple

import pytest

from twitchwatch.analysis.input import INPUT_FAULTS, input_counts, input_faults
from twitchwatch.analysis.worn import unknown_minutes, wear_of
from twitchwatch.shared.protocol.records import INPUT_HUM, INPUT_STUCK, NOT_WORN, WORN

UNKNOWN = 0


class Minute(NamedTuple):
    start_us: int
    wear: int
    still_ms: int = 60_000


def night(*wear):
    return [Minute(60_000_000 * at, each, 0 if each == NOT_WORN else 60_000) for at, each in enumerate(wear)]


def test_a_worn_night_is_worn():
    assert wear_of(night(*[WORN] * 60)) == ("worn", 0.0)


def test_a_table_is_not_worn():
    assert wear_of(night(*[NOT_WORN] * 60)) == ("not worn", 0.0)


def test_noise_that_hides_it_makes_the_night_unknown():
    assert wear_of(night(*[UNKNOWN] * 60)) == ("unknown", 1.0)


def test_minutes_between_movements_of_the_same_hour_are_worn():
    minutes = night(WORN, *[UNKNOWN] * 50, WORN, *[UNKNOWN] * 50, WORN)
    assert wear_of(minutes) == ("worn", 0.0)


def test_not_across_more_than_an_hour_nor_across_a_table():
    assert all(unknown_minutes(night(WORN, *[UNKNOWN] * 61, WORN))[1:-1])
    assert unknown_minutes(night(WORN, UNKNOWN, NOT_WORN, UNKNOWN, WORN)) == [False, True, False, True, False]


def test_one_bump_does_not_make_a_noisy_night_on_a_table_worn():
    wear, hours = wear_of(night(*[UNKNOWN] * 200, WORN, *[UNKNOWN] * 200))
    assert wear == "unknown"
    assert hours == pytest.approx(400 / 60)


def test_faults_by_name():
    assert [fault.name for fault in input_faults(INPUT_STUCK | INPUT_HUM)] == ["stuck", "hum"]
    assert input_counts([INPUT_STUCK, INPUT_STUCK | INPUT_HUM, 0]) == (("stuck", 2), ("hum", 1))
    assert len({fault.bit for fault in INPUT_FAULTS}) == len(INPUT_FAULTS)
