"""How accurately device time is converted to UTC, on modelled clocks, and whether the stated error holds.

    python -m bench.clock [--nights N] [--write]

A night is covered if UTC is within the stated error at every one of its minutes. The clocks and the trips
of the pings are modelled (tests/link/modelled_clocks.py says from what). Exit 1 where a bar is missed.
"""

import argparse
import statistics
import sys
import time
from random import Random

from bench.page import insert
from tests.clock.modelled_clocks import SCENES, Night
from twitchwatch.clock.fit import ClockFit
from twitchwatch.shared.protocol import records as protocol

# (scene, greatest median error in ms)
BARS = {"connected": 20.0, "light sleep": 200.0}
COVERED = 0.99


def fit_of(night: Night) -> ClockFit:
    """The fit of the records that such a night leaves."""
    found = []
    for boot, (clock, anchors) in enumerate(night.boots, 1):
        for device_s in (clock.device_s[0], clock.device_s[-1]):
            found.append(protocol.encode(protocol.MARK, 0, boot, round(device_s * 1e6), (0,)))
        for one in anchors:
            body = (one.utc_us, one.uncertainty_us)
            found.append(protocol.encode(protocol.ANCHOR, 0, boot, one.time_us, body))
    return ClockFit.from_records(map(protocol.decode, found))


def errors_of(night: Night) -> list[tuple[float, float]]:
    """(true error, stated error) in ms at each minute of the night."""
    fit = fit_of(night)
    found = []
    for boot, (clock, _) in enumerate(night.boots, 1):
        for device_s, utc_s in zip(clock.device_s, clock.utc_s, strict=True):
            reported = fit.utc_us(boot, round(device_s * 1e6))
            assert reported is not None
            found.append((abs(reported[0] - utc_s * 1e6) / 1e3, reported[1] / 1e3))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=500, help="of each scene")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    given = parser.parse_args()
    nights = given.nights
    began = time.perf_counter()
    lines = [
        "| modelled night of 8 h | error: median | 99 % | stated: median"
        " | minutes covered | nights covered |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    print("\n".join(lines))
    missed = []
    for name, scene in SCENES.items():
        every = [errors_of(scene(Random(f"{name} {seed}"))) for seed in range(nights)]
        flat = sorted(error for night in every for error, _ in night)
        stated = statistics.median(said for night in every for _, said in night)
        minutes = sum(error <= said for night in every for error, said in night) / len(flat)
        whole = sum(all(error <= said for error, said in night) for night in every) / nights
        median, late = statistics.median(flat), flat[int(0.99 * len(flat))]
        lines.append(
            f"| {name} | {median:.1f} ms | {late:.1f} ms | {stated:.0f} ms"
            f" | {100 * minutes:.3f} % | {100 * whole:.1f} % |"
        )
        print(lines[-1], flush=True)
        if whole < COVERED or median > BARS.get(name, float("inf")):
            missed.append(name)
    took_s = time.perf_counter() - began
    if given.write:
        insert("clock", "\n".join([*lines, "", f"{nights} nights of each."]))
    print(f"{nights} nights of each in {took_s:.0f} s; bars missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
