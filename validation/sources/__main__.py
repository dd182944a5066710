"""What recordings of other sensors can show: the stated limit, still hands, late samples.

    python -m validation.sources [--quick] [--only PARTS] [--no-write] [--calibrate]

Prints tables; without --quick, --only and --no-write it also writes docs/recording-figures.md. All of it is
modelled. --quick takes seeds that are free for tuning; without it they are held out. --calibrate prints by
how much the constants of host/twitchwatch/analysis/detection_limit.py are off, on seeds for tuning.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2] / "host"))

from rich.console import Console

from bench.page import insert
from twitchwatch.shared.detector.parameters import VERSION, checksum, table
from validation.detection.sizes import HELD_OUT, TUNING
from validation.sources import arriving, coverage, still
from validation.tables import Results, bars_table, markdown, show

PAGE = Path(__file__).parents[2] / "docs" / "recording-figures.md"

_TWITCHES = {"quick": 60, "full": 1000}
_HOURS = {"quick": 0.5, "full": 3.0}


def parts(size: str, seed: int) -> dict[str, Callable[[], Results]]:
    """By name."""
    return {
        "coverage": lambda: coverage.tell(seed, _TWITCHES[size]),
        "still": lambda: still.tell(seed + 5000, _HOURS[size]),
        "arriving": lambda: arriving.tell(seed + 9000, _TWITCHES[size] // 2),
    }


def main() -> int:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small, on seeds for tuning; writes nothing")
    parser.add_argument("--only", help="parts, with commas: coverage, still, arriving")
    parser.add_argument("--no-write", action="store_true", help="leave docs alone")
    parser.add_argument("--calibrate", action="store_true", help="print how far the constants are off")
    asked = parser.parse_args()
    console = Console(width=110)
    if asked.calibrate:
        for line in coverage.calibrate(TUNING, _TWITCHES["full"] // 2):
            console.print(line)
        return 0
    size, seed = ("quick", TUNING) if asked.quick else ("full", HELD_OUT + 10_000)
    chosen = parts(size, seed)
    names = asked.only.split(",") if asked.only else list(chosen)
    if unknown := set(names) - set(chosen):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(chosen)}")
    results = Results()
    for name in names:
        started = perf_counter()
        found = chosen[name]()
        results += found
        for each in (*found.tables, bars_table(found.bars)):
            show(console, each)
        console.print(f"{name}: {perf_counter() - started:.0f} s", style="dim")
    met = sum(bar.met is True for bar in results.bars)
    head = f"Detector version {VERSION}, parameters {checksum(table()):08x}, seed {seed}. "
    head += f"{met} of {len(results.bars)} bars met."
    console.print(f"[bold]{head}[/]")
    if not (asked.quick or asked.only or asked.no_write):
        write(head, results)
        console.print(f"written: {PAGE}")
    return 0


def write(head: str, results: Results, page: Path = PAGE) -> None:
    """Put everything between the page's marks; ValueError if it has none."""
    tables = [markdown(each) for each in (bars_table(results.bars), *results.tables)]
    insert("figures", "\n\n".join([head, *tables]), page)


if __name__ == "__main__":
    sys.exit(main())
