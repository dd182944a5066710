"""Tremor up to clinical strength on an arm that drifts; then bouts in turn, machines and cars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.backgrounds import chip_noise_mg
from twitchwatch.sim.tremor import RAMP_S
from validation.detection import bouts, machines
from validation.detection.bouts import CALM_S, Span
from validation.detection.breaths import turned
from validation.detection.entrants import OURS, TREMOR, Entrant, Event, Samples, at_sensor
from validation.detection.families import two_directions
from validation.detection.matching import interval
from validation.detection.sizes import Sizes
from validation.detection.tremor import GYRO_NOISE_DPS, WINDOW_S
from validation.tables import MODELLED, Bar, Mark, Number, Results, Table

FREQUENCIES_HZ = tuple(float(f) for f in range(3, 13))
AMPLITUDES_MG = (10.0, 50.0, 150.0, 500.0, 1000.0, 1500.0)
"""Vector rms. A rating point is a factor of about 3 (Elble 2006); the limits of MDS-UPDRS 3.17, 1, 3 and 10
cm from end to end, are 180, 530 and 1800 mg rms at 5 Hz."""

LEVERS_M = {10.0: 0.08, 50.0: 0.08, 150.0: 0.15, 500.0: 0.3, 1000.0: 0.35, 1500.0: 0.35}
"""What trembles: a finger, a hand, or the forearm."""

DRIFT_DEGREES = (4.0, 10.0)
DRIFT_PERIOD_S = (20.0, 40.0)
SWELL = 0.25
SWELL_S = 1.0
SENSITIVITY_BAR = 0.95

_ARMS = 6
_BOUT_S = 36.0
_STEADY_SD = 0.1
_G = 9.80665
_OWN = 15_000

Rng = np.random.Generator


def angle(rng: Rng, count: int, frequency_hz: float) -> NDArray[np.float64]:
    """A rotation (count,) of unit rms: wandering by 0.1 Hz, swelling by a quarter, with ramps of 3 s."""
    pace = gaussian_filter1d(rng.standard_normal(count), 2 * SAMPLE_RATE_HZ, mode="wrap")
    phase = 2 * np.pi * np.cumsum(frequency_hz + _STEADY_SD * pace / pace.std()) / SAMPLE_RATE_HZ
    swell = gaussian_filter1d(rng.standard_normal(count), SWELL_S * SAMPLE_RATE_HZ, mode="wrap")
    t_s = np.arange(count) / SAMPLE_RATE_HZ
    ramp = np.sin(np.clip(np.minimum(t_s, t_s[-1] - t_s) / RAMP_S, 0, 1) * np.pi / 2) ** 2
    size = np.clip(1 + SWELL * swell / swell.std(), 0.3, 1.7) * ramp
    wave = size * np.sin(phase + rng.uniform(0, 2 * np.pi))
    return np.asarray(wave / np.sqrt((wave[ramp == 1] ** 2).mean()))


def drifting(rng: Rng, wanted: list[tuple[float, float]]) -> tuple[Samples, tuple[Span, ...]]:
    """Bouts of (frequency_hz, rms_mg) on an arm that drifts: six columns, and the truth.

    The segment turns about one axis: gravity turns with it, the tangential acceleration is lever times
    angular acceleration, the centripetal one lever times angular velocity squared.
    """
    every = round((CALM_S + _BOUT_S) * SAMPLE_RATE_HZ)
    count = len(wanted) * every + round(CALM_S * SAMPLE_RATE_HZ)
    slow = np.radians(rng.uniform(*DRIFT_DEGREES)) * np.sin(
        2 * np.pi * (rng.uniform() + np.arange(count) / SAMPLE_RATE_HZ / rng.uniform(*DRIFT_PERIOD_S))
    )
    swing, tangential, centripetal = np.zeros((3, count))
    spans = []
    for i, (frequency_hz, rms_mg) in enumerate(wanted):
        at, length = i * every + round(CALM_S * SAMPLE_RATE_HZ), round(_BOUT_S * SAMPLE_RATE_HZ)
        lever_m = LEVERS_M[rms_mg]
        turn = angle(rng, length, frequency_hz)
        turn *= rms_mg / 1000 * _G / (lever_m * (2 * np.pi * frequency_hz) ** 2)
        rate = np.gradient(turn, 1 / SAMPLE_RATE_HZ)
        away = slice(at, at + length)
        swing[away] = turn
        tangential[away] = lever_m * np.gradient(rate, 1 / SAMPLE_RATE_HZ) / _G * 1000
        centripetal[away] = lever_m * rate**2 / _G * 1000
        start_s = at / SAMPLE_RATE_HZ
        spans.append(Span(start_s + RAMP_S, start_s + _BOUT_S - RAMP_S, frequency_hz))
    along, across = two_directions(rng)
    signal = (
        turned(slow + swing, two_directions(rng))
        + np.outer(tangential, along)
        + np.outer(centripetal, across)
    )
    signal += chip_noise_mg("LSM6DS3TR-C") * rng.standard_normal((count, 3))
    turning = np.outer(np.degrees(np.gradient(slow + swing, 1 / SAMPLE_RATE_HZ)), np.cross(along, across))
    turning += GYRO_NOISE_DPS * rng.standard_normal((count, 3))
    return np.hstack([at_sensor(signal), turning]), tuple(spans)


def covered(bouts: tuple[Event, ...], starts_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether at least half of each window of 4 s is in a bout."""
    inside = np.zeros(len(starts_s))
    for bout in bouts:
        end_s = bout.start_s + bout.duration_s
        inside += np.clip(
            np.minimum(end_s, starts_s + WINDOW_S) - np.maximum(bout.start_s, starts_s), 0, None
        )
    return np.asarray(inside >= WINDOW_S / 2)


def windows(spans: tuple[Span, ...]) -> NDArray[np.float64]:
    """Starts of windows of 4 s, end to end, within the plateaus."""
    return np.concatenate([np.arange(span.start_s, span.end_s - WINDOW_S + 1e-9, WINDOW_S) for span in spans])


def tell(sizes: Sizes, entrants: tuple[Entrant, ...] = (OURS,)) -> Results:
    """Tables and bars."""
    taking = [each for each in entrants if TREMOR in each.kinds]
    results = Results()
    _report_strength(results, sizes, taking)
    bouts.report_pairs(results, sizes, _without_gyroscope(taking))
    bouts.report_lengths(results, sizes, _without_gyroscope(taking))
    machines.report_machines(results, sizes, _without_gyroscope(taking))
    machines.report_car(results, sizes, _without_gyroscope(taking))
    return results


def _without_gyroscope(entrants: list[Entrant]) -> list[Entrant]:
    return [each for each in entrants if not each.gyroscope]


def _report_strength(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    hits = {e.name: np.zeros((len(AMPLITUDES_MG), len(FREQUENCIES_HZ))) for e in entrants}
    whole = np.zeros((len(AMPLITUDES_MG), len(FREQUENCIES_HZ)))
    for row, rms_mg, arm in (
        (row, rms_mg, arm)
        for row, rms_mg in enumerate(AMPLITUDES_MG)
        for arm in range(max(1, round(_ARMS * sizes.share)))
    ):
        rng = np.random.default_rng([sizes.seed + _OWN, arm])
        samples, spans = drifting(rng, [(f, rms_mg) for f in FREQUENCIES_HZ])
        for entrant in entrants:
            found_bouts = entrant.report(samples).bouts()
            for column, span in enumerate(spans):
                taken = covered(found_bouts, windows((span,)))
                hits[entrant.name][row, column] += taken.sum()
                whole[row, column] += len(taken) if entrant is entrants[0] else 0
    rows = []
    for row, rms_mg in enumerate(AMPLITUDES_MG):
        for entrant in entrants:
            shares = hits[entrant.name][row] / whole[row]
            name = f"{rms_mg:g} mg" if entrant is entrants[0] else ""
            rows.append((name, entrant.name, *(f"{each:.2f}" for each in shares), f"{shares.mean():.2f}"))
    head = ("rms, drifting", "share of windows", *(f"{f:g} Hz" for f in FREQUENCIES_HZ), "all")
    title = "Tremor up to 1.5 g on an arm that drifts by 4 to 10 degrees: share of windows found"
    results.tables.append(Table(title, MODELLED, head, tuple(rows)))
    results.marks += [
        Mark(
            name,
            "tremor up to 1.5 g, 3-12 Hz, arm drifting: windows found",
            f"{seen.sum() / whole.sum():.2f}",
        )
        for name, seen in hits.items()
    ]
    if OURS in entrants:
        found, total = int(hits[OURS.name].sum()), int(whole.sum())
        of_row = hits[OURS.name].sum(axis=1) / whole.sum(axis=1)
        worst = int(of_row.argmin())
        low, high = interval(found, total)
        results.bars.append(
            Bar(
                "tremor at rest, 3-12 Hz, 10 mg to 1.5 g rms, arm drifting: windows found",
                f">= {SENSITIVITY_BAR:.2f}",
                f"{found / total:.3f} ({low:.3f}-{high:.3f}); "
                f"at {AMPLITUDES_MG[worst]:g} mg {of_row[worst]:.2f}",
                found / total >= SENSITIVITY_BAR,
                MODELLED,
            )
        )
        results.numbers.append(
            Number(
                6,
                "Tremor at rest of 3 to 12 Hz, 10 mg to 1.5 g, on an arm that drifts: share found, and at "
                "the strength that is found worst",
                f"{100 * found / total:.0f} %; {100 * of_row[worst]:.0f} % (at {AMPLITUDES_MG[worst]:g} mg)",
                f">= {100 * SENSITIVITY_BAR:.0f} %",
                bool(found / total >= SENSITIVITY_BAR),
                MODELLED,
            )
        )
