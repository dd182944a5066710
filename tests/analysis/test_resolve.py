"""What a tremor's own swings looked like before it was known is not counted as twitches."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.analysis.resolve import CONTINUED, MACHINE, joined, resolve, whole_bouts
from twitchwatch.shared.protocol.records import (
    JERK,
    MOVEMENT,
    REASON_TILT,
    REASON_VIGOROUS,
    SPASM,
    TWITCH,
    Tremor,
)


class Event(NamedTuple):
    sample: int
    kind: int = TWITCH
    reason: int = 0
    duration_ms: int = 100


class Bout(NamedTuple):
    sample: int
    duration_ms: int


def test_bursts_inside_a_bout_belong_to_it():
    bout = Bout(10_400, 20_000)
    events = [Event(10_000), Event(10_400), Event(11_000, JERK), Event(11_500, SPASM), Event(12_700)]
    result = resolve(events, [bout])
    assert [event.sample for event in result.events] == [10_000, 12_700]
    assert [(one.event.sample, one.by) for one in result.absorbed] == [
        (10_400, bout),
        (11_000, bout),
        (11_500, bout),
    ]
    assert all(one.reason for one in result.absorbed)


def test_only_vigour_alone_makes_a_movement_part_of_a_tremor():
    turned = Event(10_500, MOVEMENT, REASON_TILT)
    shaken = Event(10_600, MOVEMENT, REASON_VIGOROUS)
    result = resolve([turned, shaken], [Bout(10_400, 20_000)])
    assert result.events == [turned]
    assert result.absorbed[0].event == shaken


def test_what_sets_a_movement_going_is_no_twitch():
    turned = Event(10_500, MOVEMENT, REASON_TILT, 2000)
    before, start, inside = Event(10_380), Event(10_420), Event(10_700, SPASM)
    after = Event(10_720)
    result = resolve([before, start, turned, inside, after], [])
    assert result.events == [before, turned, after]
    assert [(one.event, one.by) for one in result.absorbed] == [(start, turned), (inside, turned)]


def test_a_bout_across_the_wrap_of_the_count():
    bout = Bout(2**30 - 100, 10_000)
    assert not resolve([Event(2**30 - 50), Event(300)], [bout]).events
    assert resolve([Event(5_000)], [bout]).events


def test_rate_scales_the_bout():
    assert resolve([Event(4_000)], [Bout(0, 10_000)], rate_hz=416).absorbed
    assert not resolve([Event(4_000)], [Bout(0, 10_000)], rate_hz=104).absorbed


@given(
    st.lists(st.integers(0, 2**30 - 1), max_size=20),
    st.lists(st.tuples(st.integers(0, 2**30 - 1), st.integers(0, 700_000)), max_size=5),
)
def test_nothing_is_lost_and_order_is_kept(samples, spans):
    events = [Event(sample) for sample in samples]
    result = resolve(events, [Bout(*span) for span in spans])
    assert sorted([*result.events, *(one.event for one in result.absorbed)]) == sorted(events)
    assert result.events == [event for event in events if event in result.events]


def part(sample, duration_ms, flags=0, frequency=5000, peak=9000):
    return Tremor(sample & (2**30 - 1), duration_ms, frequency, 100, 8000, peak, 50, flags, 0)


def test_parts_that_overlap_are_one_bout_and_others_are_not():
    first, second = part(0, 600_000), part(62_200, 300_000, CONTINUED)
    alone = part(200_000, 10_000)
    orphan = part(300_000, 10_000, CONTINUED)
    assert whole_bouts([first, second, alone, orphan]) == [[first, second], [alone], [orphan]]


def test_a_part_of_unlike_rate_or_of_a_machine_is_a_bout_of_its_own():
    first = part(0, 600_000, frequency=4000)
    drifted = part(62_200, 600_000, CONTINUED, frequency=5100)
    machine = part(124_400, 60_000, CONTINUED | MACHINE, frequency=5100)
    assert whole_bouts([first, drifted, machine]) == [[first], [drifted], [machine]]


def test_a_joined_bout_counts_the_overlap_once_even_across_the_wrap():
    first = part(-100, 60_000, frequency=5000, peak=9000)
    second = part(-100 + 6040, 40_000, CONTINUED, frequency=6000, peak=7000)
    assert whole_bouts([first, second]) == [[first, second]]
    whole = joined([first, second])
    assert whole.sample == first.sample
    assert whole.duration_ms == round(6040 * 1000 / 104) + 40_000
    assert whole.frequency_milli_hz == 5400
    assert whole.peak_ug == 9000
    assert whole.cycles == whole.duration_ms * 5400 // 1_000_000


def test_a_bout_in_one_part_stays_as_it_was_reported():
    one = part(400, 12_000)
    assert joined([one]) == one
