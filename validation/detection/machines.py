"""Things that shake a bed or a seat: machines with one line, and cars. For entrants without a gyroscope."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, sosfilt

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.twitch import random_direction
from validation.detection.entrants import BRIEF, OURS, Entrant, Samples, at_sensor
from validation.detection.scenes import worn
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, Bar, Results, Table

MACHINES = (
    ("washing machine, 400 /min", 6.67),
    ("washing machine, 600 /min", 10.0),
    ("washing machine, 1000 /min", 16.7),
    ("ceiling fan, 240 /min", 4.0),
    ("ship, 120 /min and 4 blades", 8.0),
)
MACHINE_MG = (2.0, 10.0, 30.0)
MACHINE_WANDER = 0.0005

CAR_BANDS_HZ = ((1.0, 2.5), (9.0, 14.0), (20.0, 40.0))
CAR_MG = (10.0, 30.0)
"""A car's body, its wheels and the road, an axis's rms in all; a seat has 0.3 to 0.6 m/s2 (ISO
2631-1, Annex C, from comfortable to fairly uncomfortable)."""
_MACHINE_S = 600.0
_OWN = 15_700

Rng = np.random.Generator


def machine(rng: Rng, seconds: float, frequency_hz: float, peak_mg: float) -> Samples:
    """A worn, still hand on something that a motor shakes: one line, steady to 0.05 %; six columns."""
    signal = worn().draw(rng, seconds)
    pace = gaussian_filter1d(rng.standard_normal(len(signal)), 20 * SAMPLE_RATE_HZ)
    momentary_hz = frequency_hz * (1 + MACHINE_WANDER * pace / pace.std())
    phase = 2 * np.pi * np.cumsum(momentary_hz) / SAMPLE_RATE_HZ
    signal += np.outer(peak_mg * np.sin(phase), random_direction(rng))
    return np.hstack([at_sensor(signal), np.zeros((len(signal), 3))])


def report_machines(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
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
            for entrant in entrants:
                report = entrant.report(samples)
                tremor_s = sum(bout.duration_s for bout in report.bouts())
                row += [f"{100 * min(1, tremor_s / seconds):.0f} %", str(report.count(*BRIEF))]
                if entrant is OURS:
                    ours_s, whole_s = ours_s + tremor_s, whole_s + seconds
            rows.append(tuple(row))
    words = [f"{e.name}: {w}" for e in entrants for w in ("tremor", "twitch + unlike")]
    title = f"Machines that shake the bed for {seconds / 60:g} minutes"
    results.tables.append(Table(title, MODELLED, ("machine", *words), tuple(rows)))
    if whole_s:
        results.bars.append(
            Bar(
                "machines' lines of 4-17 Hz, 2-30 mg, mistaken for tremor",
                "<= 5 % of the time",
                f"{100 * ours_s / whole_s:.0f} %",
                ours_s / whole_s <= 0.05,
                MODELLED,
            )
        )


def car(rng: Rng, seconds: float, rms_mg: float) -> Samples:
    """A worn, still hand in a moving car, whose speed comes and goes; six columns."""
    signal = worn().draw(rng, seconds)
    speed = gaussian_filter1d(rng.standard_normal(len(signal)), 15 * SAMPLE_RATE_HZ)
    for band_hz in CAR_BANDS_HZ:
        sos = butter(2, band_hz, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
        shaking = sosfilt(sos, rng.standard_normal(signal.shape), axis=0)
        share = rms_mg / len(CAR_BANDS_HZ) ** 0.5 / shaking.std()
        signal += share * shaking * np.clip(1 + 0.5 * speed / speed.std(), 0, 2)[:, None]
    return np.hstack([at_sensor(signal), np.zeros((len(signal), 3))])


def report_car(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    seconds = max(120.0, _MACHINE_S * sizes.share)
    for number, rms_mg in enumerate(CAR_MG):
        samples = car(np.random.default_rng([sizes.seed + _OWN + 4, number]), seconds, rms_mg)
        row = [f"{rms_mg:g} mg rms an axis"]
        for entrant in entrants:
            report = entrant.report(samples)
            tremor_s = sum(bout.duration_s for bout in report.bouts())
            rest = "-" if report.rest_s is None else f"{100 * report.rest_s / seconds:.0f} %"
            row += [rest, f"{report.count(*BRIEF) * 3600 / seconds:.0f}", f"{100 * tremor_s / seconds:.0f} %"]
        rows.append(tuple(row))
    words = [f"{e.name}: {w}" for e in entrants for w in ("rest", "twitch + unlike an hour", "tremor")]
    results.tables.append(
        Table("A hand in a moving car", MODELLED, ("the car shakes it", *words), tuple(rows))
    )
