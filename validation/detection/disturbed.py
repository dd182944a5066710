"""Scenes without twitches: one disturbance at a time, and a whole night with all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.analysis.contract import RING
from twitchwatch.recording import SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.recording.detection import Detection, detect
from twitchwatch.sim import backgrounds as sim
from twitchwatch.sim.distractors import GRAVITY_MG, turn_over
from twitchwatch.sim.night import TURN_PEAK_MG
from twitchwatch.sim.plan import TURN_S
from twitchwatch.sim.twitch import random_direction
from validation.detection.scenes import Background, Signal, counts, worn

Rng = np.random.Generator
Add = Callable[[Rng, Signal, int], int]


@dataclass(frozen=True)
class Disturbance:
    """per_hour: how often in a night with all of them; 0 where it lasts or is tried alone only.

    add: puts one at a sample of the scene, returns the samples that it takes.
    """

    name: str
    per_hour: float
    add: Add


def _at(signal: Signal, other: Signal, at: int) -> int:
    length = min(len(other), len(signal) - at)
    signal[at : at + length] += other[:length]
    return length


def _turn(rng: Rng, signal: Signal, at: int) -> int:
    """Gravity changes for good: whatever comes after lies otherwise."""
    count = round(rng.uniform(*TURN_S) * SAMPLE_RATE_HZ)
    if at + count + SAMPLE_RATE_HZ >= len(signal):
        return 0
    before = np.median(signal[max(0, at - 2 * SAMPLE_RATE_HZ) : at], axis=0)
    before /= np.linalg.norm(before)
    after = random_direction(rng)
    swing = turn_over(rng, count, before=before, after=after, peak_mg=rng.uniform(*TURN_PEAK_MG)).T
    signal[at : at + count] += swing - GRAVITY_MG * before
    signal[at + count :] += GRAVITY_MG * (after - before)
    return count


def _fling(rng: Rng, signal: Signal, at: int) -> int:
    return _at(signal, sim.fling(rng), at) and _turn(rng, signal, at)


def _down(signal: Signal, at: int) -> Signal:
    here = np.median(signal[max(0, at - SAMPLE_RATE_HZ) : at + 1], axis=0)
    return np.asarray(here / np.linalg.norm(here))


DISTURBANCES = (
    Disturbance("turning over", 2.5, _turn),
    Disturbance("tapping, 6 s", 0.25, lambda rng, s, at: _at(s, sim.tapping(rng, 6), at)),
    Disturbance("typing, 20 s", 0.125, lambda rng, s, at: _at(s, sim.typing(rng, 20), at)),
    Disturbance("mattress hit", 3, lambda rng, s, at: _at(s, sim.mattress_hit(rng, _down(s, at)), at)),
    Disturbance("blanket drag", 2, lambda rng, s, at: _at(s, sim.blanket_drag(rng), at)),
    Disturbance("lorry passes", 1, lambda rng, s, at: _at(s, sim.lorry(rng), at)),
    Disturbance("sensor spike", 1, lambda rng, s, at: _at(s, sim.spike(rng), at)),
    Disturbance("arm flung, > 4 g", 0.125, _fling),
)

HUMS_HZ = (50.0, 60.0, 100.0, 120.0)
HUM_MG = 2.0


def alone(
    background: Background, disturbance: Disturbance, seed: int, times: int, every_s: float
) -> Detection:
    """A still hand that meets one disturbance `times` times."""
    rng = np.random.default_rng(seed)
    signal = background.draw(rng, times * every_s + 10)
    for i in range(times):
        disturbance.add(rng, signal, round((10 + i * every_s) * SAMPLE_RATE_HZ))
    return _detect(signal)


def hummed(
    background: Background, frequency_hz: float, peak_mg: float, seed: int, seconds: float
) -> Detection:
    """A still hand while something hums."""
    rng = np.random.default_rng(seed)
    signal = background.draw(rng, seconds)
    return _detect(signal + sim.hum(rng, len(signal), frequency_hz, peak_mg))


def drifting(background: Background, seed: int, seconds: float) -> Detection:
    """A still hand on which the sensor warms."""
    rng = np.random.default_rng(seed)
    signal = background.draw(rng, seconds)
    return _detect(signal + sim.drift(rng, len(signal)))


def gapped(background: Background, seed: int, seconds: float, every_s: float) -> Detection:
    """A still hand whose FIFO overruns: 5-200 samples lost each time."""
    rng = np.random.default_rng(seed)
    return detect(_with_gaps(rng, counts(background.draw(rng, seconds)), every_s))


def _with_gaps(rng: Rng, samples: NDArray[np.int16], every_s: float) -> Recording:
    """Samples are lost about every `every_s`, as in an overrun."""
    segments, at = [], 0
    while at < len(samples):
        length = max(SAMPLE_RATE_HZ, round(rng.exponential(every_s) * SAMPLE_RATE_HZ))
        segments.append(Segment(at, samples[at : at + length]))
        at += length + int(rng.integers(5, 200))
    return Recording("scene with gaps", RING, tuple(segments))


@dataclass(frozen=True, eq=False)
class Night:
    """A night in mg, and what disturbed it: name, first and last sample."""

    signal: Signal
    disturbed: tuple[tuple[str, int, int], ...]

    def cause(self, sample: int) -> str:
        """The disturbance within half a second of which something was reported; "nothing" elsewhere."""
        edge = SAMPLE_RATE_HZ // 2
        names = [name for name, first, last in self.disturbed if first - edge <= sample <= last + edge]
        return names[0] if names else "nothing"


def modelled_night(seed: int, hours: float, background: Background | None = None) -> Night:
    """Everything together at a night's rates: worn hand, a hum of 50 Hz, warming, and DISTURBANCES."""
    rng = np.random.default_rng(seed)
    signal = (background or worn()).draw(rng, hours * 3600)
    signal += sim.hum(rng, len(signal), 50.0, rng.uniform(0, 1))
    signal += sim.drift(rng, len(signal))
    due = [
        (at, each)
        for each in DISTURBANCES
        for at in rng.integers(10 * SAMPLE_RATE_HZ, len(signal), rng.poisson(each.per_hour * hours)).tolist()
    ]
    free = 0
    disturbed = []
    for at, disturbance in sorted(due, key=lambda item: item[0]):
        at = max(at, free)
        if at + 2 * SAMPLE_RATE_HZ < len(signal):
            last = at + disturbance.add(rng, signal, at)
            disturbed.append((disturbance.name, at, last))
            free = last + SAMPLE_RATE_HZ
    return Night(signal, tuple(disturbed))


def detect_night(night: Night, seed: int) -> Detection:
    """What is reported for it, with an overrun of the FIFO every second hour."""
    return detect(_with_gaps(np.random.default_rng([seed, 1]), counts(night.signal), 7200))


def _detect(signal: Signal) -> Detection:
    return detect(Recording("scene", RING, (Segment(0, counts(signal)),)))
