"""A modelled night is the same for the same seed, and holds what it says it holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ, recording_from_array
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import ModelledNight, modelled_night
from twitchwatch.sim.plan import plan_night


@pytest.fixture(scope="module", params=[1, 2, 3])
def night(request: pytest.FixtureRequest) -> ModelledNight:
    return modelled_night(request.param)


def rise_of(night: ModelledNight) -> tuple[int, int]:
    """Twitches within the rise, and without."""
    within = [night.rise.near(each.start_s, each.start_s, 0) for each in night.of("twitch")]
    return sum(within), len(within) - sum(within)


def test_shape_and_no_clipping(night: ModelledNight) -> None:
    assert night.samples.shape == (8 * 3600 * SAMPLE_RATE_HZ, 3)
    assert night.samples.dtype == np.dtype("<i2")
    assert night.samples.flags.c_contiguous
    assert np.abs(night.samples.astype(np.int32)).max() < 20_000


def test_counts(night: ModelledNight) -> None:
    assert 12 <= len(night.of("turn")) <= 25
    assert len(night.of("tremor")) == 1
    within, without = rise_of(night)
    assert 7 * 4 < without < 7 * 12
    assert within > 2.5 * without / 7
    assert night.rise.start_s > 5 * 3600
    assert night.rise.duration_s == 3600


def test_stated_ranges(night: ModelledNight) -> None:
    for twitch in night.of("twitch"):
        assert twitch.peak_mg is not None
        assert 10 <= twitch.peak_mg <= 60
        assert 0.03 < twitch.duration_s < 0.5
    for turn in night.of("turn"):
        assert 2 <= turn.duration_s <= 6
    (tremor,) = night.of("tremor")
    assert tremor.frequency_hz is not None
    assert tremor.amplitude_mg is not None
    assert 4 <= tremor.frequency_hz <= 6
    assert 15 <= tremor.amplitude_mg <= 40
    assert 20 <= tremor.duration_s <= 40


def test_nothing_at_the_same_time(night: ModelledNight) -> None:
    starts_s = [each.start_s for each in night.truth]
    assert starts_s == sorted(starts_s)
    for before, after in zip(night.truth, night.truth[1:], strict=False):
        assert after.start_s > before.start_s + before.duration_s
        if {before.kind, after.kind} == {"twitch", "turn"}:
            assert after.start_s - before.start_s > 5


def test_tremor_is_where_and_what_the_truth_says(night: ModelledNight) -> None:
    (tremor,) = night.of("tremor")
    assert tremor.amplitude_mg is not None
    assert tremor.frequency_hz is not None
    start, end = (
        round(time_s * SAMPLE_RATE_HZ)
        for time_s in (tremor.start_s + 3, tremor.start_s + tremor.duration_s - 3)
    )
    bout_mg = night.samples[start:end] * LSB_MG
    bout_mg -= bout_mg.mean(axis=0)
    assert np.sqrt((bout_mg**2).sum(axis=1).mean()) == pytest.approx(tremor.amplitude_mg, rel=0.15)
    spectrum = (np.abs(np.fft.rfft(bout_mg * np.hanning(len(bout_mg))[:, None], 8192, axis=0)) ** 2).sum(
        axis=1
    )
    frequencies_hz = np.fft.rfftfreq(8192, 1 / SAMPLE_RATE_HZ)
    spectrum[frequencies_hz < 1] = 0
    assert frequencies_hz[spectrum.argmax()] == pytest.approx(tremor.frequency_hz, abs=0.4)


def test_twitches_are_where_the_truth_says(night: ModelledNight) -> None:
    for twitch in night.of("twitch"):
        assert twitch.peak_mg is not None
        start = round(twitch.start_s * SAMPLE_RATE_HZ)
        before, during = night.samples[start - 52 : start], night.samples[start : start + 26]
        swing_mg = np.linalg.norm((during - before.mean(axis=0)) * LSB_MG, axis=1).max()
        assert swing_mg == pytest.approx(twitch.peak_mg, abs=10)


def test_gravity_and_noise_between_events(night: ModelledNight) -> None:
    magnitude_mg = np.linalg.norm(night.samples[:: SAMPLE_RATE_HZ // 2].astype(float), axis=1) * LSB_MG
    assert np.median(magnitude_mg) == pytest.approx(1000, abs=1)
    fast_mg = sosfilt(
        butter(4, 30, "highpass", fs=SAMPLE_RATE_HZ, output="sos"), night.samples[:10_000], axis=0
    )
    density_mg = np.median(np.abs(fast_mg[1000:])) * LSB_MG / 0.6745 / np.sqrt(SAMPLE_RATE_HZ / 2 - 30)
    assert density_mg == pytest.approx(0.090, rel=0.1)


def test_rate_on_average_and_more_scattered_than_chance() -> None:
    """Without the samples: forty plans."""
    hourly = []
    totals = []
    for seed in range(40):
        plan = plan_night(np.random.default_rng(seed), 8)
        totals.append(len(plan.twitches_s) / 8)
        hourly.append(np.histogram(plan.twitches_s, bins=5, range=(0, 5 * 3600))[0])
    assert 11 < np.mean(totals) < 19
    assert np.var(hourly) / np.mean(hourly) > 1.3


def test_same_seed_same_night() -> None:
    once, again, other = modelled_night(7, 0.2), modelled_night(7, 0.2), modelled_night(8, 0.2)
    np.testing.assert_array_equal(once.samples, again.samples)
    assert once.truth == again.truth
    assert not np.array_equal(once.samples, other.samples)


@pytest.mark.parametrize(("hours", "tremors"), [(0.02, 0), (0.1, 1), (0.2, 1), (1, 1)])
@pytest.mark.parametrize("seed", range(8))
def test_short_nights(seed: int, hours: float, tremors: int) -> None:
    night = modelled_night(seed, hours)
    assert len(night.samples) == round(hours * 3600 * SAMPLE_RATE_HZ)
    assert len(night.of("tremor")) == tremors
    assert len(night.of("turn")) >= tremors


def test_too_short_a_night() -> None:
    with pytest.raises(ValueError, match=r"at least 0\.02"):
        modelled_night(1, 0.01)


def test_samples_for_the_simulated_imu(tmp_path: Path) -> None:
    night = modelled_night(4, 0.02)
    assert write_samples(tmp_path / "night.raw", night.samples) == []
    np.testing.assert_array_equal(
        np.fromfile(tmp_path / "night.raw", dtype="<i2").reshape(-1, 3), night.samples
    )


def test_gaps_for_the_simulated_imu(tmp_path: Path) -> None:
    t_s = np.concatenate([np.arange(520), np.arange(1040, 2080)]) / SAMPLE_RATE_HZ
    recording = recording_from_array(np.tile([0.0, 0.0, 1.0], (len(t_s), 1)), t_s=t_s)
    assert write_samples(tmp_path / "night.raw", recording) == [[520, 520]]
    assert (tmp_path / "night.raw").stat().st_size == 1560 * 6
