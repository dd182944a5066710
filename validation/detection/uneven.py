"""Pulses as changed by breath, skin and arm: turning, of varying size and shape, with a second wave, weak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.twitch import random_direction
from validation.detection.beats import bare, beats_s
from validation.detection.entrants import BRIEF, Entrant, at_sensor
from validation.detection.scenes import Signal
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, Results, Table

_ARRHYTHMIA = 0.08
_DECAY_S = 0.08
_BACK_S = 0.3
"""After the beat, the wave that the arm reflects returns."""

_PULSE_S = 300.0
_OWN = 14_500

Rng = np.random.Generator


@dataclass(frozen=True)
class Uneven:
    """How far beats differ: direction, rad; frequency and size, share. back: second wave over the first."""

    name: str
    peaks_mg: tuple[float, ...] = (4.0, 8.0, 20.0)
    turned: float = 0.0
    frequency: float = 0.0
    size: float = 0.1
    back: float = 0.0


KINDS = (
    Uneven("turning by 20 degrees", turned=0.35),
    Uneven("frequency varies by 10 %", frequency=0.1),
    Uneven("size varies by 40 %", size=0.4),
    Uneven("a second wave, 0.3 s later, in another direction", turned=0.1, back=0.5),
    Uneven("all of these", turned=0.35, frequency=0.1, size=0.4, back=0.5),
    Uneven("weak", peaks_mg=(1.5, 2.0, 2.5, 3.0)),
)


def beat(rng: Rng, kind: Uneven, frequency_hz: float, ways: Signal) -> Signal:
    """One beat of a mean peak of 1; ways: the directions of both waves."""
    t_s = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    own_hz = frequency_hz * (1 + kind.frequency * rng.standard_normal())
    motion = np.zeros((len(t_s), 3))
    for way, part, late_s in zip(ways, (1.0, kind.back), (0.0, _BACK_S), strict=True):
        after = np.maximum(0.0, t_s - late_s)
        swing = np.exp(-after / _DECAY_S) * np.sin(2 * np.pi * own_hz * after)
        turned = way + kind.turned * rng.standard_normal(3)
        motion += part * np.outer(swing / np.abs(swing).max(), turned / np.linalg.norm(turned))
    return motion * max(0.2, 1 + kind.size * rng.standard_normal())


def report(
    results: Results, sizes: Sizes, entrants: list[Entrant], frequencies_hz: tuple[float, ...]
) -> None:
    """The table: what is reported of each, an hour."""
    seconds = _PULSE_S * sizes.share
    rows = []
    for number, kind in enumerate(KINDS):
        for peak_mg in kind.peaks_mg:
            counts = {(e.name, each): 0 for e in entrants for each in BRIEF}
            for at, frequency_hz in enumerate(frequencies_hz):
                rng = np.random.default_rng([sizes.seed + _OWN, number, round(10 * peak_mg), at])
                signal = bare(rng, seconds)
                ways = np.array([random_direction(rng), random_direction(rng)])
                for time_s in beats_s(rng, seconds, _ARRHYTHMIA):
                    first = round(time_s * SAMPLE_RATE_HZ)
                    part = beat(rng, kind, frequency_hz, ways)[: len(signal) - first]
                    signal[first : first + len(part)] += peak_mg * part
                samples = at_sensor(signal)
                for entrant in entrants:
                    found = entrant.report(samples)
                    for each in BRIEF:
                        counts[entrant.name, each] += found.count(each)
            hours = seconds * len(frequencies_hz) / 3600
            told = [f"{counts[e.name, k] / hours:.0f}" for e in entrants for k in BRIEF if k in e.kinds]
            rows.append((f"{kind.name}, {peak_mg:g} mg", *told))
    head = ("uneven pulse of 7-12 Hz", *(f"{e.name}: {k}" for e in entrants for k in BRIEF if k in e.kinds))
    results.tables.append(
        Table("Uneven and weak pulses reported as brief motions, an hour", MODELLED, head, tuple(rows))
    )
