"""From an MPU's 125 Hz to 104 Hz: the taps, and the effect on gravity, tones, noise and full scale."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample

from twitchwatch.analysis.contract import RING
from twitchwatch.recording import Recording, Segment
from twitchwatch.recording.detection import detect
from twitchwatch.sim.night import modelled_night

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")
SOURCE = ROOT / "firmware" / "twitchband" / "imu" / "resample.py"
IN_HZ, OUT_HZ = 125, 104


def through(values: np.ndarray, folder: Path) -> tuple[np.ndarray, list[list[int]]]:
    """(n, 3) int16 at 125 Hz through the driver; also the events that the detector finds behind it."""
    given, made = folder / "in.i16", folder / "out.i16"
    given.write_bytes(values.astype("<i2").tobytes())
    command = [MICROPYTHON, "-X", "heapsize=800k", HERE / "resampled.py", ROOT, given, made]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    events = [json.loads(line) for line in run.stdout.splitlines()]
    return np.frombuffer(made.read_bytes(), "<i2").reshape(-1, 3), events


def resampled(values: np.ndarray, folder: Path) -> np.ndarray:
    """What the driver alone makes of it."""
    return through(values, folder)[0]


def test_the_taps_are_what_their_formula_says() -> None:
    phases, width, one = 104, 8, 1 << 14
    t = np.arange(phases * width + 1) / phases - width / 2
    kernel = 0.8 * np.sinc(0.8 * t) * np.i0(5 * np.sqrt(1 - (2 * t / width) ** 2)) / np.i0(5)
    kernel[0] = kernel[-1] = 0
    wanted = np.zeros(len(t), int)
    for phase in range(phases // 2 + 1):
        places = np.arange(1, width + 1) * phases - phase
        exact = kernel[places] / kernel[places].sum() * one
        taps = np.rint(exact).astype(int)
        # What rounding leaves goes to the largest: one, or in the middle between two samples both.
        largest = np.argsort(-exact)[: 2 if phase == phases // 2 else 1]
        taps[largest] += (one - taps.sum()) // len(largest)
        wanted[places] = wanted[len(t) - 1 - places] = taps
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    (literal,) = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes)
    )
    taps = np.frombuffer(literal, "<i2")
    assert taps.tolist() == wanted[: len(taps)].tolist()
    for phase in range(phases):
        places = np.arange(1, width + 1) * phases - phase
        assert np.take(np.r_[taps, taps[-2::-1]], places).sum() == one


def test_gravity_stays_what_it_is(tmp_path: Path) -> None:
    out = resampled(np.tile(np.array([8192, -32768, 32767], np.int16), (500, 1)), tmp_path)
    assert len(out) == pytest.approx(496 * OUT_HZ / IN_HZ, abs=1)
    assert (out == [8192, -32768, 32767]).all()


@pytest.mark.parametrize("hz", [3, 6, 12, 20, 25])
def test_a_tone_keeps_its_size_and_its_time(hz: int, tmp_path: Path) -> None:
    n = 10 * IN_HZ
    tone = 2000 * np.sin(2 * np.pi * hz * np.arange(n) / IN_HZ)
    out = resampled(np.column_stack([tone, 0 * tone, -tone]), tmp_path)[20:, 0]
    t = (np.arange(len(out)) + 20) / OUT_HZ
    (a, b), *_ = np.linalg.lstsq(
        np.column_stack([np.sin(2 * np.pi * hz * t), np.cos(2 * np.pi * hz * t)]), out, rcond=None
    )
    assert np.hypot(a, b) == pytest.approx(2000, rel=0.01)
    assert abs(np.arctan2(b, a)) / (2 * np.pi * hz) < 1e-4
    rest = out - a * np.sin(2 * np.pi * hz * t) - b * np.cos(2 * np.pi * hz * t)
    assert rest.std() < 0.004 * 2000


def test_noise_does_not_breathe_and_full_scale_does_not_wrap(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    out = resampled(rng.normal(0, 1000, (40 * IN_HZ, 3)), tmp_path)
    # Its phase comes again after 104 outputs.
    by_phase = out[: len(out) // 104 * 104].reshape(-1, 104, 3).std(axis=(0, 2))
    quarters = by_phase.reshape(4, 26).mean(axis=1)
    assert quarters.max() / quarters.min() < 1.05
    square = np.where(np.arange(1000) // 40 % 2, 32767, -32768)
    out = resampled(np.column_stack([square] * 3), tmp_path)
    assert (np.abs(np.diff(out[:, 0].astype(int))) < 65535).all()
    assert out.max() == 32767
    assert out.min() == -32768


def test_the_ring_s_detector_finds_behind_it_what_the_host_s_finds(tmp_path: Path) -> None:
    """A night's twitches from the chip's registers to the events, word for word; and at their time."""
    night = modelled_night(5, hours=0.1)
    mean = night.samples.mean(axis=0)
    sensed = resample(night.samples - mean, len(night.samples) * IN_HZ // OUT_HZ) + mean
    samples, events = through(np.clip(np.rint(sensed), -32768, 32767), tmp_path)
    found = detect(Recording("worn", RING, (Segment(0, np.ascontiguousarray(samples), None),), ()))
    assert len(events) == len(found.events) + found.absorbed
    assert {tuple(event) for event in found.events} <= {tuple(event) for event in events}
    native = detect(Recording("worn", RING, (Segment(0, night.samples, None),), ()))
    assert len(native.events) > 2
    assert [event.kind for event in found.events] == [event.kind for event in native.events]
    for one, other in zip(found.events, native.events, strict=True):
        assert abs(one.sample - other.sample) <= 3
        assert one.peak_ug == pytest.approx(other.peak_ug, rel=0.1)
