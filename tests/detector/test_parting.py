"""Two twitches in one burst are two events if their shapes can be separated; a spasm stays one event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.detector.reported import bursts, kinds
from tests.detector.signals import RATE_HZ, add, direction, sampled, still
from twitchwatch.sim.twitch import twitch_waveform

Detect = Callable[[Any], list[list[int]]]

EVERY_S = 4
PAIRS = 30


def pairs(apart_s: float, seed: int) -> tuple[Any, list[float]]:
    """Thirty pairs of twitches of 20 mg on a still hand, and the onsets of the first of each."""
    rng = np.random.default_rng(seed)
    signal = still(rng, PAIRS * EVERY_S + 8)
    firsts = [6 + EVERY_S * k + rng.uniform() for k in range(PAIRS)]
    for at_s in firsts:
        for later_s in (0.0, apart_s):
            add(signal, twitch_waveform(rng, peak_mg=20.0), at_s + later_s)
    return signal, firsts


@pytest.mark.parametrize("apart_s", [0.26, 0.3, 0.4])
def test_twitches_a_quarter_of_a_second_apart_are_two(detect: Detect, apart_s: float) -> None:
    signal, firsts = pairs(apart_s, round(1000 * apart_s))
    reported = detect(sampled(signal))
    onsets = [burst.start_s for burst in bursts(reported)]
    assert set(kinds(reported)) <= {"twitch", "unlike"}
    both = sum(
        all(any(abs(onset - true) < 0.05 for onset in onsets) for true in (at_s, at_s + apart_s))
        for at_s in firsts
    )
    assert both >= 0.9 * PAIRS


@pytest.mark.parametrize("apart_s", [0.05, 0.1])
def test_twitches_that_merge_are_one_event(detect: Detect, apart_s: float) -> None:
    signal, _ = pairs(apart_s, round(1000 * apart_s))
    assert PAIRS <= len(kinds(detect(sampled(signal)))) <= PAIRS + 2


def test_a_twitch_that_rings_on_is_not_parted(detect: Detect) -> None:
    rng = np.random.default_rng(3)
    signal = still(rng, 130)
    t_s = np.arange(RATE_HZ) / RATE_HZ
    for k in range(30):
        ringing = np.exp(-t_s / 0.09) * np.sin(2 * np.pi * rng.uniform(12, 22) * t_s)
        add(signal, np.outer(40 * ringing, direction(rng)), 6 + 4 * k + rng.uniform())
    assert len(kinds(detect(sampled(signal)))) == 30


def test_a_spasm_stays_whole(detect: Detect) -> None:
    """A second of uneven contraction has many crests, none with the shape of a twitch."""
    rng = np.random.default_rng(4)
    signal = still(rng, 130)
    for k in range(30):
        add(signal, rng.normal(0, 12, (RATE_HZ, 3)) * np.hanning(RATE_HZ)[:, None], 6 + 4 * k)
    assert kinds(detect(sampled(signal))).count("spasm") >= 28
