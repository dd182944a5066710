"""Thirty nights of one board without a restart, in virtual time: its heap must stay flat.

    python -m bench.soak_device [--nights N] [--hours H]

The real firmware under MicroPython on the simulated board wears a modelled night again and again. No host
comes, so the log fills, thins and at last gives up its oldest: everything that could grow, does. The heap is
what is in use at each rendezvous, right after a collection; a night's figure is its least.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from twitchwatch.sim.air import Air
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import worn

# No host comes: the seconds for which the radio listens need not be waited for.
PACE = 40
SETTINGS = {"listen_s": 10, "rendezvous_s": 3600, "log_kib": 256}
# Growth a night, of which a heap of 100 KiB would not notice in a year. 64-bit words: half on a board.
MOST_GROWTH_BYTES = 64


async def soak(nights: int, hours: float, folder: Path) -> list[int]:
    """Bytes in use, the least of each night."""
    samples = folder / "night.i16"
    write_samples(samples, modelled_night(5, hours=hours).samples)
    least: dict[int, int] = {}

    def hear(report: dict[str, Any]) -> None:
        night = int(report["virtual_us"] / 3.6e9 / hours)
        if report["radio"] and night < nights:
            least[night] = min(least.get(night, sys.maxsize), report["heap"])

    config = {"pace": PACE, "times": nights, "settings": SETTINGS}
    async with worn(Air(), samples, [], flash=folder / "flash", on_report=hear, **config) as ring:
        await ring.wait()
    return [least[night] for night in sorted(least)]


def growth(heap: list[int]) -> float:
    """Bytes a night, by the least-squares line through all nights but the first, which starts things up."""
    values = heap[1:]
    middle = (len(values) - 1) / 2
    mean = sum(values) / len(values)
    spread = sum((i - middle) ** 2 for i in range(len(values)))
    return sum((i - middle) * (value - mean) for i, value in enumerate(values)) / spread


def main() -> None:
    """Print the heap of each night; exit 1 where it grows."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--nights", type=int, default=30)
    arguments.add_argument("--hours", type=float, default=8)
    given = arguments.parse_args()
    begun = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        heap = asyncio.run(soak(given.nights, given.hours, Path(folder)))
    print(f"{len(heap)} nights of {given.hours:g} h in {perf_counter() - begun:.0f} s")
    print("heap in use, KiB in a board's words: " + " ".join(f"{value / 2048:.1f}" for value in heap))
    grows = growth(heap)
    print(f"growth {grows / 2:+.1f} bytes a night")
    sys.exit(1 if abs(grows) > MOST_GROWTH_BYTES else 0)


if __name__ == "__main__":
    main()
