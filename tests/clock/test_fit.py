"""The clock fit names the right UTC within the error it states."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.clock import errors_of
from tests.clock.modelled_clocks import SCENES
from twitchwatch.clock.fit import ClockFit
from twitchwatch.shared.protocol import records as protocol

SECOND = 1_000_000
HOUR = 3600 * SECOND
START = 1_760_000_000 * SECOND


def record(kind, boot, time_us, body):
    return protocol.decode(protocol.encode(kind, 0, boot, time_us, body))


def anchor(boot, time_us, utc_us, uncertainty_us=20_000):
    return record(protocol.ANCHOR, boot, time_us, (utc_us, uncertainty_us))


def mark(boot, time_us):
    return record(protocol.MARK, boot, time_us, (0,))


def test_nothing_known_gives_nothing():
    assert ClockFit.from_records([]).utc_us(1, 5) is None
    assert ClockFit.from_records([mark(1, 5)]).utc_us(1, 5) is None


def test_one_anchor_runs_at_nominal_rate_with_growing_error():
    fit = ClockFit.from_records([anchor(1, HOUR, START)])
    utc, at_it = fit.utc_us(1, HOUR)
    assert utc == START
    assert 20_000 <= at_it <= 60_000
    for hours in (-1, 2):
        utc, error = fit.utc_us(1, HOUR + hours * HOUR)
        assert utc == START + hours * HOUR
        # The worst clock is 12 s an hour off.
        assert 12 * SECOND * abs(hours) <= error <= 13 * SECOND * abs(hours)


def test_between_and_beyond_anchors_the_rate_goes_on():
    anchors = [anchor(1, i * HOUR // 6, START + i * (HOUR // 6 + SECOND)) for i in range(12)]
    fit = ClockFit.from_records(anchors)
    for sixths in (5.5, -1, 12):
        utc, error = fit.utc_us(1, int(sixths * HOUR / 6))
        assert abs(utc - (START + sixths * (HOUR / 6 + SECOND))) < 20_000
        assert error < 2 * SECOND


def test_many_anchors_know_more_than_each_of_them():
    # A crystal, and pings whose trips are uneven by up to 20 ms either way.
    chance = random.Random(1)
    anchors = [
        anchor(1, i * HOUR // 6, START + i * HOUR // 6 + chance.randint(-20_000, 20_000)) for i in range(48)
    ]
    fit = ClockFit.from_records(anchors)
    errors = [abs(fit.utc_us(1, at)[0] - START - at) for at in range(0, 8 * HOUR, HOUR // 60)]
    assert sorted(errors)[len(errors) // 2] < 8_000


def test_the_better_of_two_anchors_at_one_moment_counts():
    fit = ClockFit.from_records(
        [anchor(1, 0, START + 9, 50), anchor(1, 0, START, 5), anchor(1, 0, START + 7, 90)]
    )
    assert abs(fit.utc_us(1, 0)[0] - START) <= 1


def rate_of(anchors):
    return [anchor(1, at, START + at + leap) for at, leap in anchors]


EVERY_TEN_MINUTES = [i * HOUR // 6 for i in range(36)]


@pytest.mark.parametrize("leap_us", [5 * SECOND, -HOUR, 24 * HOUR])
@pytest.mark.parametrize("which", [0, 1, 17, 35])
def test_an_anchor_that_leaps_is_left_out(leap_us, which):
    anchors = [(at, leap_us * (i == which)) for i, at in enumerate(EVERY_TEN_MINUTES)]
    fit = ClockFit.from_records(rate_of(anchors))
    assert fit.left_out == 1
    for at in EVERY_TEN_MINUTES:
        utc, error = fit.utc_us(1, at)
        assert abs(utc - START - at) <= error
        # At the outer ones it has to be guessed from the next.
        assert error < (10 * SECOND if which in (0, 35) else SECOND)


@pytest.mark.parametrize("leap_us", [5 * SECOND, -2 * HOUR])
def test_a_computer_clock_that_was_wrong_for_a_while_is_not_believed(leap_us):
    anchors = [(at, leap_us * (10 <= i < 16)) for i, at in enumerate(EVERY_TEN_MINUTES)]
    fit = ClockFit.from_records(rate_of(anchors))
    assert fit.left_out == 6
    for at in EVERY_TEN_MINUTES:
        utc, error = fit.utc_us(1, at)
        assert abs(utc - START - at) <= error < 5 * SECOND


def test_a_computer_that_begins_without_the_time_is_put_right():
    anchors = [(at, -400 * 24 * HOUR * (i < 3)) for i, at in enumerate(EVERY_TEN_MINUTES)]
    fit = ClockFit.from_records(rate_of(anchors))
    assert fit.left_out == 3
    utc, error = fit.utc_us(1, 0)
    assert abs(utc - START) <= error < 20 * SECOND


def test_of_two_clocks_that_say_as_often_the_later_is_believed():
    fit = ClockFit.from_records(rate_of([(0, -HOUR), (HOUR, -HOUR), (2 * HOUR, 0), (3 * HOUR, 0)]))
    assert abs(fit.utc_us(1, 3 * HOUR)[0] - START - 3 * HOUR) < SECOND


def test_summer_time_changes_nothing():
    # 2025-10-26 01:00 UTC: clocks on walls go back an hour in Berlin; UTC goes on.
    begin = 1_761_433_200 * SECOND
    fit = ClockFit.from_records([anchor(1, at, begin + at) for at in EVERY_TEN_MINUTES])
    assert fit.left_out == 0
    reported = [fit.utc_us(1, at)[0] for at in EVERY_TEN_MINUTES]
    assert all(abs(utc - begin - at) < SECOND for utc, at in zip(reported, EVERY_TEN_MINUTES, strict=True))


def test_a_boot_without_anchor_lies_between_its_neighbours():
    records = [anchor(1, 0, START), mark(1, HOUR), mark(2, HOUR), anchor(3, 0, START + 4 * HOUR)]
    utc, error = ClockFit.from_records(records).utc_us(2, 0)
    earliest, latest = START + HOUR, START + 3 * HOUR
    assert utc - error <= earliest + 13 * SECOND
    assert utc + error >= latest
    assert abs(utc - (earliest + latest) // 2) < 13 * SECOND


def test_boots_without_anchor_keep_their_order():
    records = [anchor(1, 0, START), mark(2, HOUR), mark(3, HOUR), anchor(4, 0, START + 5 * HOUR)]
    fit = ClockFit.from_records(records)
    assert fit.utc_us(2, 0) < fit.utc_us(2, HOUR) <= fit.utc_us(3, 0) < fit.utc_us(3, HOUR)


def test_the_last_boot_without_anchor_is_unknown():
    fit = ClockFit.from_records([anchor(1, 0, START), mark(2, 5)])
    assert fit.utc_us(2, 5) is None


@pytest.mark.parametrize("scene", list(SCENES))
def test_the_stated_error_holds_on_modelled_nights(scene):
    # python -m bench.clock has many more, and says how many of them hold.
    for seed in range(12):
        assert all(error <= stated for error, stated in errors_of(SCENES[scene](random.Random(seed)))), seed


def test_the_bars_of_the_median_error():
    for scene, bar_ms in (("connected", 20), ("light sleep", 200)):
        errors = sorted(e for seed in range(5) for e, _ in errors_of(SCENES[scene](random.Random(seed))))
        assert errors[len(errors) // 2] <= bar_ms


@given(
    st.lists(st.tuples(st.integers(0, 10**13), st.integers(0, 10**16), st.integers(0, 2**32 - 1)), max_size=6)
)
def test_any_anchors_give_an_answer(anchors):
    fit = ClockFit.from_records([anchor(1, *one) for one in anchors])
    for time_us in (0, 5 * 10**12, 2 * 10**13):
        answer = fit.utc_us(1, time_us)
        assert (answer is None) == (not anchors)
        assert answer is None or answer[1] >= 0
