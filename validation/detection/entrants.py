"""The entrants of the open benchmark: samples in, events out.

An entrant is a name and a callable `detect(samples, rate_hz)`. `samples` is float64 (n, 3), acceleration in
g with gravity, evenly sampled; with `gyroscope` it is (n, 6), the last three in deg/s. It returns `Event`s,
or a `Report`, which adds what only some detectors state. `load` takes `package.module:name` (an `Entrant`,
or a callable) or a command that reads a CSV file and writes the JSON lines of `twitchwatch detect --json`.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twitchwatch.analysis.contract import RING
from twitchwatch.errors import ConfigurationError
from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.recording.detection import detect
from twitchwatch.views.recordings import summary, timeline
from validation.detection import peer
from validation.detection.baselines import Energy, calibrated_on
from validation.detection.scenes import Signal, counts, worn

Samples = NDArray[np.float64]

TWITCH = "twitch"
UNLIKE = "unlike"
TREMOR = "tremor"
BRIEF = (TWITCH, UNLIKE)
"""Kinds that count as found if a brief motion of a finger is there."""

ENERGY_FALSE_PER_HOUR = 1.0
"""What the figures allow to any detector on a worn, still hand; its level is set by that."""

_CALIBRATION_H = 0.5
_CALIBRATION_SEEDS = range(500, 524)


@dataclass(frozen=True)
class Event:
    """Something found. kind: "twitch", "unlike" (brief, shape not known), "tremor"; others are not scored."""

    kind: str
    start_s: float
    duration_s: float = 0.0
    frequency_hz: float | None = None


@dataclass(frozen=True)
class Report:
    """Events, and what else the entrant states: seconds at rest, and twitches an hour, lowest and highest."""

    events: tuple[Event, ...]
    rest_s: float | None = None
    rate_per_h: tuple[float, float] | None = None

    def starts(self, *kinds: str) -> NDArray[np.int64]:
        """Samples at which events of these kinds set in, in order."""
        found = [event.start_s for event in self.events if event.kind in kinds]
        return np.sort(np.rint(np.array(found) * SAMPLE_RATE_HZ).astype(np.int64))

    def count(self, *kinds: str) -> int:
        return sum(event.kind in kinds for event in self.events)

    def bouts(self) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.kind == TREMOR)


@dataclass(frozen=True)
class Entrant:
    """kinds: what it can report; the parts of the benchmark that score nothing of these leave it out."""

    name: str
    detect: Callable[[Samples, float], Report | Iterable[Event]]
    kinds: tuple[str, ...] = (TWITCH, TREMOR)
    gyroscope: bool = False

    def report(self, samples: Samples) -> Report:
        """What it finds in samples at 104 Hz."""
        found = self.detect(samples if self.gyroscope else samples[:, :3], float(SAMPLE_RATE_HZ))
        return found if isinstance(found, Report) else Report(tuple(found))


def at_sensor(signal_mg: Signal) -> Samples:
    """A scene in mg as the sensor at +-4 g would give it, in g."""
    return counts(signal_mg) * (LSB_MG / 1000)


def report_of(lines: Iterable[dict[str, Any]]) -> Report:
    """From the objects of `twitchwatch detect --json`, of this version or of one without a rate's range."""
    events = []
    rest_s = rate = None
    for line in lines:
        if line["kind"] == "summary":
            rest_s, rate = line.get("rest_s"), _rate(line)
        else:
            events.append(Event(line["kind"], line["start_s"], line["duration_s"], line.get("frequency_hz")))
    return Report(tuple(events), rest_s, rate)


def _rate(line: dict[str, Any]) -> tuple[float, float] | None:
    if "rate_per_h" in line:
        stated = line["rate_per_h"] or {}
        low, high = stated.get("low"), stated.get("high")
        return None if low is None or high is None else (low, high)
    hours = (line["rest_s"] - line["tremor_s"] - line["bridged_s"]) / 3600
    return (line["twitches"] / hours,) * 2 if hours > 0 else None


def _ours(samples: Samples, rate_hz: float) -> Report:
    contract = replace(RING, rate_hz=rate_hz)
    found = detect(Recording("scene", contract, (Segment(0, counts(samples[:, :3] * 1000)),)))
    return report_of(line.as_json() for line in (*timeline(found), summary(found)))


@cache
def _energy_rule() -> Energy:
    hands = [worn().draw(np.random.default_rng(seed), _CALIBRATION_H * 3600) for seed in _CALIBRATION_SEEDS]
    return calibrated_on(Energy(), hands, _CALIBRATION_H * len(hands), ENERGY_FALSE_PER_HOUR)


def _energy(samples: Samples, rate_hz: float) -> Report:
    onsets = _energy_rule()(samples[:, :3] * 1000)
    return Report(tuple(Event(TWITCH, float(onset / rate_hz)) for onset in onsets))


def _paradigma(samples: Samples, rate_hz: float) -> Report:
    windows = peer.run(samples[:, 3:], rate_hz)
    taken = windows.start_s[windows.rest_tremor]
    frequency_hz = windows.frequency_hz[windows.rest_tremor]
    return Report(
        tuple(
            Event(TREMOR, float(start_s), peer.WINDOW_S, float(hz))
            for start_s, hz in zip(taken, frequency_hz, strict=True)
        )
    )


OURS = Entrant("Twitchwatch", _ours, (TWITCH, UNLIKE, TREMOR))
ENERGY = Entrant("plain energy", _energy, (TWITCH,))
PARADIGMA = Entrant("ParaDigMa", _paradigma, (TREMOR,), gyroscope=True)


def first_entrants() -> tuple[Entrant, ...]:
    """Ours, plain energy, and ParaDigMa if it is installed."""
    return (OURS, ENERGY, PARADIGMA) if peer.present() else (OURS, ENERGY)


def load(name: str) -> Entrant:
    """`package.module:name` or, if it has a blank or no colon, a command. Raises ConfigurationError."""
    module, colon, attribute = name.partition(":")
    if not colon or " " in name:
        return Entrant(Path(shlex.split(name)[0]).name, _command(shlex.split(name)), (*BRIEF, TREMOR))
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"The entrant {name} cannot be imported: {error}. Name it as package.module:name, and "
            "start in a directory from which Python can import it."
        ) from error
    if isinstance(found, Entrant):
        return found
    if callable(found):
        return Entrant(attribute, found, (*BRIEF, TREMOR))
    raise ConfigurationError(
        f"The entrant {name} is neither an Entrant nor callable. Give it detect(samples, rate_hz)."
    )


def _command(words: list[str]) -> Callable[[Samples, float], Report]:
    def run(samples: Samples, rate_hz: float) -> Report:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "scene.csv"
            write_csv(path, samples, rate_hz)
            ended = subprocess.run([*words, str(path)], stdout=subprocess.PIPE, text=True, check=False)
        if ended.returncode:
            raise ConfigurationError(
                f"The entrant {shlex.join(words)} ended with status {ended.returncode}. "
                "Run it on a recording by hand."
            )
        return report_of(json.loads(line) for line in ended.stdout.splitlines() if line.strip())

    return run


def write_csv(path: Path, samples: Samples, rate_hz: float) -> None:
    """As `twitchwatch detect` reads it: t_s,ax_g,ay_g,az_g."""
    t_s = np.arange(len(samples)) / rate_hz
    np.savetxt(
        path, np.column_stack([t_s, samples[:, :3]]), "%.6f", ",", header="t_s,ax_g,ay_g,az_g", comments=""
    )
