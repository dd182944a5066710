"""Rhythm among single twitches: how often chance resembles it, and how often it is found."""

from __future__ import annotations

import numpy as np

from twitchwatch.analysis.trains import rhythm_of
from validation.findings.sizes import Sizes
from validation.tables import Bar, Results, Table

MODELLED = "modelled"
LENGTH_S = 60.0


def _poisson(chance, per_s):
    return np.sort(chance.random(chance.poisson(per_s * LENGTH_S))) * LENGTH_S


def _by_minute(chance, per_s):
    """The rate changes every 10 s, by a gamma of variance 1."""
    blocks = [
        10 * at + 10 * np.sort(chance.random(chance.poisson(10 * per_s * chance.gamma(1.0))))
        for at in range(6)
    ]
    return np.concatenate(blocks)


def _flurries(chance, per_s, size, spread_s):
    middles = chance.random(chance.poisson(per_s * LENGTH_S / size)) * LENGTH_S
    flurries = [middle + chance.normal(0, spread_s, chance.poisson(size)) for middle in middles]
    return np.sort(np.concatenate([*flurries, []]))


def _drifting(chance, per_s):
    times = _poisson(chance, 2 * per_s)
    swing = np.sin(2 * np.pi * (1.5 * times / LENGTH_S + chance.random()))
    return times[chance.random(len(times)) < 0.5 + 0.45 * swing]


def _slow_detector(chance, per_s):
    times = np.cumsum(chance.exponential(1 / per_s, round(2 * per_s * LENGTH_S)) + 0.15)
    return times[times < LENGTH_S]


def _clockwork(chance, hz, cv, length_s=LENGTH_S, missed=0.0):
    shape = 1 / cv**2
    times = np.cumsum(chance.gamma(shape, 1 / (shape * hz), round(2 * hz * length_s)))
    times = times[times < length_s]
    return times[chance.random(len(times)) >= missed]


# (whether the bar is for it, train, dead time)
NULLS = {
    "Poisson, 4/s": (True, lambda c: _poisson(c, 4.0), 0.0),
    "Poisson, 0.5/s": (True, lambda c: _poisson(c, 0.5), 0.0),
    "clustered: rate changes every 10 s, 2/s": (True, lambda c: _by_minute(c, 2.0), 0.0),
    "clustered: flurries of 8 in 3 s, 2/s": (True, lambda c: _flurries(c, 2.0, 8, 1.5), 0.0),
    "drifting, 2/s, tenfold up and down": (True, lambda c: _drifting(c, 2.0), 0.0),
    "Poisson, 5/s, detector blind for 0.15 s": (True, lambda c: _slow_detector(c, 5.0), 0.15),
    "flurries of 5 within 1 s, 2/s": (False, lambda c: _flurries(c, 2.0, 5, 0.5), 0.0),
    "flurries of 4 within 0.4 s, 2/s": (False, lambda c: _flurries(c, 2.0, 4, 0.2), 0.0),
}
RHYTHMS = {
    "5 Hz, CV 0.1": (0.99, lambda c: _clockwork(c, 5.0, 0.1)),
    "5 Hz, CV 0.2": (0.95, lambda c: _clockwork(c, 5.0, 0.2)),
    "5 Hz, CV 0.3": (0.90, lambda c: _clockwork(c, 5.0, 0.3)),
    "5 Hz, CV 0.2, 10 s": (None, lambda c: _clockwork(c, 5.0, 0.2, 10.0)),
    "5 Hz, CV 0.1, half missed": (None, lambda c: _clockwork(c, 5.0, 0.1, missed=0.5)),
    "1 Hz, CV 0.2": (None, lambda c: _clockwork(c, 1.0, 0.2)),
    "1 Hz, CV 0.3, 20 s": (None, lambda c: _clockwork(c, 1.0, 0.3, 20.0)),
}


def tell(sizes: Sizes) -> Results:
    """Tables and bars."""
    chance = np.random.default_rng(sizes.seed + 2)
    reported = Results()
    rows = []
    # Two standard errors beyond either end, for it is a simulation.
    slack = 2 * np.sqrt(0.05 * 0.95 / sizes.trials)
    for name, (barred, draw, dead_s) in NULLS.items():
        found = _reported(chance, sizes.trials, draw, dead_s)
        share = np.mean([one.p_value <= 0.05 for one in found])
        rows.append((name, f"{share:.3f}", f"{np.mean([one.p_value <= 0.01 for one in found]):.3f}"))
        if barred:
            met = 0.04 - slack <= share <= 0.06 + slack
            reported.bars.append(
                Bar(f"rhythm, size: {name}", "0.05 +- 0.01", f"{share:.3f}", bool(met), MODELLED)
            )
    columns = ("trains of 60 s without rhythm", "p <= 0.05", "p <= 0.01")
    reported.tables.append(Table("Reported as a rhythm", MODELLED, columns, tuple(rows)))
    rows = []
    for name, (bar, draw) in RHYTHMS.items():
        found = _reported(chance, sizes.trials // 5, draw, 0.0)
        share = np.mean([one.p_value <= 0.05 for one in found])
        hz = np.array([one.frequency_hz for one in found])
        rows.append(
            (
                name,
                f"{share:.3f}",
                f"{np.median(hz):.2f}",
                f"{np.quantile(hz, 0.05):.2f}-{np.quantile(hz, 0.95):.2f}",
            )
        )
        if bar is not None:
            reported.bars.append(
                Bar(
                    f"rhythm, power: 60 s at {name}",
                    f">= {bar}",
                    f"{share:.3f}",
                    bool(share >= bar),
                    MODELLED,
                )
            )
    columns = ("trains with rhythm, 60 s", "found (p <= 0.05)", "Hz reported", "90 % of them")
    reported.tables.append(Table("Rhythm found", MODELLED, columns, tuple(rows)))
    return reported


def _reported(chance, trials, draw, dead_s):
    found = [rhythm_of(draw(chance), dead_s=dead_s, seed=at, max_assignments=1) for at in range(trials)]
    return [one for one in found if one is not None]
