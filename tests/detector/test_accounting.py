"""Every burst ends in one class, and live time is that in which one could have opened."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.detector.builds import SOURCES, constants
from tests.detector.signals import RATE_HZ, sampled, still
from tests.detector.walk import feed, take
from twitchwatch.analysis.live_rate import CLASSES, COUNTED_AS
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.detector.parameters import table
from twitchwatch.shared.detector.words import epoch_body
from twitchwatch.shared.protocol.records import Epoch

PIECES = ("still", "twitch", "swing", "spike", "knock", "frozen", "clipped", "turned", "gap")
STATE = constants(SOURCES / "state.py")


def piece(name: str, rng: np.random.Generator) -> np.ndarray:
    """Three seconds in mg, or a minute."""
    signal = still(rng, 3)
    steps = np.arange(24)[:, None]
    if name == "twitch":
        signal[100:124] += 40 * np.exp(-steps / 5) * np.sin(2 * np.pi * 14 / 104 * steps)
    elif name == "swing":
        signal += 40 * np.sin(2 * np.pi * 5 / 104 * np.arange(len(signal)))[:, None]
    elif name == "spike":
        signal[150] += 60
    elif name == "knock":
        signal[100:110] += rng.normal(0, 60, (10, 3))
    elif name == "frozen":
        signal[50:200] = signal[50]
    elif name == "frozen for long":
        # It thaws, with a jolt, within a stretch of 48: the detector restarts at its end, the burst open.
        signal = still(rng, 60)
        signal[300:6010] = signal[300]
        signal[6012:6030] += 80 * (-1) ** (np.arange(18) // 3)[:, None]
    elif name == "clipped":
        signal[50:90] = 5000
    elif name == "turned":
        signal[150:] = np.roll(signal[150:], 1, axis=1)
    return signal


def run(signal: np.ndarray) -> list[list[int]]:
    """What a new detector reports of a signal in mg, to its end."""
    samples = sampled(signal)
    detector = Detector()
    reported: list[list[int]] = []
    feed(detector, samples, len(samples) // 3, reported)
    detector.close()
    take(detector, reported)
    return reported


def accounted(reported: list[list[int]]) -> tuple[list[int], int]:
    """Bursts of each class over all minutes, and live samples."""
    minutes = [word for word in reported if word[0] == 3]
    epochs = [Epoch(*epoch_body(word, 0, 0, 0)) for word in minutes]
    assert all(minute.live_ms <= 60_500 for minute in epochs)
    counts = [sum(getattr(epoch, name) for epoch in epochs) for name in COUNTED_AS.values()]
    return counts, sum(word[1] for word in minutes)


@settings(max_examples=40, deadline=None)
@example(["frozen for long"], 1)
@given(st.lists(st.sampled_from(PIECES), min_size=3, max_size=12), st.integers(0, 1000))
def test_every_burst_that_opens_ends_in_one_class(names: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    detector = Detector()
    state = detector._state
    reported: list[list[int]] = []
    opened, fed = 0, 0
    for name in ("still", *names):
        if name == "gap":
            detector.close()
            take(detector, reported)
            detector.lose(500)
        samples = sampled(piece(name, rng))
        for at in range(len(samples) // 3):
            detector.feed(samples, at, at + 1)
            take(detector, reported)
            opened += state[STATE["_DUE"]] >> 2 & 1
            fed += 1
    detector.close()
    take(detector, reported)
    counts, live = accounted(reported)
    assert sum(counts) == opened
    assert 0 <= live <= fed


@settings(max_examples=60, deadline=None)
@example(1, 300, [(1, 300)])
@given(
    st.integers(0, 300),
    st.integers(60, 700),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=8),
)
def test_wherever_a_recording_ends_or_is_cut_every_burst_is_told(
    seed: int, epoch: int, steps: list[tuple[int, int]]
) -> None:
    """Minutes so short that many a cut falls on their end; a cut with nothing lost goes on where it was."""
    rng = np.random.default_rng(seed)
    names = rng.choice(("still", "twitch", "swing", "knock", "turned"), 20)
    samples = sampled(np.concatenate([still(rng, 2.1), *(piece(str(name), rng) for name in names)]))
    detector = Detector(table({"epoch": epoch}))
    reported: list[list[int]] = []
    at, opened = 0, 0
    for rows, lost in [(219, 0), *steps]:
        for end in (min(at + rows, len(samples) // 3), min(at + epoch, len(samples) // 3)):
            # Once anywhere, once at the end of a minute.
            for each in range(at, end):
                detector.feed(samples, each, each + 1)
                take(detector, reported)
                opened += detector._state[STATE["_DUE"]] >> 2 & 1
            at = end
            detector.close()
            take(detector, reported)
            assert sum(accounted(reported)[0]) == opened
        detector.lose(lost)


def test_a_still_hand_is_live_but_for_the_start() -> None:
    seconds = 600
    _, live = accounted(run(still(np.random.default_rng(5), seconds)))
    assert 0.98 * seconds < live / RATE_HZ < seconds - 2.2


@pytest.mark.parametrize("seconds", [4, 60, 61.3, 120])
def test_the_end_is_not_live_because_no_twitch_can_be_reported_there(seconds: float) -> None:
    """Live ends where the last twitch that is reported opens its burst, up to 6 samples after its onset."""
    signal = still(np.random.default_rng(11), seconds)
    steps = np.arange(24)[:, None]
    twitch = 40 * np.exp(-steps / 5) * np.sin(2 * np.pi * 14 / 104 * steps)
    _, live = accounted(run(signal))
    for last in range(len(signal) - 1, 208, -1):
        added = signal.copy()
        added[last : last + 24] += twitch[: len(signal) - last]
        if any(word[0] == 1 and word[7] == 1 for word in run(added)):
            break
    assert last < len(signal) - 20
    assert 208 + live <= last + 6


def test_nothing_is_live_in_a_movement_nor_after_bad_input() -> None:
    rng = np.random.default_rng(6)
    moved = np.concatenate([still(rng, 5), still(rng, 30, 400.0)])
    frozen = still(rng, 30)
    frozen[520:] = frozen[520]
    for signal in (moved, frozen):
        _, live = accounted(run(signal))
        assert live < 5 * RATE_HZ


def test_bursts_are_classed_by_what_they_are() -> None:
    rng = np.random.default_rng(7)
    for name, expected in (("twitch", "twitch"), ("knock", "unlike"), ("spike", "disturbance")):
        signal = np.concatenate([still(rng, 10), *(piece(name, rng) for _ in range(10))])
        counts, _ = accounted(run(signal))
        found = dict(zip(CLASSES, counts, strict=True))
        assert found[expected] >= 8, (name, found)
