"""How much is simulated: enough for the page, or little and quick on seeds that are free for tuning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """seed: of everything. arl_nights: a row. series: of a delay. trials: of coverage, size and power."""

    seed: int
    arl_nights: int
    series: int
    trials: int
    steady_nights: int


# Limits were set on seeds below 100.
FULL = Sizes(seed=2025, arl_nights=29_200, series=101, trials=1200, steady_nights=4000)
QUICK = Sizes(seed=1, arl_nights=5_840, series=21, trials=200, steady_nights=1000)
