"""Modelled nightly counts: clustered, correlated from night to night, with weekdays, with missing nights."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter
from scipy.stats import gamma, norm


def clustered(chance, mean, dispersion, size=None):
    """Negative binomial of this variance over mean; Poisson for 1."""
    mean = np.broadcast_to(np.asarray(mean, dtype=float), size or np.shape(mean))
    if dispersion <= 1:
        return chance.poisson(mean)
    return chance.poisson(chance.gamma(mean / (dispersion - 1), dispersion - 1))


def carried(chance, nights, share):
    """Standard normal, each correlated `share` with the previous one."""
    drawn = chance.normal(size=nights) * np.sqrt(1 - share**2)
    drawn[0] = chance.normal()
    return lfilter([1.0], [1.0, -share], drawn)


def alike(chance, mean, dispersion, share):
    """Clusters that outlast a night: gamma intensities whose normal scores are correlated by `share`."""
    z = carried(chance, len(mean), share)
    return chance.poisson(gamma.ppf(norm.cdf(z), mean / (dispersion - 1), scale=dispersion - 1))


def alike_log(chance, mean, dispersion, share):
    """The same with lognormal intensities, whose tail is longer."""
    spread = np.log1p((dispersion - 1) / mean)
    z = carried(chance, len(mean), share)
    return chance.poisson(mean * np.exp(np.sqrt(spread) * z - spread / 2))


def weekly(mean):
    """The same nights, Fridays and Saturdays twice as lively."""
    factor = np.array([1, 1, 1, 1, 2, 2, 1]) * 7 / 9
    return mean * factor[np.arange(len(mean)) % 7]
