"""Families of brief motions that a finger's twitch may resemble, each with its source.

A detector may be tuned on the families whose `tunable` is true, and on seeds below `sizes.HELD_OUT`. The
others are kept back: a run with --quick leaves them out, and those who change the detector see them last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import bilinear, lfilter, resample_poly

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.twitch import (
    CONTRACTION_MS,
    DAMPING_RATIO,
    HALF_RELAXATION_MS,
    LARGEST_RATIO,
    NATURAL_FREQUENCY_HZ,
    finger_acceleration,
    random_direction,
    twitch_force,
    twitch_waveform,
)

Rng = np.random.Generator
Signal = NDArray[np.float64]
Range = tuple[float, float]

WIDE_DAMPING = (0.1, 0.7)
"""A finger joint is a second-order oscillator whose damping grows with contraction (Identification of a
frequency response model of joint rotation, J Biomech Eng 1990, 112:1). How much is not stated for a hand
asleep, so the range is an assumption."""

BAND_DAMPING = (0.25, 0.6)

ROTATION_HZ = (8.0, 25.0)
"""From a hand that turns about the wrist (about 8 Hz, Lakie et al. 2012, J Physiol 590:4471) to a finger."""

LAG_S = (0.0, 0.025)
"""Assumption: the second plane follows the first by up to a quarter of a period of 10 Hz."""

LEVER_M = (0.03, 0.1)
"""From the joint to a ring on the first, or a sensor on the last, segment of a finger."""

DOUBLET_S = (0.0025, 0.02)
"""Doublets are 2.5 to 20 ms apart (Simpson 1969, in Can J Appl Physiol 1999, 24:113), with motor
neurone disease 4 to 8 ms (Piotrkiewicz et al. 2008, Muscle & Nerve)."""

PAIR_S = (0.02, 0.1)
"""Assumption: longer than a doublet, and short enough for the two forces to fuse (fusion begins at 5 to 8 Hz,
Thomas et al. 1990). A detector that reports either one or two events is right."""

RINGING_HZ = (8.0, 40.0)
RINGING_DAMPING = (0.08, 0.35)
"""Assumption: whatever a finger and ring do, if hit, short of the band's end."""

HAND_CONTRACTION_MS = (30.0, 100.0)
"""First dorsal interosseous (Milner-Brown, Stein, Yemm 1973, J Physiol); a muscle of the foot has 35 to 98 ms
(Sica, McComas 1971, J Neurol Neurosurg Psychiatry 34:113)."""

CRITICAL_RATIO = 0.999 * LARGEST_RATIO
"""Half-relaxation over contraction of the critically damped twitch (Fuglevand, Winter, Patla 1993)."""

WIDE_FREQUENCY_HZ = (8.0, 30.0)

RING_HZ = (15.0, 40.0)
RING_DAMPING = (0.15, 0.5)
"""A sensor on soft tissue is a mass on a spring of its own (Ziegert, Lewis 1979, J Biomech Eng 101:218);
these values are an assumption for a ring that is not tight."""

_G = 9.80665
_OVERSAMPLING = 10
_FINE_HZ = SAMPLE_RATE_HZ * _OVERSAMPLING
_LONGEST_S = 1.5
_TAIL = 0.01


@dataclass(frozen=True)
class Family:
    """draw(rng) gives a motion (n, 3) at 104 Hz from its onset on, the peak of its magnitude 1."""

    name: str
    tunable: bool
    source: str
    draw: Callable[[Rng], Signal]


def unit(rng: Rng) -> tuple[float, float]:
    """Contraction and half-relaxation time of a thenar motor unit, in seconds."""
    contraction_s = rng.uniform(*CONTRACTION_MS) / 1000
    fastest_s, slowest_s = (limit_ms / 1000 for limit_ms in HALF_RELAXATION_MS)
    return contraction_s, rng.uniform(fastest_s, min(slowest_s, LARGEST_RATIO * contraction_s))


def force(rng: Rng, spike_s: tuple[float, ...] = (0.0,)) -> Signal:
    """A thenar motor unit's force, one twitch a spike, finely sampled."""
    return sum_of_twitches(*unit(rng), spike_s)


def sum_of_twitches(contraction_s: float, relaxation_s: float, spike_s: tuple[float, ...] = (0.0,)) -> Signal:
    """Forces that add up, of peak 1 each, finely sampled."""
    t_s = np.arange(round(_LONGEST_S * _FINE_HZ)) / _FINE_HZ
    whole = np.zeros(len(t_s))
    for at_s in spike_s:
        whole += twitch_force(np.clip(t_s - at_s, 0, None), contraction_s, relaxation_s)
    return whole


def finger(rng: Rng, pull: Signal, damping: Range, frequency_hz: Range = NATURAL_FREQUENCY_HZ) -> Signal:
    """How a finger drawn from these ranges swings if so pulled, finely sampled."""
    return finger_acceleration(
        pull, _FINE_HZ, frequency_hz=rng.uniform(*frequency_hz), damping=rng.uniform(*damping)
    )


def at_sensor(fine: Signal) -> Signal:
    """A motion (n, axes), finely sampled, at 104 Hz and peak 1, cut where it stays below 1 %."""
    motion = resample_poly(fine, 1, _OVERSAMPLING, axis=0)
    size = np.linalg.norm(motion, axis=1)
    motion = motion / size.max()
    return np.asarray(motion[: int(np.flatnonzero(size > _TAIL * size.max())[-1]) + 1])


def _straight(rng: Rng, fine: Signal) -> Signal:
    return at_sensor(np.outer(fine, random_direction(rng)))


def two_directions(rng: Rng) -> tuple[Signal, Signal]:
    """Two unit vectors at right angles to each other."""
    first = random_direction(rng)
    second = np.cross(first, random_direction(rng))
    return first, second / np.linalg.norm(second)


def _rotation(rng: Rng) -> Signal:
    """The finger turns about its joint: along its way the swing and gravity's share, across it gravity's.

    The swing's second derivative is the tangential part; the angle is the swing over the lever. The
    centripetal part is of second order at these sizes.
    """
    pull = force(rng)
    angular = 2 * np.pi * rng.uniform(*ROTATION_HZ)
    damping = rng.uniform(*DAMPING_RATIO)
    poles = [1, 2 * damping * angular, angular**2]
    tangential = lfilter(*bilinear([1, 0, 0], poles, fs=_FINE_HZ), pull)
    swing = lfilter(*bilinear([1], poles, fs=_FINE_HZ), pull)
    along, across = two_directions(rng)
    posture = rng.uniform(0, 2 * np.pi)
    turned = _G / rng.uniform(*LEVER_M) * swing
    return at_sensor(
        np.outer(tangential + np.cos(posture) * turned, along) + np.outer(np.sin(posture) * turned, across)
    )


def _ellipse(rng: Rng) -> Signal:
    """Two planes, bending and spreading, each with a resonance of its own, the second a little later."""
    share = np.radians(rng.uniform(25, 65))
    contraction_s, relaxation_s = unit(rng)
    planes = []
    for lag_s in (0.0, rng.uniform(*LAG_S)):
        plane = finger(rng, sum_of_twitches(contraction_s, relaxation_s, (lag_s,)), DAMPING_RATIO)
        planes.append(plane / np.abs(plane).max())
    first, second = two_directions(rng)
    return at_sensor(np.outer(np.cos(share) * planes[0], first) + np.outer(np.sin(share) * planes[1], second))


def _spikes(apart: Range) -> Callable[[Rng], Signal]:
    def draw(rng: Rng) -> Signal:
        apart_s = float(np.exp(rng.uniform(*np.log(apart))))
        return _straight(rng, finger(rng, force(rng, (0.0, apart_s)), DAMPING_RATIO))

    return draw


def _ringing(rng: Rng) -> Signal:
    t_s = np.arange(round(_LONGEST_S * _FINE_HZ)) / _FINE_HZ
    angular, damping = 2 * np.pi * rng.uniform(*RINGING_HZ), rng.uniform(*RINGING_DAMPING)
    swing = np.exp(-damping * angular * t_s) * np.sin(angular * t_s + rng.uniform(0, 2 * np.pi))
    return _straight(rng, swing)


def _critical(rng: Rng) -> Signal:
    contraction_s = rng.uniform(*HAND_CONTRACTION_MS) / 1000
    pull = sum_of_twitches(contraction_s, CRITICAL_RATIO * contraction_s)
    return _straight(rng, finger(rng, pull, WIDE_DAMPING, WIDE_FREQUENCY_HZ))


def _loose(rng: Rng) -> Signal:
    angular, damping = 2 * np.pi * rng.uniform(*RING_HZ), rng.uniform(*RING_DAMPING)
    through = bilinear(
        [2 * damping * angular, angular**2], [1, 2 * damping * angular, angular**2], fs=_FINE_HZ
    )
    return _straight(rng, lfilter(*through, finger(rng, force(rng), DAMPING_RATIO)))


FAMILIES = (
    Family(
        "motor unit, damping 0.1-0.4",
        True,
        "thenar motor units and a lightly damped finger (`sim/twitch.py`)",
        lambda rng: twitch_waveform(rng, peak_mg=1.0),
    ),
    Family(
        "motor unit, damping 0.1-0.7",
        True,
        "the same, with a finger that may be well damped",
        lambda rng: _straight(rng, finger(rng, force(rng), WIDE_DAMPING)),
    ),
    Family(
        "motor unit, damping 0.25-0.6",
        False,
        "a band within the one before: kept back by its seeds, not by its shapes",
        lambda rng: _straight(rng, finger(rng, force(rng), BAND_DAMPING)),
    ),
    Family(
        "rotation with gravity",
        True,
        "finger or hand of 8-25 Hz on a lever of 3-10 cm, tangential and gravity part",
        _rotation,
    ),
    Family("doublet, 2.5-20 ms", True, "a motor unit that fires twice, log-uniform", _spikes(DOUBLET_S)),
    Family("pair, 20-100 ms", True, "the same, further apart", _spikes(PAIR_S)),
    Family("two directions", True, "two planes, each with its own resonance and lag: an ellipse", _ellipse),
    Family("ringing, 8-40 Hz", False, "a damped oscillation of any phase, damping 0.08-0.35", _ringing),
    Family(
        "critically damped unit",
        False,
        "contraction 30-100 ms (first dorsal interosseous), finger of 8-30 Hz, damping 0.1-0.7",
        _critical,
    ),
    Family(
        "loose ring", False, "a motor unit's twitch behind a ring that swings by itself, 15-40 Hz", _loose
    ),
)

PUBLISHED = FAMILIES[0]
"""The family on which `F1 of twitch alone` is stated."""

BAND = FAMILIES[2]


def families(held_out: bool) -> tuple[Family, ...]:
    """All of them for figures that are published; those that may be tuned on otherwise."""
    return tuple(each for each in FAMILIES if held_out or each.tunable)
