"""Escalation: nights between false alarms, nights until a change is found, compared with the optimum."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor

import numpy as np
from scipy.stats import chi2, nbinom, poisson

from twitchwatch.analysis.escalation import monitor
from twitchwatch.analysis.night import Span
from twitchwatch.analysis.rates import Clustering
from twitchwatch.analysis.within import within_night
from validation.findings.counts import alike, alike_log, clustered, weekly
from validation.findings.sizes import Sizes
from validation.tables import Bar, Results, Table

MODELLED = "modelled"
REST_H = 6.0
YEAR = 365
SERIES_NIGHTS = 2 * YEAR
BEFORE, AFTER = 60, 120
BARS = {(2.0, 1): 3, (2.0, 5): 7, (2.0, 11): 14, (1.5, 1): 10, (1.5, 5): 21, (1.5, 11): 45}


def _flat(mean=20.0):
    return np.full(SERIES_NIGHTS, mean)


# What: (whether the issue names a bar for it, how a series of counts is drawn).
KINDS = {
    "dispersion 1 (Poisson)": (True, lambda c: clustered(c, _flat(), 1)),
    "dispersion 5": (True, lambda c: clustered(c, _flat(), 5)),
    "dispersion 11": (True, lambda c: clustered(c, _flat(), 11)),
    "dispersion 5, correlated by 0.2": (True, lambda c: alike(c, _flat(), 5, 0.2)),
    "dispersion 5, correlated by 0.4": (True, lambda c: alike(c, _flat(), 5, 0.4)),
    "dispersion 5, correlated by 0.5, lognormal": (True, lambda c: alike_log(c, _flat(), 5, 0.5)),
    "dispersion 11, correlated by 0.5, lognormal": (True, lambda c: alike_log(c, _flat(), 11, 0.5)),
    "dispersion 1, 20 % missing": (True, lambda c: clustered(c, _flat(), 1)),
    "dispersion 5, 20 % missing": (True, lambda c: clustered(c, _flat(), 5)),
    "dispersion 11, 20 % missing": (True, lambda c: clustered(c, _flat(), 11)),
    "dispersion 5, 5 a night": (False, lambda c: clustered(c, _flat(5), 5)),
    "dispersion 11, 200 a night": (False, lambda c: clustered(c, _flat(200), 11)),
    "dispersion 5, weekends doubled": (False, lambda c: clustered(c, weekly(_flat()), 5)),
}


def alarms(sizes: Sizes) -> Results:
    """Nights between false alarms."""
    reported = Results()
    rows = []
    asked = [(sizes, name, YEAR) for name in KINDS] + [(sizes, "dispersion 5", days) for days in (100, 1000)]
    with ProcessPoolExecutor() as processes:
        found = list(processes.map(_arl0, *zip(*asked, strict=True)))
    for (_, name, days), (low, reached, high, first) in zip(asked, found, strict=True):
        barred = KINDS[name][0] and days == YEAR
        rows.append((name, str(days), f"{reached:.0f} ({low:.0f}-{high:.0f})", f"{first:.0f}"))
        if barred:
            most = 3 * YEAR if name.startswith("dispersion 1 (") else np.inf
            wanted = f">= {YEAR}" + (f", <= {most}" if np.isfinite(most) else "") + " nights"
            reported.bars.append(
                Bar(f"ARL0, {name}", wanted, f"{reached:.0f}", YEAR <= reached <= most, MODELLED)
            )
    columns = ("counts, 20 a night", "asked", "nights an alarm (95 %)", "to the first")
    reported.tables.append(Table("Nights between false alarms", MODELLED, columns, tuple(rows)))
    return reported


def _arl0(sizes, name, arl0_days):
    """Nights an alarm with their 95 % interval, and nights to the first alarm of a series."""
    chance = np.random.default_rng((sizes.seed, list(KINDS).index(name), arl0_days))
    _, draw = KINDS[name]
    alarms = seen = firsts = 0
    series = sizes.arl_nights // SERIES_NIGHTS
    for _ in range(series):
        counts, rest = draw(chance).tolist(), [REST_H] * SERIES_NIGHTS
        if "missing" in name:
            rest = np.where(chance.random(SERIES_NIGHTS) < 0.2, 0.0, REST_H).tolist()
        found = monitor(counts, rest, arl0_days=arl0_days)
        alarms += len(found)
        firsts += bool(found)
        seen += found[0].index + 1 if found else SERIES_NIGHTS
    total = series * SERIES_NIGHTS
    most = chi2.ppf(0.975, 2 * alarms + 2) / 2
    least = chi2.ppf(0.025, 2 * alarms) / 2 if alarms else 0.1
    return total / most, total / max(alarms, 1), total / least, seen / max(firsts, 1)


def delays(sizes: Sizes) -> Results:
    """Nights until a change is found, beside the optimum."""
    chance = np.random.default_rng(sizes.seed + 4)
    reported = Results()
    rows = []
    for ratio in (2.0, 1.5, 0.5):
        for dispersion in (1, 5, 11):
            found = [_delay(chance, ratio, dispersion) for _ in range(sizes.series)]
            middle, late = np.quantile(found, [0.5, 0.9], method="lower")
            best, best_late = optimum(chance, ratio, dispersion)
            bar = BARS.get((ratio, dispersion))
            rows.append(
                (
                    f"x {ratio:g}",
                    str(dispersion),
                    f"{middle:.0f}",
                    f"{late:.0f}" if np.isfinite(late) else f"> {AFTER}",
                    f"{best:.0f}",
                    f"{best_late:.0f}",
                )
            )
            if bar is not None:
                reported.bars.append(
                    Bar(
                        f"x {ratio:g} found, dispersion {dispersion}, median",
                        f"<= {bar} nights",
                        f"{middle:.0f}; optimum {best:.0f}",
                        bool(middle <= bar),
                        MODELLED,
                    )
                )
    columns = ("change", "dispersion", "median", "90 %", "optimum: median", "90 %")
    reported.tables.append(Table("Nights until a change is found", MODELLED, columns, tuple(rows)))
    return reported


def _delay(chance, ratio, dispersion):
    """Nights from a change, BEFORE nights in, to its alarm; a series that alarms earlier is drawn again."""
    mean = np.r_[np.full(BEFORE, 20.0), np.full(AFTER, 20.0 * ratio)]
    while True:
        found = monitor(clustered(chance, mean, dispersion).tolist(), [REST_H] * len(mean))
        if not found:
            return np.inf
        if found[0].index >= BEFORE:
            return found[0].index - BEFORE + 1


def optimum(chance, ratio, dispersion, series=2000):
    """Median and 90 % of the delay of the CUSUM that knows both rates, the dispersion and the direction.

    No procedure with the same ARL0 has a smaller worst mean delay (Moustakides 1986, Ann. Stat. 14:1379).
    """
    counts = np.arange(600)

    def log_chance(mean):
        if dispersion <= 1:
            return poisson.logpmf(counts, mean)
        return nbinom.logpmf(counts, mean / (dispersion - 1), 1 / dispersion)

    gain = log_chance(20.0 * ratio) - log_chance(20.0)
    low, high = 0.1, 20.0
    for _ in range(9):
        limit = (low + high) / 2
        if _cusum(chance, gain, 20.0, dispersion, limit, 500).mean() < YEAR:
            low = limit
        else:
            high = limit
    start = _cusum_state(chance, gain, dispersion, high, series)
    return np.quantile(_cusum(chance, gain, 20.0 * ratio, dispersion, high, series, start), [0.5, 0.9])


def _cusum(chance, gain, mean, dispersion, limit, series, start=None):
    """Nights to the alarm of this many series."""
    level = np.zeros(series) if start is None else start.copy()
    nights = np.zeros(series)
    running = np.ones(series, dtype=bool)
    for _ in range(20 * YEAR):
        if not running.any():
            break
        nights += running
        drawn = np.minimum(clustered(chance, np.full(series, mean), dispersion), len(gain) - 1)
        level = np.maximum(0, level + gain[drawn])
        running &= level < limit
    return nights


def _cusum_state(chance, gain, dispersion, limit, series):
    """Where its level stands after BEFORE nights without change or alarm."""
    level = np.zeros(series)
    for _ in range(BEFORE):
        drawn = np.minimum(clustered(chance, np.full(series, 20.0), dispersion), len(gain) - 1)
        level = np.maximum(0, level + gain[drawn])
        level[level >= limit] = 0.0
    return level


def hours(sizes: Sizes) -> Results:
    """One night: false findings when steady, and how often a busy hour is found; alone and with others."""
    chance = np.random.default_rng(sizes.seed + 5)
    reported = Results()
    rows = []
    worst = {True: 0.0, False: 0.0}
    rest_h = 0.85
    for dispersion in (1, 5, 11):
        for per_hour in (5, 20):
            shares = []
            for known in (False, True):
                share = _share(chance, sizes.steady_nights, np.full(8, per_hour * rest_h), dispersion, known)
                shares.append(share)
                if dispersion <= (11 if known else 5):
                    worst[known] = max(worst[known], share)
            rows.append((f"steady, {per_hour}/h, dispersion {dispersion}", *(f"{s:.2%}" for s in shares)))
    for dispersion in (1, 5):
        for ratio in (3, 5, 8):
            mean = np.full(8, 10 * rest_h)
            mean[6] *= ratio
            shares = [
                _share(chance, sizes.steady_nights // 8, mean, dispersion, known) for known in (False, True)
            ]
            rows.append((f"10/h, one hour x {ratio}, dispersion {dispersion}", *(f"{s:.0%}" for s in shares)))
    reported.tables.append(
        Table(
            "Rising hours found in one night of 8 h",
            MODELLED,
            ("night", "alone", "with 28 nights before"),
            tuple(rows),
        )
    )
    # Two standard errors of one share above what is stated.
    most = 1 / YEAR + 2 * np.sqrt(1 / YEAR / sizes.steady_nights)
    for known, name in ((False, "alone, dispersion <= 5"), (True, "with nights before, <= 11")):
        reported.bars.append(
            Bar(
                f"rising hours, steady nights, {name}",
                "<= 1 in 365 nights",
                f"worst row {worst[known]:.2%}",
                bool(worst[known] <= most),
                MODELLED,
            )
        )
    return reported


def _share(chance, nights, mean, dispersion, known):
    found = 0
    usual = None
    for at in range(nights):
        if known and at % 20 == 0:
            before = clustered(chance, np.broadcast_to(np.full(8, 10 * 0.85), (28, 8)), dispersion)
            usual = sum((Clustering.of(row.tolist(), [0.85] * 8) for row in before), Clustering())
        counts = clustered(chance, mean, dispersion)
        spans = [Span(3_600_000_000 * hour, int(count), 0.85) for hour, count in enumerate(counts)]
        found += within_night(spans, None, usual) is not None
    return found / nights
