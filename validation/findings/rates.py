"""Rates: how often their 95 % interval contains the true value."""

from __future__ import annotations

import numpy as np

from twitchwatch.analysis.rates import Clustering, rate
from validation.findings.counts import clustered
from validation.findings.sizes import Sizes
from validation.tables import Bar, Results, Table

MODELLED = "modelled"
HOURS = 8
BEFORE = (0, 7, 28)
# Twitches a night; below that a count is so grainy that no interval covers evenly.
BARRED_FROM = 20


def tell(sizes: Sizes) -> Results:
    """Tables and bars."""
    chance = np.random.default_rng(sizes.seed + 1)
    reported = Results()
    rows, barred = [], []
    for dispersion in (1, 2, 5, 11):
        for a_night in (5, 20, 50, 120, 480):
            shares = [_covered(chance, sizes.trials, a_night, dispersion, before) for before in BEFORE]
            rows.append((str(dispersion), str(a_night), *(f"{share:.1%}" for share in shares)))
            if a_night >= BARRED_FROM:
                barred.append(shares[-1])
    columns = ("dispersion", "a night", *(f"{before} nights before" for before in BEFORE))
    title = "What the 95 % interval of a night's rate covers"
    reported.tables.append(Table(title, f"{MODELLED}, hourly counts clustered", columns, tuple(rows)))
    nightly = []
    for dispersion in (1, 5, 11):
        shares = [_covered_nights(chance, sizes.trials, dispersion, nights) for nights in (7, 14, 28)]
        nightly.append((str(dispersion), *(f"{share:.1%}" for share in shares)))
    columns = ("dispersion of nights", "7 nights", "14 nights", "28 nights")
    title = "What the 95 % interval of the rate over several nights covers (20 a night)"
    reported.tables.append(Table(title, f"{MODELLED}, nightly counts clustered", columns, tuple(nightly)))
    # Two standard errors beyond either end, for it is a simulation.
    slack = 2 * np.sqrt(0.05 * 0.95 / sizes.trials)
    reported.bars.append(
        Bar(
            f"95 % intervals, dispersion 1-11, {BARRED_FROM} to 480 a night, 28 nights before",
            "cover 93-97 %",
            f"{min(barred):.1%} to {max(barred):.1%}",
            bool(min(barred) >= 0.93 - slack and max(barred) <= 0.97 + slack),
            MODELLED,
        )
    )
    return reported


def _covered(chance, trials, a_night, dispersion, before):
    per_hour = a_night / HOURS
    hits = 0
    rest = [1.0] * HOURS
    for _ in range(trials):
        *earlier, night = clustered(chance, per_hour, dispersion, (before + 1, HOURS)).tolist()
        usual = sum((Clustering.of(counts, rest) for counts in earlier), Clustering())
        found = rate(night, rest, usual)
        hits += found.interval_low <= per_hour <= found.interval_high
    return hits / trials


def _covered_nights(chance, trials, dispersion, nights):
    hits = 0
    rest = [6.0] * nights
    for counts in clustered(chance, 20.0, dispersion, (trials, nights)).tolist():
        found = rate(counts, rest)
        hits += found.interval_low <= 20 / 6 <= found.interval_high
    return hits / trials
