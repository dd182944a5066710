"""Everything else that a sensor measures and that is not a twitch: the hand, bed, house, faults; in mg.

Shapes are (n, 3) at `rate_hz`, without gravity unless stated. Sizes are assumptions unless a source is given
beside them; each is drawn between two limits, so that a detector cannot be fitted to one of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.distractors import GRAVITY_MG
from twitchwatch.sim.twitch import random_direction

Signal = NDArray[np.float64]

NOISE_UG_PER_RTHZ = {
    "LSM6DS3TR-C": 90.0,
    "LSM6DSOX": 70.0,
    "MPU6886": 100.0,
    "MPU6050": 400.0,
}
"""Noise density of the accelerometer as each chip's datasheet has it. An MPU6050 was measured at 430, 440 and
700 (recording mpu6050_static)."""

TAPS_PER_S = (1.5, 4.0)
"""Finger tapping, as asked for in MDS-UPDRS 3.4; a healthy hand at its ease does 2 to 4 a second."""

KEYS_PER_S = (2.0, 5.0)
"""25 to 60 words a minute."""

MATTRESS_HZ = (3.0, 8.0)
"""Natural frequency of a body on springs (a seated one has 4 to 6 Hz, ISO 2631-1)."""

LORRY_HZ = (8.0, 25.0)
LORRY_PEAK_MG = (0.5, 5.0)
"""Traffic in a house: 0.1 to 0.5 mm/s at 10 to 20 Hz (DIN 4150-3 deems that harmless), 2 pi f v."""

DRIFT_MG_PER_K = (0.1, 0.9)
"""Zero-g change: LSM6DS3TR-C 0.1 mg/K, MPU6050 35 to 60 mg over 70 K (datasheets)."""

WARMING_K = (3.0, 10.0)
WARMING_S = 300.0


def chip_noise_mg(chip: str, rate_hz: float = SAMPLE_RATE_HZ) -> float:
    """Noise rms of an axis over half of `rate_hz`; KeyError for a chip without a density."""
    return float(NOISE_UG_PER_RTHZ[chip] / 1000 * (rate_hz / 2) ** 0.5)


def tapping(rng: np.random.Generator, duration_s: float, rate_hz: int = SAMPLE_RATE_HZ) -> Signal:
    """A finger taps on something, regular to 8 %: it swings, and each landing is a blow of 200-900 mg."""
    count = round(duration_s * rate_hz)
    per_s = rng.uniform(*TAPS_PER_S)
    swing_mg, blow_mg = rng.uniform(40, 150), rng.uniform(200, 900)
    lands = _strokes(rng, duration_s, per_s, 0.08, rate_hz)
    phase = np.interp(np.arange(count), lands, np.arange(len(lands)))
    way = random_direction(rng)
    signal = np.outer(swing_mg * np.sin(2 * np.pi * phase), way)
    for land in lands:
        ring = _blow(rng, blow_mg * rng.uniform(0.6, 1), (20.0, 45.0), rate_hz)
        _add(signal, np.outer(ring, way), land)
    return signal


def typing(rng: np.random.Generator, duration_s: float, rate_hz: int = SAMPLE_RATE_HZ) -> Signal:
    """Keystrokes of 30-200 mg at uneven intervals, on a hand that wanders (20-60 mg, 0.5-4 Hz)."""
    count = round(duration_s * rate_hz)
    signal = _band(rng, count, (0.5, 4.0), rng.uniform(20, 60), rate_hz)
    for key in _strokes(rng, duration_s, rng.uniform(*KEYS_PER_S), 0.5, rate_hz):
        ring = _blow(rng, rng.uniform(30, 200), (15.0, 35.0), rate_hz)
        _add(signal, np.outer(ring, random_direction(rng)), key)
    return signal


def mattress_hit(rng: np.random.Generator, down: Signal, rate_hz: int = SAMPLE_RATE_HZ) -> Signal:
    """Someone drops onto the bed: a blow along `down` (unit vector) of 20-150 mg that rings at 3-8 Hz."""
    t_s = np.arange(2 * rate_hz) / rate_hz
    angular = 2 * np.pi * rng.uniform(*MATTRESS_HZ)
    ringing = np.exp(-rng.uniform(0.1, 0.3) * angular * t_s) * np.sin(angular * t_s)
    return np.outer(rng.uniform(20, 150) * ringing / np.abs(ringing).max(), down)


def blanket_drag(rng: np.random.Generator, rate_hz: int = SAMPLE_RATE_HZ) -> Signal:
    """Cloth rubs over the sensor for 0.4-2.5 s: noise of 3-40 Hz that swells and ebbs, 4-30 mg rms."""
    count = round(rng.uniform(0.4, 2.5) * rate_hz)
    swell = np.sin(np.linspace(0, np.pi, count))
    return _band(rng, count, (3.0, 40.0), rng.uniform(4, 30), rate_hz) * swell[:, None]


def lorry(rng: np.random.Generator, rate_hz: int = SAMPLE_RATE_HZ) -> Signal:
    """A heavy vehicle passes the house within 10-30 s."""
    count = round(rng.uniform(10, 30) * rate_hz)
    rumble = _band(rng, count, LORRY_HZ, 1.0, rate_hz)
    swell = np.exp(-(np.linspace(-2.5, 2.5, count) ** 2))
    rumble *= swell[:, None]
    return np.asarray(rumble * (rng.uniform(*LORRY_PEAK_MG) / np.abs(rumble).max()))


def hum(
    rng: np.random.Generator, count: int, frequency_hz: float, peak_mg: float, rate_hz: int = SAMPLE_RATE_HZ
) -> Signal:
    """A motor or transformer hums: a sine whose alias the sensor samples (100 Hz becomes 4 Hz at 104)."""
    phase = 2 * np.pi * (frequency_hz * np.arange(count) / rate_hz + rng.uniform())
    return np.outer(peak_mg * np.sin(phase), random_direction(rng))


def spike(rng: np.random.Generator) -> Signal:
    """One sample of one axis reads wrong by 20 to 4000 mg: a bit that flipped on the bus."""
    wrong = np.zeros((1, 3))
    wrong[0, rng.integers(3)] = rng.choice((-1, 1)) * np.exp(rng.uniform(np.log(20), np.log(4000)))
    return wrong


def fling(rng: np.random.Generator, rate_hz: int = SAMPLE_RATE_HZ) -> Signal:
    """The arm is flung: 1-2 s of 0.5-8 Hz whose peak of 5-8 g is beyond the sensor's range."""
    count = round(rng.uniform(1, 2) * rate_hz)
    swing = _band(rng, count, (0.5, 8.0), 1.0, rate_hz) * np.sin(np.linspace(0, np.pi, count))[:, None]
    return np.asarray(swing * (rng.uniform(5000, 8000) / np.abs(swing).max()))


def drift(rng: np.random.Generator, count: int, rate_hz: int = SAMPLE_RATE_HZ) -> Signal:
    """The zero drifts while the sensor warms up on the hand, differently on each axis."""
    warmed = 1 - np.exp(-np.arange(count) / (WARMING_S * rate_hz))
    per_axis = rng.uniform(*WARMING_K) * rng.uniform(*DRIFT_MG_PER_K, 3) * rng.choice((-1, 1), 3)
    return np.outer(warmed, per_axis)


def gravity(rng: np.random.Generator, count: int) -> Signal:
    """A sensor in a random orientation."""
    return np.tile(GRAVITY_MG * random_direction(rng), (count, 1))


def _strokes(
    rng: np.random.Generator, duration_s: float, per_s: float, unevenness: float, rate_hz: int
) -> NDArray[np.int64]:
    shape = unevenness**-2
    intervals_s = rng.gamma(shape, 1 / (shape * per_s), round(2 * duration_s * per_s) + 20)
    times_s = np.cumsum(intervals_s)
    return np.rint(times_s[times_s < duration_s] * rate_hz).astype(np.int64)


def _blow(rng: np.random.Generator, peak_mg: float, band_hz: tuple[float, float], rate_hz: int) -> Signal:
    """A stiff hit: half a wave and little after it."""
    t_s = np.arange(round(0.15 * rate_hz)) / rate_hz
    angular = 2 * np.pi * rng.uniform(*band_hz)
    ringing = np.exp(-rng.uniform(0.3, 0.6) * angular * t_s) * np.cos(angular * t_s)
    return np.asarray(peak_mg * ringing)


def _band(
    rng: np.random.Generator, count: int, band_hz: tuple[float, float], rms_mg: float, rate_hz: int
) -> Signal:
    """Noise of a band, `rms_mg` an axis."""
    sos = butter(2, band_hz, "bandpass", fs=rate_hz, output="sos")
    spare = 2 * rate_hz
    noise = sosfiltfilt(sos, rng.standard_normal((count + 2 * spare, 3)), axis=0)[spare : spare + count]
    return np.asarray(noise * (rms_mg / np.sqrt((noise**2).mean())))


def _add(signal: Signal, other: Signal, at: int) -> None:
    length = min(len(other), len(signal) - at)
    signal[at : at + length] += other[:length]
