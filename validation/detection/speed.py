"""A day's time: our kernels on acceleration, ParaDigMa's tremor pipeline on rotation, in the same run."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from shared.detector.detector import Detector
from twitchwatch.recording import SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.recording.detection import detect
from validation.detection import peer
from validation.detection.sizes import Sizes
from validation.detection.tremor import BOUT_S, CALM_S, stage
from validation.tables import MODELLED, Bar, Results, Table

_OWN = 4000
_RUNS = 5
_ROOM_S = 3600.0


def _hour(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """An hour at rest with four bouts of tremor: counts (n, 3) and deg/s (n, 3)."""
    played = stage(np.random.default_rng(seed), [(4.5, 15.0), (5.0, 30.0), (6.0, 12.0), (9.0, 20.0)])
    times = int(_ROOM_S // (4 * (BOUT_S + CALM_S) + CALM_S))
    still = stage(np.random.default_rng(seed + 1), [(5.0, 1e-6)] * (4 * times - 4))
    return (
        np.concatenate([played.samples, still.samples]),
        np.concatenate([played.gyro_dps, still.gyro_dps]),
    )


def _kernels_s(samples: np.ndarray) -> float:
    """Seconds for the kernels alone."""
    unsigned = np.ascontiguousarray(samples).view(np.uint16).ravel()
    detector = Detector()
    begun = perf_counter()
    at, count = 0, len(samples)
    while at < count:
        at = detector.feed(unsigned, at, count)
        detector.clear()
    return perf_counter() - begun


def _whole_s(samples: np.ndarray) -> float:
    """Seconds for everything that `detect` does, as the daemon calls it."""
    recording = Recording("day", float(SAMPLE_RATE_HZ), (Segment(0, samples),))
    begun = perf_counter()
    detect(recording)
    return perf_counter() - begun


def tell(sizes: Sizes) -> Results:
    """The table and the bars."""
    acc, gyro = _hour(sizes.seed + _OWN)
    count = round(sizes.day_h * 3600 * SAMPLE_RATE_HZ)
    times = -(-count // len(acc))
    day = np.ascontiguousarray(np.tile(acc, (times, 1))[:count])
    _kernels_s(acc)
    to_a_day = 24 / sizes.day_h
    kernels_s = min(_kernels_s(day) for _ in range(_RUNS)) * to_a_day
    whole_s = min(_whole_s(day) for _ in range(_RUNS)) * to_a_day
    rows = [
        ("kernels alone (Numba)", f"{kernels_s:.2f}", "1"),
        ("detect(), with events and bouts", f"{whole_s:.2f}", f"{whole_s / kernels_s:.1f}"),
    ]
    findings = Results()
    findings.bars.append(
        Bar("a day at 104 Hz, Numba build", "<= 0.3 s", f"{kernels_s:.2f} s", kernels_s <= 0.3, MODELLED)
    )
    ratio = None
    if peer.present():
        turning = np.tile(gyro, (times, 1))[:count]
        theirs_s = peer.run(turning, SAMPLE_RATE_HZ).took_s * to_a_day
        ratio = theirs_s / kernels_s
        rows.append((f"{peer.name()}, tremor pipeline", f"{theirs_s:.2f}", f"{ratio:.0f}"))
    findings.bars.append(
        Bar(
            "the same day, beside ParaDigMa's tremor pipeline",
            ">= 50x faster",
            "ParaDigMa is not installed" if ratio is None else f"{ratio:.0f}x",
            None if ratio is None else ratio >= 50,
            MODELLED,
        )
    )
    title = f"Seconds for a day (measured on {sizes.day_h:g} h, one core of a shared machine)"
    head = ("what", "s", "ratio")
    findings.tables.append(Table(title, MODELLED, head, tuple(rows)))
    return findings
