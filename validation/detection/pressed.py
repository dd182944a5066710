"""Pulses as the pressure wave makes them: it pulls at a hand that swings; and weak twitches on such hands."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.backgrounds import chip_noise_mg
from twitchwatch.sim.twitch import random_direction, twitch_waveform
from validation.detection.beats import bare, beats_s
from validation.detection.entrants import BRIEF, Entrant, at_sensor
from validation.detection.families import at_sensor as waveform
from validation.detection.families import finger, sum_of_twitches
from validation.detection.matching import Score, score
from validation.detection.scenes import MEAN_APART_S, Signal, onsets
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, Results, Table

UPSTROKE_S = (0.08, 0.14)
"""From the foot of the radial artery's pressure wave to its peak: about a tenth of a second (O'Rourke, Pauca,
Jiang 2001, Br J Clin Pharmacol 51:507)."""

FALL = (0.8, 1.6)
"""Half of its fall over the upstroke. Assumption: the wave is about as steep on both sides."""

HAND_HZ = (7.0, 12.0)
HAND_DAMPING = (0.1, 0.35)
"""Healthy hands at rest shake at 8 to 12 Hz once a beat (recordings of Cavanagh et al. 2018), a hand
resonates at about 8 Hz (Lakie et al. 2012, J Physiol 590:4471). Assumption: damped as lightly as a finger."""

BACK_S = (0.2, 0.35)
BACK = (0.0, 0.4)
"""The wave that is reflected: how much later, and how large over the first (the same review)."""

TURNED = (0.0, 0.35)
SIZE_SD = (0.1, 0.35)
FREQUENCY_SD = (0.0, 0.08)
BREATH = (0.0, 0.3)
ARRHYTHMIA = (0.03, 0.12)
"""How far beats of one hand differ: direction, rad; size, frequency, size with the breath; interval.
Assumptions, each hand with its own."""

PEAKS_MG = (1.5, 3.0, 6.0, 12.0)
SNRS = (4, 5, 6, 8)
_BREATH_HZ = 0.25
_UPSTROKE_SD = 0.05
_HANDS = 6
_HAND_S = 300.0
_OWN = 14_700

Rng = np.random.Generator


def pressing(rng: Rng, signal: Signal, peak_mg: float) -> None:
    """Add the pulse of one hand, drawn from the ranges above."""
    upstroke_s = rng.uniform(*UPSTROKE_S)
    fall_s = upstroke_s * rng.uniform(*FALL)
    own_hz, damping = rng.uniform(*HAND_HZ), rng.uniform(*HAND_DAMPING)
    late, back = round(rng.uniform(*BACK_S) * SAMPLE_RATE_HZ), rng.uniform(*BACK)
    ways = [random_direction(rng), random_direction(rng)]
    turned, size, frequency, breath = (rng.uniform(*each) for each in (TURNED, SIZE_SD, FREQUENCY_SD, BREATH))
    phase = rng.uniform(0, 2 * np.pi)
    for time_s in beats_s(rng, len(signal) / SAMPLE_RATE_HZ, rng.uniform(*ARRHYTHMIA)):
        pull = sum_of_twitches(upstroke_s * (1 + _UPSTROKE_SD * rng.standard_normal()), fall_s)
        hz = own_hz * (1 + frequency * rng.standard_normal())
        motion = waveform(finger(rng, pull, (damping,) * 2, (hz,) * 2)[:, None])
        whole = max(0.2, 1 + size * rng.standard_normal())
        whole *= peak_mg * (1 + breath * np.sin(2 * np.pi * _BREATH_HZ * time_s + phase))
        for way, share, after in zip(ways, (1.0, back), (0, late), strict=True):
            along = way + turned * rng.standard_normal(3)
            first = round(time_s * SAMPLE_RATE_HZ) + after
            part = np.outer(motion[:, 0], along / np.linalg.norm(along))[: max(0, len(signal) - first)]
            signal[first : first + len(part)] += whole * share * part


def report(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    """Two tables: what is reported of such pulses, an hour; and twitches found on hands that have them."""
    seconds = max(30.0, _HAND_S * sizes.share)
    rows, found = [], []
    for peak_mg in PEAKS_MG:
        counts = {(e.name, kind): 0 for e in entrants for kind in BRIEF}
        scores: dict[tuple[str, int], list[Score]] = {(e.name, snr): [] for e in entrants for snr in SNRS}
        for hand in range(_HANDS):
            rng = np.random.default_rng([sizes.seed + _OWN, round(10 * peak_mg), hand])
            pulse = bare(rng, seconds)
            pressing(rng, pulse, peak_mg)
            for entrant in entrants:
                alone = entrant.report(at_sensor(pulse))
                for kind in BRIEF:
                    counts[entrant.name, kind] += alone.count(kind)
            for snr in SNRS:
                signal = pulse.copy()
                starts = _twitch(rng, signal, snr * chip_noise_mg("LSM6DS3TR-C"))
                for entrant in entrants:
                    both = entrant.report(at_sensor(signal)).starts(*BRIEF)
                    scores[entrant.name, snr].append(score(starts, both, seconds))
        hours = seconds * _HANDS / 3600
        told_h = [f"{counts[e.name, k] / hours:.0f}" for e in entrants for k in BRIEF if k in e.kinds]
        rows.append((f"{peak_mg:g} mg", *told_h))
        for entrant in entrants:
            f1 = [reduce(add, scores[entrant.name, snr]).f1 for snr in SNRS]
            found.append((f"{peak_mg:g} mg: {entrant.name}", *(f"{each:.3f}" for each in f1)))
    head = ("pulse by pressure", *(f"{e.name}: {k}" for e in entrants for k in BRIEF if k in e.kinds))
    title = "Pulses driven by a pressure wave, reported as brief motions, an hour"
    results.tables.append(Table(title, MODELLED, head, tuple(rows)))
    head = ("beside such a pulse of", *(f"F1 at SNR {snr}" for snr in SNRS))
    title = "Twitches (twitch + unlike) on hands with such a pulse"
    results.tables.append(Table(title, MODELLED, head, tuple(found)))


def _twitch(rng: Rng, signal: Signal, peak_mg: float) -> NDArray[np.int64]:
    """Add twitches of one size, each of another unit; return the samples at which they set in."""
    starts = onsets(rng, round(len(signal) / SAMPLE_RATE_HZ / MEAN_APART_S))
    starts = starts[starts < len(signal) - 3 * SAMPLE_RATE_HZ]
    for start in starts:
        motion = twitch_waveform(rng, peak_mg=peak_mg)[: len(signal) - start]
        signal[start : start + len(motion)] += motion
    return starts
