"""The walk offers each step that is not done once, in order; what is done follows from what was found."""

from __future__ import annotations

import shlex
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.cli.test_hints import parse
from twitchwatch.setup.steps import STEPS, Found, Walk, question, reply, why_done

NEW = Found()
ALL = Found(1, 1, 9, "left index finger", "birth year 1972", True, "the service is installed", True)
founds = st.builds(
    Found,
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from((0, 5000)),
    st.sampled_from((None, "left thumb")),
    st.sampled_from((None, "sex: female")),
    st.booleans(),
    st.sampled_from((None, "process 7 is collecting")),
    st.booleans(),
)


def test_a_new_computer_has_everything_to_do_and_one_that_is_set_up_nothing() -> None:
    assert [why_done(step, NEW) for step in STEPS] == [None] * len(STEPS)
    assert Walk().next(NEW) is STEPS[0]
    assert Walk().next(ALL) is None


def test_a_board_that_was_flashed_elsewhere_still_needs_a_key() -> None:
    walk = Walk()
    walk.skip(STEPS[0])
    step = walk.next(NEW)
    assert step is not None
    assert step.name == "pair"
    walk.done(step)
    following = walk.next(replace(NEW, sensors=1))
    assert following is not None
    assert following.name == "tap"


def test_records_show_that_the_sensor_feels() -> None:
    names = [step.name for step in STEPS if why_done(step, replace(NEW, sensors=1, records=12)) is None]
    assert names == ["place", "wearer", "evening", "service", "alerts"]


@given(founds, st.lists(st.booleans(), min_size=len(STEPS), max_size=len(STEPS)))
def test_every_step_is_offered_once_in_order_unless_it_is_done(found: Found, carried_out: list[bool]) -> None:
    walk, offered = Walk(), []
    for done in carried_out:
        step = walk.next(found)
        if step is None:
            break
        offered.append(step)
        (walk.done if done else walk.skip)(step)
    assert walk.next(found) is None
    assert offered == [step for step in STEPS if why_done(step, found) is None]
    assert walk.skipped == [step for step, done in zip(offered, carried_out, strict=False) if not done]
    # Another walk begins with what is really still to do, whatever this one skipped.
    assert Walk().next(found) is (offered[0] if offered else None)


def test_the_command_of_each_step_works_as_typed() -> None:
    for step in STEPS:
        name, *words = shlex.split(step.by_hand)
        assert name == "twitchwatch"
        parse(words)


def test_answers() -> None:
    flash, pair = STEPS[:2]
    assert [reply(text, flash) for text in ("", " s", "Skip", "q", "d", "x")] == [
        "do",
        "skip",
        "skip",
        "leave",
        "demo",
        None,
    ]
    assert reply("d", pair) is None
    assert "Connect the ring" in question(flash, NEW)
    assert "no ring yet" in question(flash, NEW)
    assert "Connect" not in question(flash, ALL)
    assert "no ring" not in question(pair, NEW)
