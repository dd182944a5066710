"""The heart: pulses, twitches that return like pulses, and its share of the events on real hands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.twitch import DAMPING_RATIO, NATURAL_FREQUENCY_HZ, random_direction
from validation.detection import pressed, recordings, uneven
from validation.detection.beats import bare, beats_s
from validation.detection.entrants import BRIEF, OURS, TWITCH, UNLIKE, Entrant, at_sensor
from validation.detection.families import (
    at_sensor as waveform,
)
from validation.detection.families import (
    finger,
    sum_of_twitches,
    unit,
)
from validation.detection.heart_share import report_hands
from validation.detection.matching import score
from validation.detection.scenes import Signal, worn
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, Bar, Mark, Number, Results, Table

PULSE_MG = (4.0, 8.0, 20.0)
PULSE_HZ = (7.0, 8.5, 10.0, 12.0)
"""Healthy hands at rest shake at 8 to 12 Hz once a beat (recordings of Cavanagh et al. 2018)."""

ARRHYTHMIA = (0.0, 0.05, 0.10, 0.15, 0.20)
"""SD of the interval over its mean: most of it with the breath, as a healthy heart's (8 % is ordinary)."""

ARRHYTHMIA_BAR = 0.15
FALSE_BAR = 5.0
JITTER = (0.03, 0.05, 0.10, 0.20)
TWITCH_MG = 20.0
BESIDE_MG = 8.0
FOUND_BAR = 0.9
_DECAY_S = 0.08
_SIZE_SD = 0.1
_PULSE_S = 300.0
_TRAIN_S = 150.0
_TRAINS = 12
_OWN = 14_000

Rng = np.random.Generator


def pulsing(rng: Rng, signal: Signal, peak_mg: float, frequency_hz: float, arrhythmia: float) -> None:
    """Add a pulse to a hand: a damped swing of one direction and shape a beat, its size varying by 10 %."""
    t_s = np.arange(SAMPLE_RATE_HZ // 2) / SAMPLE_RATE_HZ
    swing = np.exp(-t_s / _DECAY_S) * np.sin(2 * np.pi * frequency_hz * t_s)
    shape = np.outer(peak_mg * swing / np.abs(swing).max(), random_direction(rng))
    for time_s in beats_s(rng, len(signal) / SAMPLE_RATE_HZ, arrhythmia):
        at = round(time_s * SAMPLE_RATE_HZ)
        part = shape[: len(signal) - at]
        signal[at : at + len(part)] += part * (1 + _SIZE_SD * rng.standard_normal())


def train(rng: Rng, signal: Signal, jitter: float) -> NDArray[np.int64]:
    """Add a motor unit that fires once a second to a hand; interval, size and shape vary by `jitter`."""
    contraction_s, relaxation_s = unit(rng)
    frequency_hz, damping = rng.uniform(*NATURAL_FREQUENCY_HZ), rng.uniform(*DAMPING_RATIO)
    way = random_direction(rng)
    starts = []
    at_s = 6.0
    while at_s < len(signal) / SAMPLE_RATE_HZ - 3:
        vary = np.clip(1 + jitter * rng.standard_normal(5), 0.5, 1.5)
        pull = sum_of_twitches(contraction_s * vary[0], relaxation_s * vary[0])
        own = (damping * vary[1],) * 2, (frequency_hz * vary[2],) * 2
        motion = waveform(np.outer(finger(rng, pull, *own), way))
        at = round(at_s * SAMPLE_RATE_HZ)
        signal[at : at + len(motion)] += TWITCH_MG * vary[3] * motion
        starts.append(at)
        at_s += vary[4]
    return np.array(starts)


def tell(sizes: Sizes, entrants: tuple[Entrant, ...] = (OURS,)) -> Results:
    """Tables and bars."""
    taking = [each for each in entrants if TWITCH in each.kinds]
    results = Results()
    _report_pulses(results, sizes, taking)
    uneven.report(results, sizes, taking, PULSE_HZ)
    pressed.report(results, sizes, taking)
    _report_trains(results, sizes, taking)
    if recordings.present():
        report_hands(results, taking)
    return results


def _report_pulses(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    worst = {entrant.name: (-1.0, "") for entrant in entrants}
    seconds = _PULSE_S * sizes.share
    hours = seconds * len(PULSE_HZ) / 3600
    for peak_mg in PULSE_MG:
        for arrhythmia in ARRHYTHMIA:
            counts = {(e.name, kind): 0 for e in entrants for kind in BRIEF}
            for at, frequency_hz in enumerate(PULSE_HZ):
                key = [sizes.seed + _OWN, round(peak_mg), round(100 * arrhythmia), at]
                rng = np.random.default_rng(key)
                signal = bare(rng, seconds)
                pulsing(rng, signal, peak_mg, frequency_hz, arrhythmia)
                samples = at_sensor(signal)
                for entrant in entrants:
                    report = entrant.report(samples)
                    for kind in BRIEF:
                        counts[entrant.name, kind] += report.count(kind)
            name = f"{peak_mg:g} mg, {100 * arrhythmia:.0f} %"
            rows.append(
                (
                    name,
                    *(
                        f"{counts[e.name, kind] / hours:.0f}"
                        for e in entrants
                        for kind in BRIEF
                        if kind in e.kinds
                    ),
                )
            )
            if arrhythmia <= ARRHYTHMIA_BAR:
                for each, so_far in worst.items():
                    worst[each] = max(so_far, (sum(counts[each, kind] for kind in BRIEF) / hours, name))
    head = (
        "pulse of 7-12 Hz, arrhythmia",
        *(f"{e.name}: {kind}" for e in entrants for kind in BRIEF if kind in e.kinds),
    )
    results.tables.append(Table("Pulses reported as brief motions, an hour", MODELLED, head, tuple(rows)))
    words = "a pulse's false brief motions an hour, worst"
    results.marks += [Mark(each, words, f"{rate:.0f}") for each, (rate, _) in worst.items()]
    if OURS in entrants:
        most, where = worst[OURS.name]
        results.bars.append(
            Bar(
                "pulse of 4-20 mg, 7-12 Hz, arrhythmia 0-15 %: twitch + unlike, worst",
                f"<= {FALSE_BAR:g} an hour",
                f"{most:.0f} an hour ({where})",
                most <= FALSE_BAR,
                MODELLED,
            )
        )
        results.numbers.append(
            Number(
                4,
                "A hand shaken only by the heart (4 to 20 mg, intervals varying by 0 to 15 %): false "
                "twitches an hour, worst",
                f"{most:.0f}",
                f"<= {FALSE_BAR:g}",
                most <= FALSE_BAR,
                MODELLED,
            )
        )


def _report_trains(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    alone: dict[str, list[tuple[float, float, str]]] = {entrant.name: [] for entrant in entrants}
    for beside in (0.0, BESIDE_MG):
        for jitter in JITTER:
            found = {(e.name, kind): [0, 0] for e in entrants for kind in (TWITCH, UNLIKE)}
            for at in range(max(2, round(_TRAINS * sizes.share))):
                rng = np.random.default_rng([sizes.seed + _OWN + 1, round(beside), round(100 * jitter), at])
                signal = worn().draw(rng, max(20.0, _TRAIN_S * sizes.share))
                if beside:
                    pulsing(rng, signal, beside, PULSE_HZ[at % len(PULSE_HZ)], 0.05)
                starts = train(rng, signal, jitter)
                samples = at_sensor(signal)
                for entrant in entrants:
                    report = entrant.report(samples)
                    for kind, kinds in ((TWITCH, (TWITCH,)), (UNLIKE, BRIEF)):
                        seconds = len(signal) / SAMPLE_RATE_HZ
                        hits = score(starts, report.starts(*kinds), seconds).hits
                        found[entrant.name, kind][0] += int(hits.sum())
                        found[entrant.name, kind][1] += len(starts)
            name = f"{100 * jitter:.0f} %" + (f", beside a pulse of {beside:g} mg" if beside else "")
            shares = {key: part / whole for key, (part, whole) in found.items()}
            rows.append(
                (name, *(f"{shares[e.name, k]:.2f}" for e in entrants for k in BRIEF if k in e.kinds))
            )
            for each, seen in alone.items():
                if not beside:
                    seen.append((shares[each, TWITCH], shares[each, UNLIKE], name))
    words = {TWITCH: "twitch", UNLIKE: "twitch + unlike"}
    head = (
        "once a second, jitter",
        *(f"{e.name}: {words[kind]}" for e in entrants for kind in BRIEF if kind in e.kinds),
    )
    title = f"One motor unit's twitches of {TWITCH_MG:g} mg, once a second: share reported"
    results.tables.append(Table(title, MODELLED, head, tuple(rows)))
    what = "one motor unit's twitches once a second found, worst"
    results.marks += [Mark(each, what, f"{min(both for _, both, _ in s):.2f}") for each, s in alone.items()]
    if OURS in entrants:
        least, _, name = min(alone[OURS.name])
        results.bars.append(
            Bar(
                "true twitches at one a second, jitter 3-20 %: reported as twitch, worst",
                f">= {FOUND_BAR:g}",
                f"{least:.2f} ({name})",
                least >= FOUND_BAR,
                MODELLED,
            )
        )
