"""The power of a study before it begins: how often the report's model would find an effect."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twitchwatch.study.counts import modelled_counts, modelled_wearer
from twitchwatch.study.mixed_model import fit

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Power:
    """Share of modelled studies in which the effect was found, with its standard error."""

    power: float
    error: float
    studies: int


def power(wearers: int, nights: int, effect: float, studies: int, seed: int = 0) -> Power:
    """Two groups of wearers, one whose rate is `effect` times the other's, compared by the model of a report.

    wearers: in all, half of them in each group. An effect of 1 gives the share of false alarms.
    """
    found = sum(_found(np.random.default_rng((seed, at)), wearers, nights, effect) for at in range(studies))
    share = found / studies
    return Power(share, float(np.sqrt(share * (1 - share) / studies)), studies)


def _found(chance: np.random.Generator, wearers: int, nights: int, effect: float) -> bool:
    counts, hours, names, treated = [], [], [], []
    for at in range(wearers):
        wearer = modelled_wearer(chance, "healthy", nights)
        if at % 2:
            wearer = replace(wearer, per_hour=wearer.per_hour * effect)
        own = modelled_counts(chance, wearer, nights)
        counts.append(own.counts)
        hours.append(own.rest_h)
        names += [str(at)] * len(own.counts)
        treated.append(np.full(len(own.counts), float(at % 2)))
    fitted = fit(np.concatenate(counts), np.concatenate(hours), names, {"group": np.concatenate(treated)})
    return fitted.effects[0].p_value < ALPHA
