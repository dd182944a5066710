"""Modelled recordings of sensors of any rate, step, noise and loss, with twitches of a known size."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from twitchwatch.recording import recording_from_array
from twitchwatch.recording.detection import Detection, detect
from twitchwatch.shared.protocol.records import TWITCH
from twitchwatch.sim.distractors import GRAVITY_MG, sideways
from twitchwatch.sim.night import BREATH_MG
from twitchwatch.sim.twitch import random_direction, twitch_waveform
from validation.detection.sizes import HELD_OUT, TUNING

FINE_HZ = 1000
RING_HZ = 104
FOUND_S = 0.1

_APART_S = (1.5, 1.5)
"""Onsets: 1.5 s, and an exponential wait of 1.5 s on average."""

_FIRST_S = 15.0
_BREATH_HZ = 0.25
_PULSE_HZ = 1.1
_PULSE_MG = 2.0
"""Of a sine: the slow motion of a hand that is worn, without the swing of a beat."""

_BANK = 1000

Signal = NDArray[np.float64]


@dataclass(frozen=True)
class Sensor:
    """noise_mg: rms of an axis over 52 Hz, as the ring has it; a faster sensor has more in a sample. slope:
    exponent of the noise's density over frequency, equal to white noise at 16 Hz.
    """

    rate_hz: float
    step_mg: float = 0.0
    noise_mg: float = 1.0
    lost: float = 0.0
    slope: float = 0.0


@dataclass(frozen=True, eq=False)
class Made:
    """A recording, and when its twitches set in."""

    t_s: Signal
    acc_g: Signal
    onsets_s: Signal

    def detect(self) -> Detection:
        """What is found in it."""
        return detect(recording_from_array(self.acc_g, t_s=self.t_s))


def made(seed: int, sensor: Sensor, twitches: int, peak_mg: float, seconds: float = 0.0) -> Made:
    """A worn, still hand, with this many twitches of one size, or of `seconds` if there are none."""
    rng = np.random.default_rng(seed)
    onsets_s = _FIRST_S + np.cumsum(_APART_S[0] + rng.exponential(_APART_S[1], twitches))
    length_s = onsets_s[-1] + 5 if twitches else seconds
    count = round(length_s * sensor.rate_hz)
    t_s = np.arange(count) / sensor.rate_hz
    down = random_direction(rng)
    slow_mg = rng.uniform(*BREATH_MG) * np.sin(2 * np.pi * _BREATH_HZ * t_s)
    slow_mg += _PULSE_MG * np.sin(2 * np.pi * _PULSE_HZ * t_s)
    signal = GRAVITY_MG * down + np.outer(slow_mg, sideways(rng, down))
    signal += noise(rng, count, sensor)
    bank = _bank(seed >= HELD_OUT, sensor.rate_hz)
    for number, onset_s in enumerate(onsets_s):
        first, shape = int(np.ceil(onset_s * sensor.rate_hz)), bank[number % len(bank)]
        signal[first : first + len(shape)] += peak_mg * shape[: count - first]
    if sensor.step_mg:
        signal = np.round(signal / sensor.step_mg) * sensor.step_mg
    kept = rng.random(count) >= sensor.lost
    return Made(t_s[kept], signal[kept] / 1000, onsets_s)


def noise(rng: np.random.Generator, count: int, sensor: Sensor) -> Signal:
    """Noise (count, 3) in mg; if it is coloured, its density is level below 2 Hz."""
    white: Signal = rng.standard_normal((count, 3)) * sensor.noise_mg * (sensor.rate_hz / RING_HZ) ** 0.5
    if not sensor.slope:
        return white
    padded = np.zeros((1 << int(np.ceil(np.log2(count))), 3))
    padded[:count] = white
    hz = np.fft.rfftfreq(len(padded), 1 / sensor.rate_hz)
    gain = (np.maximum(hz, 2.0) / 16.0) ** (sensor.slope / 2)
    return np.asarray(np.fft.irfft(np.fft.rfft(padded, axis=0) * gain[:, None], axis=0)[:count])


def share_found(found: Detection, onsets_s: Signal) -> float:
    """Of the twitches, those that are reported as one within 0.1 s."""
    starts_s = np.array([event.sample / RING_HZ for event in found.events if event.kind == TWITCH])
    if not len(starts_s):
        return 0.0
    return float((np.abs(starts_s[:, None] - onsets_s).min(axis=0) < FOUND_S).mean())


@lru_cache(maxsize=2)
def _fine(held_out: bool) -> tuple[Signal, ...]:
    """Twitches of peak 1 at 1000 Hz."""
    rng = np.random.default_rng(HELD_OUT + 10_000 if held_out else TUNING)
    return tuple(twitch_waveform(rng, peak_mg=1.0, rate_hz=FINE_HZ) for _ in range(_BANK))


@lru_cache(maxsize=32)
def _bank(held_out: bool, rate_hz: float) -> tuple[Signal, ...]:
    """The same from their first sample on, which comes up to a step after the onset."""
    rng = np.random.default_rng(1)
    ratio = Fraction(rate_hz / FINE_HZ).limit_denominator(1000)
    shapes = []
    for fine in _fine(held_out):
        late = rng.integers(0, max(1, round(FINE_HZ / rate_hz)))
        ended = np.concatenate([fine[late:], np.zeros((50, 3))])
        shapes.append(np.asarray(resample_poly(ended, ratio.numerator, ratio.denominator, axis=0)))
    return tuple(shapes)
