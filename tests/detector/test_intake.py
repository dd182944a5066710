"""Bad input is reported as such, and counts neither as rest nor as an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.detector.conftest import Samples
from tests.detector.reported import kinds
from tests.detector.signals import RATE_HZ, Signal, add, direction, sampled, still, swing, twitch
from tests.detector.walk import feed, take
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.detector.words import epoch_body
from twitchwatch.shared.protocol.records import (
    INPUT_CLIPPED,
    INPUT_GRAVITY,
    INPUT_HUM,
    INPUT_LOST,
    INPUT_REMOUNTED,
    INPUT_STUCK,
    INPUT_TURNED,
    NOT_WORN,
    Epoch,
)

Detect = Callable[[Any], list[list[int]]]
MINUTES = 4


def twitching(seed: int, minutes: int = MINUTES) -> Signal:
    """A still sensor with a twitch of 30 mg every 7 s."""
    rng = np.random.default_rng(seed)
    signal = still(rng, 60 * minutes)
    for at_s in np.arange(8, 60 * minutes - 2, 7.3):
        add(signal, twitch(rng, 30), at_s)
    return signal


def epochs(reported: list[list[int]]) -> list[Epoch]:
    return [Epoch(*epoch_body(word, 0, 0, 0)) for word in reported if word[0] == 3]


def inputs(reported: list[list[int]]) -> list[int]:
    return [epoch.input for epoch in epochs(reported)]


def onsets_s(reported: list[list[int]]) -> Any:
    return np.array([word[2] for word in reported if word[0] == 1]) / RATE_HZ


def test_good_input_has_no_mark(detect: Detect) -> None:
    reported = detect(sampled(twitching(1)))
    assert inputs(reported) == [0] * MINUTES
    assert kinds(reported).count("twitch") == 32
    assert {epoch.unusable_ms for epoch in epochs(reported)} == {0}


def test_recordings_of_hands_have_no_mark(rest: Callable[[str], Samples], detect: Detect) -> None:
    """Nothing stuck, clipped, humming or of a wrong range in any of them; a hand may turn."""
    for name in rest.names:  # type: ignore[attr-defined]
        assert not np.bitwise_or.reduce(inputs(detect(rest(name)))) & ~INPUT_TURNED, name


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_another_range_is_told_by_gravity(detect: Detect, scale: float) -> None:
    reported = detect(sampled(scale * twitching(2), (0, 0, scale * 1000)))
    assert kinds(reported) == []
    assert all(value & INPUT_GRAVITY for value in inputs(reported))
    assert sum(epoch.rest_ms for epoch in epochs(reported)) <= 3000


@pytest.mark.parametrize("gravity_mg", [850, 1150])
def test_an_offset_is_no_other_range(detect: Detect, gravity_mg: float) -> None:
    assert inputs(detect(sampled(twitching(3), (0, gravity_mg, 0)))) == [0] * MINUTES


@pytest.mark.parametrize("at", [None, 500, 32767, -32768])
@pytest.mark.parametrize("axes", [[1], [0, 1, 2]])
def test_what_stands_still_is_told_and_is_no_rest(detect: Detect, at: int | None, axes: list[int]) -> None:
    """A minute, from 100 s on; at its last value or another."""
    samples = sampled(twitching(4)).view(np.int16).reshape(-1, 3).copy()
    first, last = 100 * RATE_HZ, 160 * RATE_HZ
    samples[first:last, axes] = samples[first, axes] if at is None else at
    reported = detect(samples.view(np.uint16).ravel())
    assert [bool(value & INPUT_STUCK) for value in inputs(reported)] == [False, True, True, False]
    lost_ms = sum(epoch.unusable_ms + epoch.moving_ms for epoch in epochs(reported))
    assert 57_000 < lost_ms < 70_000
    onsets = onsets_s([word for word in reported if word[0] != 1 or word[7] != 4])
    assert not np.any((onsets > 99) & (onsets < 161))
    assert {"jerk", "spasm"}.isdisjoint(kinds(reported))


def test_time_is_spent_once(detect: Detect) -> None:
    samples = sampled(twitching(5)).reshape(-1, 3).copy()
    samples[30 * RATE_HZ : 95 * RATE_HZ, 2] = 40000
    for epoch in epochs(detect(samples.ravel())):
        spent = epoch.rest_ms + epoch.moving_ms + epoch.not_worn_ms + epoch.lost_ms + epoch.unusable_ms
        assert spent == 60_000


@pytest.mark.parametrize("length", [1, 3, 12])
def test_the_end_of_the_range_is_told_and_no_twitch_or_jerk(detect: Detect, length: int) -> None:
    samples = sampled(still(np.random.default_rng(6), 60 * MINUTES)).view(np.int16).reshape(-1, 3).copy()
    for at_s in range(70, 110, 10):
        samples[at_s * RATE_HZ : at_s * RATE_HZ + length, at_s // 10 % 3] = 32767
    reported = detect(samples.view(np.uint16).ravel())
    assert [bool(value & INPUT_CLIPPED) for value in inputs(reported)] == [False, True, False, False]
    assert {"twitch", "jerk", "spasm"}.isdisjoint(kinds(reported))


def test_rails_are_no_rest(detect: Detect) -> None:
    signal = still(np.random.default_rng(7), 60 * MINUTES)
    add(signal, 6000 * np.sign(swing(5, 1, 60, np.array([1.0, 0, 0]))), 60)
    reported = detect(sampled(signal))
    assert inputs(reported)[1] & INPUT_CLIPPED
    assert epochs(reported)[1].rest_ms < 5000
    assert {"twitch", "jerk", "spasm", "tremor"}.isdisjoint(kinds(reported))


@pytest.mark.parametrize("frequency_hz", [49.5, 50, 50.5, 59.5, 60, 60.5])
@pytest.mark.parametrize("peak_mg", [1.5, 5, 20])
def test_a_hum_is_told_and_gives_no_event(detect: Detect, frequency_hz: float, peak_mg: float) -> None:
    rng = np.random.default_rng(round(frequency_hz * 10))
    signal = still(rng, 60 * MINUTES)
    t_s = np.arange(len(signal)) / RATE_HZ
    signal += np.outer(peak_mg * np.sin(2 * np.pi * frequency_hz * t_s), direction(rng))
    reported = detect(sampled(signal))
    assert all(value & INPUT_HUM for value in inputs(reported))
    assert kinds(reported) == []


def test_a_sure_twitch_is_seen_through_a_hum(detect: Detect) -> None:
    rng = np.random.default_rng(8)
    signal = twitching(8)
    signal += np.outer(3 * np.sin(2 * np.pi * 50 * np.arange(len(signal)) / RATE_HZ), direction(rng))
    assert kinds(detect(sampled(signal))).count("twitch") >= 30


def test_a_hum_counts_as_noise(detect: Detect) -> None:
    rng = np.random.default_rng(14)
    signal = still(rng, 60 * MINUTES)
    signal += np.outer(9 * np.sin(2 * np.pi * 50 * np.arange(len(signal)) / RATE_HZ), [0.6, 0.6, 0.5])
    for epoch in epochs(detect(sampled(signal)))[1:]:
        assert epoch.noise_ug / 1000 == pytest.approx(9 / 2**0.5 / 3**0.5, rel=0.15)


def test_noise_of_any_size_is_no_hum(detect: Detect) -> None:
    for noise_mg in (0.2, 0.65, 3, 10):
        reported = detect(sampled(still(np.random.default_rng(9), 1800, noise_mg)))
        assert not np.bitwise_or.reduce(inputs(reported)), noise_mg


def test_lost_samples_are_reported() -> None:
    samples = sampled(still(np.random.default_rng(10), 90))
    detector = Detector()
    reported: list[list[int]] = []
    feed(detector, samples, len(samples) // 3, reported)
    detector.close()
    detector.lose(300)
    take(detector, reported)
    feed(detector, samples, len(samples) // 3, reported)
    detector.close()
    take(detector, reported)
    assert [bool(value & INPUT_LOST) for value in inputs(reported)].count(True) == 1


def turned(at_s: float, minutes: int) -> Signal:
    """Gravity in mg: from z to -z within 2 s."""
    angle = np.clip((np.arange(60 * minutes * RATE_HZ) / RATE_HZ - at_s) * np.pi / 2, 0, np.pi)
    return 1000 * np.stack([0 * angle, np.sin(angle), np.cos(angle)], axis=1)


def test_turned_over_is_told_and_is_movement(detect: Detect) -> None:
    signal = still(np.random.default_rng(11), 60 * MINUTES) + turned(100, MINUTES)
    reported = detect(sampled(signal, (0, 0, 0)))
    assert [bool(value & INPUT_TURNED) for value in inputs(reported)] == [False, True, False, False]
    assert kinds(reported) == ["movement"]


def test_upside_down_from_the_start_changes_nothing(detect: Detect) -> None:
    reported = detect(sampled(twitching(12), (0, 0, -1000)))
    assert inputs(reported) == [0] * MINUTES
    assert kinds(reported).count("twitch") == 32


def test_put_on_again_is_reported(detect: Detect) -> None:
    """Five minutes on the table, then moved, then on a hand that breathes."""
    rng = np.random.default_rng(13)
    signal = still(rng, 600)
    breath = 4 * np.sin(2 * np.pi * 0.4 * np.arange(300 * RATE_HZ) / RATE_HZ)
    add(signal, np.outer(breath, [0.0, 1.0, 0.0]), 300)
    add(signal, 100 * rng.normal(size=(5 * RATE_HZ, 3)), 305)
    reported = detect(sampled(signal))
    assert [epoch.flags == NOT_WORN for epoch in epochs(reported)][:5] == [True] * 5
    assert [bool(value & INPUT_REMOUNTED) for value in inputs(reported)] == [False] * 5 + [True] + [False] * 4
