"""What the sensor would have sampled: amplitudes kept, nothing added, nothing delayed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ, recording_from_array
from twitchwatch.recording.resample import Resampler, conversion, quantise

RATES_HZ = [20, 25, 50, 100, 104, 500, 1000]
TONES_HZ = [3, 5, 8, 10, 11, 12]


def to_sensor_rate(
    values: NDArray[np.float64], ratio: Fraction, at: Sequence[int] = ()
) -> NDArray[np.float64]:
    """Resampled, in pieces that end `at` these samples."""
    resampler = Resampler(ratio, values.shape[1])
    return np.concatenate([*map(resampler.feed, np.split(values, at)), resampler.end()])


def tone_of(values: NDArray[np.floating], frequency_hz: float) -> tuple[float, float]:
    """Amplitude and phase of a sine fitted to values at 104 Hz, a second away from both ends left out."""
    t_s = np.arange(len(values)) / SAMPLE_RATE_HZ
    waves = np.column_stack([np.sin(2 * np.pi * frequency_hz * t_s), np.cos(2 * np.pi * frequency_hz * t_s)])
    inner = slice(3 * SAMPLE_RATE_HZ, -3 * SAMPLE_RATE_HZ)
    sine, cosine = np.linalg.lstsq(waves[inner], values[inner], rcond=None)[0]
    return float(np.hypot(sine, cosine)), float(np.arctan2(cosine, sine))


@pytest.mark.parametrize(
    ("rate_hz", "frequency_hz"),
    [(rate, tone) for rate in RATES_HZ for tone in TONES_HZ if tone <= 0.9 * rate / 2],
)
def test_tones_keep_amplitude_and_phase(rate_hz: int, frequency_hz: float) -> None:
    t_s = np.arange(20 * rate_hz) / rate_hz
    acc_g = np.column_stack([0.05 * np.sin(2 * np.pi * frequency_hz * t_s + 0.4), 0 * t_s, 1 + 0 * t_s])
    (segment,) = recording_from_array(acc_g, rate_hz=rate_hz).segments
    amplitude_mg, phase = tone_of(segment.samples[:, 0] * LSB_MG, frequency_hz)
    assert amplitude_mg == pytest.approx(50, rel=0.01)
    assert phase == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("rate_hz", [500, 1000])
def test_what_104_hz_cannot_carry_is_removed(rate_hz: int) -> None:
    t_s = np.arange(20 * rate_hz) / rate_hz
    acc_g = np.column_stack([0.5 * np.sin(2 * np.pi * 99 * t_s), 0 * t_s, 1 + 0 * t_s])
    (segment,) = recording_from_array(acc_g, rate_hz=rate_hz).segments
    assert tone_of(segment.samples[:, 0] * LSB_MG, 5)[0] < 0.1


def test_gravity_does_not_leak_into_the_tremor_band() -> None:
    """The image of a constant at 100 Hz would fold to 4 Hz."""
    gravity = np.concatenate([np.zeros(1000), np.ones(2000)])[:, None]
    resampled = to_sensor_rate(gravity, conversion(100))[:, 0]
    assert np.abs(resampled[1200:-100] - 1).max() < 20e-6


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_constant_stays_constant_to_the_ends(rate_hz: int) -> None:
    acc_g = np.tile([0.6, 0.0, 0.8], (5 * rate_hz, 1))
    (segment,) = recording_from_array(acc_g, rate_hz=rate_hz).segments
    assert len(np.unique(segment.samples, axis=0)) == 1


@given(st.lists(st.tuples(*[st.integers(-32768, 32767)] * 3), min_size=209, max_size=209))
def test_counts_on_the_sensors_own_grid_pass_unchanged(counts: list[tuple[int, int, int]]) -> None:
    samples = np.array(counts)
    np.testing.assert_array_equal(quantise(to_sensor_rate(samples * LSB_MG / 1000, conversion(104))), samples)


def test_quantise_rounds_ties_to_even_and_saturates() -> None:
    samples = quantise(np.array([[0.5, 1.5, -2.5], [32790, -32790, 0]]) * LSB_MG / 1000)
    assert samples.tolist() == [[0, 2, -2], [32767, -32768, 0]]
    assert samples.dtype == np.dtype("<i2")
    assert samples.flags.c_contiguous


@given(st.floats(19.9, 1009))
def test_conversion_stays_near_the_rate_and_small(rate_hz: float) -> None:
    ratio = conversion(rate_hz)
    assert SAMPLE_RATE_HZ / float(ratio) == pytest.approx(rate_hz, rel=0.005)
    assert min(ratio.numerator, ratio.denominator) <= 500
