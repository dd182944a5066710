"""The heart: pulses, twitches that come like pulses, and its share of what is reported on real hands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, sosfiltfilt

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.backgrounds import chip_noise_mg, gravity
from twitchwatch.sim.twitch import DAMPING_RATIO, NATURAL_FREQUENCY_HZ, random_direction
from validation.detection import recordings
from validation.detection.entrants import BRIEF, OURS, TWITCH, UNLIKE, Entrant, at_sensor
from validation.detection.families import (
    at_sensor as waveform,
)
from validation.detection.families import (
    finger,
    sum_of_twitches,
    unit,
)
from validation.detection.matching import score
from validation.detection.scenes import Signal, worn
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, REAL, Bar, Number, Results, Table

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
_BEATS_HZ = (0.9, 1.3)
_BREATH_HZ = 0.25
_DECAY_S = 0.08
_SIZE_SD = 0.1
_PULSE_S = 300.0
_TRAIN_S = 150.0
_TRAINS = 4
_OWN = 14_000

_BAND_HZ = (5.0, 15.0)
_SMOOTH_S = 0.05
_REACH_S = 8.0
_OUT_S = 0.3
_PERIODS_S = (0.5, 1.4)
_NEAR = 1 / 8
_DRAWS = 2000
_LEAST_P = 0.001

Rng = np.random.Generator


def beats_s(rng: Rng, seconds: float, arrhythmia: float) -> NDArray[np.float64]:
    """Times of heart beats; three quarters of the intervals' variance go with the breath."""
    mean_s = 1 / rng.uniform(*_BEATS_HZ)
    phase = rng.uniform(0, 2 * np.pi)
    times = [rng.uniform(0, mean_s)]
    while times[-1] < seconds:
        breath = np.sqrt(1.5) * np.sin(2 * np.pi * _BREATH_HZ * times[-1] + phase)
        times.append(times[-1] + mean_s * max(0.3, 1 + arrhythmia * (breath + 0.5 * rng.standard_normal())))
    return np.array(times[:-1])


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


def bare(rng: Rng, seconds: float) -> Signal:
    """A still hand in mg without pulse or breath."""
    count = round(seconds * SAMPLE_RATE_HZ)
    return gravity(rng, count) + chip_noise_mg("LSM6DS3TR-C") * rng.standard_normal((count, 3))


def tell(sizes: Sizes, entrants: tuple[Entrant, ...] = (OURS,)) -> Results:
    """Tables and bars."""
    taking = [each for each in entrants if TWITCH in each.kinds]
    results = Results()
    _report_pulses(results, sizes, taking)
    _report_trains(results, sizes, taking)
    if recordings.present():
        _report_hands(results, taking)
    return results


def _report_pulses(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    worst: tuple[float, str] = (-1.0, "")
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
            if arrhythmia <= ARRHYTHMIA_BAR and OURS in entrants:
                worst = max(worst, (sum(counts[OURS.name, kind] for kind in BRIEF) / hours, name))
    head = (
        "pulse of 7-12 Hz, arrhythmia",
        *(f"{e.name}: {kind}" for e in entrants for kind in BRIEF if kind in e.kinds),
    )
    results.tables.append(Table("Pulses reported as brief motions, an hour", MODELLED, head, tuple(rows)))
    if OURS in entrants:
        results.bars.append(
            Bar(
                "pulse of 4-20 mg, 7-12 Hz, arrhythmia 0-15 %: twitch + unlike, worst",
                f"<= {FALSE_BAR:g} an hour",
                f"{worst[0]:.0f} an hour ({worst[1]})",
                worst[0] <= FALSE_BAR,
                MODELLED,
            )
        )
        results.numbers.append(
            Number(
                4,
                "A hand that only the heart shakes (4 to 20 mg, intervals varying by 0 to 15 %): false "
                "twitches an hour, worst",
                f"{worst[0]:.0f}",
                f"<= {FALSE_BAR:g}",
                worst[0] <= FALSE_BAR,
                MODELLED,
            )
        )


def _report_trains(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    alone = []
    for beside in (0.0, BESIDE_MG):
        for jitter in JITTER:
            found = {(e.name, kind): [0, 0] for e in entrants for kind in (TWITCH, UNLIKE)}
            for at in range(_TRAINS):
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
            if OURS in entrants and not beside:
                alone.append((shares[OURS.name, TWITCH], name))
    words = {TWITCH: "twitch", UNLIKE: "twitch + unlike"}
    head = (
        "once a second, jitter",
        *(f"{e.name}: {words[kind]}" for e in entrants for kind in BRIEF if kind in e.kinds),
    )
    title = f"One motor unit's twitches of {TWITCH_MG:g} mg, once a second: share reported"
    results.tables.append(Table(title, MODELLED, head, tuple(rows)))
    if alone:
        least, name = min(alone)
        results.bars.append(
            Bar(
                "true twitches at one a second, jitter 3-20 %: reported as twitch, worst",
                f">= {FOUND_BAR:g}",
                f"{least:.2f} ({name})",
                least >= FOUND_BAR,
                MODELLED,
            )
        )


@dataclass(frozen=True)
class Phases:
    """cosines: of each event's phase in the beats around it, 1 on a beat; chance: of random times."""

    cosines: NDArray[np.float64]
    chance: NDArray[np.float64]

    @property
    def share(self) -> float:
        """Estimated share of events that are beats: the excess near a beat over chance."""
        near = np.cos(2 * np.pi * _NEAR)
        expected = float((self.chance > near).mean())
        return max(0.0, (float((self.cosines > near).mean()) - expected) / (1 - expected))

    @property
    def chance_p(self) -> float:
        """How often as many random times have a mean cosine as high."""
        rng = np.random.default_rng(0)
        means = rng.choice(self.chance, (_DRAWS, len(self.cosines))).mean(axis=1)
        return float((1 + (means >= self.cosines.mean()).sum()) / (1 + _DRAWS))


def envelope(acc_mg: Signal) -> NDArray[np.float64]:
    """Strength of 5-15 Hz, clipped at three times its median, so that no single burst sets the rhythm."""
    band = sosfiltfilt(butter(2, _BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos"), acc_mg, axis=0)
    size = gaussian_filter1d(np.linalg.norm(band, axis=1), _SMOOTH_S * SAMPLE_RATE_HZ)
    return np.asarray(np.minimum(size, 3 * np.median(size)))


def cosine(strength: NDArray[np.float64], at: int) -> float | None:
    """Of the phase of sample `at` in the rhythm around it, itself left out; None too near an end."""
    reach, out = round(_REACH_S * SAMPLE_RATE_HZ), round(_OUT_S * SAMPLE_RATE_HZ)
    if at < reach or at + reach >= len(strength):
        return None
    around = strength[at - reach : at + reach + 1] - np.median(strength)
    around[reach - out : reach + out + 1] = 0
    least, most = (round(period_s * SAMPLE_RATE_HZ) for period_s in _PERIODS_S)
    again = np.correlate(around, around, "full")[len(around) - 1 :]
    period = least + int(again[least : most + 1].argmax())
    # The beats nearest to it, three on either side, folded onto one period with `at` as its start.
    places = np.arange(-3 * period, 3 * period + 1) + reach
    folded = np.bincount((places - reach) % period, weights=around[places], minlength=period)
    phase = 2 * np.pi * int(folded.argmax()) / period
    return float(np.cos(phase))


def phases(acc_mg: Signal, crests: NDArray[np.int64], rng: Rng) -> Phases:
    """Of events whose strongest moment is at these samples."""
    strength = envelope(acc_mg)
    random = rng.integers(0, len(strength), 20 * max(10, len(crests)))
    return Phases(*(np.array([c for c in (cosine(strength, int(at)) for at in times) if c is not None])
                    for times in (crests, random)))  # fmt: skip


def crests(acc_mg: Signal, onsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The strongest moment within 0.2 s after each onset."""
    strength = envelope(acc_mg)
    span = round(0.2 * SAMPLE_RATE_HZ)
    return np.array([at + int(strength[at : at + span].argmax()) for at in onsets if at < len(strength)], int)


def _report_hands(results: Results, entrants: list[Entrant]) -> None:
    rows = []
    hands = recordings.hands("CTRL")
    for entrant in entrants:
        each = []
        for number, hand in enumerate(hands):
            onsets = entrant.report(at_sensor(hand.acc_mg)).starts(*BRIEF)
            each.append(phases(hand.acc_mg, crests(hand.acc_mg, onsets), np.random.default_rng(number)))
        whole = Phases(np.concatenate([e.cosines for e in each]), np.concatenate([e.chance for e in each]))
        if len(whole.cosines):
            p = whole.chance_p
            stated = f"{p:.3f}" if p >= _LEAST_P else f"< {_LEAST_P:g}"
            rows.append((entrant.name, str(len(whole.cosines)), f"{100 * whole.share:.0f} %", stated))
            if entrant is OURS:
                results.bars.append(
                    Bar(
                        "healthy hands: heart's share of twitch + unlike",
                        "not more than chance (p >= 0.05)",
                        f"{100 * whole.share:.0f} % of {len(whole.cosines)} (p {stated})",
                        p >= 0.05,
                        REAL,
                    )
                )
    head = ("healthy hands, awake", "events", "the heart's share", "p of chance")
    results.tables.append(
        Table("How much of what is reported goes with the heart beat", REAL, head, tuple(rows))
    )
