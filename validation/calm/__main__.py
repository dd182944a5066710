"""Calm: messages a year to healthy wearers, against the days until one that worsens gets the right message.

    python -m validation.calm [--years 10000] [--worse 1000] [--minutes M] [--seed 2025] [--no-write]

Runs this many years of healthy wearers, and as many that worsen, through findings and alerts, prints tables,
and writes them to docs/alerts.md. A year takes about half a second. To tune a limit, take a seed below 100.
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
from validation.calm.figures import results
from validation.calm.years import COURSES, Year, days_to_message, healthy_year
from validation.tables import bars_table, markdown, show

PAGE = Path(__file__).parents[2] / "docs" / "alerts.md"


def main(argv: list[str] | None = None) -> int:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--years", type=int, default=10_000, help="of healthy wearers")
    parser.add_argument("--worse", type=int, default=1_000, help="years that worsen, shared by the courses")
    parser.add_argument("--minutes", type=float, help="stop after this many, with fewer years")
    parser.add_argument("--seed", type=int, default=2025, help="limits were set on seeds below 100")
    parser.add_argument("--no-write", action="store_true", help="leave docs alone")
    asked = parser.parse_args(argv)
    begun = perf_counter()
    each = -(-asked.worse // len(COURSES))
    years: list[Year] = []
    days: dict[str, list[float]] = {course: [] for course in COURSES}
    # In turn, so that there is some of each if the time is up.
    turns = max(1, round(asked.years / each))
    for number in range(each):
        if asked.minutes is not None and perf_counter() - begun > 60 * asked.minutes:
            break
        for course, own in days.items():
            own.append(days_to_message(asked.seed, course, number))
        first, last = number * turns, asked.years if number == each - 1 else (number + 1) * turns
        years += [healthy_year(asked.seed, one) for one in range(first, min(last, asked.years))]
    found = results(years, days)
    console = Console(width=110)
    for table in (bars_table(found.bars), *found.tables):
        show(console, table)
    met = sum(bar.met is True for bar in found.bars)
    head = (
        f"Analysis version {VERSION}, seed {asked.seed}, {len(years):,} healthy years and "
        f"{sum(map(len, days.values())):,} that worsen: {met} of {len(found.bars)} bars met."
    )
    console.print(f"[bold]{head}[/] {perf_counter() - begun:.0f} s")
    if not asked.no_write:
        tables = [markdown(table) for table in (bars_table(found.bars), *found.tables)]
        insert("calm", "\n\n".join((head, *tables)), PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
