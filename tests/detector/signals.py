"""Signals for the detector's tests, modelled and recorded: the sensor's unsigned samples come out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import recording_from_array

RATE_HZ = 104
LSB_MG = 0.122
# LSM6DS3TR-C datasheet DocID030071 Rev 3, table 3: 90 ug/rtHz; over 52 Hz that is 0.65 mg rms an axis.
NOISE_MG = 0.65

Signal = NDArray[np.float64]


def still(rng: np.random.Generator, seconds: float, noise_mg: float = NOISE_MG) -> Signal:
    """Sensor noise (n, 3) in mg, without gravity."""
    return rng.normal(0, noise_mg, (round(seconds * RATE_HZ), 3))


def sampled(signal_mg: Signal, down: Any = (0.0, 0.0, 1000.0)) -> NDArray[np.uint16]:
    """What the sensor reads with gravity along `down`: int16, interleaved, as unsigned."""
    lsb = np.rint((signal_mg + np.asarray(down)) / LSB_MG)
    return np.clip(lsb, -32768, 32767).astype(np.int16).view(np.uint16).ravel()


def as_sampled(acc_g: NDArray[Any], rate_hz: float) -> NDArray[np.uint16]:
    """A gapless recording as the sensor would have read it: 104 Hz, x y z interleaved, as unsigned."""
    clipped = np.clip(acc_g, -4, 4)
    (segment,) = recording_from_array(clipped, rate_hz=rate_hz).segments
    return np.ascontiguousarray(segment.samples).view(np.uint16).ravel()


def rest_recording(archive: Any, name: str) -> NDArray[np.uint16]:
    """One of pd_rest_tremor_100hz.npz (Cavanagh et al. 2018), as the sensor would have read it."""
    return as_sampled(archive[name] / float(archive["lsb_per_g"]), float(archive["fs"]))


def direction(rng: np.random.Generator) -> Signal:
    """A unit vector, any direction alike."""
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def swing(frequency_hz: float, rms_mg: float, seconds: float, along: Signal, phase: float = 0.0) -> Signal:
    """A tremor: a sine along one direction; `rms_mg` is the root mean square of the vector."""
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = rms_mg * np.sqrt(2) * np.sin(2 * np.pi * (frequency_hz * t_s + phase))
    return np.outer(wave, along)


def twitch(rng: np.random.Generator, peak_mg: float) -> Signal:
    """A damped ringing of 15 to 20 Hz in a random direction, half a second long."""
    t_s = np.arange(RATE_HZ // 2) / RATE_HZ
    frequency_hz, decay_s = rng.uniform(15, 20), rng.uniform(0.03, 0.06)
    ringing = np.exp(-t_s / decay_s) * np.sin(2 * np.pi * frequency_hz * t_s)
    return np.outer(peak_mg * ringing / np.abs(ringing).max(), direction(rng))


def add(signal: Signal, other: Signal, at_s: float) -> None:
    """Add the other to the signal in place, from at_s on, as far as it fits."""
    first = round(at_s * RATE_HZ)
    length = min(len(other), len(signal) - first)
    signal[first : first + length] += other[:length]
