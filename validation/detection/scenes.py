"""Scenes to run the detector on: a background, twitches in it, what the sensor would count, and the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from twitchwatch.analysis.contract import RING
from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.recording.detection import Detection, detect
from twitchwatch.sim.backgrounds import chip_noise_mg, gravity
from twitchwatch.sim.distractors import breathing, pulse, sideways
from twitchwatch.sim.night import BREATH_MG, PULSE_MG
from twitchwatch.sim.twitch import random_direction, twitch_waveform

APART_S = 1.5
MEAN_APART_S = 3.5
"""Onsets: 1.5 s and an exponential wait after it, so that one twitch ends before the next."""

Signal = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Background:
    """What twitches are added to. `draw(rng, seconds)` gives mg (n, 3) with gravity, at 104 Hz.

    noise_mg: rms of one axis, by which peaks are measured; real: recorded, not modelled.
    """

    name: str
    noise_mg: float
    real: bool
    draw: Callable[[np.random.Generator, float], Signal]


@dataclass(frozen=True, eq=False)
class Scene:
    """What the sensor counts, int16 (n, 3), and the samples at which twitches set in."""

    samples: NDArray[np.int16]
    onsets: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ

    def detect(self, changed: Mapping[str, int] | None = None) -> Detection:
        """What the detector reports about it, with some parameters changed."""
        return detect(Recording("scene", RING, (Segment(0, self.samples),)), changed)


def counts(signal_mg: Signal) -> NDArray[np.int16]:
    """As the sensor at +-4 g would give it: rounded, and clipped to int16."""
    return np.clip(np.rint(signal_mg / LSB_MG), -32768, 32767).astype("<i2")


def white(chip: str, scale: float = 1.0) -> Background:
    """Nothing but a chip's noise."""
    noise_mg = scale * chip_noise_mg(chip)

    def draw(rng: np.random.Generator, seconds: float) -> Signal:
        count = round(seconds * SAMPLE_RATE_HZ)
        return gravity(rng, count) + noise_mg * rng.standard_normal((count, 3))

    return Background(chip, noise_mg, False, draw)


def worn(chip: str = "LSM6DS3TR-C") -> Background:
    """A ring on a sleeping hand: sensor noise, pulse and breath, as in the modelled night."""
    noise_mg = chip_noise_mg(chip)

    def draw(rng: np.random.Generator, seconds: float) -> Signal:
        count = round(seconds * SAMPLE_RATE_HZ)
        scene = gravity(rng, count)
        down = scene[0] / np.linalg.norm(scene[0])
        scene += np.outer(breathing(rng, count), sideways(rng, down) * rng.uniform(*BREATH_MG))
        scene += np.outer(pulse(rng, count), random_direction(rng) * rng.uniform(*PULSE_MG))
        scene += noise_mg * rng.standard_normal((count, 3))
        return scene

    return Background(f"worn still, {chip}", noise_mg, False, draw)


def recorded(name: str, *signals_mg: Signal) -> Background:
    """Recordings laid end to end, begun anywhere and repeated as needed; a join is a jump."""
    whole = np.concatenate(signals_mg)

    def draw(rng: np.random.Generator, seconds: float) -> Signal:
        count = round(seconds * SAMPLE_RATE_HZ)
        start = rng.integers(len(whole))
        return np.asarray(np.take(whole, np.arange(start, start + count), axis=0, mode="wrap"))

    return Background(name, float(np.median([noise_rms(each) for each in signals_mg])), True, draw)


def noise_rms(signal_mg: Signal) -> float:
    """Noise rms of an axis of a recording: above 1 Hz, of its median second, the three axes' mean square."""
    swift = sosfiltfilt(butter(2, 1.0, "highpass", fs=SAMPLE_RATE_HZ, output="sos"), signal_mg, axis=0)
    seconds = swift[: len(swift) // SAMPLE_RATE_HZ * SAMPLE_RATE_HZ].reshape(-1, SAMPLE_RATE_HZ, 3)
    return float(np.sqrt(np.median((seconds**2).mean(axis=(1, 2)))))


def twitch_bank(rng: np.random.Generator, count: int, rate_hz: int = SAMPLE_RATE_HZ) -> list[Signal]:
    """Twitches of peak 1 mg, each with its own motor unit, finger and direction."""
    return [twitch_waveform(rng, peak_mg=1.0, rate_hz=rate_hz) for _ in range(count)]


def onsets(rng: np.random.Generator, count: int, first_s: float = 6.0) -> NDArray[np.int64]:
    """Samples at which `count` twitches set in."""
    waits_s = APART_S + rng.exponential(MEAN_APART_S - APART_S, count)
    return np.rint((first_s + np.cumsum(waits_s)) * SAMPLE_RATE_HZ).astype(np.int64)


def with_twitches(
    rng: np.random.Generator, background: Background, bank: list[Signal], peak_mg: float
) -> tuple[Scene, Signal]:
    """The bank's twitches, each once, on a background just long enough; also the signal in mg."""
    starts = onsets(rng, len(bank))
    signal = background.draw(rng, starts[-1] / SAMPLE_RATE_HZ + 5)
    for start, shape in zip(starts, bank, strict=True):
        signal[start : start + len(shape)] += peak_mg * shape
    return Scene(counts(signal), starts), signal
