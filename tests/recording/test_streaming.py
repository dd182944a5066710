"""A recording that is read in pieces is the one that is read as a whole; a long one takes no more memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bench import long_recordings
from tests.detector.signals import add, swing, twitch
from twitchwatch.recording import (
    Recording,
    detection,
    read_recording,
    recording_from_array,
    series,
    spool,
    table,
)
from twitchwatch.recording.detection import detect

RATE_HZ = 104
SECONDS = 150


def hand() -> NDArray[np.float64]:
    """A worn hand with twitches, a tremor and a turn of the hand, (n, 3) in g."""
    rng = np.random.default_rng(7)
    signal_mg = rng.normal(0, 0.7, (SECONDS * RATE_HZ, 3))
    signal_mg[:, 0] += 2 * np.sin(2 * np.pi * 1.1 * np.arange(len(signal_mg)) / RATE_HZ)
    for at_s in (5, 11.5, 24, 36, 101, 118, 127, 141):
        add(signal_mg, twitch(rng, 60), at_s)
    add(signal_mg, swing(5, 30, 25, np.array([0.6, 0.8, 0])), 50)
    turned = np.clip((np.arange(len(signal_mg)) / RATE_HZ - 85) / 1.5, 0, 1)[:, None]
    return signal_mg / 1000 + (1 - turned) * [0.31, -0.42, 0.853] + turned * [0.8, 0.1, 0.5916]


def even(rng: np.random.Generator, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return t_s


def late(rng: np.random.Generator, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum.accumulate(t_s + rng.uniform(0, 0.02, len(t_s)))


def drifting(rng: np.random.Generator, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return t_s + 0.02 * np.sin(t_s / 20) + rng.uniform(0, 1e-3, len(t_s))


def batched(rng: np.random.Generator, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return t_s[np.minimum(np.arange(len(t_s)) // 7 * 7 + 6, len(t_s) - 1)]


STAMPS = {made.__name__: made for made in (even, late, drifting, batched)}


def without(t_s: NDArray[np.float64], *holes: tuple[float, float]) -> NDArray[np.bool_]:
    kept = np.ones(len(t_s), np.bool_)
    for start_s, duration_s in holes:
        kept &= (t_s < start_s) | (t_s >= start_s + duration_s)
    return kept


HOLES = {
    "whole": (),
    "holes": ((14.2, 0.3), (31, 0.05), (71, 0.8), (90.01, 0.02)),
    "gaps": ((14.2, 0.3), (43, 5), (97.5, 1.2), (99, 20.0)),
}


def in_pieces(monkeypatch: pytest.MonkeyPatch, rows: int, piece: int, kept_bytes: int = 1 << 22) -> None:
    monkeypatch.setattr(series, "BLOCK_ROWS", rows)
    monkeypatch.setattr(table, "PIECE_BYTES", 40 * rows)
    monkeypatch.setattr(detection, "PIECE", piece)
    monkeypatch.setattr(spool, "KEPT_BYTES", kept_bytes)


def assert_same(one: Recording, other: Recording) -> None:
    assert one.contract.rate_hz == pytest.approx(other.contract.rate_hz, rel=1e-12)
    assert one.notices == other.notices
    assert one.contract.lost == pytest.approx(other.contract.lost, abs=1e-9)
    np.testing.assert_allclose(one.interpolated, other.interpolated, atol=1e-9)
    assert len(one.segments) == len(other.segments)
    for mine, theirs in zip(one.segments, other.segments, strict=True):
        assert mine.start_sample == theirs.start_sample
        np.testing.assert_array_equal(mine.samples, theirs.samples)
        if mine.gyro_dps is not None and theirs.gyro_dps is not None:
            np.testing.assert_allclose(mine.gyro_dps, theirs.gyro_dps, atol=1e-4)
    found, wanted = detect(one), detect(other)
    assert found.events == wanted.events
    assert found.bouts == wanted.bouts
    assert found.looks == wanted.looks
    assert found.halves == wanted.halves
    assert found.totals == wanted.totals
    assert found.live == wanted.live


@pytest.mark.parametrize("holes", HOLES)
@pytest.mark.parametrize("stamps", STAMPS)
@settings(max_examples=4, deadline=None)
@given(
    rate_hz=st.sampled_from([62.5, 100, 104]),
    rows=st.integers(20, 5000),
    piece=st.integers(20, 5000),
    coarse=st.booleans(),
)
def test_no_seam_between_pieces(
    stamps: str, holes: str, rate_hz: float, rows: int, piece: int, coarse: bool
) -> None:
    t_s = np.arange(SECONDS * RATE_HZ) / rate_hz
    kept = without(t_s, *HOLES[holes])
    acc_g = np.round(hand() / 0.002) * 0.002 if coarse else hand()
    t_s, acc_g = STAMPS[stamps](np.random.default_rng(3), t_s)[kept], acc_g[kept]
    gyro_dps = 5 * acc_g[:, ::-1]
    whole = recording_from_array(acc_g, t_s=t_s, gyro_dps=gyro_dps)
    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch, rows, piece, kept_bytes=1000)
        assert_same(recording_from_array(acc_g, t_s=t_s, gyro_dps=gyro_dps), whole)
    assert detect(whole).events


def text_file(path: Path) -> Path:
    """With a comment, an empty cell, an empty line, rows written twice and an end that is cut."""
    t_s = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    lines = [f"{t:.6f},{x:.5f},{y:.5f},{z:.5f}" for t, (x, y, z) in zip(t_s, hand(), strict=True)]
    lines[3000] = "# changed the strap"
    lines[7000] = lines[7000].replace(",", ",,", 1).rsplit(",", 1)[0]
    lines[9000:9100] = [line for line in lines[9000:9100] for _ in range(2)]
    lines[11000] = "\n"
    path.write_text("\n".join(["t_s,ax_g,ay_g,az_g", *lines])[:-12])
    return path


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.integers(20, 3000))
def test_a_file_in_pieces(tmp_path: Path, rows: int) -> None:
    path = text_file(tmp_path / "night.csv")
    whole = read_recording(path)
    assert len(whole.notices) == 4
    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch, rows, 4 * rows)
        assert_same(read_recording(path), whole)


MOST_MB = 300


def test_twelve_hours_take_little_memory(tmp_path: Path) -> None:
    """All that the process has, libraries included; the machine code of the detector is there by then."""
    detect(recording_from_array(hand(), rate_hz=RATE_HZ))
    path = tmp_path / "night.csv"
    long_recordings.write(path, hours=12)
    took = long_recordings.examined(path, None)
    assert took["duration_s"] == pytest.approx(12 * 3600, abs=0.1)
    assert took["events"] == pytest.approx(12 * 120, rel=0.02)
    assert took["peak_mb"] < MOST_MB
