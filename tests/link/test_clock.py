"""The clock fit names the right UTC within the error it states."""

import random

from hypothesis import given
from hypothesis import strategies as st

from shared.protocol import records as protocol
from twitchwatch.link.clock import MAX_DRIFT, ClockFit

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
    assert fit.utc_us(1, HOUR) == (START, 20_000)
    assert fit.utc_us(1, 3 * HOUR) == (START + 2 * HOUR, 20_000 + 24 * SECOND)
    assert fit.utc_us(1, 0) == (START - HOUR, 20_000 + 12 * SECOND)


def test_between_anchors_it_is_linear():
    fit = ClockFit.from_records([anchor(1, 0, START), anchor(1, HOUR, START + HOUR + 10 * SECOND)])
    utc, error = fit.utc_us(1, HOUR // 2)
    assert utc == START + HOUR // 2 + 5 * SECOND
    assert error == 20_000 + 6 * SECOND


def test_beyond_anchors_the_rate_goes_on():
    fit = ClockFit.from_records([anchor(1, 0, START), anchor(1, HOUR, START + HOUR + 10 * SECOND)])
    assert fit.utc_us(1, 2 * HOUR)[0] == START + 2 * HOUR + 20 * SECOND


def test_anchors_too_close_together_tell_no_rate():
    fit = ClockFit.from_records([anchor(1, 0, START), anchor(1, SECOND, START + SECOND + 10_000)])
    assert fit.utc_us(1, SECOND + HOUR)[0] == START + SECOND + 10_000 + HOUR


def test_the_better_of_two_anchors_at_one_moment_counts():
    fit = ClockFit.from_records(
        [anchor(1, 0, START + 9, 50), anchor(1, 0, START, 5), anchor(1, 0, START + 7, 90)]
    )
    assert fit.utc_us(1, 0) == (START, 5)


def test_a_computer_clock_set_between_anchors_is_no_drift():
    fit = ClockFit.from_records([anchor(1, 0, START), anchor(1, HOUR, START + 3 * HOUR)])
    near_first, error = fit.utc_us(1, HOUR // 4)
    assert near_first == START + HOUR // 4
    assert error > 2 * HOUR
    assert fit.utc_us(1, HOUR - SECOND)[0] == START + 3 * HOUR - SECOND
    assert fit.utc_us(1, 2 * HOUR)[0] == START + 4 * HOUR


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


@given(st.integers(0, 2**32), st.integers(1, 20))
def test_the_stated_error_holds_for_a_wandering_clock(seed, meetings):
    # A clock whose rate changes every ten minutes, anywhere within half of what the oscillator may be off by:
    # its own rate and what it is followed at then differ by at most the whole.
    chance = random.Random(seed)
    truth = [(0, START)]
    for _ in range(60):
        device, utc = truth[-1]
        rate = 1 + chance.uniform(-MAX_DRIFT, MAX_DRIFT) / 2
        truth.append((device + 600 * SECOND, utc + round(600 * SECOND * rate)))
    anchors = [
        anchor(1, device, utc + chance.randint(-20_000, 20_000))
        for device, utc in chance.sample(truth, meetings)
    ]
    fit = ClockFit.from_records(anchors)
    for device, utc in truth:
        found, error = fit.utc_us(1, device)
        assert abs(found - utc) <= error + 20_000 + 1


@given(
    st.lists(st.tuples(st.integers(0, 10**13), st.integers(0, 10**16), st.integers(0, 2**32 - 1)), max_size=6)
)
def test_any_anchors_give_an_answer(anchors):
    fit = ClockFit.from_records([anchor(1, *one) for one in anchors])
    for time_us in (0, 5 * 10**12, 2 * 10**13):
        answer = fit.utc_us(1, time_us)
        assert (answer is None) == (not anchors)
        assert answer is None or answer[1] >= 0
