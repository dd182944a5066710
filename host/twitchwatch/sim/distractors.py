"""What else moves a sensor in the night: breath, pulse, turning over; and its own noise. All in mg."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.twitch import random_direction

GRAVITY_MG = 1000.0

NOISE_MG_RMS = 0.090 * (SAMPLE_RATE_HZ / 2) ** 0.5
"""90 ug/sqrt(Hz) over half the output data rate (LSM6DS3TR-C datasheet, high-performance mode): 0.65 mg."""

BREATH_HZ = (0.2, 0.3)
"""12 to 18 breaths a minute: an adult at rest."""

PULSE_HZ = (0.8, 1.1)
"""48 to 66 beats a minute: an adult asleep. Breath and pulse do reach a still wrist's accelerometer
(Hernandez, McDuff, Picard 2015, BioWatch); their size at a finger, a few mg and 1 to 2 mg, is an
assumption."""

_BUMP_HZ = 6.0
_BUMP_DECAY_S = 0.1
_RATE_KNOTS_S = 10.0
_MOVEMENT_HZ = (0.5, 5.0)


def sensor_noise(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """White noise (3, count) of the accelerometer."""
    noise = rng.standard_normal((3, count), dtype=np.float32)
    noise *= np.float32(NOISE_MG_RMS)
    return noise


def breathing(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Unit sine (count,) whose rate wanders between 0.2 and 0.3 Hz."""
    knots_s = np.arange(0, count / SAMPLE_RATE_HZ + 2 * _RATE_KNOTS_S, _RATE_KNOTS_S)
    turns = rng.uniform() + np.cumsum(rng.uniform(*BREATH_HZ, len(knots_s)) * _RATE_KNOTS_S)
    phase = np.interp(np.arange(count) / SAMPLE_RATE_HZ, knots_s, 2 * np.pi * turns)
    return np.sin((phase % (2 * np.pi)).astype(np.float32))


def pulse(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Damped 6 Hz bumps (count,) of peak 1, one a heart beat, the intervals varying by 5 % (rms)."""
    rate_hz = rng.uniform(*PULSE_HZ)
    beats = round(count / SAMPLE_RATE_HZ * rate_hz * 1.1) + 10
    times_s = np.cumsum(rng.normal(1, 0.05, beats) / rate_hz)
    at = (times_s * SAMPLE_RATE_HZ).astype(int)
    impulses = np.zeros(count)
    impulses[at[at < count]] = 1
    radius = np.exp(-1 / (_BUMP_DECAY_S * SAMPLE_RATE_HZ))
    angle = 2 * np.pi * _BUMP_HZ / SAMPLE_RATE_HZ
    after = np.arange(SAMPLE_RATE_HZ)
    peak = (radius**after * np.sin(angle * after)).max()
    bumps = lfilter([0, radius * np.sin(angle) / peak], [1, -2 * radius * np.cos(angle), radius**2], impulses)
    return np.asarray(bumps, dtype=np.float32)


def sideways(rng: np.random.Generator, posture: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vector (3,) at right angles to gravity, along which a small tilt shows."""
    vector = np.cross(posture, random_direction(rng))
    return np.asarray(vector / np.linalg.norm(vector))


def turn_over(
    rng: np.random.Generator,
    count: int,
    *,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    peak_mg: float,
) -> NDArray[np.float64]:
    """Acceleration (3, count) while the hand turns from one posture to another (unit vectors, not opposite).

    Gravity turns along the great circle with a soft start and end; added to it is movement of 0.5 to 5 Hz,
    whose magnitude peaks at `peak_mg`. Assumption: voluntary movement is in that band.
    """
    portion = (1 - np.cos(np.linspace(0, np.pi, count))) / 2
    angle = np.arccos(np.clip(before @ after, -1, 1))
    swing = np.outer(before, np.sin((1 - portion) * angle)) + np.outer(after, np.sin(portion * angle))
    band = butter(2, _MOVEMENT_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    movement = sosfilt(band, rng.standard_normal((3, count))) * np.sin(np.linspace(0, np.pi, count))
    movement *= peak_mg / np.linalg.norm(movement, axis=0).max()
    return np.asarray(GRAVITY_MG * swing / np.sin(angle) + movement)
