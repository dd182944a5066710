"""A modelled night: what a ring would sample from dusk to dawn, and what really happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ
from twitchwatch.sim.distractors import (
    GRAVITY_MG,
    breathing,
    pulse,
    sensor_noise,
    sideways,
    turn_over,
)
from twitchwatch.sim.plan import Plan, Stretch, plan_night
from twitchwatch.sim.tremor import tremor_bout
from twitchwatch.sim.twitch import random_direction, twitch_waveform

SHORTEST_H = 0.02

TWITCH_PEAK_MG = (10.0, 60.0)
"""One motor unit moves a finger by milli-g to tens of milli-g (inferred from 3 to 34 mN; see
`sim.twitch`)."""

TREMOR_HZ = (4.0, 6.0)
"""Rest tremor (MDS consensus 2018: 3 to 7 Hz, mostly 4 to 6)."""

TREMOR_RMS_MG = (15.0, 40.0)
"""As in the resting hand of a patient (recording PD_815 of Cavanagh 2018: 14 to 31 mg rms)."""

TURN_PEAK_MG = (200.0, 600.0)
BREATH_MG = (1.0, 4.0)
PULSE_MG = (1.0, 2.0)

_TWITCH_OVER = 0.1


@dataclass(frozen=True, slots=True)
class Truth:
    """One thing that happened. `peak_mg` is a magnitude without gravity, `amplitude_mg` the rms of a
    tremor's plateau.

    A twitch lasts from its onset until it stays under a tenth of its peak.
    """

    kind: Literal["twitch", "tremor", "turn"]
    start_s: float
    duration_s: float
    peak_mg: float | None = None
    amplitude_mg: float | None = None
    frequency_hz: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class ModelledNight:
    """`samples` int16 (n, 3) in LSB at 104 Hz; `truth` in order; in `rise` twitches are frequent."""

    samples: NDArray[np.int16]
    truth: tuple[Truth, ...]
    rise: Stretch

    def of(self, kind: Literal["twitch", "tremor", "turn"]) -> list[Truth]:
        """Everything of one kind, in chronological order."""
        return [each for each in self.truth if each.kind == kind]


def modelled_night(
    seed: int, hours: float = 8.0, *, times: float = 1.0, rise: bool = True, tremor: bool = True
) -> ModelledNight:
    """Model a night of `hours` (0.02 and more, else ValueError); the same seed and hours give the same
    samples. times, rise, tremor: as `plan_night` takes them.

    The ring is worn from the first sample on. Each posture has its own direction of gravity, breath and
    pulse. Figures and their sources are with the constants here and in `sim.plan`, `sim.distractors`,
    `sim.twitch`.
    """
    if hours < SHORTEST_H:
        raise ValueError(f"hours must be at least {SHORTEST_H}, not {hours}")
    rng = np.random.default_rng(seed)
    plan = plan_night(rng, hours, times=times, rise=rise, tremor=tremor)
    count = round(hours * 3600 * SAMPLE_RATE_HZ)
    scene_mg = sensor_noise(rng, count)
    truth = _lay_postures(rng, scene_mg, plan)
    if plan.tremor is not None:
        truth.append(_lay_tremor(rng, scene_mg, plan.tremor))
    truth += [_lay_twitch(rng, scene_mg, onset_s) for onset_s in plan.twitches_s]
    scene_mg *= np.float32(1 / LSB_MG)
    np.rint(scene_mg, out=scene_mg)
    samples = np.ascontiguousarray(scene_mg.T, dtype="<i2")
    return ModelledNight(samples, tuple(sorted(truth, key=lambda each: each.start_s)), plan.rise)


def _sample(time_s: float) -> int:
    return round(time_s * SAMPLE_RATE_HZ)


def _lay_postures(rng: np.random.Generator, scene_mg: NDArray[np.float32], plan: Plan) -> list[Truth]:
    """Add gravity, breath and pulse from turn to turn, and the turns themselves; returns the turns."""
    count = scene_mg.shape[1]
    breath, beats = breathing(rng, count), pulse(rng, count)
    truth = []
    posture = random_direction(rng)
    start = 0
    for turn in (*plan.turns, None):
        end = count if turn is None else _sample(turn.start_s)
        tilt = sideways(rng, posture) * rng.uniform(*BREATH_MG)
        bump = random_direction(rng) * rng.uniform(*PULSE_MG)
        for axis in range(3):
            stretch = scene_mg[axis, start:end]
            stretch += np.float32(GRAVITY_MG * posture[axis])
            stretch += np.float32(tilt[axis]) * breath[start:end]
            stretch += np.float32(bump[axis]) * beats[start:end]
        if turn is not None:
            start = _sample(turn.end_s)
            following = random_direction(rng)
            peak_mg = rng.uniform(*TURN_PEAK_MG)
            scene_mg[:, end:start] += turn_over(
                rng, start - end, before=posture, after=following, peak_mg=peak_mg
            )
            posture = following
            truth.append(Truth("turn", turn.start_s, turn.duration_s, peak_mg=peak_mg))
    return truth


def _lay_tremor(rng: np.random.Generator, scene_mg: NDArray[np.float32], bout: Stretch) -> Truth:
    frequency_hz, rms_mg = rng.uniform(*TREMOR_HZ), rng.uniform(*TREMOR_RMS_MG)
    swing = tremor_bout(rng, frequency_hz=frequency_hz, rms_mg=rms_mg, duration_s=bout.duration_s)
    start = _sample(bout.start_s)
    scene_mg[:, start : start + len(swing)] += swing.T
    return Truth("tremor", bout.start_s, bout.duration_s, amplitude_mg=rms_mg, frequency_hz=frequency_hz)


def _lay_twitch(rng: np.random.Generator, scene_mg: NDArray[np.float32], onset_s: float) -> Truth:
    peak_mg = float(np.exp(rng.uniform(*np.log(TWITCH_PEAK_MG))))
    twitch = twitch_waveform(rng, peak_mg=peak_mg)
    start = _sample(onset_s)
    scene_mg[:, start : start + len(twitch)] += twitch.T
    lasting = np.flatnonzero(np.linalg.norm(twitch, axis=1) >= _TWITCH_OVER * peak_mg)[-1] + 1
    return Truth("twitch", start / SAMPLE_RATE_HZ, float(lasting) / SAMPLE_RATE_HZ, peak_mg=peak_mg)
