"""False claims and power of the trigger analysis, on modelled nights.

python -m bench.triggers
"""

from __future__ import annotations

import sys
from datetime import date, timedelta

import numpy as np

from twitchwatch.analysis.counted import FactorNight
from twitchwatch.analysis.triggers import effects

RUNS = 500
NIGHTS = 60
FACTORS = 10
START = date(2026, 1, 1)


def carried(rng: np.random.Generator, n: int, by: float) -> np.ndarray:
    """Standard normal values that resemble the previous one with correlation `by`."""
    out = rng.normal(size=n)
    for i in range(1, n):
        out[i] = by * out[i - 1] + np.sqrt(1 - by * by) * out[i]
    return out


def nights(
    rng: np.random.Generator, *, rate: float, dispersion: float, count_carry: float, factor_carry: float,
    ratio: float = 1.0,
) -> list[FactorNight]:  # fmt: skip
    """Sixty nights at 20 (or `rate`) twitches; the first factor multiplies the rate by `ratio` where high."""
    values = np.column_stack([carried(rng, NIGHTS, factor_carry) for _ in range(FACTORS)])
    # Some are amounts, some yes or no, some cups.
    values[:, 1::3] = values[:, 1::3] > 0.5
    values[:, 2::3] = np.clip(np.round(values[:, 2::3] + 2), 0, 5) * 95
    rest_h = rng.uniform(5.0, 8.0, NIGHTS)
    mean = rate * rest_h / 6.5 * ratio ** (values[:, 0] > 0)
    if dispersion > 1:
        spread = np.sqrt(np.log1p((dispersion - 1) / rate))
        mean = mean * np.exp(spread * carried(rng, NIGHTS, count_carry) - spread**2 / 2)
    counts = rng.poisson(mean)
    return [
        FactorNight(
            START + timedelta(days=i),
            int(counts[i]),
            float(rest_h[i]),
            {f"factor {j}": float(values[i, j]) for j in range(FACTORS)},
        )
        for i in range(NIGHTS)
    ]


def main() -> int:
    print(f"{NIGHTS} nights, {FACTORS} factors, {RUNS} runs each; any factor named: <= 5 %")
    print("| twitches | dispersion | correlation of nights | correlation of factors | any false claim |")
    print("| --- | --- | --- | --- | --- |")
    worst = 0.0
    for rate, dispersion, count_carry, factor_carry in (
        (20, 1, 0.0, 0.0), (20, 5, 0.0, 0.0), (20, 11, 0.0, 0.0), (3, 1, 0.0, 0.0), (3, 3, 0.0, 0.0),
        (200, 11, 0.0, 0.0), (20, 5, 0.4, 0.0), (20, 5, 0.4, 0.4), (20, 5, 0.7, 0.7),
    ):  # fmt: skip
        rng = np.random.default_rng(77_000)
        false = 0
        for _ in range(RUNS):
            reported = effects(
                nights(rng, rate=rate, dispersion=dispersion, count_carry=count_carry,
                       factor_carry=factor_carry)
            )  # fmt: skip
            false += any(effect.answer in ("more", "fewer") for effect in reported)
        worst = max(worst, false / RUNS)
        print(f"| {rate} | {dispersion} | {count_carry} | {factor_carry} | {false / RUNS:.1%} |", flush=True)
    print("\n| true ratio, high to low | dispersion | found | interval contains it |")
    print("| --- | --- | --- | --- |")
    for ratio in (1.3, 1.5, 2.0):
        for dispersion in (1, 5):
            rng = np.random.default_rng(78_000)
            found = held = reported_n = 0
            for _ in range(RUNS // 5):
                series = nights(
                    rng, rate=20, dispersion=dispersion, count_carry=0.0, factor_carry=0.0, ratio=ratio
                )
                yes_no = [
                    FactorNight(
                        night.date, night.twitches, night.rest_h,
                        {**night.factors, "factor 0": float(night.factors["factor 0"] > 0)},
                    )
                    for night in series
                ]  # fmt: skip
                effect = next(e for e in effects(yes_no, {"factor 0": 1.0}) if e.factor == "factor 0")
                found += effect.answer == "more"
                if effect.interval is not None:
                    reported_n += 1
                    held += effect.interval[0] <= ratio <= effect.interval[1]
            print(f"| {ratio} | {dispersion} | {found / (RUNS // 5):.0%} | {held / max(reported_n, 1):.0%} |")
    return 0 if worst <= 0.05 else 1


if __name__ == "__main__":
    sys.exit(main())
