"""Duration at half of the peak: by the length of the EMG burst behind the motion, and by size over noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from twitchwatch.analysis.half_width import half_width_s
from twitchwatch.analysis.series import EFM_LONGEST_S
from twitchwatch.sim.twitch import (
    CONTRACTION_MS,
    HALF_RELAXATION_MS,
    LARGEST_RATIO,
    NATURAL_FREQUENCY_HZ,
    finger_acceleration,
    random_direction,
    twitch_force,
)
from validation.findings.sizes import Sizes
from validation.tables import Bar, Results, Table

# Samples of a snippet, and those of them before the onset.
COUNT, BEFORE, RATE_HZ = 64, 16, 104
DAMPING = (0.1, 0.6)
BURSTS_MS = (0, 30, 75, 150, 200, 300)
OVER_NOISE = (4, 5, 6, 8, 10, 20, 50)
# Motor units that fire once each at random times within a burst, and the spread of their sizes.
UNITS, SPREAD = (3, 30), 1.0
_FINE = 10
_LIMIT_MS = 1000 * EFM_LONGEST_S


def motion(chance: np.random.Generator, burst_ms: int) -> NDArray[np.float64]:
    """A snippet (COUNT, 3) of peak 1: motor units fire within `burst_ms`, one unit if that is 0."""
    fine_hz = RATE_HZ * _FINE
    at_s = np.arange((COUNT - BEFORE) * _FINE) / fine_hz
    force = np.zeros(len(at_s))
    for _ in range(int(chance.integers(*UNITS)) if burst_ms else 1):
        contraction_s = chance.uniform(*CONTRACTION_MS) / 1000
        fastest_s, slowest_s = (limit / 1000 for limit in HALF_RELAXATION_MS)
        relaxation_s = chance.uniform(fastest_s, min(slowest_s, LARGEST_RATIO * contraction_s))
        since_s = at_s - chance.uniform(0, burst_ms / 1000)
        pull = twitch_force(np.maximum(since_s, 0), contraction_s, relaxation_s)
        force += chance.lognormal(0, SPREAD) * np.where(since_s > 0, pull, 0)
    swing = finger_acceleration(
        force, fine_hz, frequency_hz=chance.uniform(*NATURAL_FREQUENCY_HZ), damping=chance.uniform(*DAMPING)
    )
    found = np.zeros((COUNT, 3))
    found[BEFORE:] = np.outer(resample_poly(swing, 1, _FINE), random_direction(chance))
    return np.asarray(found / np.linalg.norm(found, axis=1).max())


def widths_ms(chance: np.random.Generator, burst_ms: int, over_noise: float, trials: int) -> list[float]:
    """Those that can be seen, of motions of this peak over the noise."""
    noisy = (over_noise * motion(chance, burst_ms) + chance.normal(0, 1, (COUNT, 3)) for _ in range(trials))
    seen = (half_width_s(each, RATE_HZ, 1.0) for each in noisy)
    return [1000 * width for width in seen if width is not None]


def tell(sizes: Sizes) -> Results:
    """Tables and bars."""
    chance = np.random.default_rng(sizes.seed + 6)
    by_burst = {burst: widths_ms(chance, burst, 20, sizes.trials) for burst in BURSTS_MS}
    by_size = {size: widths_ms(chance, 0, size, sizes.trials) for size in OVER_NOISE}
    ends = (5, 50, 95)

    def row(head: str, found: list[float]) -> tuple[str, ...]:
        seen = f"{len(found) / sizes.trials:.0%}"
        return (head, *(f"{end:.0f} ms" for end in np.percentile(found, ends)), seen)

    columns = ("5 %", "median", "95 %", "can be seen")
    note = "modelled motor units of a relaxed finger, damping 0.1-0.6"
    reported = Results()
    reported.tables.append(
        Table(
            "Width at half of the peak, by the length of the EMG burst",
            f"{note}; peak 20 times the noise",
            ("burst", *columns),
            tuple(row(f"{burst} ms" if burst else "one unit", found) for burst, found in by_burst.items()),
        )
    )
    reported.tables.append(
        Table(
            "The same of one unit, by peak over noise",
            note,
            ("peak / noise", *columns),
            tuple(row(str(size), found) for size, found in by_size.items()),
        )
    )
    medians = [float(np.median(by_size[size])) for size in OVER_NOISE if size >= 5]
    apart = max(medians) - min(medians)
    longest = float(np.percentile(by_burst[150], 95))
    reported.bars.append(
        Bar("median width, peak 5 to 50 times the noise: largest difference", "<= 5 ms", f"{apart:.0f} ms",
            apart <= 5, "modelled")
    )  # fmt: skip
    reported.bars.append(
        Bar("95 % of EMG bursts of 150 ms move the finger for", f"<= {_LIMIT_MS:.0f} ms", f"{longest:.0f} ms",
            longest <= _LIMIT_MS, "modelled")
    )  # fmt: skip
    return reported
