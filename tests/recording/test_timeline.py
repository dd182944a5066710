"""Time stamps as they come: jitter is evened out, holes are named, gaps are never filled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from twitchwatch.errors import RecordingError
from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ, Recording, recording_from_array


def still(t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.tile([0.0, 0.0, 1.0], (len(t_s), 1))


def without(rate_hz: float, seconds: float, *holes: tuple[float, float]) -> NDArray[np.float64]:
    """Even stamps, with those in [start, start + duration) left out."""
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    for start_s, duration_s in holes:
        t_s = t_s[(t_s < start_s - 1e-9) | (t_s >= start_s + duration_s - 1e-9)]
    return t_s


def swing_mg(recording: Recording, frequency_hz: float) -> float:
    """Amplitude of the tone in x, over all segments."""
    samples = np.concatenate([segment.samples for segment in recording.segments])[:, 0] * LSB_MG
    at = np.concatenate([np.arange(each.start_sample, each.end_sample) for each in recording.segments])
    waves = np.exp(-2j * np.pi * frequency_hz * at / SAMPLE_RATE_HZ)
    return float(2 * np.abs((samples * waves).mean()))


def test_gap_divides_the_recording_and_keeps_its_length() -> None:
    t_s = without(100, 60, (20, 15), (50, 1.5))
    recording = recording_from_array(still(t_s), t_s=t_s)
    assert len(recording.segments) == 3
    np.testing.assert_allclose(recording.gaps, [(20, 15), (50, 1.5)], atol=0.02)
    assert recording.gap_samples[0] == pytest.approx((2080, 1560), abs=2)
    assert recording.segments[1].start_s == pytest.approx(35, abs=0.005)
    assert recording.duration_s == pytest.approx(60, abs=0.02)
    assert recording.interpolated == ()


def test_hole_of_up_to_a_second_is_bridged_and_reported() -> None:
    t_s = without(100, 60, (20, 0.5))
    acc_g = still(t_s)
    acc_g[:, 0] = np.where(t_s < 20, 0.1, 0.2)
    recording = recording_from_array(acc_g, t_s=t_s)
    assert recording.gaps == []
    np.testing.assert_allclose(recording.interpolated, [(20, 0.5)], atol=0.02)
    assert recording.interpolated_s == pytest.approx(0.5, abs=0.02)
    (segment,) = recording.segments
    bridged = segment.samples[:, 0] * LSB_MG
    assert bridged[round(20.25 * SAMPLE_RATE_HZ)] == pytest.approx(150, abs=3)
    assert bridged.min() > 95
    assert bridged.max() < 205
    assert recording.duration_s == pytest.approx(60, abs=0.02)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_few_lost_samples_leave_a_tone_alone(lost: int) -> None:
    t_s = without(100, 40, *((start, lost / 100) for start in np.arange(2.0, 38.0, 2.0)))
    acc_g = still(t_s)
    acc_g[:, 0] = 0.05 * np.sin(2 * np.pi * 5 * t_s)
    recording = recording_from_array(acc_g, t_s=t_s)
    assert recording.original_rate_hz == pytest.approx(100, rel=1e-6)
    assert recording.interpolated == ()
    assert recording.duration_s == pytest.approx(40, abs=0.03)
    assert swing_mg(recording, 5) == pytest.approx(50, rel=0.02)


@pytest.mark.parametrize("rate_hz", [50, 99.3, 104, 256])
def test_jittering_stamps_of_an_even_sensor(rate_hz: float) -> None:
    """Stamps in whole milliseconds, up to half a sample late, as a phone or a serial line delivers them."""
    true_s = np.arange(round(40 * rate_hz)) / rate_hz
    t_s = np.round(true_s + np.random.default_rng(3).uniform(0, 0.5 / rate_hz, len(true_s)), 3)
    acc_g = still(true_s)
    acc_g[:, 0] = 0.05 * np.sin(2 * np.pi * 8 * true_s)
    recording = recording_from_array(acc_g, t_s=t_s)
    assert recording.original_rate_hz == pytest.approx(rate_hz, rel=2e-3)
    assert recording.interpolated == ()
    assert swing_mg(recording, 8) == pytest.approx(50, rel=0.01)


def test_samples_delivered_in_bursts() -> None:
    """A radio hands over seven samples at a time, each burst with the time of its arrival."""
    true_s = np.arange(4000) / 100
    t_s = true_s[np.minimum(np.arange(4000) // 7 * 7 + 6, 3999)] + np.arange(4000) % 7 * 2e-4
    acc_g = still(true_s)
    acc_g[:, 0] = 0.05 * np.sin(2 * np.pi * 6 * true_s)
    recording = recording_from_array(acc_g, t_s=t_s)
    assert recording.original_rate_hz == pytest.approx(100, rel=0.01)
    assert recording.interpolated == ()
    assert swing_mg(recording, 6) == pytest.approx(50, rel=0.02)


def test_gyroscope_goes_along() -> None:
    t_s = without(50, 30, (10, 3))
    gyro_dps = np.column_stack([5 * np.sin(2 * np.pi * 4 * t_s), t_s, 0 * t_s])
    recording = recording_from_array(still(t_s), t_s=t_s, gyro_dps=gyro_dps)
    for segment in recording.segments:
        assert segment.gyro_dps is not None
        assert segment.gyro_dps.shape == segment.samples.shape
        assert segment.gyro_dps.dtype == np.float32
        middle = len(segment.samples) // 2
        assert segment.gyro_dps[middle, 1] == pytest.approx(
            segment.start_s + middle / SAMPLE_RATE_HZ, abs=0.01
        )


@given(
    st.sampled_from([20.0, 50.0, 99.3, 104.0, 500.0]),
    st.lists(st.tuples(st.floats(1, 8), st.floats(0.01, 4)), max_size=4),
)
def test_timeline_stays_whole(rate_hz: float, holes: list[tuple[float, float]]) -> None:
    t_s = without(rate_hz, 14, *holes)
    recording = recording_from_array(still(t_s), t_s=t_s)
    ends = [0]
    for segment in recording.segments:
        assert segment.start_sample >= ends[-1]
        assert segment.samples.flags.c_contiguous
        ends.append(segment.end_sample)
    kept = sum(len(segment.samples) for segment in recording.segments)
    assert kept + sum(count for _, count in recording.gap_samples) == ends[-1]
    assert recording.duration_s == pytest.approx(t_s[-1] - t_s[0], abs=0.06)
    assert all(duration_s > 0.9 for _, duration_s in recording.gaps)
    assert {tuple(row) for segment in recording.segments for row in segment.samples.tolist()} == {
        (0, 0, 8197)
    }


def test_array_faults_name_the_sample() -> None:
    acc_g = still(np.arange(300))
    acc_g[17, 1] = np.nan
    with pytest.raises(RecordingError, match="array, sample 17: a value is NaN"):
        recording_from_array(acc_g, rate_hz=100)
    with pytest.raises(ValueError, match="either t_s or rate_hz"):
        recording_from_array(acc_g)
    with pytest.raises(ValueError, match="one row for each t_s"):
        recording_from_array(acc_g, t_s=np.arange(3) / 100)


def test_real_host_stamps(data_dir: Path) -> None:
    """An MPU-6050 lying still, with jittery stamps of the computer that read it (sunsided/sensor-fusion)."""
    with np.load(data_dir / "mpu6050_static.npz") as data:
        t_s, acc_g, gyro_dps = data["t_s"], data["acc_g"], data["gyr_dps"]
    recording = recording_from_array(acc_g, t_s=t_s, gyro_dps=gyro_dps)
    assert recording.original_rate_hz == pytest.approx(99.4, rel=0.005)
    assert recording.duration_s == pytest.approx(t_s[-1] - t_s[0], abs=0.3)
    assert recording.interpolated_s < 1
