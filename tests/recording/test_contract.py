"""What a sensor delivers, as measured; and what follows from it for the smallest twitch."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from tests.detector.signals import swing
from twitchwatch.analysis.contract import RING, Contract, contract_of
from twitchwatch.analysis.detection_limit import detection_limit_mg
from twitchwatch.recording import recording_from_array
from twitchwatch.recording.detection import detect
from twitchwatch.recording.floor import Floor
from twitchwatch.recording.measured import Measured, Values
from twitchwatch.recording.rate import Pace
from twitchwatch.recording.series import EvenStamps
from twitchwatch.recording.whitening import LEAST_STEPS, Whitening, missing
from twitchwatch.shared.protocol.records import TWITCH
from twitchwatch.wording.recording import sentences
from validation.sources.made import Sensor, made, share_found

RATE_HZ = 100.0
Signal = NDArray[np.float64]


def hand(rate_hz: float, seconds: float = 120, noise_mg: float = 1.0, seed: int = 5) -> Signal:
    """(n, 3) in g: noise, and the slow motion of a living hand."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    signal_mg = rng.normal(0, noise_mg, (len(t_s), 3)) + np.array([600, 0, 800])
    signal_mg[:, 1] += 3 * np.sin(2 * np.pi * 0.25 * t_s) + 2 * np.sin(2 * np.pi * 1.1 * t_s)
    return np.asarray(signal_mg / 1000)


def values_of(acc_g: Signal) -> Values:
    values = Values()
    values.add(acc_g)
    return values


def contract(acc_g: Signal, rate_hz: float = RATE_HZ) -> Contract:
    return recording_from_array(acc_g, rate_hz=rate_hz).contract


def held(acc_g: Signal, slow_hz: float) -> Signal:
    count = round(len(acc_g) * RATE_HZ / slow_hz)
    rows: Signal = acc_g[(np.arange(count) * slow_hz / RATE_HZ).astype(int).clip(max=len(acc_g) - 1)]
    return rows


def on_lines(acc_g: Signal, slow_hz: float) -> Signal:
    at = np.arange(round(len(acc_g) * RATE_HZ / slow_hz)) * slow_hz / RATE_HZ
    return np.column_stack([np.interp(at, np.arange(len(acc_g)), axis) for axis in acc_g.T])


def by_spectrum(acc_g: Signal, slow_hz: float) -> Signal:
    count = round(len(acc_g) * RATE_HZ / slow_hz)
    spectrum = np.fft.rfft(acc_g - acc_g[0], axis=0)
    longer = np.zeros((count // 2 + 1, 3), complex)
    longer[: len(spectrum)] = spectrum
    return np.asarray(np.fft.irfft(longer, count, axis=0) * count / len(acc_g) + acc_g[0])


def rounded(acc_g: Signal, step_mg: float) -> Signal:
    return np.round(acc_g / (step_mg / 1000)) * (step_mg / 1000)


@pytest.mark.parametrize("unit", [1.0, 9.80665])
def test_a_sensor_that_stands_still_for_a_third_of_the_time_has_the_noise_of_the_rest(unit: float) -> None:
    acc_g = hand(RATE_HZ)
    still_g = np.concatenate([acc_g, np.repeat(acc_g[-1:], len(acc_g) // 2, axis=0)])
    found = contract((still_g * unit).astype(np.float32).astype(np.float64) / unit)
    assert found.blind is None
    assert found.noise_mg == pytest.approx(contract(acc_g).noise_mg, rel=0.1)


# Rounded to steps above the noise, samples do not show that they were interpolated; held ones do.
@pytest.mark.parametrize(
    ("made_up", "digits_mg"),
    [
        *((made_up, digits_mg) for made_up in (held, on_lines, by_spectrum) for digits_mg in (0.001, 0.06)),
        (held, 1.0),
    ],
)
@pytest.mark.parametrize("slow_hz", [20.0, 25.0, 32.0])
def test_samples_made_from_fewer_are_seen(
    made_up: Callable[[Signal, float], Signal], slow_hz: float, digits_mg: float
) -> None:
    acc_g = rounded(made_up(hand(slow_hz), slow_hz), digits_mg)
    found = contract(acc_g)
    assert found.blind == "band"
    assert found.true_rate_hz < 1.3 * slow_hz
    words = " ".join(sentences(detect(recording_from_array(acc_g, rate_hz=RATE_HZ))))
    assert "cannot be seen in this recording" in words


def low_passed(acc_g: Signal) -> Signal:
    sos = butter(2, 25, "lowpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfilt(sos, acc_g - acc_g[0], axis=0) + acc_g[0])


def trembling(acc_g: Signal) -> Signal:
    """5 Hz with its double, 40 dB above the noise."""
    along = np.array([0.0, 1.0, 0.0])
    seconds = len(acc_g) / 104
    return acc_g + (swing(5, 100, seconds, along) + swing(10, 30, seconds, along)) / 1000


@pytest.mark.parametrize("step_mg", [0.001, 0.1, 1.0, 3.9, 16.0])
@pytest.mark.parametrize("noise_mg", [0.15, 1.0, 5.0])
def test_a_sensor_of_its_own_is_not_taken_for_one(noise_mg: float, step_mg: float) -> None:
    acc_g = rounded(hand(RATE_HZ, noise_mg=noise_mg), step_mg)
    assert contract(acc_g).band_hz == pytest.approx(RATE_HZ / 2)
    trembles = rounded(trembling(hand(104.0, noise_mg=noise_mg)), step_mg)
    assert contract(trembles, 104.0).band_hz == pytest.approx(52)


def test_a_gentle_filter_is_not_an_end_of_the_band() -> None:
    assert contract(rounded(low_passed(hand(RATE_HZ)), 0.1)).blind is None


@pytest.mark.parametrize("step_mg", [0.1, 0.5, 1.0, 3.9, 16.0])
@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 400.0])
def test_step_and_noise_are_measured(rate_hz: float, step_mg: float) -> None:
    found = contract(rounded(hand(rate_hz, noise_mg=4.0), step_mg), rate_hz)
    assert found.step_mg == pytest.approx(step_mg, rel=0.02)
    # Of noise as even as this, 104 Hz get what is below 52 Hz; rounding adds a twelfth of a step squared.
    density = (16 + step_mg**2 / 12) / (rate_hz / 2)
    assert found.noise_mg == pytest.approx((density * 52) ** 0.5, rel=0.12 if step_mg < 10 else 0.4)


@pytest.mark.parametrize("slope", [-2.0, -1.0, 0.0, 1.0])
def test_the_colour_of_noise_is_measured(slope: float) -> None:
    scene = made(3, Sensor(104.0, slope=slope), 0, 0.0, 240)
    assert contract(scene.acc_g, 104.0).slope == pytest.approx(slope, abs=0.3)


def test_stamps_range_and_loss() -> None:
    rng = np.random.default_rng(1)
    acc_g = hand(RATE_HZ)
    acc_g[500:510, 2] = 2.0
    t_s = np.arange(len(acc_g)) / RATE_HZ
    even = recording_from_array(acc_g, rate_hz=RATE_HZ).contract
    assert (even.stamps, even.late_ms, even.lost, even.range_g) == ("counted", 0.0, 0.0, 2.0)
    late = recording_from_array(acc_g, t_s=t_s + rng.normal(0, 0.001, len(t_s))).contract
    assert late.stamps == "own"
    assert late.late_ms == pytest.approx(1, rel=0.2)
    assert recording_from_array(acc_g, t_s=np.ceil(t_s * 10) / 10).contract.stamps == "batches"
    kept = rng.random(len(t_s)) >= 0.1
    assert recording_from_array(acc_g[kept], t_s=t_s[kept]).contract.lost == pytest.approx(0.1, abs=0.02)


def test_a_contract_is_read_back_from_json() -> None:
    one = replace(RING, site="left wrist", lost=0.1)
    plain = json.loads(json.dumps(one.plain()))
    assert contract_of({**plain, "of a later version": 1}) == one


@pytest.mark.parametrize(
    ("worse", "blind"),
    [
        ({"rate_hz": 44.0}, "rate"),
        ({"band_hz": 22.0}, "band"),
        ({"lost": 0.21}, "lost"),
    ],
)
def test_below_what_is_needed_there_is_no_limit(worse: dict[str, Any], blind: str) -> None:
    found = replace(RING, **worse)
    assert found.blind == blind
    assert detection_limit_mg(found, 0.65) is None


def test_the_limit_never_falls_as_the_sensor_gets_worse() -> None:
    def limits(name: str, values: list[float]) -> list[float]:
        return [
            detection_limit_mg(contract_of({**RING.plain(), name: value}), 1.0) or 0.0 for value in values
        ]

    assert limits("band_hz", [52, 40, 30, 25, 23]) == sorted(limits("band_hz", [52, 40, 30, 25, 23]))
    assert limits("lost", [0, 0.03, 0.1, 0.17]) == sorted(limits("lost", [0, 0.03, 0.1, 0.17]))
    assert limits("slope", [0, -0.7, -1.4, -3]) == sorted(limits("slope", [0, -0.7, -1.4, -3]))


@pytest.mark.parametrize(
    "sensor",
    [
        Sensor(104.0, 0.122, 0.65),
        Sensor(50.0, 0.1, 1.0),
        Sensor(100.0, 3.9, 0.5),
        Sensor(104.0, 0.1, 1.0, lost=0.1),
    ],
)
def test_nine_in_ten_twitches_of_the_stated_limit_are_found(sensor: Sensor) -> None:
    """Seeds of its own; `python -m validation.sources` has the grid, and 400 twitches for each sensor."""
    quiet = made(31_000, sensor, 0, 0.0, 120)
    limit_mg = quiet.detect().detection_limit_mg
    assert limit_mg is not None
    scene = made(31_001, sensor, 150, limit_mg)
    # Three standard errors of a share of 150 beside the bar of 0.88 to 0.96.
    assert 0.82 <= share_found(scene.detect(), scene.onsets_s) <= 0.99


@pytest.mark.parametrize(
    "sensor", [Sensor(50.0, 0.1, 1.0), Sensor(104.0, 4.0, 0.2), Sensor(104.0, 16.0, 1.0)]
)
def test_a_still_hand_has_no_twitch(sensor: Sensor) -> None:
    found = made(32_000, sensor, 0, 0.0, 1200).detect()
    assert found.events == ()
    limit_mg = found.detection_limit_mg
    assert limit_mg is not None
    words = " ".join(sentences(found))
    assert "No twitch of" in words
    assert "No twitches" not in words
    assert ("cannot show whether there were any" in words) is (limit_mg > 10)


def flat(noise_mg: list[float]) -> Floor:
    """The floor of a sensor of white noise."""
    return Floor(np.array(noise_mg, float), np.array(noise_mg, float), np.empty(0), np.empty(0), 52)


def test_noise_is_added_where_it_is_missing_only() -> None:
    alive = np.array([True, True, False])
    what = missing(flat([0.0, 5.0, 0.0]), 4.0, 104.0, alive)
    np.testing.assert_allclose(what.white_mg, [LEAST_STEPS * 4, 0, 0])
    assert not what.shaped_mg.any()
    cut_off = missing(flat([1, 1, 1]), 0.1, 50.0, alive).shaped_mg
    assert not cut_off[:25].any()
    assert (cut_off[25:] == [1, 1, 0]).all()
    assert not missing(flat([1, 1, 1]), 0.1, 104.0, alive).white_mg.any()


def test_added_noise_does_not_depend_on_the_pieces() -> None:
    what = missing(flat([2, 2, 2]), 4.0, 50.0, np.ones(3, np.bool_))
    acc_g = hand(104.0, 20)
    whole = Whitening(what).added(acc_g)
    in_pieces = Whitening(what)
    pieces = [in_pieces.added(acc_g[first : first + 700]) for first in range(0, len(acc_g), 700)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-9)
    added = (whole - acc_g) * 1000
    hz = np.fft.rfftfreq(len(added), 1 / 104)
    power = (np.abs(np.fft.rfft(added, axis=0)) ** 2).mean(axis=1) / len(added)
    # At half the rate the flicker between two values has twice the density.
    least = (LEAST_STEPS * 4) ** 2 * 104 / 50
    assert power[(hz > 2) & (hz < 22)].mean() == pytest.approx(least - 4, rel=0.15)
    assert power[(hz > 28) & (hz < 50)].mean() == pytest.approx(least, rel=0.15)


@pytest.mark.parametrize("slope", [-2.0, -1.0])
def test_red_noise_is_filled_up_until_it_is_level(slope: float) -> None:
    """From 10 Hz on; a still hand then has no twitches, and the limit holds."""
    sensor = Sensor(104.0, slope=slope)
    scene = made(33_000, sensor, 0, 0.0, 1800)
    recording = recording_from_array(scene.acc_g, t_s=scene.t_s)
    assert any("noise was added until it is level" in notice for notice in recording.notices)
    (segment,) = recording.segments
    blocks = (segment.samples[: len(segment.samples) // 1040 * 1040] * 0.122).reshape(-1, 1040, 3)
    power = (np.abs(np.fft.rfft(blocks - blocks.mean(axis=1, keepdims=True), axis=1)) ** 2).mean(axis=(0, 2))
    hz = np.fft.rfftfreq(1040, 1 / 104)
    level = [power[(hz >= first) & (hz < first + 8)].mean() for first in (12, 20, 28, 36, 44)]
    assert max(level) < 1.3 * min(level)
    found = detect(recording)
    assert found.count(TWITCH) == 0
    limit_mg = found.detection_limit_mg
    assert limit_mg is not None
    twitching = made(33_001, sensor, 150, limit_mg)
    assert 0.82 <= share_found(twitching.detect(), twitching.onsets_s) <= 0.99


def test_a_trembling_hand_is_not_taken_for_red_noise() -> None:
    trembles = made(33_002, Sensor(104.0), 0, 0.0, 120)
    swings = trembling(trembles.acc_g)
    assert not recording_from_array(swings, rate_hz=104.0).contract.blind
    floor = Measured(values_of(swings), Pace(EvenStamps(len(swings), 104.0))).missing
    assert not floor.shaped_mg.any()
