"""Processor time of the host's detector for a day at 104 Hz (9 million samples), compiled before.

python bench/detector_speed.py [--json]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

from tests.detector.signals import RATE_HZ, add, direction, sampled, still, swing
from tests.detector.walk import feed
from twitchwatch.shared.detector.detector import Detector

HOUR_S = 3600
RUNS = 5


def hours() -> dict[str, np.ndarray]:
    """An hour each, repeated for a day."""
    rng = np.random.default_rng(1)
    tremor = still(rng, HOUR_S)
    add(tremor, swing(5, 30, HOUR_S, direction(rng)), 0)
    return {
        "quiet night": sampled(still(rng, HOUR_S)),
        "tremor all day": sampled(tremor),
        "movement all day": sampled(still(rng, HOUR_S, 200.0)),
    }


def seconds_a_day(samples: np.ndarray) -> float:
    n = len(samples) // 3
    detector = Detector()
    begun = process_time()
    for _ in range(24):
        feed(detector, samples, n, [])
    return process_time() - begun


def main() -> None:
    feed(Detector(), sampled(still(np.random.default_rng(0), 60)), 60 * RATE_HZ, [])
    rows = [
        {"day": name, "seconds": round(min(seconds_a_day(samples) for _ in range(RUNS)), 3)}
        for name, samples in hours().items()
    ]
    if "--json" in sys.argv:
        print(json.dumps(rows))
        return
    print(f"| day of {24 * HOUR_S * RATE_HZ:,} samples | seconds, best of {RUNS} |\n| --- | --- |")
    for row in rows:
        print(f"| {row['day']} | {row['seconds']} |")


if __name__ == "__main__":
    main()
