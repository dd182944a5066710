"""Thirty nights of one board without a restart, in virtual time: its heap must stay flat, the radio start.

    python -m bench.soak_device [--nights N] [--hours H] [--board NAME]

The real firmware under MicroPython on the simulated board wears a modelled night again and again. No host
comes, so the log fills, thins and finally drops its oldest: everything that could grow, does. The heap is
what is in use at each rendezvous, right after a collection; a night's figure is its least. There are fifty
rendezvous a night, for each of which the radio has to find its part of the memory that Python shares with it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from twitchwatch.sim.air import Air
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import worn

# No host comes: the seconds for which the radio listens need not be waited for.
PACE = 40
SETTINGS = {"listen_s": 10, "log_kib": 256}
MEETINGS = 50
PORT = Path(__file__).parents[1] / "firmware" / "models" / "esp32_port.json"
# Growth a night, of which a heap of 100 KiB would not notice in a year. 64-bit words: half on a board.
MAX_GROWTH_BYTES = 64


@dataclass
class Soak:
    """Bytes of heap in use, the minimum of each night; sessions; and the minimum free in ESP-IDF's heap."""

    heap: dict[int, int] = field(default_factory=dict)
    sync_sessions: int = 0
    idf_free: int = sys.maxsize
    idf_largest: int = sys.maxsize
    # At the end, with the radio off: what a start of it would find.
    free_at_end: int = 0
    largest_at_end: int = 0


async def soak(nights: int, hours: float, folder: Path, board: str = "xiao_esp32c3") -> Soak:
    """Let one board live for so long."""
    samples = folder / "night.i16"
    write_samples(samples, modelled_night(5, hours=hours).samples)
    reported = Soak()
    was_on = False

    def hear(report: dict[str, Any]) -> None:
        nonlocal was_on
        night = int(report["virtual_us"] / 3.6e9 / hours)
        on = report["radio"]
        if on and night < nights:
            reported.heap[night] = min(reported.heap.get(night, sys.maxsize), report["heap"])
        reported.sync_sessions += on and not was_on
        was_on = on
        reported.idf_free = min(reported.idf_free, report["idf_lowest"])
        reported.idf_largest = min(reported.idf_largest, report["idf_lowest_largest"])
        if not on:
            reported.free_at_end, reported.largest_at_end = report["idf_free"], report["idf_largest"]

    settings = {**SETTINGS, "rendezvous_s": max(60, int(hours * 3600 / MEETINGS))}
    config = {"board": board, "pace": PACE, "times": nights, "settings": settings}
    config["until_us"] = int(nights * hours * 3.6e9)
    async with worn(Air(), samples, [], flash=folder / f"{board}.flash", on_report=hear, **config) as ring:
        await ring.wait()
    return reported


def radio_takes(board: str) -> tuple[int, int]:
    """Bytes, the lower and the higher figure that was published for this board's chip."""
    chip = json.loads(PORT.read_text())
    name = {"xiao_esp32c3": "ESP32C3", "xiao_esp32s3": "ESP32S3"}.get(board, "ESP32")
    (row,) = (row for row in chip if row["fact"] == "ble.heap_bytes" and name in row["chips"])
    return row["value"][0], row["value"][1]


def growth(heap: list[int]) -> float:
    """Bytes a night: the median slope between any two nights but the first, which starts things up.

    One night whose heap was read a moment earlier or later does not set it (Theil 1950, Sen 1968).
    """
    nights = enumerate(heap[1:])
    return median((later - value) / (j - i) for (i, value), (j, later) in combinations(nights, 2))


def main() -> None:
    """Print each night's heap and what the radio found; exit 1 where the heap grows, or the radio failed."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--nights", type=int, default=30)
    arguments.add_argument("--hours", type=float, default=8)
    arguments.add_argument("--board", default="xiao_esp32c3")
    given = arguments.parse_args()
    begun = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        reported = asyncio.run(soak(given.nights, given.hours, Path(folder), given.board))
    heap = [reported.heap[night] for night in sorted(reported.heap)]
    print(f"{given.board}: {len(heap)} nights of {given.hours:g} h in {perf_counter() - begun:.0f} s")
    print("heap in use, KiB in a board's words: " + " ".join(f"{value / 2048:.1f}" for value in heap))
    grows = growth(heap)
    print(f"growth {grows / 2:+.1f} bytes a night")
    low, high = radio_takes(given.board)
    print(
        f"the radio was on {reported.sync_sessions} times, and takes {low:,} bytes (another source: {high:,})"
    )
    print(
        f"ESP-IDF's heap without it, at the end: {reported.free_at_end:,} bytes, largest block"
        f" {reported.largest_at_end:,}; margin {reported.free_at_end - low:,}"
        f" (or {reported.free_at_end - high:,});"
        f" the least ever free, with it: {reported.idf_free:,}"
    )
    failed = reported.sync_sessions < 0.9 * given.nights * MEETINGS
    sys.exit(1 if abs(grows) > MAX_GROWTH_BYTES or failed else 0)


if __name__ == "__main__":
    main()
