"""One message a finding; quiet at night; once more without an answer; a message when data arrives again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.alerts.policy import (
    URGENCIES,
    Rules,
    Said,
    Subject,
    Weekly,
    after,
    digest_due,
    gone,
    is_quiet,
    messages,
    pressing,
)
from twitchwatch.alerts.subjects import subject_of
from twitchwatch.flags import Finding

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


subjects = st.builds(
    Subject,
    st.sampled_from(("a", "b", "c")),
    st.sampled_from(URGENCIES),
    st.just("t"),
    st.just("x"),
    st.booleans(),
    st.booleans(),
)
sent = st.builds(
    Said,
    st.sampled_from(("a", "b", "c")),
    st.sampled_from(URGENCIES),
    st.just("t"),
    st.integers(0, 40).map(lambda hour: hour * HOUR_US),
    st.none() | st.just(7),
    st.none() | st.just(9),
)


@given(
    st.lists(subjects, unique_by=lambda one: one.key),
    st.lists(sent, unique_by=lambda one: one.key),
    st.integers(41, 200),
    st.integers(0, 23),
    st.dictionaries(st.sampled_from((None, "a", "b")), st.integers(0, 300).map(lambda hour: hour * HOUR_US)),
)
def test_a_seal_withholds_nothing_urgent_and_lets_nothing_else_through(
    stands: list[Subject], before: list[Said], hour: int, clock: int, snoozed: dict[str | None, int]
) -> None:
    """What is sent under a seal is exactly what is pressing of that which would be sent without it."""
    known = {one.key: one for one in before}
    given_now = (stands, known, Rules(), hour * HOUR_US, time(clock), snoozed)
    sealed, unsealed = messages(*given_now, sealed=True), messages(*given_now)
    assert sealed == [one for one in unsealed if pressing(one.subject.urgency)]
    assert all(one.subject.urgency in ("fault", "doctor", "at_once") for one in sealed)


def test_after_the_seal_what_is_still_open_is_sent_once() -> None:
    assert steps(TREMOR, None, sealed=True) == []
    assert steps(FAULT, None, sealed=True) == steps(DOCTOR, None, sealed=True) == ["first"]
    assert steps(TREMOR, None) == ["first"]


@pytest.mark.parametrize("urgency", ["note", "finding", "doctor", "at_once"])
@pytest.mark.parametrize("kind", ["tremor", "no_data"])
def test_a_finding_and_its_message_agree_on_what_is_urgent(urgency: str, kind: str) -> None:
    finding = Finding(kind, "night", "ring", None, 0, "high", "", "", "", "", "", {}, urgency=urgency)
    assert finding.pressing is pressing(subject_of(finding).urgency)


SUNDAY = Weekly(6, time(10))
# A Sunday.
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


@given(
    st.integers(0, 6),
    st.integers(0, 23),
    st.lists(st.integers(1, 90), min_size=1, max_size=60),
    st.sampled_from((Rules(), Rules(quiet=None))),
    st.integers(0, 400),
)
def test_at_most_one_digest_a_week_and_none_in_quiet_hours_or_under_a_seal(
    weekday: int, hour: int, waits_h: list[int], rules: Rules, sealed_h: int
) -> None:
    """However rarely the computer is on."""
    weekly, sent_us, sent, now = Weekly(weekday, time(hour)), None, [], BEGIN
    for wait_h in waits_h:
        now += timedelta(hours=wait_h)
        sealed = now < BEGIN + timedelta(hours=sealed_h)
        if digest_due(weekly, sent_us, now, rules, {}, sealed=sealed):
            assert not sealed
            assert not is_quiet(rules, now.time())
            sent_us = int(now.timestamp() * 1e6)
            sent.append(now)
    assert all(after - before >= timedelta(days=6) for before, after in pairwise(sent))


def test_a_computer_that_is_always_on_sends_one_digest_every_week() -> None:
    sent_us, sent = None, []
    for minutes in range(0, 28 * 24 * 60, 10):
        now = BEGIN + timedelta(minutes=minutes)
        if digest_due(SUNDAY, sent_us, now, Rules(), {}, sealed=False):
            sent_us = int(now.timestamp() * 1e6)
            sent.append(now)
    assert sent == [BEGIN + timedelta(days=7 * week, hours=10) for week in range(4)]
    late = BEGIN + timedelta(days=1, hours=9)
    assert digest_due(SUNDAY, None, late, Rules(), {}, sealed=False)
    assert not digest_due(SUNDAY, None, late + timedelta(hours=1), Rules(), {}, sealed=False)
    assert not digest_due(None, None, late, Rules(), {}, sealed=False)
    assert not digest_due(SUNDAY, None, late, Rules(), {None: int(late.timestamp() * 1e6) + 1}, sealed=False)
