"""The smallest twitch that is found nine times in ten, by what the sensor delivers and its noise at rest."""

from __future__ import annotations

from itertools import pairwise

from twitchwatch.analysis.contract import Contract

Curve = tuple[tuple[float, float], ...]

OVER_NOISE = 4.95
"""White noise at the ring's rate: peak of a twitch over the noise of one axis."""

BY_RATE: Curve = (
    (45.0, 1.47),
    (46.0, 1.43),
    (50.0, 1.31),
    (55.0, 1.2),
    (62.5, 1.1),
    (80.0, 1.02),
    (104.0, 1.0),
    (200.0, 0.97),
)
"""Factor for what is missing of a twitch above half the rate."""

BY_SLOPE: Curve = (
    (-2.0, 1.66),
    (-1.0, 1.12),
    (-0.5, 1.02),
    (0.0, 1.0),
    (0.5, 0.975),
    (1.25, 0.975),
    (2.0, 1.22),
)
"""Factor for noise whose density is f to this power: it hides slow or fast twitches more than the band shows.
Above 0.9 the detector may take it for a hum, and then states more noise; the limit is then too high."""

BY_LOSS: Curve = ((0.0, 1.0), (0.05, 1.035), (0.1, 1.1), (0.16, 1.17), (0.22, 1.3), (0.3, 1.6))
"""Factor for samples that were lost, as a share at the ring's rate, and replaced by straight lines."""


def detection_limit_mg(contract: Contract, noise_mg: float) -> float | None:
    """Peak of the smallest twitch of which nine in ten are found, in mg; None if none can be seen.

    A twitch of the modelled motor units (`sim/twitch.py`), reported as a twitch within 0.1 s; one of another
    form may have to be larger (docs/detection-figures.md). noise_mg: rms of an axis at rest, as the detector
    states it. Source of the constants: `python -m validation.sources --calibrate`, on seeds for tuning, then
    the grid of that bench on seeds from 20,000 to 29,999; its page has later ones.
    """
    if contract.blind:
        return None
    return (
        OVER_NOISE
        * noise_mg
        * _at(BY_RATE, contract.true_rate_hz)
        * (1.0 if contract.levelled else _at(BY_SLOPE, contract.slope))
        * _at(BY_LOSS, contract.lost_at_ring)
    )


def _at(curve: Curve, x: float) -> float:
    """Linear between the points of the curve, and level beyond its ends."""
    if x <= curve[0][0]:
        return curve[0][1]
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return curve[-1][1]
