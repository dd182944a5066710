"""The theoretical optimum, what is achievable, and what a plain rule achieves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.signal import butter, fftconvolve, sosfilt
from scipy.stats import norm

from twitchwatch.recording import SAMPLE_RATE_HZ
from validation.detection.matching import TOLERANCE_S
from validation.detection.scenes import Scene, Signal, twitch_bank

Indices = NDArray[np.int64]

_ENERGY_BAND_HZ = (5.0, 40.0)
_ENERGY_SAMPLES = 10
_ENERGY_DELAY = 6
_MERGE_SAMPLES = 16
_BANK_HZ = 3.0
_TAPS = 24


def crossings_per_hour(level: float, correlation: float) -> float:
    """How often unit Gaussian noise with that lag-one correlation rises through `level`, at 104 Hz."""
    spread = np.sqrt(1 - correlation**2)
    chance, _ = quad(
        lambda x: norm.pdf(x) * norm.cdf((level - correlation * x) / spread), level, level + 8, epsabs=1e-14
    )
    return float(chance * SAMPLE_RATE_HZ * 3600)


def bound_hits(
    signal_mg: Signal, scene: Scene, bank: list[Signal], noise_mg: float, false_per_hour: float
) -> float:
    """Sensitivity of the filter that knows each twitch's waveform and direction, but not its time.

    That is the likelihood-ratio detector for a known signal in white noise (Kay 1998, II, 4.3); each filter's
    threshold is set by the rate at which noise alone would cross it. signal_mg: the scene before rounding.
    """
    reach = round(TOLERANCE_S * SAMPLE_RATE_HZ)
    down = np.median(signal_mg, axis=0)
    hits = 0
    for onset, shape in zip(scene.onsets, bank, strict=True):
        unit = shape / np.linalg.norm(shape)
        correlation = float((unit[1:] * unit[:-1]).sum())
        level = _level(round(correlation, 2), false_per_hour)
        stretch = (signal_mg[onset - reach : onset + reach + len(unit)] - down) / noise_mg
        filtered = sum(np.correlate(stretch[:, axis], unit[:, axis], "valid") for axis in range(3))
        hits += bool(filtered.max() > level)
    return hits / len(bank)


def form_hits(signal_mg: Signal, scene: Scene, bank: list[Signal], noise_mg: float, evidence: float) -> float:
    """Sensitivity of the filter that knows each motion's waveform, but neither its direction nor its time.

    As in the detector, behind a high-pass, the squared match must exceed `evidence` variances of the noise.
    For motions in more than one direction, the best rotation counts (Kabsch 1976, Acta Cryst A32:922).
    """
    reach = round(TOLERANCE_S * SAMPLE_RATE_HZ)
    high = high_passed(signal_mg - np.median(signal_mg, axis=0)) / noise_mg
    hits = 0
    for onset, motion in zip(scene.onsets, bank, strict=True):
        shape = high_passed(motion)
        shape /= np.linalg.norm(shape)
        first = max(0, onset - reach)
        stretch = sliding_window_view(high[first : onset + reach + len(shape)], len(shape), axis=0)
        matches = np.linalg.svd(stretch @ shape, compute_uv=False).sum(axis=1)
        hits += bool(matches.max() ** 2 > evidence)
    return hits / len(bank)


_levels: dict[tuple[float, float], float] = {}


def _level(correlation: float, false_per_hour: float) -> float:
    key = (correlation, false_per_hour)
    if key not in _levels:
        # A filter's sign is known too: one-sided.
        _levels[key] = brentq(lambda u: crossings_per_hour(u, correlation) - false_per_hour, 1, 7, xtol=1e-3)
    return _levels[key]


@dataclass(frozen=True)
class Energy:
    """The plain rule: the energy of 5-40 Hz in 0.1 s, three axes together, over `level` times its median."""

    level: float = 1.0

    def __call__(self, signal_mg: Signal) -> Indices:
        """Samples of onsets; bursts closer than 0.15 s are one."""
        return np.array(
            [max(0, burst[0] - _ENERGY_DELAY) for burst in bursts(self.program(signal_mg), self.level)], int
        )

    def program(self, signal_mg: Signal) -> Signal:
        """Energy over its median."""
        sos = butter(2, _ENERGY_BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
        band = sosfilt(sos, signal_mg - np.median(signal_mg, axis=0), axis=0)
        summed = np.convolve((band**2).sum(axis=1), np.ones(_ENERGY_SAMPLES), "full")[: len(band)]
        return np.asarray(summed / np.median(summed))


@dataclass(frozen=True, eq=False)
class Bank:
    """Every sample compared with eight shapes in any direction: within reach without knowing the twitch.

    The generalised likelihood ratio (Kay 1998, II, 7.4) behind a high-pass of 3 Hz: the greatest over the
    shapes of the squared correlations, three axes together. `shapes` (8, 24) have norm 1.
    """

    shapes: Signal
    level: float = 1.0

    def __call__(self, signal_mg: Signal) -> Indices:
        """Samples of onsets, where the match is best."""
        program = self.program(signal_mg)
        return np.array([burst[np.argmax(program[burst])] for burst in bursts(program, self.level)], int)

    def program(self, signal_mg: Signal) -> Signal:
        """The match over its median, by the sample at which a shape would set in."""
        high = high_passed(signal_mg - np.median(signal_mg, axis=0))
        length = len(high)
        best = np.zeros(length)
        for shape in self.shapes:
            match = [fftconvolve(high[:, axis], shape[::-1])[_TAPS - 1 :][:length] ** 2 for axis in range(3)]
            np.maximum(best, np.sum(match, axis=0), out=best)
        return np.asarray(best / np.median(best))


def bank_of_shapes(rng: np.random.Generator, drawn: int, shapes: int = 8) -> Signal:
    """(shapes, 24): lines through the middles of clusters of modelled, high-passed twitches."""
    waves = []
    for twitch in twitch_bank(rng, drawn):
        along = twitch @ (twitch[np.argmax(np.linalg.norm(twitch, axis=1))])
        wave = high_passed(np.pad(along, (0, 2 * _TAPS)))[:_TAPS]
        waves.append(wave / np.linalg.norm(wave))
    every = np.array(waves)
    middles = every[rng.choice(drawn, shapes, replace=False)]
    for _ in range(40):
        alike = every @ middles.T
        nearest = np.abs(alike).argmax(axis=1)
        for k in range(shapes):
            if (nearest == k).any():
                mean = (every[nearest == k] * np.sign(alike[nearest == k, k])[:, None]).sum(axis=0)
                middles[k] = mean / np.linalg.norm(mean)
    return np.asarray(middles)


Rule = TypeVar("Rule", Energy, Bank)


def calibrated(rule: Rule, rng: np.random.Generator, hours: float, false_per_hour: float) -> Rule:
    """The rule at the level that white noise passes `false_per_hour` times an hour."""
    noise = rng.standard_normal((round(hours * 3600 * SAMPLE_RATE_HZ), 3))
    return calibrated_on(rule, [noise], hours, false_per_hour)


def calibrated_on(rule: Rule, signals: list[Signal], hours: float, false_per_hour: float) -> Rule:
    """The rule at the level that these signals, `hours` in all, pass `false_per_hour` times an hour."""
    programs = [rule.program(signal) for signal in signals]
    wanted = max(1, round(hours * false_per_hour))
    low, high = 1.5, 60.0
    for _ in range(30):
        middle = (low + high) / 2
        if sum(len(bursts(program, middle)) for program in programs) > wanted:
            low = middle
        else:
            high = middle
    return replace(rule, level=high)


def high_passed(signal: Signal) -> Signal:
    sos = butter(2, _BANK_HZ, "highpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sosfilt(sos, signal, axis=0))


def bursts(program: Signal, level: float) -> list[Indices]:
    """Samples above the level, after two seconds; those closer than 0.15 s are one burst."""
    above = np.flatnonzero(program > level)
    above = above[above >= 2 * SAMPLE_RATE_HZ]
    if not len(above):
        return []
    return np.split(above, np.flatnonzero(np.diff(above) > _MERGE_SAMPLES) + 1)
