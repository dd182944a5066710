"""How well the detector finds twitches and tremor, on what, and beside what.

    python -m bench.detection [--quick] [--only PARTS] [--long HOURS] [--no-write]

Prints tables; without --quick and --only it also writes docs/detection.md and docs/figures. Real recordings
(../shared/data) and the extra `bench` (matplotlib, ParaDigMa) are used where they are; it says so where not.
--quick takes seeds that are free for tuning; without it they are held out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2] / "host"))

from rich.console import Console

from bench.detection import (
    false_twitches,
    faults,
    figures,
    kinds,
    page,
    peer,
    people,
    precision,
    recordings,
    second,
    speed,
    tremor,
    twitches,
)
from bench.detection.page import Findings
from bench.detection.sizes import FULL, QUICK, Sizes
from shared.detector.parameters import VERSION, checksum, table

WIDTH = 80


def parts(sizes: Sizes, long_hours: float) -> dict[str, Callable[[], Findings]]:
    """Each part of the benchmark by its name."""
    return {
        "twitches": lambda: twitches.tell(sizes),
        "false": lambda: false_twitches.tell(sizes, long_hours=long_hours),
        "tremor": lambda: tremor.tell(sizes),
        "kinds": lambda: kinds.tell(sizes),
        "second": lambda: second.tell(sizes),
        "input": lambda: faults.tell(sizes),
        "people": people.tell,
        "precision": lambda: precision.tell(sizes),
        "speed": lambda: speed.tell(sizes),
    }


def main(argv: list[str] | None = None) -> int:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small, on seeds for tuning; writes nothing")
    parser.add_argument("--only", help="parts, with commas: " + ", ".join(parts(QUICK, 0)))
    parser.add_argument(
        "--long", type=float, default=0.0, metavar="HOURS", help="more white noise, such as 96"
    )
    parser.add_argument("--no-write", action="store_true", help="leave docs alone")
    asked = parser.parse_args(argv)
    console = Console(width=WIDTH)
    chosen = parts(QUICK if asked.quick else FULL, asked.long)
    if asked.only:
        unknown = set(asked.only.split(",")) - set(chosen)
        if unknown:
            parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(chosen)}")
        chosen = {name: part for name, part in chosen.items() if name in asked.only.split(",")}
    detector = f"Detector version {VERSION}, parameters {checksum(table()):08x}; {peer.name()}."
    console.print(detector)
    notes = []
    if not peer.present():
        notes.append(peer.MISSING)
    if not recordings.present():
        notes.append(f"The real recordings are NOT at {recordings.DATA}: modelled figures only.")
    for note in notes:
        console.print(f"[bold red]{note}[/]")
    findings = Findings()
    begun = perf_counter()
    for name, part in chosen.items():
        started = perf_counter()
        found = part()
        findings += found
        for each in found.tables:
            page.show(console, each)
        if found.bars:
            page.show(console, page.bars_table(found.bars))
        console.print(f"{name}: {perf_counter() - started:.0f} s", style="dim")
    met = sum(bar.met is True for bar in findings.bars)
    console.print(f"[bold]{met} of {len(findings.bars)} bars met[/], {perf_counter() - begun:.0f} s in all")
    if asked.quick or asked.only or asked.no_write:
        return 0
    drawn: list[tuple[str, str]] = []
    if figures.present():
        drawn = figures.draw(findings.curves)
    else:
        console.print(f"[bold red]{figures.MISSING}[/]")
    head = f"{detector} {met} of {len(findings.bars)} bars met."
    page.write("\n\n".join([head, *(f"**{note}**" for note in notes)]), findings, drawn)
    console.print(f"written: {page.PAGE}, {figures.FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
