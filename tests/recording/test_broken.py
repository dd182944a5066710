"""Sensors at the end of their range, and sensors that freeze, judged against their step."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from twitchwatch.recording import recording_from_array
from twitchwatch.recording.detection import Detection, detect
from twitchwatch.recording.held import ALL_S, Held
from twitchwatch.recording.model import RANGE_G
from twitchwatch.shared.protocol.records import INPUT_CLIPPED, INPUT_STUCK
from validation.sources.made import Sensor, made

RATE_HZ = 100
Signal = NDArray[np.float64]


def shaken(most_g: float, step_g: float = 0.0) -> Signal:
    """A minute of a still hand, shaken with up to 3 g for 4 s in the middle, in a range of +-most_g."""
    rng = np.random.default_rng(4)
    t_s = np.arange(60 * RATE_HZ) / RATE_HZ
    acc_g = rng.normal([0, 0.6, 0.8], 0.001, (len(t_s), 3))
    acc_g[:, 1] += 2.9 * np.sin(2 * np.pi * 2.3 * t_s) * ((t_s > 30) & (t_s < 34))
    if step_g:
        acc_g = np.round(acc_g / step_g) * step_g
    return acc_g.clip(-most_g, most_g)


def found(acc_g: Signal) -> Detection:
    return detect(recording_from_array(acc_g, rate_hz=RATE_HZ))


@pytest.mark.parametrize("most_g", [1.99, 2.0, 3.0])
def test_what_a_small_range_cuts_off_is_reported_as_clipped(most_g: float) -> None:
    cut = found(shaken(most_g))
    assert cut.contract.range_g == pytest.approx(most_g)
    assert cut.totals.input & INPUT_CLIPPED
    assert any("at the end of the sensor's range" in notice for notice in cut.notices)
    # A threshold of the sensor, not of the user: both runs have the same ones.
    assert cut.parameters_crc == found(shaken(8.0)).parameters_crc


@pytest.mark.parametrize("step_g", [0.0, 0.016])
def test_a_range_that_is_not_reached_clips_nothing(step_g: float) -> None:
    whole = found(shaken(8.0, step_g))
    assert whole.contract.range_g == RANGE_G
    assert not whole.totals.input & INPUT_CLIPPED
    assert not any("range" in notice for notice in whole.notices)


def frozen(sensor: Sensor, minutes: float, freeze_from_s: float) -> Detection:
    scene = made(6, sensor, 0, 0.0, 60 * minutes)
    acc_g = scene.acc_g.copy()
    at = round(freeze_from_s * sensor.rate_hz)
    acc_g[at:] = acc_g[at]
    return detect(recording_from_array(acc_g, t_s=scene.t_s))


@pytest.mark.parametrize(
    ("sensor", "after_s"),
    [
        (Sensor(100.0, 0.1, 0.65), 1),
        (Sensor(50.0, 0.1, 0.65), 3),
        (Sensor(100.0, 3.9, 0.65), ALL_S * 3.9**2),
        (Sensor(50.0, 3.9, 0.65), ALL_S * 3.9**2),
    ],
)
def test_a_sensor_that_freezes_is_stuck(sensor: Sensor, after_s: float) -> None:
    """For the last 8 of 12 minutes; a coarse one only after a time that no hand holds still for."""
    one = frozen(sensor, 12, 240)
    assert one.totals.input & INPUT_STUCK
    assert one.totals.unusable_s == pytest.approx(480 - after_s, abs=5)
    assert one.totals.rest_s < 240 + after_s + 5


@pytest.mark.parametrize("step_mg", [1.0, 3.9, 16.0])
def test_a_still_hand_on_a_coarse_sensor_is_not_stuck(step_mg: float) -> None:
    scene = made(7, Sensor(100.0, step_mg, 0.65), 0, 0.0, 1200)
    one = detect(recording_from_array(scene.acc_g, t_s=scene.t_s))
    assert not one.totals.input & INPUT_STUCK
    assert one.totals.unusable_s == 0


def test_an_axis_that_keeps_its_value_while_the_hand_turns_is_stuck() -> None:
    rng = np.random.default_rng(8)
    angle = np.linspace(0, 1.0, 120 * RATE_HZ)
    acc_g = np.column_stack([np.sin(angle), 0 * angle, np.cos(angle)]) + rng.normal(
        0, 0.0007, (len(angle), 3)
    )
    acc_g = np.round(acc_g / 0.0039) * 0.0039
    assert not found(acc_g).totals.input & INPUT_STUCK
    acc_g[60 * RATE_HZ :, 1] = acc_g[60 * RATE_HZ, 1]
    one = found(acc_g)
    assert one.totals.input & INPUT_STUCK
    assert one.totals.unusable_s + one.totals.moving_s > 30


def test_it_does_not_matter_how_samples_are_divided() -> None:
    rng = np.random.default_rng(9)
    acc_g = np.round(rng.normal([0, 0.6, 0.8], 0.003, (30_000, 3)) / 0.0039) * 0.0039
    acc_g[4000:12_000, 0] = acc_g[4000, 0]
    acc_g[9000:9500, 1] += np.linspace(0, 0.3, 500)
    acc_g[20_000:] = acc_g[20_000]
    acc_g[25_000, 2] += 0.0039
    whole = Held(1.0).stuck(acc_g)
    assert 0 < whole.sum() < whole.size / 2
    for size in (1, 997, 4000):
        if size == 1:
            held, part = Held(1.0), acc_g[8990:9100]
            np.testing.assert_array_equal(
                np.concatenate([held.stuck(part[at : at + 1]) for at in range(len(part))]),
                Held(1.0).stuck(part),
            )
            continue
        held = Held(1.0)
        pieces = [held.stuck(acc_g[first : first + size]) for first in range(0, len(acc_g), size)]
        np.testing.assert_array_equal(np.concatenate(pieces), whole)
