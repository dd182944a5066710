"""The bound for a detector that knows no motion: any damped swing, of any phase, direction and moment.

The generalised likelihood ratio (Kay 1998, II, 6.4.2 and 7.4): of each start, the greatest energy that a
swing of some frequency, damping, phase and direction explains. A sine and a cosine of one frequency and
damping span all phases. A swing has one direction: of the three axes' matches with both, as a matrix, the
square of the greatest singular value counts. A sensor has no time to do this at every sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from twitchwatch.recording import SAMPLE_RATE_HZ
from validation.detection.baselines import bursts, high_passed
from validation.detection.matching import TOLERANCE_S
from validation.detection.scenes import Scene, Signal

FREQUENCIES_HZ = tuple(np.geomspace(8, 41, 16))
DAMPING = (0.08, 0.13, 0.21, 0.35)
TAPS = 48
"""Of the swing of 8 Hz and least damping, this has 95 % of the energy."""

_PIECE = 20_000
_LEAST = 20.0
_SEED = 99


@dataclass(frozen=True)
class AnySwing:
    """level: the match, in variances of the noise, that white noise exceeds at a wanted rate."""

    level: float

    def hits(self, signal_mg: Signal, scene: Scene, noise_mg: float) -> float:
        """Share of a scene's motions within whose tolerance a start exceeds the level."""
        reach = round(TOLERANCE_S * SAMPLE_RATE_HZ)
        high = high_passed(signal_mg - np.median(signal_mg, axis=0)) / noise_mg
        first = np.maximum(0, scene.onsets - reach)
        around = first[:, None] + np.arange(2 * reach + TAPS)
        windows = sliding_window_view(high[np.minimum(around, len(high) - 1)], TAPS, axis=1)
        return float((_greatest(windows).max(axis=1) > self.level).mean())


@cache
def calibrated(hours: float, false_per_hour: float) -> AnySwing:
    """At the level that `hours` of white noise exceed `false_per_hour` times an hour."""
    noise = np.random.default_rng(_SEED).standard_normal((round(hours * 3600 * SAMPLE_RATE_HZ), 3))
    windows = sliding_window_view(high_passed(noise), TAPS, axis=0)
    program = np.concatenate([_greatest(windows[at : at + _PIECE]) for at in range(0, len(windows), _PIECE)])
    peaks = np.sort([program[burst].max() for burst in bursts(program, _LEAST)])[::-1]
    return AnySwing(float(peaks[max(1, round(hours * false_per_hour)) - 1]))


def _greatest(windows: Signal) -> Signal:
    """The best match of each of the windows (..., 3, TAPS)."""
    found = windows.astype(np.float32) @ _swings()
    pairs = found.reshape(*found.shape[:-1], -1, 2)
    sine, cosine = pairs[..., 0], pairs[..., 1]
    a, b = (sine**2).sum(axis=-2), (cosine**2).sum(axis=-2)
    both = (sine * cosine).sum(axis=-2)
    return np.asarray(((a + b) / 2 + np.hypot((a - b) / 2, both)).max(axis=-1), np.float64)


@cache
def _swings() -> NDArray[np.float32]:
    """(TAPS, 2 x swings): pairs at right angles, behind the same high-pass, that span all phases."""
    t_s = np.arange(TAPS) / SAMPLE_RATE_HZ
    pairs = []
    for frequency_hz in FREQUENCIES_HZ:
        for damping in DAMPING:
            angle = 2 * np.pi * frequency_hz * t_s
            wave = np.exp(-damping * angle)[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
            pairs.append(np.linalg.qr(high_passed(wave))[0])
    return np.concatenate(pairs, axis=1).astype(np.float32)
