"""What people did about a finding outlives its being derived again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twitchwatch.flags.finding import Finding
from twitchwatch.flags.ledger import settle

DAY_US = 24 * 3_600_000_000
FIRST = date(2025, 3, 1)


def flag(day=0, last=None, kind="tremor", sensor="aa", **changes):
    evening = FIRST + timedelta(days=day)
    values = {
        "kind": kind,
        "scope": "night",
        "sensor": "ring",
        "hardware_id": sensor,
        "night": evening,
        "last_night": FIRST + timedelta(days=day if last is None else last),
        "since_utc_us": int(datetime(2025, 3, 1, 23, tzinfo=UTC).timestamp()) * 1_000_000 + day * DAY_US,
        "confidence": "high",
        "evidence": {},
    }
    words = dict.fromkeys(("words", "may_mean", "to_try", "see_doctor", "resolved_when"), "")
    return Finding(**(words | values | changes))


def kept(settled):
    """As the database would have it: each entry with a number."""
    return [replace(one.entry, id=number) for number, one in enumerate(settled, 1)]


def acknowledged(entry, urgency="finding"):
    return replace(entry, acknowledged_utc_us=1, acknowledged_urgency=urgency)


def test_a_finding_is_new_then_acknowledged_then_resolved():
    (first,) = settle([], [flag()], 10)
    assert (first.flag.state, first.entry.raised_utc_us) == ("new", 10)
    (entry,) = kept([first])
    (again,) = settle([acknowledged(entry)], [flag(last=3)], 20)
    assert (again.flag.state, again.flag.id, again.entry.raised_utc_us) == ("acknowledged", 1, 10)
    (over,) = settle([again.entry], [flag(last=3, resolved_utc_us=15)], 30)
    assert (over.flag.state, over.entry.resolved_utc_us) == ("resolved", 15)


def test_what_is_no_longer_derived_is_resolved_and_may_come_back():
    (entry,) = kept(settle([], [flag()], 10))
    (gone,) = settle([entry], [], 20)
    assert (gone.flag, gone.entry.resolved_utc_us) == (None, 20)
    (still,) = settle([gone.entry], [], 30)
    assert still.entry.resolved_utc_us == 20
    (back,) = settle([still.entry], [flag()], 40)
    assert (back.flag.state, back.flag.id) == ("new", 1)


def test_one_that_becomes_more_urgent_is_new_again():
    (entry,) = kept(settle([], [flag()], 10))
    (same,) = settle([acknowledged(entry)], [flag()], 20)
    (worse,) = settle([acknowledged(entry)], [flag(urgency="doctor")], 20)
    assert (same.flag.state, worse.flag.state) == ("acknowledged", "new")


def test_a_finding_whose_first_night_moved_is_the_same():
    (entry,) = kept(settle([], [flag(day=4, last=9)], 10))
    (moved,) = settle([entry], [flag(day=2, last=9)], 20)
    assert (moved.flag.id, moved.entry.key) == (1, flag(day=2).key)


@pytest.mark.parametrize(
    "other", [{"sensor": "bb"}, {"kind": "escalation"}, {"scope": "nights"}, {"day": 60}]
)
def test_another_sensor_kind_scope_or_time_is_another_finding(other):
    (entry,) = kept(settle([], [flag()], 10))
    settled = settle([entry], [flag(**other)], 20)
    assert [(one.flag is None, one.entry.id) for one in settled] == [(False, None), (True, 1)]


def test_two_sensors_of_one_name_do_not_share_a_key():
    assert flag(sensor="aa").key != flag(sensor="bb").key


flags = st.lists(
    st.builds(flag, day=st.integers(0, 40), kind=st.sampled_from(["tremor", "easing"])), max_size=6
).map(lambda found: list({one.key: one for one in found}.values()))


@given(flags, flags)
@settings(deadline=None)
def test_nothing_is_lost_and_settling_twice_changes_nothing(before, after):
    entries = kept(settle([], before, 10))
    first = settle(entries, after, 20)
    assert sorted(one.flag.key for one in first if one.flag) == sorted(one.key for one in after)
    assert {entry.id for entry in entries} == {one.entry.id for one in first if one.entry.id is not None}
    numbered = [
        one.entry if one.entry.id else replace(one.entry, id=100 + at) for at, one in enumerate(first)
    ]
    second = settle(numbered, after, 20)
    assert sorted(one.entry.key for one in second) == sorted(entry.key for entry in numbered)
    assert {one.entry for one in second} == set(numbered)
