"""Results in figures: rates, rhythm, escalation, speed.

    python -m validation.findings [--quick] [--only PARTS] [--no-write]

Prints tables; without --quick it also writes those parts of docs/findings.md. All counts and trains are
modelled. --quick takes seeds that are free for tuning.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2] / "host"))

from rich.console import Console

from bench.page import insert
from twitchwatch.analysis import VERSION
from validation.findings import escalation, half_widths, rates, rhythm, speed
from validation.findings.sizes import FULL, QUICK
from validation.tables import Results, bars_table, markdown, show

PAGE = Path(__file__).parents[2] / "docs" / "findings.md"
PARTS = {
    "rates": rates.tell,
    "rhythm": rhythm.tell,
    "alarms": escalation.alarms,
    "delays": escalation.delays,
    "hours": escalation.hours,
    "half_widths": half_widths.tell,
    "speed": speed.tell,
}


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
    for name in names:
        started = perf_counter()
        found = PARTS[name](sizes)
        for table in found.tables:
            show(console, table)
        show(console, bars_table(found.bars))
        met = sum(bar.met is True for bar in found.bars)
        head = f"Analysis version {VERSION}, seed {sizes.seed}: {met} of {len(found.bars)} bars met."
        console.print(f"[bold]{name}: {head}[/] {perf_counter() - started:.0f} s")
        if not (asked.quick or asked.no_write):
            write(name, head, found)
    return 0


def write(part: str, head: str, found: Results) -> None:
    """Put a part's bars and tables between its marks; ValueError if the page has none."""
    tables = [markdown(table) for table in (bars_table(found.bars), *found.tables)]
    # The page has a heading for each part.
    text = "\n\n".join((head, *(table.replace("### ", "#### ", 1) for table in tables)))
    insert(part, text, PAGE)


if __name__ == "__main__":
    sys.exit(main())
