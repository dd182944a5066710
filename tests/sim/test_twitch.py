"""The modelled twitch has the published times, the size that was asked for, and the finger's spectrum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.sim.twitch import twitch_force, twitch_waveform


@given(seed=st.integers(0, 2**32), peak_mg=st.floats(0.5, 500))
def test_peak_direction_and_end(seed: int, peak_mg: float) -> None:
    waveform = twitch_waveform(np.random.default_rng(seed), peak_mg=peak_mg)
    magnitude = np.linalg.norm(waveform, axis=1)
    assert magnitude.max() == pytest.approx(peak_mg)
    assert magnitude.argmax() <= 12
    assert 0.08 < len(waveform) / 104 < 1
    assert np.linalg.matrix_rank(waveform, tol=1e-6 * peak_mg) == 1


def test_spectrum_peaks_where_a_finger_swings() -> None:
    rng = np.random.default_rng(2)
    peaks_hz = []
    for _ in range(200):
        spectrum = np.abs(np.fft.rfft(twitch_waveform(rng, peak_mg=20), 2048, axis=0)).sum(axis=1)
        peaks_hz.append(np.fft.rfftfreq(2048, 1 / 104)[spectrum.argmax()])
    assert 8 < np.median(peaks_hz) < 30
    assert min(peaks_hz) > 6  # slow units on a loose finger
    assert max(peaks_hz) < 30


@given(contraction_ms=st.floats(35, 80), half_relaxation_ms=st.floats(25, 108))
def test_force_has_contraction_and_half_relaxation_time(
    contraction_ms: float, half_relaxation_ms: float
) -> None:
    contraction_s, half_s = contraction_ms / 1000, half_relaxation_ms / 1000
    t_s = np.linspace(0, 0.4, 4001)
    force = twitch_force(t_s, contraction_s, half_s)
    assert t_s[force.argmax()] == pytest.approx(contraction_s, abs=2e-4)
    at_start, at_peak, at_half = twitch_force(
        np.array([0, contraction_s, contraction_s + half_s]), contraction_s, half_s
    )
    assert (at_start, at_peak, at_half) == pytest.approx((0, 1, 0.5))


def test_same_generator_same_twitch() -> None:
    once, again = (twitch_waveform(np.random.default_rng(9), peak_mg=20) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_peak_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        twitch_waveform(np.random.default_rng(1), peak_mg=0)
