"""One twitch: a motor unit pulls once, and its finger swings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import bilinear, lfilter, resample_poly

CONTRACTION_MS = (35.0, 80.0)
HALF_RELAXATION_MS = (25.0, 108.0)
"""Thenar motor units, intraneural stimulation (Thomas, Johansson, Westling, Bigland-Ritchie 1990, Twitch
properties of human thenar motor units, J Neurophysiol). Their rates of contraction and relaxation were in
general not correlated, so each is drawn by itself."""

LARGEST_RATIO = 1.678
"""Half-relaxation over contraction time of the critically damped twitch, m = 1; above it m < 1, and force
would start with a jump."""

NATURAL_FREQUENCY_HZ = (12.0, 25.0)
"""Assumption, for a relaxed finger that carries a ring. That a finger does resonate, and sets the spectrum of
its tremor by it: Vernooij, Reynolds, Lakie 2013, A dominant role for mechanical resonance in physiological
finger tremor."""

DAMPING_RATIO = (0.1, 0.4)
"""Assumption: a relaxed finger joint swings visibly after a tap, so it is damped lightly."""

_OVERSAMPLING = 10
_LONGEST_S = 1.5
_TAIL = 0.01


def twitch_waveform(rng: np.random.Generator, *, peak_mg: float, rate_hz: int = 104) -> NDArray[np.float64]:
    """Acceleration (n, 3) in mg of one twitch from its onset on; its magnitude peaks at `peak_mg`.

    Force is F ~ t^m exp(-kt), m and k set by contraction and half-relaxation time (Raikova, Celichowski et
    al. 2007, J Electromyogr Kinesiol 17:121); m = 1 is the critically damped twitch of Fuglevand et al.
    1993. The finger is a mass with a spring and a damper: m x'' + c x' + k x = F. Direction is random and
    fixed; that the finger also turns in the field of gravity (2 to 8 mg at a peak of 60 mg, on a lever of 8
    cm) is left out. The waveform ends where it stays under 1 % of its peak. Raises ValueError unless
    `peak_mg` > 0.
    """
    if peak_mg <= 0:
        raise ValueError(f"peak_mg must be positive, not {peak_mg}")
    contraction_s = rng.uniform(*CONTRACTION_MS) / 1000
    fastest_s, slowest_s = (limit_ms / 1000 for limit_ms in HALF_RELAXATION_MS)
    relaxation_s = rng.uniform(fastest_s, min(slowest_s, LARGEST_RATIO * contraction_s))
    fine_hz = rate_hz * _OVERSAMPLING
    force = twitch_force(np.arange(round(_LONGEST_S * fine_hz)) / fine_hz, contraction_s, relaxation_s)
    swing = finger_acceleration(
        force, fine_hz, frequency_hz=rng.uniform(*NATURAL_FREQUENCY_HZ), damping=rng.uniform(*DAMPING_RATIO)
    )
    along = resample_poly(swing, 1, _OVERSAMPLING)
    along *= peak_mg / np.abs(along).max()
    lasting = int(np.flatnonzero(np.abs(along) > _TAIL * peak_mg)[-1]) + 1
    return np.outer(along[:lasting], random_direction(rng))


def twitch_force(
    t_s: NDArray[np.float64], contraction_s: float, half_relaxation_s: float
) -> NDArray[np.float64]:
    """Force of one motor unit at t_s >= 0, peak 1 at `contraction_s`, 1/2 at `half_relaxation_s` after it."""
    relative = half_relaxation_s / contraction_s
    exponent = np.log(2) / (relative - np.log1p(relative))
    phase = t_s / contraction_s
    return np.asarray((phase * np.exp(1 - phase)) ** exponent)


def random_direction(rng: np.random.Generator) -> NDArray[np.float64]:
    """Unit vector (3,), evenly distributed over the sphere."""
    vector = rng.standard_normal(3)
    return np.asarray(vector / np.linalg.norm(vector))


def finger_acceleration(
    force: NDArray[np.float64], rate_hz: float, *, frequency_hz: float, damping: float
) -> NDArray[np.float64]:
    """Acceleration of mass, spring and damper: x'' / F = s^2 / (s^2 + 2 zeta w s + w^2), mass 1."""
    angular = 2 * np.pi * frequency_hz
    numerator, denominator = bilinear([1, 0, 0], [1, 2 * damping * angular, angular**2], fs=rate_hz)
    return np.asarray(lfilter(numerator, denominator, force))
