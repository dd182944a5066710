"""What holds for every input: portions, mounting, gaps, and the sum of times."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.detector.conftest import Samples
from tests.detector.reported import bouts, bursts, kinds
from tests.detector.signals import RATE_HZ, add, direction, sampled, still, swing, twitch
from tests.detector.walk import feed, states, take
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.detector.parameters import TABLE, table
from twitchwatch.shared.detector.words import WORD_EPOCH, epoch_body

ROWS = st.lists(st.integers(1, 4000), max_size=40)


def scene(seed: int = 1) -> Any:
    """50 s in mg: a twitch at 6 s, tremor of 5 Hz from 12 to 27 s, a jerk at 34 s."""
    rng = np.random.default_rng(seed)
    signal = still(rng, 50)
    add(signal, twitch(rng, 100), 6)
    add(signal, swing(5, 20, 15, direction(rng)), 12)
    add(signal, swing(15, 300, 1 / 15, direction(rng)), 34)
    return signal


SCENE_KINDS = ["twitch", "tremor", "jerk"]


def finish(detector: Detector, reported: list[list[int]]) -> list[list[int]]:
    detector.close()
    take(detector, reported)
    return reported


def whole(samples: Samples) -> list[list[int]]:
    reported: list[list[int]] = []
    detector = Detector()
    feed(detector, samples, len(samples) // 3, reported)
    return finish(detector, reported)


def unusually_frequent(seed: int, seconds: int) -> Samples:
    """Quiet, loud and in between, each for a while: everything the kernels know happens."""
    rng = np.random.default_rng(seed)
    signal = still(rng, seconds)
    for _ in range(seconds // 3):
        at_s, size_mg = rng.uniform(0, seconds), 10 ** rng.uniform(0.5, 3.3)
        frequency_hz, lasting_s = rng.uniform(2, 20), rng.choice([0.1, 0.4, 2, 8])
        add(signal, swing(frequency_hz, size_mg, lasting_s, direction(rng)), at_s)
    signal += 1000 * np.sin(np.linspace(0, rng.uniform(0, 6), len(signal)))[:, None] * direction(rng)
    return sampled(signal)


def test_the_scene() -> None:
    assert kinds(whole(sampled(scene()))) == SCENE_KINDS


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), ROWS, st.integers(1, 20))
def test_portions_do_not_matter(seed: int, portions: list[int], room: int) -> None:
    samples = unusually_frequent(seed, 90)
    detector = Detector(room=room)
    reported: list[list[int]] = []
    at = 0
    for rows in [*portions, len(samples)]:
        piece = samples[3 * at : 3 * (at + rows)]
        feed(detector, piece, len(piece) // 3, reported)
        at += rows
    other = Detector()
    once: list[list[int]] = []
    feed(other, samples, len(samples) // 3, once)
    assert reported == once
    assert states(detector) == states(other)


@settings(max_examples=60)
@given(st.tuples(*[st.integers(-32768, 32767)] * 3), st.integers(1, 20000))
def test_a_constant_is_no_event(value: tuple[int, int, int], rows: int) -> None:
    reported = whole(np.tile(np.array(value, np.int16).view(np.uint16), rows))
    assert kinds(reported) == []
    assert sum(word[3] for word in reported) == rows


def test_mounting_does_not_matter() -> None:
    """All 48 ways to swap axes and flip signs: same events, within the rounding of a flipped sign.

    Shifts round down, so a flipped signal differs in the last bit: times may move by two samples, sizes by
    one percent.
    """
    lsb = sampled(scene(), (300, -500, 800)).view(np.int16).reshape(-1, 3).clip(min=-32767)
    first = whole(lsb.view(np.uint16).ravel())
    assert kinds(first) == SCENE_KINDS
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        turned = np.ascontiguousarray(lsb[:, order] * np.array(signs, np.int16))
        reported = whole(turned.view(np.uint16).ravel())
        assert kinds(reported) == SCENE_KINDS
        for here, there in zip(bursts(first), bursts(reported), strict=True):
            assert abs(here.start_s - there.start_s) <= 2.01 / RATE_HZ
            assert abs(here.duration_s - there.duration_s) <= 2.1 / RATE_HZ
            assert abs(here.peak_mg - there.peak_mg) <= 0.01 * here.peak_mg
            assert order[there.axis] == here.axis
        ((bout, other),) = zip(bouts(first), bouts(reported), strict=True)
        assert (bout.start_s, bout.duration_s) == (other.start_s, other.duration_s)
        assert abs(bout.frequency_hz - other.frequency_hz) <= 0.02
        assert abs(bout.amplitude_mg - other.amplitude_mg) <= 0.01 * bout.amplitude_mg


def test_swapped_axes_change_only_the_axis() -> None:
    lsb = sampled(scene()).reshape(-1, 3)
    events = [word for word in whole(lsb.ravel()) if word[0] == 1]
    for order in permutations(range(3)):
        reported = [word for word in whole(np.ascontiguousarray(lsb[:, order]).ravel()) if word[0] == 1]
        assert [word[:8] + word[9:] for word in reported] == [word[:8] + word[9:] for word in events]
        assert [order[word[8]] for word in reported] == [word[8] for word in events]


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 6000), st.integers(1, 2**30 - 1), st.booleans())
@example(247, 3342, 268433514, True)
def test_after_a_gap_it_works_as_before(seed: int, rows: int, lost: int, twice: bool) -> None:
    """Stopped anywhere, in a burst, a movement, a bout: what follows the gap is found all the same."""
    detector, reported = Detector(), list[list[int]]()
    before = unusually_frequent(seed, 60)
    feed(detector, before, rows, reported)
    for _ in range(1 + twice):
        finish(detector, reported)
        detector.lose(lost)
    reported = []
    samples = np.concatenate([sampled(still(np.random.default_rng(seed), 4)), sampled(scene())])
    feed(detector, samples, len(samples) // 3, reported)
    found = [kind for kind in kinds(finish(detector, reported)) if kind != "movement"]
    assert found == SCENE_KINDS
    (bout,) = bouts(reported)
    assert abs(bout.frequency_hz - 5) < 0.1


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 20000)), min_size=1, max_size=6),
)
def test_times_sum_to_what_was_fed_and_lost(seed: int, steps: list[tuple[int, int]]) -> None:
    samples = unusually_frequent(seed, 90)
    detector, reported = Detector(), list[list[int]]()
    fed = gone = 0
    for rows, lost in steps:
        feed(detector, samples, rows, reported)
        finish(detector, reported)
        detector.lose(lost)
        fed, gone = fed + rows, gone + lost
    finish(detector, reported)
    epochs = [word for word in reported if word[0] == 3]
    assert sum(word[3] + word[4] for word in epochs) == fed
    assert sum(word[5] for word in epochs) == gone
    assert all(word[8] <= word[3] for word in epochs)
    counted = [sum(word[i] & 32767 for word in epochs) for i in (9, 10, 11, 12)]
    names = ("twitch", "jerk", "spasm", "movement")
    assert counted == [kinds(reported).count(name) for name in names]


LIMITS = st.fixed_dictionaries(
    {
        name: st.sampled_from([default, least, greatest])
        for name, default, least, greatest in TABLE
        if name != "epoch"
    }
)
MIN = {name: least for name, _, least, _ in TABLE if name != "epoch"}
GREATEST = {name: greatest for name, _, _, greatest in TABLE if name != "epoch"}


@settings(max_examples=60, deadline=None)
@given(LIMITS)
@example(MIN)
@example(GREATEST)
@example(
    {
        **{name: value for name, value, *_ in TABLE if name != "epoch"},
        **{name: MIN[name] for name in ("line_share", "line_amplitude", "weak_amplitude", "weak_share")},
        "line_drift": GREATEST["line_drift"],
        "bout_max": MIN["bout_max"],
    }
)
def test_whatever_parameters_are_combined_a_still_hand_is_usable_and_fills_no_log(
    changed: dict[str, int],
) -> None:
    detector = Detector(table(changed))
    minutes, reported = 3, []  # type: ignore[var-annotated]
    samples = sampled(still(np.random.default_rng(3), 60 * minutes + 1))
    feed(detector, samples, len(samples) // 3, reported)
    epochs = [word for word in reported if word[0] == WORD_EPOCH]
    assert len(epochs) == minutes
    for word in epochs:
        body = epoch_body(word, 0, 0, 0)
        assert sum(body[1:4]) >= 59_900
    assert len(reported) - minutes <= 20 * minutes
