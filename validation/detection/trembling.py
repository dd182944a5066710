"""Tremor up to clinical strength on an arm that drifts, bouts of unlike frequency, lengths, and machines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.backgrounds import chip_noise_mg
from twitchwatch.sim.tremor import RAMP_S, tremor_bout
from twitchwatch.sim.twitch import random_direction
from validation.detection.breaths import turned
from validation.detection.entrants import BRIEF, OURS, TREMOR, Entrant, Event, Report, Samples, at_sensor
from validation.detection.families import two_directions
from validation.detection.matching import interval
from validation.detection.scenes import worn
from validation.detection.sizes import Sizes
from validation.detection.tremor import GYRO_NOISE_DPS, WINDOW_S
from validation.tables import MODELLED, Bar, Number, Results, Table

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

PAIRS_HZ = ((4.0, 9.0), (3.5, 6.0), (5.0, 8.0), (5.0, 6.5))
APART_HZ = 0.3
LENGTHS_S = (10.0, 20.0, 40.0)
LENGTH_BAR_S = 1.0

MACHINES = (
    ("washing machine, 400 /min", 6.67),
    ("washing machine, 600 /min", 10.0),
    ("washing machine, 1000 /min", 16.7),
    ("ceiling fan, 240 /min", 4.0),
    ("ship, 120 /min and 4 blades", 8.0),
)
MACHINE_MG = (2.0, 10.0, 30.0)
MACHINE_WANDER = 0.0005
_ARMS = 3
_BOUT_S = 36.0
_CALM_S = 20.0
_MACHINE_S = 600.0
_STEADY_SD = 0.1
_G = 9.80665
_OWN = 15_000

Rng = np.random.Generator


@dataclass(frozen=True)
class Span:
    """A true bout: start and end of its plateau, and its frequency."""

    start_s: float
    end_s: float
    frequency_hz: float


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


def drifting(rng: Rng, bouts: list[tuple[float, float]]) -> tuple[Samples, tuple[Span, ...]]:
    """Bouts of (frequency_hz, rms_mg) on an arm that drifts: six columns, and the truth.

    The segment turns about one axis: gravity turns with it, the tangential acceleration is lever times
    angular acceleration, the centripetal one lever times angular velocity squared.
    """
    every = round((_CALM_S + _BOUT_S) * SAMPLE_RATE_HZ)
    count = len(bouts) * every + round(_CALM_S * SAMPLE_RATE_HZ)
    slow = np.radians(rng.uniform(*DRIFT_DEGREES)) * np.sin(
        2 * np.pi * (rng.uniform() + np.arange(count) / SAMPLE_RATE_HZ / rng.uniform(*DRIFT_PERIOD_S))
    )
    swing, tangential, centripetal = np.zeros((3, count))
    spans = []
    for i, (frequency_hz, rms_mg) in enumerate(bouts):
        at, length = i * every + round(_CALM_S * SAMPLE_RATE_HZ), round(_BOUT_S * SAMPLE_RATE_HZ)
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
    _report_pairs(results, sizes, taking)
    _report_lengths(results, sizes, taking)
    _report_machines(results, sizes, taking)
    return results


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
            bouts = entrant.report(samples).bouts()
            for column, span in enumerate(spans):
                taken = covered(bouts, windows((span,)))
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


def bouts_in_turn(
    rng: Rng, wanted: list[tuple[float, float]], pause_s: float
) -> tuple[Samples, tuple[Span, ...]]:
    """Bouts of (frequency_hz, seconds) with 30 mg and hardly a ramp, the pause between them; six columns."""
    whole_s = _CALM_S + sum(length_s + pause_s for _, length_s in wanted) + _CALM_S
    signal = worn().draw(rng, whole_s)
    spans = []
    at_s = _CALM_S
    for frequency_hz, length_s in wanted:
        bout = tremor_bout(rng, frequency_hz=frequency_hz, rms_mg=30.0, duration_s=length_s + 2 * RAMP_S)
        skip, at = round(RAMP_S * SAMPLE_RATE_HZ), round(at_s * SAMPLE_RATE_HZ)
        plateau = bout[skip : skip + round(length_s * SAMPLE_RATE_HZ)]
        signal[at : at + len(plateau)] += plateau
        spans.append(Span(at_s, at_s + length_s, frequency_hz))
        at_s += length_s + pause_s
    return np.hstack([at_sensor(signal), np.zeros((len(signal), 3))]), tuple(spans)


def right(report: Report, spans: tuple[Span, ...]) -> bool:
    """Every frequency reported is that of a true bout, and every true bout is reported."""
    stated = [bout.frequency_hz for bout in report.bouts() if bout.frequency_hz is not None]
    near = [[abs(hz - span.frequency_hz) <= APART_HZ for span in spans] for hz in stated]
    return (
        all(any(each) for each in near)
        and all(any(column) for column in zip(*near, strict=True))
        and bool(near)
    )


def _without_gyroscope(entrants: list[Entrant]) -> list[Entrant]:
    return [each for each in entrants if not each.gyroscope]


def _report_pairs(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    times = max(1, round(10 * sizes.share))
    for number, (first_hz, second_hz) in enumerate(PAIRS_HZ):
        row = [f"{first_hz:g} Hz, then {second_hz:g} Hz"]
        for entrant in _without_gyroscope(entrants):
            for pause_s in (20.0, 0.0):
                good = 0
                for i in range(times):
                    rng = np.random.default_rng([sizes.seed + _OWN + 1, number, round(pause_s), i])
                    samples, spans = bouts_in_turn(rng, [(first_hz, 20.0), (second_hz, 20.0)], pause_s)
                    good += right(entrant.report(samples), spans)
                row.append(f"{good} of {times}")
        rows.append(tuple(row))
    words = [
        f"{e.name}, {pause}" for e in _without_gyroscope(entrants) for pause in ("20 s apart", "at once")
    ]
    title = "Two bouts of unlike frequency: how often both are stated, and nothing between them"
    results.tables.append(Table(title, MODELLED, ("bouts of 20 s, 30 mg", *words), tuple(rows)))


def _report_lengths(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    late: list[float] = []
    times = max(2, round(20 * sizes.share))
    for number, length_s in enumerate(LENGTHS_S):
        row = [f"{length_s:g} s"]
        for entrant in _without_gyroscope(entrants):
            rng = np.random.default_rng([sizes.seed + _OWN + 2, number])
            wanted = [(float(rng.uniform(3.5, 11)), length_s) for _ in range(times)]
            samples, spans = bouts_in_turn(rng, wanted, 20.0)
            bouts = entrant.report(samples).bouts()
            errors = [
                sum(b.duration_s for b in bouts if s.start_s - 8 < b.start_s + b.duration_s / 2 < s.end_s + 8)
                - length_s
                for s in spans
            ]
            row += [f"{np.median(errors):+.1f} s", f"{min(errors):+.1f} to {max(errors):+.1f} s"]
            late += errors if entrant is OURS else []
        rows.append(tuple(row))
    words = [f"{e.name}, {w}" for e in _without_gyroscope(entrants) for w in ("median", "range")]
    results.tables.append(
        Table("Length of a bout, reported less true", MODELLED, ("true length", *words), tuple(rows))
    )
    if late:
        middle = float(np.median(np.abs(late)))
        results.bars.append(
            Bar(
                "length of a tremor bout of 10-40 s: median error",
                f"<= {LENGTH_BAR_S:g} s",
                f"{middle:.1f} s ({min(late):+.1f} to {max(late):+.1f})",
                middle <= LENGTH_BAR_S,
                MODELLED,
            )
        )


def machine(rng: Rng, seconds: float, frequency_hz: float, peak_mg: float) -> Samples:
    """A worn, still hand on something that a motor shakes: one line, steady to 0.05 %; six columns."""
    signal = worn().draw(rng, seconds)
    pace = gaussian_filter1d(rng.standard_normal(len(signal)), 20 * SAMPLE_RATE_HZ)
    momentary_hz = frequency_hz * (1 + MACHINE_WANDER * pace / pace.std())
    phase = 2 * np.pi * np.cumsum(momentary_hz) / SAMPLE_RATE_HZ
    signal += np.outer(peak_mg * np.sin(phase), random_direction(rng))
    return np.hstack([at_sensor(signal), np.zeros((len(signal), 3))])


def _report_machines(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    ours_s = whole_s = 0.0
    seconds = max(120.0, _MACHINE_S * sizes.share)
    for number, (name, frequency_hz) in enumerate(MACHINES):
        for peak_mg in MACHINE_MG:
            samples = machine(
                np.random.default_rng([sizes.seed + _OWN + 3, number, round(peak_mg)]),
                seconds,
                frequency_hz,
                peak_mg,
            )
            row = [f"{name}, {peak_mg:g} mg"]
            for entrant in _without_gyroscope(entrants):
                report = entrant.report(samples)
                tremor_s = sum(bout.duration_s for bout in report.bouts())
                row += [f"{100 * min(1, tremor_s / seconds):.0f} %", str(report.count(*BRIEF))]
                if entrant is OURS:
                    ours_s, whole_s = ours_s + tremor_s, whole_s + seconds
            rows.append(tuple(row))
    words = [f"{e.name}: {w}" for e in _without_gyroscope(entrants) for w in ("tremor", "twitch + unlike")]
    title = f"Machines that shake the bed for {seconds / 60:g} minutes"
    results.tables.append(Table(title, MODELLED, ("machine", *words), tuple(rows)))
    if whole_s:
        results.bars.append(
            Bar(
                "machines' lines of 4-17 Hz, 2-30 mg, taken for tremor",
                "<= 5 % of the time",
                f"{100 * ours_s / whole_s:.0f} %",
                ours_s / whole_s <= 0.05,
                MODELLED,
            )
        )
