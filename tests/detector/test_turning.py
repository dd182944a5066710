"""The gyroscope, if the chip has one: how fast a tremor turns the hand, and whether the hand rests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.detector.reported import kinds
from tests.detector.signals import RATE_HZ, Signal, add, direction, sampled, still, swing
from tests.detector.walk import feed, take
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.detector.parameters import GYRO_LSB_UDPS
from twitchwatch.shared.detector.words import tremor_body
from twitchwatch.shared.protocol.records import REASON_RHYTHMIC, REASON_TILT, Tremor


def counted(turning_dps: Signal) -> Any:
    """What the gyroscope reads, with 0.04 deg/s of its own noise."""
    noisy = turning_dps + 0.04 * np.random.default_rng(5).standard_normal(turning_dps.shape)
    lsb = np.clip(np.rint(noisy * 1e6 / GYRO_LSB_UDPS), -32768, 32767)
    return lsb.astype(np.int16).view(np.uint16).ravel()


def words(samples: Any, gyro: Any = None, portion: int = 1000) -> list[list[int]]:
    reported: list[list[int]] = []
    detector = Detector(gyro=gyro is not None)
    n = len(samples) // 3
    for first in range(0, n, portion):
        cut = slice(3 * first, 3 * min(n, first + portion))
        feed(detector, samples[cut], len(samples[cut]) // 3, reported, None if gyro is None else gyro[cut])
    detector.close()
    take(detector, reported)
    return reported


def bodies(reported: list[list[int]]) -> list[Tremor]:
    return [Tremor(*tremor_body(word, 0)) for word in reported if word[0] == 2]


def scene(frequency_hz: float, rms_mg: float, rms_dps: float) -> tuple[Signal, Signal]:
    rng = np.random.default_rng(round(10 * frequency_hz))
    shaken, turned = still(rng, 60), np.zeros((60 * RATE_HZ, 3))
    add(shaken, swing(frequency_hz, rms_mg, 30, direction(rng)), 15)
    add(turned, swing(frequency_hz, rms_dps, 30, direction(rng), 0.25), 15)
    return shaken, turned


@pytest.mark.parametrize("frequency_hz", [3.2, 5, 8, 11.8])
@pytest.mark.parametrize("rms_dps", [0.5, 2, 30, 200])
def test_the_turning_of_a_tremor(frequency_hz: float, rms_dps: float) -> None:
    shaken, turned = scene(frequency_hz, 15, rms_dps)
    (bout,) = bodies(words(sampled(shaken), counted(turned)))
    assert bout.amplitude_mdps / 1000 == pytest.approx(rms_dps, rel=0.1)
    assert bout.amplitude_ug / 1000 == pytest.approx(15, rel=0.1)


def test_without_a_gyroscope_it_is_nothing() -> None:
    (bout,) = bodies(words(sampled(scene(5, 15, 5)[0])))
    assert bout.amplitude_mdps == 0


def test_portions_do_not_matter() -> None:
    shaken, turned = scene(5, 15, 5)
    samples, gyro = sampled(shaken), counted(turned)
    assert words(samples, gyro, 1000) == words(samples, gyro, 17) == words(samples, gyro, 10**6)


def test_a_hand_that_turns_slowly_does_not_tremble_at_rest() -> None:
    shaken, turned = scene(5, 15, 5)
    add(turned, swing(1.5, 40, 40, np.array([1.0, 0, 0])), 10)
    assert bodies(words(sampled(shaken), counted(turned))) == []


def test_a_voluntary_rhythm_keeps_its_reason() -> None:
    """The hand turns to and fro by 30 degrees, 3.5 times a second, as it is asked to in an examination."""
    rng = np.random.default_rng(4)
    t_s = np.arange(60 * RATE_HZ) / RATE_HZ
    depth = np.clip(np.minimum(t_s - 15, 45 - t_s), 0, 1) * np.radians(30)
    angle = depth * np.sin(2 * np.pi * 3.5 * t_s) + 0.4 * depth * np.sin(2 * np.pi * 0.7 * t_s)
    gravity = 1000 * np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=1)
    reported = words(sampled(still(rng, 60) + gravity, (0, 0, 0)))
    assert kinds(reported) == ["movement"]
    assert [word[9] for word in reported if word[0] == 1] == [REASON_RHYTHMIC]


def test_a_turn_without_rhythm_does_not() -> None:
    rng = np.random.default_rng(6)
    angle = np.clip((np.arange(30 * RATE_HZ) / RATE_HZ - 12) * np.pi / 2, 0, np.pi / 2)
    gravity = 1000 * np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=1)
    reported = words(sampled(still(rng, 30) + gravity, (0, 0, 0)))
    assert [word[9] for word in reported if word[0] == 1] == [REASON_TILT]
