"""Escalation in figures: nights between false alarms, nights until a change is found, false findings.

    python bench/escalation.py [--nights 40000] [--seed 1]

Counts are negative binomial of the stated dispersion (variance over mean), 20 a night unless stated.
"""

from __future__ import annotations

import argparse
from time import perf_counter

import numpy as np

from twitchwatch.analysis.escalation import monitor
from twitchwatch.analysis.night import Span
from twitchwatch.analysis.within import within_night

SERIES = 1000
REST_H = 6.0


def clustered(chance, mean, dispersion):
    """Negative binomial counts around `mean`."""
    return chance.poisson(chance.gamma(mean / (dispersion - 1), dispersion - 1))


def carried_over(chance, mean, dispersion, share):
    """The same with clusters that outlast a night: lag-one correlation `share` of the underlying normal."""
    from scipy.stats import gamma, norm

    z = np.empty(len(mean))
    z[0] = chance.normal()
    for night in range(1, len(mean)):
        z[night] = share * z[night - 1] + np.sqrt(1 - share**2) * chance.normal()
    return chance.poisson(gamma.ppf(norm.cdf(z), mean / (dispersion - 1), scale=dispersion - 1))


def false_alarms(chance, nights):
    """Print ARL0 asked and reached."""
    print(f"{'counts':34}{'ARL0 asked':>12}{'reached':>10}")
    flat = np.full(SERIES, 20.0)
    kinds = {
        "dispersion 1 (Poisson)": lambda: chance.poisson(flat),
        "dispersion 5": lambda: clustered(chance, flat, 5),
        "dispersion 11": lambda: clustered(chance, flat, 11),
        "dispersion 5, 100 a night": lambda: clustered(chance, 5 * flat, 5),
        "dispersion 5, 5 a night": lambda: clustered(chance, flat / 4, 5),
        "dispersion 5, correlated 0.2": lambda: carried_over(chance, flat, 5, 0.2),
        "dispersion 5, correlated 0.4": lambda: carried_over(chance, flat, 5, 0.4),
    }
    for name, draw in kinds.items():
        alarms = sum(len(monitor(draw(), [REST_H] * SERIES)) for _ in range(nights // SERIES))
        print(f"{name:34}{365:12}{nights / max(alarms, 1):10.0f}")
    alarms = 0
    for _ in range(nights // SERIES):
        rest = np.where(chance.random(SERIES) < 0.2, 0.0, REST_H)
        alarms += len(monitor(clustered(chance, flat, 5), rest))
    print(f"{'dispersion 5, 20 % nights missing':34}{365:12}{nights / max(alarms, 1):10.0f}")
    for asked in (100, 1000):
        alarms = sum(
            len(monitor(clustered(chance, flat, 5), [REST_H] * SERIES, arl0_days=asked))
            for _ in range(nights // SERIES)
        )
        print(f"{'dispersion 5':34}{asked:12}{nights / max(alarms, 1):10.0f}")


def delays(chance, series=101):
    """Print the median nights from a change after 60 nights to its alarm."""
    print(f"\n{'change':34}{'dispersion':>12}{'median delay':>14}{'90 %':>8}")
    for ratio in (2.0, 1.5, 0.5):
        for dispersion in (1.001, 5, 11):
            found = []
            mean = np.r_[np.full(60, 20.0), np.full(120, 20.0 * ratio)]
            for _ in range(series):
                alarms = [
                    a for a in monitor(clustered(chance, mean, dispersion), [REST_H] * 180) if a.index >= 60
                ]
                found.append(alarms[0].index - 59 if alarms else np.inf)
            middle, late = np.quantile(found, [0.5, 0.9], method="lower")
            print(f"{f'x {ratio}':34}{dispersion:12.0f}{middle:14.0f}{late:8.0f}")


def within(chance, nights=4000):
    """Print false findings in steady nights of eight hours, and how often a rise is found."""

    def share(draw):
        hits = sum(
            within_night([Span(0, int(count), 0.85) for count in draw()]) is not None for _ in range(nights)
        )
        return hits / nights

    print(f"\n{'one night of 8 h':34}{'found':>12}")
    for dispersion in (1.001, 5, 8):
        for per_hour in (2, 5, 10, 20):
            rate = share(lambda m=per_hour, d=dispersion: clustered(chance, np.full(8, 0.85 * m), d))
            print(f"{f'steady {per_hour}/h, dispersion {dispersion:.0f}':34}{rate:12.2%}")
    for dispersion in (1.001, 2, 5):
        for ratio in (3, 4, 6, 8):
            mean = np.full(8, 0.85 * 10)
            mean[6] *= ratio
            rate = share(lambda m=mean, d=dispersion: clustered(chance, m, d))
            print(f"{f'10/h, one hour x {ratio}, dispersion {dispersion:.0f}':34}{rate:12.1%}")


def main():
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--nights", type=int, default=40_000)
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    chance = np.random.default_rng(asked.seed)
    begun = perf_counter()
    false_alarms(chance, asked.nights)
    delays(chance)
    within(chance)
    print(f"\nseed {asked.seed}, {asked.nights} nights a row, {perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
