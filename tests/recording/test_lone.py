"""A single wrong reading is not an event, and rows of zeros are not samples; a twitch is neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from twitchwatch.analysis.vocabulary import KINDS
from twitchwatch.errors import RecordingError
from twitchwatch.recording import read_recording, recording_from_array, write_csv
from twitchwatch.recording.detection import detect
from twitchwatch.recording.lone import SIDE, LoneReadings
from twitchwatch.sim.twitch import twitch_waveform

GRAVITY = (0.0, 0.6, 0.8)


def still(rate_hz: int, seconds: int = 60) -> np.ndarray:
    rng = np.random.default_rng(rate_hz)
    return rng.normal(GRAVITY, 0.0012 * np.sqrt(rate_hz / 104), (rate_hz * seconds, 3))


def kinds_in(acc_g: np.ndarray, rate_hz: int) -> list[str]:
    found = detect(recording_from_array(acc_g, rate_hz=rate_hz))
    assert not found.bouts
    assert found.totals.input == 0
    return [KINDS[event.kind] for event in found.events]


@pytest.mark.parametrize("rate_hz", [50, 64, 100, 200, 400])
@pytest.mark.parametrize("size_g", [0.2, 4.8, -4.8])
def test_single_wrong_readings_are_no_events(rate_hz, size_g):
    acc_g = still(rate_hz)
    assert kinds_in(acc_g, rate_hz) == []
    acc_g[[int(second * rate_hz) for second in (11.3, 22.71, 33.02, 41.998)], 1] += size_g
    assert kinds_in(acc_g, rate_hz) == []
    (notice,) = recording_from_array(acc_g, rate_hz=rate_hz).notices
    assert notice.startswith("4 readings were")


@pytest.mark.parametrize("rate_hz", [45, 50, 64, 100, 200])
@pytest.mark.parametrize("step_g", [0.0, 0.0039, 0.016])
def test_no_twitch_is_taken_for_a_wrong_reading(rate_hz, step_g):
    """Without noise, which would only make it less likely; begun at any time between two samples."""
    rng = np.random.default_rng(4)
    acc_g = np.tile(GRAVITY, (rate_hz * 300, 1))
    for at in range(rate_hz, len(acc_g) - rate_hz, rate_hz):
        fine = twitch_waveform(rng, peak_mg=rng.uniform(12, 800), rate_hz=8 * rate_hz) / 1000
        wave = fine[rng.integers(8) :: 8]
        acc_g[at : at + len(wave)] += wave[: len(acc_g) - at]
    if step_g:
        acc_g = np.round(acc_g / step_g) * step_g
    lone = LoneReadings(step_g)
    found = np.concatenate([*lone.replaced(iter([acc_g]))])
    assert lone.count == 0
    assert (found == acc_g).all()


def test_how_samples_are_divided_makes_no_difference():
    rng = np.random.default_rng(2)
    acc_g = still(100, 10)
    wrong = np.sort(rng.choice(np.arange(0, len(acc_g), 20), 40, replace=False))
    acc_g[wrong, rng.integers(0, 3, 40)] += 2
    values = np.hstack([acc_g, rng.normal(size=acc_g.shape)])
    whole = LoneReadings(0.0)
    expected = np.concatenate([*whole.replaced(iter([values]))])
    assert whole.count == len(wrong) - (wrong[0] < SIDE)
    assert np.abs(expected[SIDE:, :3] - GRAVITY).max() < 0.02
    assert (expected[:, 3:] == values[:, 3:]).all()
    for size in (1, 7, 16, 33):
        parts = LoneReadings(0.0)
        blocks = (values[first : first + size] for first in range(0, len(values), size))
        assert (np.concatenate([*parts.replaced(blocks)]) == expected).all()
        assert parts.count == whole.count


@pytest.mark.parametrize("seconds", [0.01, 3, 30])
def test_rows_of_zeros_are_a_gap_and_nothing_follows_it(tmp_path: Path, seconds):
    rate_hz = 100
    acc_g = still(rate_hz, 120)
    path = tmp_path / "hand.csv"
    first, rows = 50 * rate_hz, round(seconds * rate_hz)
    acc_g[first : first + rows] = 0
    write_csv(path, np.arange(len(acc_g)) / rate_hz, acc_g)
    recording = read_recording(path)
    assert any(f"{rows} sample" in notice and f"line {first + 2}" in notice for notice in recording.notices)
    found = detect(recording)
    assert found.events == ()
    assert found.totals.moving_s == 0
    assert sum(hole.duration_s for hole in found.holes) == pytest.approx(seconds if rows > 3 else 0, abs=0.05)


def test_a_file_of_nothing_but_zeros_is_refused(tmp_path: Path):
    path = tmp_path / "nothing.csv"
    write_csv(path, np.arange(1000) / 100, np.zeros((1000, 3)))
    with pytest.raises(RecordingError, match=r"nothing\.csv, line") as refused:
        read_recording(path)
    print(refused.value)
