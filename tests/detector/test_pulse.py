"""A swing that returns beat after beat is a pulse; a single one is not, nor a twitch that returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.detector.reported import bursts, kinds
from tests.detector.signals import RATE_HZ, Signal, add, direction, sampled, still
from twitchwatch.shared.protocol.records import GRADE_MOST
from twitchwatch.sim.twitch import twitch_waveform

Detect = Callable[[Any], list[list[int]]]

PULSE_PLACE = 11
GRADE_PLACE = 11


def swing_of(frequency_hz: float, peak_mg: float, along: Signal) -> Signal:
    """A damped swing of half a second."""
    t_s = np.arange(RATE_HZ // 2) / RATE_HZ
    wave = np.exp(-t_s / 0.08) * np.sin(2 * np.pi * frequency_hz * t_s)
    return np.outer(peak_mg * wave / np.abs(wave).max(), along)


def beats(rng: np.random.Generator, seconds: float, vary: float) -> list[float]:
    """Moments about 0.9 s apart."""
    times = [3.0]
    while times[-1] < seconds - 2:
        times.append(times[-1] + 0.9 * max(0.5, 1 + vary * rng.standard_normal()))
    return times


@pytest.mark.parametrize("vary", [0.0, 0.15])
@pytest.mark.parametrize("frequency_hz", [7.0, 9.0, 12.0])
def test_a_pulse_is_counted_and_not_reported(detect: Detect, frequency_hz: float, vary: float) -> None:
    rng = np.random.default_rng([round(frequency_hz), round(100 * vary)])
    signal = still(rng, 120)
    along = direction(rng)
    times = beats(rng, 120, vary)
    for at_s in times:
        add(signal, swing_of(frequency_hz, 8 * (1 + 0.1 * rng.standard_normal()), along), at_s)
    reported = detect(sampled(signal))
    assert len(kinds(reported)) <= 1
    minutes = [word for word in reported if word[0] == 3]
    assert sum(word[PULSE_PLACE] >> 15 for word in minutes) > 0.9 * len(times)


def test_every_second_beat_may_be_missing(detect: Detect) -> None:
    rng = np.random.default_rng(11)
    signal = still(rng, 120)
    along = direction(rng)
    for at_s in beats(rng, 120, 0.05):
        if rng.random() < 0.5:
            add(signal, swing_of(8.0, 8, along), at_s)
    assert len(kinds(detect(sampled(signal)))) <= 2


@pytest.mark.parametrize("turned", [0.0, 0.2, 0.35])
def test_a_pulse_may_turn_and_vary_and_have_a_second_wave(detect: Detect, turned: float) -> None:
    """As breath and skin change it; the wave that returns from the arm has a direction of its own."""
    rng = np.random.default_rng([17, round(100 * turned)])
    signal = still(rng, 120)
    along, back = direction(rng), direction(rng)
    times = beats(rng, 120, 0.08)
    for at_s in times:
        ways = [way + turned * rng.standard_normal(3) for way in (along, back)]
        size_mg = 12 * max(0.4, 1 + 0.2 * rng.standard_normal())
        for way, part, late_s in zip(ways, (1.0, 0.5), (0.0, 0.3), strict=True):
            add(signal, swing_of(9.0, part * size_mg, way / np.linalg.norm(way)), at_s + late_s)
    reported = detect(sampled(signal))
    assert len(kinds(reported)) <= 0.05 * len(times)


def test_the_rhythm_shows_beats_whose_direction_varies(detect: Detect) -> None:
    """By 35 degrees or more; the same swings at random moments, as often, have no rhythm and are reported."""
    shares = {}
    for rhythmic in (True, False):
        rng = np.random.default_rng(19)
        signal = still(rng, 600)
        along = direction(rng)
        times = beats(rng, 600, 0.08)
        if not rhythmic:
            moments = 3 + np.cumsum(0.45 + rng.exponential(0.45, len(times)))
            times = list(moments[moments < 598])
        for at_s in times:
            way = along + 0.6 * rng.standard_normal(3)
            add(signal, swing_of(8.5, 5 * (1 + 0.2 * rng.standard_normal()), way / np.linalg.norm(way)), at_s)
        shares[rhythmic] = len(kinds(detect(sampled(signal)))) / len(times)
    assert shares[True] < 0.08
    assert shares[False] > 2 * shares[True]


def test_a_weak_twitch_off_the_beat_is_reported(detect: Detect) -> None:
    """Noise makes it look like a beat, but none is due then."""
    rng = np.random.default_rng(18)
    signal = still(rng, 300)
    along = direction(rng)
    times = beats(rng, 300, 0.05)
    for at_s in times:
        add(signal, swing_of(8.5, 6 * (1 + 0.1 * rng.standard_normal()), along), at_s)
    starts = [at_s + 0.45 for at_s in times[5:-5:4]]
    for at_s in starts:
        add(signal, twitch_waveform(rng, peak_mg=6), at_s)
    found = [burst.start_s for burst in bursts(detect(sampled(signal))) if burst.kind in ("twitch", "unlike")]
    assert sum(min(abs(at_s - start) for start in found) < 0.1 for at_s in starts) > 0.8 * len(starts)
    assert len(found) < 1.05 * len(starts)


def test_the_same_swing_in_any_direction_at_any_time_is_reported(detect: Detect) -> None:
    rng = np.random.default_rng(12)
    signal = still(rng, 400)
    times = np.cumsum(1.6 + rng.exponential(2.0, 100))
    for at_s in times:
        add(signal, swing_of(9.0, 20, direction(rng)), at_s)
    assert len(kinds(detect(sampled(signal)))) > 0.8 * len(times[times < 398])


def test_one_swing_is_reported_where_it_began(detect: Detect) -> None:
    """It is held until it can be no pulse: the record comes later, its onset does not."""
    rng = np.random.default_rng(13)
    signal = still(rng, 30)
    add(signal, swing_of(9.0, 20, direction(rng)), 10.0)
    reported = detect(sampled(signal))
    (found,) = bursts(reported)
    assert found.kind == "unlike"
    assert found.start_s == pytest.approx(10.0, abs=0.05)
    (word,) = [word for word in reported if word[0] == 1]
    assert word[1] / RATE_HZ < 17


def test_one_held_is_reported_at_the_end(detect: Detect) -> None:
    rng = np.random.default_rng(14)
    signal = still(rng, 12)
    add(signal, swing_of(9.0, 20, direction(rng)), 10.0)
    assert kinds(detect(sampled(signal))) == ["unlike"]


def test_a_motor_unit_that_fires_once_a_second_stays_one(detect: Detect) -> None:
    rng = np.random.default_rng(15)
    shape = twitch_waveform(rng, peak_mg=20)
    signal = still(rng, 120)
    times = beats(rng, 120, 0.05)
    for at_s in times:
        add(signal, shape * (1 + 0.1 * rng.standard_normal()), at_s)
    assert kinds(detect(sampled(signal))).count("twitch") > 0.9 * len(times)


def test_a_grade_says_how_well_a_known_shape_explains_it(detect: Detect) -> None:
    rng = np.random.default_rng(16)
    grades: dict[str, list[float]] = {}
    for known in (True, False):
        signal = still(rng, 100)
        for at_s in range(5, 95, 6):
            first = twitch_waveform(rng, peak_mg=20)
            add(signal, first, at_s)
            if not known:
                # A second one in another direction, before the first is over.
                add(signal, twitch_waveform(rng, peak_mg=20), at_s + 0.06)
        for word in detect(sampled(signal)):
            if word[0] == 1:
                name = "known" if known else "two"
                grades.setdefault(name, []).append(word[GRADE_PLACE] / GRADE_MOST)
    assert len(grades["known"]) == len(grades["two"]) == 15
    assert np.median(grades["known"]) > 0.85
    assert np.median(grades["two"]) < 0.7
