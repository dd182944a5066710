"""A day's time: our kernels on acceleration, ParaDigMa's tremor pipeline on rotation, in the same run."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from twitchwatch.analysis.contract import RING
from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.recording.detection import detect
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.sim.backgrounds import gravity
from validation.detection import peer
from validation.detection.entrants import OURS, Entrant
from validation.detection.scenes import counts, worn
from validation.detection.sizes import Sizes
from validation.detection.tremor import BOUT_S, CALM_S, stage
from validation.tables import MODELLED, Bar, Results, Table

_OWN = 4000
_RUNS = 3
_WHOLE_RUNS = 2
_LOUD_MG = (24.0, 200.0)
"""The first is taken for rest, the second for movement."""

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
    recording = Recording("day", RING, (Segment(0, samples),))
    begun = perf_counter()
    detect(recording)
    return perf_counter() - begun


def _day(samples: np.ndarray, count: int) -> np.ndarray:
    return np.ascontiguousarray(np.tile(samples, (-(-count // len(samples)), 1))[:count])


def tell(sizes: Sizes, entrants: tuple[Entrant, ...] = (OURS,)) -> Results:
    """The tables and the bars."""
    acc, gyro = _hour(sizes.seed + _OWN)
    rng = np.random.default_rng(sizes.seed + _OWN + 2)
    days = {
        "quiet": counts(worn().draw(rng, _ROOM_S)),
        "four bouts of tremor an hour": acc,
    }
    for loud_mg in _LOUD_MG:
        noise = loud_mg * rng.standard_normal(acc.shape)
        days[f"loud noise, {loud_mg:g} mg an axis"] = counts(gravity(rng, len(acc)) + noise)
    count = round(sizes.day_h * 3600 * SAMPLE_RATE_HZ)
    to_a_day = 24 / sizes.day_h
    _kernels_s(acc)
    turning = _day(gyro, count)
    findings = Results()
    rows = []
    loud_s = 0.0
    for name, hour in days.items():
        day = _day(hour, count)
        kernels_s = min(_kernels_s(day) for _ in range(_RUNS)) * to_a_day
        whole_s = min(_whole_s(day) for _ in range(_WHOLE_RUNS)) * to_a_day
        row = [name, f"{kernels_s:.2f}", f"{whole_s:.2f}"]
        if name == "quiet":
            ratio = None
            if peer.present():
                theirs_s = peer.run(turning, SAMPLE_RATE_HZ).took_s * to_a_day
                ratio = theirs_s / kernels_s
                row += [f"{theirs_s:.2f}", f"{ratio:.0f}"]
            findings.bars += [
                Bar(
                    "a quiet day at 104 Hz, Numba build",
                    "<= 0.2 s",
                    f"{kernels_s:.2f} s",
                    kernels_s <= 0.2,
                    MODELLED,
                ),
                Bar(
                    "the same length, beside ParaDigMa's tremor pipeline",
                    ">= 50x faster",
                    "ParaDigMa is not installed" if ratio is None else f"{ratio:.0f}x",
                    None if ratio is None else ratio >= 50,
                    MODELLED,
                ),
            ]
        elif name.startswith("loud"):
            loud_s = max(loud_s, kernels_s)
        rows.append((*row, *("",) * (5 - len(row))))
    findings.bars.append(
        Bar("a loud day, Numba build, worst", "<= 0.3 s", f"{loud_s:.2f} s", loud_s <= 0.3, MODELLED)
    )
    title = f"Seconds for a day (measured on {sizes.day_h:g} h, one core of a shared machine)"
    head = ("a day of 104 Hz", "kernels alone (Numba)", "with events and bouts", peer.name(), "ratio")
    findings.tables.append(Table(title, MODELLED, head, tuple(rows)))
    findings.tables.append(_entrants(entrants, acc, gyro))
    return findings


def _entrants(entrants: tuple[Entrant, ...], acc: np.ndarray, gyro: np.ndarray) -> Table:
    """What each takes for an hour, times 24, everything included that its interface needs."""
    samples = np.hstack([acc * (LSB_MG / 1000), gyro])
    rows = []
    for entrant in entrants:
        entrant.report(samples)
        begun = perf_counter()
        entrant.report(samples)
        rows.append(
            (entrant.name, f"{(perf_counter() - begun) * 24 * _ROOM_S / (len(acc) / SAMPLE_RATE_HZ):.2f}")
        )
    head = ("entrant", "s for a day")
    return Table("The entrants' time: an hour with four bouts, scaled to a day", MODELLED, head, tuple(rows))
