"""For which hosts a log is kept: for the slowest seen within two weeks, until there is no room to wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.shared.protocol.watermarks import HOLD_PERCENT, PATIENCE_S, Watermarks

FORTNIGHT_S = 14 * 24 * 3600


def test_the_limits():
    assert PATIENCE_S == FORTNIGHT_S
    assert HOLD_PERCENT == 50


def test_without_a_host_nothing_is_held_or_reached():
    marks = Watermarks({})
    assert marks.hold_seq(0) == marks.reached_seq() == 0
    assert not marks.release(0)


def test_the_slowest_holds_the_log_for_two_weeks_to_the_second():
    marks = Watermarks({})
    marks.acknowledge(1, 5, 100)
    marks.acknowledge(2, 9, 100 + FORTNIGHT_S)
    assert marks.hold_seq(100 + FORTNIGHT_S) == 5
    assert marks.hold_seq(101 + FORTNIGHT_S) == 9
    assert marks.reached_seq() == 9


def test_who_is_released_is_waited_for_again_once_it_comes():
    marks = Watermarks({})
    for host_id, seq in ((1, 3), (2, 7), (3, 7)):
        marks.acknowledge(host_id, seq, 0)
    assert marks.release(0)
    assert marks.marks[1][0] == 3
    assert marks.hold_seq(0) == 7
    # Nobody is behind another any more, and nobody is released.
    assert not marks.release(0)
    assert marks.hold_seq(0) == 7
    marks.acknowledge(1, 4, 0)
    assert marks.hold_seq(0) == 4


def test_a_restored_database_brings_its_host_back():
    marks = Watermarks({})
    marks.acknowledge(1, 90, 0)
    marks.acknowledge(1, 20, 5)
    assert marks.marks == {1: (20, 5)}


@given(st.dictionaries(st.integers(1, 9), st.tuples(st.integers(0, 50), st.integers(0, 3 * FORTNIGHT_S))))
def test_the_held_part_is_the_smallest_of_those_waited_for(marks):
    now_s = 3 * FORTNIGHT_S
    waited_for = [seq for seq, seen_s in marks.values() if now_s - seen_s <= FORTNIGHT_S]
    one = Watermarks(dict(marks))
    assert one.hold_seq(now_s) == min(waited_for, default=0)
    assert one.reached_seq() == max((seq for seq, _ in marks.values()), default=0)
    behind = one.hold_seq(now_s) < one.reached_seq()
    assert one.release(now_s) is behind
