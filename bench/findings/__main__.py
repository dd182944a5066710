"""Findings in figures: rates, rhythm, escalation, speed.

    python -m bench.findings [--quick] [--only PARTS] [--no-write]

Prints tables; without --quick and --only it also writes the figures of docs/findings.md. All counts and
trains are modelled. --quick takes seeds that are free for tuning.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2] / "host"))

from rich.console import Console

from bench.detection import page
from bench.detection.page import Findings
from bench.findings import escalation, rates, rhythm, speed
from bench.findings.sizes import FULL, QUICK
from twitchwatch.analysis import VERSION

PAGE = Path(__file__).parents[2] / "docs" / "findings.md"
PARTS = {"rates": rates.tell, "rhythm": rhythm.tell, "escalation": escalation.tell, "speed": speed.tell}


def main() -> int:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small, on seeds for tuning; writes nothing")
    parser.add_argument("--only", help="parts, with commas: " + ", ".join(PARTS))
    parser.add_argument("--no-write", action="store_true", help="leave docs alone")
    asked = parser.parse_args()
    names = asked.only.split(",") if asked.only else list(PARTS)
    if unknown := set(names) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    sizes = QUICK if asked.quick else FULL
    console = Console(width=100)
    told = Findings()
    begun = perf_counter()
    for name in names:
        started = perf_counter()
        found = PARTS[name](sizes)
        told += found
        for table in found.tables:
            page.show(console, table)
        page.show(console, page.bars_table(found.bars))
        console.print(f"{name}: {perf_counter() - started:.0f} s", style="dim")
    met = sum(bar.met is True for bar in told.bars)
    head = f"Analysis version {VERSION}, seed {sizes.seed}. {met} of {len(told.bars)} bars met."
    console.print(f"[bold]{head}[/] {perf_counter() - begun:.0f} s in all")
    if not (asked.quick or asked.only or asked.no_write):
        page.write(head, told, [], PAGE)
        console.print(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
