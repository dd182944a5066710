"""How well the detector finds twitches and tremor, on which data, and compared with what.

    python -m validation.detection [--quick] [--only PARTS] [--entrant NAME] [--long HOURS] [--no-write]

--entrant adds a detector to those compared, and may be repeated: package.module:name, or a command that
reads a CSV file and prints JSON lines (`validation/detection/entrants.py`).
Prints tables; without --quick, --only and --entrant it also writes docs/detection.md,
docs/detection-figures.md and docs/figures. Real recordings (../shared/data) and the extra `bench`
(matplotlib, ParaDigMa) are used where they are; it says so where not.
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

from bench.page import insert
from twitchwatch.errors import TwitchwatchError
from twitchwatch.shared.detector.parameters import VERSION, checksum, table
from validation.detection import (
    breaths,
    by_family,
    counting,
    entrants,
    false_twitches,
    faults,
    figures,
    hearts,
    kinds,
    peer,
    people,
    precision,
    recordings,
    second,
    speed,
    trembling,
    tremor,
    twitches,
)
from validation.detection.entrants import Entrant
from validation.detection.sizes import FULL, QUICK, Sizes
from validation.tables import Results, bars_table, markdown, marks_table, numbers_table, rows, show

DOCS = Path(__file__).parents[2] / "docs"
FIRST_PAGE = DOCS / "detection.md"
PAGE = DOCS / "detection-figures.md"
WIDTH = 110


def parts(sizes: Sizes, long_hours: float, taking: tuple[Entrant, ...]) -> dict[str, Callable[[], Results]]:
    """Each part of the benchmark by its name; the first ones are open to any entrant."""
    return {
        "families": lambda: by_family.tell(sizes, taking),
        "counting": lambda: counting.tell(sizes, taking),
        "hearts": lambda: hearts.tell(sizes, taking),
        "breaths": lambda: breaths.tell(sizes, taking),
        "trembling": lambda: trembling.tell(sizes, taking),
        "twitches": lambda: twitches.tell(sizes),
        "false": lambda: false_twitches.tell(sizes, long_hours=long_hours),
        "tremor": lambda: tremor.tell(sizes),
        "kinds": lambda: kinds.tell(sizes),
        "second": lambda: second.tell(sizes),
        "input": lambda: faults.tell(sizes),
        "people": people.tell,
        "precision": lambda: precision.tell(sizes),
        "speed": lambda: speed.tell(sizes, taking),
    }


def main(argv: list[str] | None = None) -> int:
    """Run, print, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small, on seeds for tuning; writes nothing")
    parser.add_argument("--only", help="parts, with commas: " + ", ".join(parts(QUICK, 0, ())))
    parser.add_argument(
        "--long", type=float, default=0.0, metavar="HOURS", help="more white noise, such as 96"
    )
    parser.add_argument(
        "--entrant",
        action="append",
        default=[],
        metavar="NAME",
        help="one more detector: module:name or a command",
    )
    parser.add_argument("--no-write", action="store_true", help="leave docs alone")
    asked = parser.parse_args(argv)
    console = Console(width=WIDTH)
    try:
        taking = (*entrants.first_entrants(), *(entrants.load(name) for name in asked.entrant))
    except TwitchwatchError as error:
        parser.error(str(error))
    chosen = parts(QUICK if asked.quick else FULL, asked.long, taking)
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
    results = Results()
    begun = perf_counter()
    for name, part in chosen.items():
        started = perf_counter()
        found = part()
        results += found
        for each in found.tables:
            show(console, each)
        if found.bars:
            show(console, bars_table(found.bars))
        console.print(f"{name}: {perf_counter() - started:.0f} s", style="dim")
    met = sum(bar.met is True for bar in results.bars)
    console.print(f"[bold]{met} of {len(results.bars)} bars met[/], {perf_counter() - begun:.0f} s in all")
    if results.marks:
        show(console, marks_table(results.marks))
    if results.numbers:
        show(console, numbers_table(results.numbers))
    if asked.quick or asked.only or asked.entrant or asked.no_write:
        return 0
    drawn: list[tuple[str, str]] = []
    if figures.present():
        drawn = figures.draw(results.curves)
    else:
        console.print(f"[bold red]{figures.MISSING}[/]")
    head = f"{detector} {met} of {len(results.bars)} bars met."
    words = "\n\n".join([head, *(f"**{note}**" for note in notes)])
    write(words, results, [each for each in drawn if each[0] != figures.FIRST])
    write_first(words, results, [each for each in drawn if each[0] == figures.FIRST])
    console.print(f"written: {FIRST_PAGE}, {PAGE}, {figures.FOLDER}")
    return 0


def write(head: str, results: Results, drawn: list[tuple[str, str]], page: Path = PAGE) -> None:
    """Put everything between the page's marks; ValueError if it has none."""
    parts = [head, *(f"![{words}](figures/{name})" for name, words in drawn)]
    parts += [markdown(table) for table in [bars_table(results.bars), *results.tables]]
    insert("figures", "\n\n".join(parts), page)


def write_first(head: str, results: Results, drawn: list[tuple[str, str]], page: Path = FIRST_PAGE) -> None:
    """Put the picture and the few numbers between the first page's marks; ValueError if it has none."""
    parts = [
        *(f"![{words}](figures/{name})" for name, words in drawn),
        rows(numbers_table(results.numbers)),
        head,
    ]
    insert("numbers", "\n\n".join(parts), page)
    insert("entrants", rows(marks_table(results.marks)), page)


if __name__ == "__main__":
    sys.exit(main())
