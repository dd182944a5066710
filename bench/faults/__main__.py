"""Faults x columns, alone and in pairs; the outcomes go into docs/reliability.md.

    python -m bench.faults [--pairs] [--every] [--only WORDS] [--jobs N] [--write]

Alone: each fault on every board, in each release that differs from the others in a fact that the fault
touches. --pairs: all pairs of kinds as well, each on one column, the columns in turn. --every: neither merged
nor in turn, but all on all columns (a day). What has been run with these very files is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "host"))

from bench.faults.columns import COLUMNS, columns_for  # noqa: E402
from bench.faults.flashed import as_flashed  # noqa: E402
from bench.faults.judge import Outcome, judge  # noqa: E402
from bench.faults.night import Column, spend  # noqa: E402
from bench.faults.page import page  # noqa: E402
from bench.faults.table import FAULTS, Fault  # noqa: E402
from bench.page import insert  # noqa: E402

KEPT = Path.home() / ".cache" / "twitchwatch" / "faults.jsonl"


@dataclass(frozen=True)
class Case:
    """One run: faults by their names, a column, and which of the faults begin in the night."""

    names: tuple[str, ...]
    column: Column
    late: tuple[bool, ...]

    def __str__(self) -> str:
        return f"{' + '.join(self.names)} on {self.column.board} {self.column.release}"

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(BY_NAME[name] for name in self.names)


BY_NAME = {fault.name: fault for fault in FAULTS}


def singles(*, merged: bool = True) -> list[Case]:
    """Each fault on its columns: at power-on on one, in the night on the next."""
    cases = []
    for turn, fault in enumerate(FAULTS):
        columns = columns_for([fault], turn, merged=merged)
        for place in range(len(columns)):
            column = columns[(turn + place) % len(columns)]
            cases.append((place, Case((fault.name,), column, ((turn + place) % 2 == 1,))))
    # Each fault once before any a second time: what is wrong shows soon.
    return [case for _, case in sorted(cases, key=lambda each: each[0])]


def pairs(*, merged: bool = True) -> list[Case]:
    """All pairs of kinds, the second in the night; each on the next column, or on all."""
    kinds = [fault for fault in FAULTS if fault.kind]
    cases = []
    for turn, pair in enumerate(combinations(kinds, 2)):
        possible = columns_for(pair, merged=False)
        for column in [possible[turn * 7 % len(possible)]] if merged else possible:
            cases.append(Case(tuple(fault.name for fault in pair), column, (False, True)))
    return cases


def flashed(cases: Sequence[Case], folder: Path) -> dict[str, Path]:
    """The firmware of each board of these cases, as it is flashed."""
    boards = sorted({case.column.board for case in cases})
    return {board: as_flashed(board, folder / board) for board in boards}


def run(case: Case, firmware: Path) -> Outcome:
    """One run, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="twitchwatch-faults-") as folder:
        try:
            night = asyncio.run(spend(case.faults, case.column, firmware, Path(folder), late=case.late))
            return judge(night, case.faults, case.column)
        except (RuntimeError, LookupError) as error:
            return Outcome(0.0, 0.0, 0.0, 0, (f"{error}"[-400:],))


def _digest() -> str:
    files = sorted(
        [*ROOT.glob("firmware/**/*.py"), *ROOT.glob("shared/**/*.py"), *ROOT.glob("bench/faults/[dnt]*.py")]
    )
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def _kept(digest: str) -> dict[Case, Outcome]:
    found: dict[Case, Outcome] = {}
    if KEPT.exists():
        for line in KEPT.read_text().splitlines():
            row = json.loads(line)
            if row.pop("digest") == digest:
                case = Case(tuple(row["names"]), Column(*row["column"]), tuple(row["late"]))
                found[case] = Outcome(**{**row["outcome"], "short": tuple(row["outcome"]["short"])})
    return found


def run_all(cases: Sequence[Case], jobs: int) -> dict[Case, Outcome]:
    """Run what has not been run; failures are printed at once."""
    digest = _digest()
    kept = _kept(digest)
    outcomes = {case: kept[case] for case in cases if case in kept}
    todo = [case for case in cases if case not in kept]
    began_s = time.monotonic()
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="twitchwatch-flashed-") as folder,
        ProcessPoolExecutor(jobs) as pool,
        KEPT.open("a") as file,
    ):
        firmware = flashed(todo, Path(folder))
        waiting = {pool.submit(run, case, firmware[case.column.board]): case for case in todo}
        for done, future in enumerate(as_completed(waiting), 1):
            case, outcome = waiting[future], future.result()
            outcomes[case] = outcome
            row = {"digest": digest, "names": case.names, "column": [case.column.board, case.column.release]}
            file.write(json.dumps({**row, "late": case.late, "outcome": asdict(outcome)}) + "\n")
            file.flush()
            if True:
                reported = "; ".join(outcome.short) or "well"
                print(
                    f"[{done}/{len(todo)} {time.monotonic() - began_s:.0f} s] {' + '.join(case.names)} on"
                    f" {case.column.board} {case.column.release} {case.late}: {outcome.share:.1%} {reported}",
                    flush=True,
                )
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cases = singles(merged=not arguments.every)
    if arguments.pairs:
        cases += pairs(merged=not arguments.every)
    cases = [case for case in cases if any(arguments.only in name for name in case.names)]
    outcomes = run_all(cases, arguments.jobs)
    text = page(outcomes, FAULTS, len(COLUMNS))
    if arguments.write:
        insert("faults", text)
    else:
        print(text)
    return int(any(outcome.short for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
