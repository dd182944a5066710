"""One message a finding; quiet at night; once more without an answer; a message when data arrives again."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.alerts.policy import URGENCIES, Rules, Said, Subject, after, gone, is_quiet, messages

HOUR_US = 3_600_000_000
NOON = time(12)
NIGHT = time(3)
TREMOR = Subject("finding/1", "finding", "tremor", "words")
FAULT = Subject("finding/2", "fault", "no data", "words")
DOCTOR = Subject("finding/3", "doctor", "see a doctor", "words")
AT_ONCE = Subject("finding/4", "at_once", "now", "words")


def steps(subject: Subject, said: Said | None, now_us: int = 0, local: time = NOON, **more) -> list[str]:
    known = {} if said is None else {said.key: said}
    return [one.step for one in messages([subject], known, Rules(), now_us, local, **more)]


def reported(subject: Subject, at_us: int = 0) -> Said:
    (message,) = messages([subject], {}, Rules(quiet=None), at_us, NOON)
    return after(message, None, at_us)


def test_said_once() -> None:
    assert steps(TREMOR, None) == ["first"]
    assert steps(TREMOR, reported(TREMOR), 1000 * HOUR_US) == []


def test_more_urgent_is_said_again() -> None:
    worse = replace(TREMOR, urgency="doctor")
    (message,) = messages([worse], {TREMOR.key: reported(TREMOR)}, Rules(), 0, NOON)
    assert message.step == "more_urgent"
    assert after(message, reported(TREMOR), 5).urgency == "doctor"


@pytest.mark.parametrize("subject", [FAULT, DOCTOR, AT_ONCE])
def test_what_nobody_answers_is_said_once_more(subject: Subject) -> None:
    said = reported(subject)
    assert steps(subject, said, 23 * HOUR_US) == []
    assert steps(subject, said, 24 * HOUR_US) == ["unanswered"]
    (message,) = messages([subject], {subject.key: said}, Rules(), 24 * HOUR_US, NOON)
    again = after(message, said, 24 * HOUR_US)
    assert steps(subject, again, 1000 * HOUR_US) == []
    assert steps(replace(subject, answered=True), said, 24 * HOUR_US) == []


def test_quiet_hours_let_only_the_most_urgent_through() -> None:
    out = messages([TREMOR, FAULT, DOCTOR, AT_ONCE], {}, Rules(), 0, NIGHT)
    assert [one.subject.key for one in out] == ["finding/4"]
    out = messages([TREMOR, FAULT, DOCTOR, AT_ONCE], {}, Rules(), 0, time(8))
    assert [one.subject.key for one in out] == ["finding/4", "finding/3", "finding/2", "finding/1"]


def test_snoozed() -> None:
    assert steps(TREMOR, None, 5, snoozed={None: 6}) == []
    assert steps(TREMOR, None, 6, snoozed={None: 6}) == ["first"]
    assert steps(AT_ONCE, None, 5, snoozed={None: 6}) == ["first"]
    assert steps(AT_ONCE, None, 5, snoozed={"finding/4": 6}) == []


def test_that_data_comes_again_is_worth_a_word_and_that_a_tremor_is_over_is_not() -> None:
    assert steps(replace(FAULT, open=False), reported(FAULT)) == ["over"]
    assert steps(replace(TREMOR, open=False), reported(TREMOR)) == []
    assert steps(replace(FAULT, open=False), None) == []
    (over,) = gone([reported(FAULT), reported(TREMOR)], [])
    assert (over.key, over.open) == (FAULT.key, False)
    (message,) = messages([over], {FAULT.key: reported(FAULT)}, Rules(), 9, NOON)
    done = after(message, reported(FAULT), 9)
    assert done.over_utc_us == 9
    assert gone([done], []) == []
    # The same silence a second time is a new one.
    assert steps(FAULT, done, 10) == ["first"]


def test_notes_are_not_said() -> None:
    assert steps(replace(TREMOR, urgency="note"), None) == []
    assert steps(replace(TREMOR, answered=True), None) == []


@pytest.mark.parametrize(
    ("quiet", "local", "is_it"),
    [
        ((time(22), time(8)), time(22), True),
        ((time(22), time(8)), time(7, 59), True),
        ((time(22), time(8)), time(8), False),
        ((time(13), time(15)), time(14), True),
        ((time(13), time(15)), time(15), False),
        (None, time(3), False),
    ],
)
def test_quiet_hours_may_pass_midnight(quiet, local: time, is_it: bool) -> None:
    assert is_quiet(Rules(quiet=quiet), local) is is_it


@given(
    st.lists(
        st.tuples(st.sampled_from(URGENCIES), st.booleans(), st.booleans(), st.integers(0, 23)), max_size=40
    )
)
def test_never_more_than_the_policy_says(program: list) -> None:
    """Whatever becomes of a subject hour by hour: one first message an episode, and quiet nights."""
    said: dict[str, Said] = {}
    out = []
    for hour, (urgency, is_open, answered, clock) in enumerate(program):
        subject = Subject("k", urgency, "t", "x", is_open, answered)
        for message in messages([subject], said, Rules(), hour * HOUR_US, time(clock)):
            out.append((message.step, urgency))
            assert urgency == "at_once" or not is_quiet(Rules(), time(clock))
            said["k"] = after(message, said.get("k"), hour * HOUR_US)
    firsts = [step for step, _ in out if step == "first"]
    overs = [step for step, _ in out if step == "over"]
    assert len(firsts) <= len(overs) + 1
    assert all(urgency != "note" for step, urgency in out if step == "first")
