"""Where the shapes in shared/detector/tables.py come from.

    python -m validation.detection.shapes

Prints them: centres of clusters of modelled twitches, behind the filter of `shared/detector/likeness.py`. The
twitches are drawn from wider limits than those of `sim/twitch.py`, so that a finger that is lighter or damped
otherwise still resembles one of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "host"))

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.twitch import (
    CONTRACTION_MS,
    HALF_RELAXATION_MS,
    LARGEST_RATIO,
    finger_acceleration,
    twitch_force,
)

HIGH_PASS_HZ = 3.0
TAPS = 24
SHAPES = 16
NORM = 128

FINGER_HZ = (12.0, 27.0)
DAMPING = (0.08, 0.5)

_DRAWN = 6000
_ROUNDS = 60
_SEED = 6
_OVERSAMPLING = 10

Signal = NDArray[np.float64]


def high_passed(signal: Signal) -> Signal:
    """Along the first axis."""
    sos = butter(2, HIGH_PASS_HZ, "highpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sosfilt(sos, signal, axis=0))


def twitch(rng: np.random.Generator) -> Signal:
    """One twitch (TAPS,) of norm 1, from its onset on."""
    contraction_s = rng.uniform(*CONTRACTION_MS) / 1000
    fastest_s, slowest_s = (limit_ms / 1000 for limit_ms in HALF_RELAXATION_MS)
    relaxation_s = rng.uniform(fastest_s, min(slowest_s, LARGEST_RATIO * contraction_s))
    fine_hz = SAMPLE_RATE_HZ * _OVERSAMPLING
    force = twitch_force(np.arange(fine_hz) / fine_hz, contraction_s, relaxation_s)
    swing = finger_acceleration(
        force, fine_hz, frequency_hz=rng.uniform(*FINGER_HZ), damping=rng.uniform(*DAMPING)
    )
    wave = high_passed(resample_poly(swing, 1, _OVERSAMPLING))[:TAPS]
    return np.asarray(wave / np.linalg.norm(wave))


def centres(waves: Signal, count: int, rng: np.random.Generator) -> Signal:
    """(count, TAPS): lines through the middles of clusters of waves (n, TAPS); sign does not matter."""
    middles = waves[rng.choice(len(waves), count, replace=False)]
    for _ in range(_ROUNDS):
        nearest = np.abs(waves @ middles.T).argmax(axis=1)
        for k in range(count):
            if (nearest == k).any():
                middles[k] = np.linalg.svd(waves[nearest == k], full_matrices=False)[2][0]
    return np.asarray(middles)


def twitches() -> Signal:
    """The shapes of twitches, fastest first swing last."""
    rng = np.random.default_rng(_SEED)
    found = centres(np.array([twitch(rng) for _ in range(_DRAWN)]), SHAPES, rng)
    found *= np.sign(found[np.arange(SHAPES), np.abs(found).argmax(axis=1)])[:, None]
    return np.asarray(found[np.argsort(np.abs(found).argmax(axis=1), kind="stable")[::-1]])


def main() -> None:
    """Print the table as in the source."""
    print("SHAPES = (")
    for wave in np.rint(NORM * twitches()).astype(int) + NORM:
        for part in np.array_split(wave, 2):
            digits = bytes(part.tolist()).hex(" ").replace(" ", "\\x")
            print(f'    b"\\x{digits}"')
    print(")")


if __name__ == "__main__":
    main()
