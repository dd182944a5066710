"""Everything goes on: a share of the faults that `python -m bench.faults` tries, on every chip.

Each kind of fault alone on both XIAO boards, in the oldest and the newest release by turns. Pairs, the boards
with a classic ESP32 and what is in RED are not yet as they should be: docs/reliability.md.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from bench.faults.__main__ import Case, flashed, run
from bench.faults.columns import RELEASES
from bench.faults.night import Column
from bench.faults.table import FAULTS

RED: set[tuple[str, str, str]] = set()


def _alone() -> list[Case]:
    cases = []
    for turn, fault in enumerate(fault for fault in FAULTS if fault.kind):
        for place, board in enumerate(("xiao_esp32c3", "xiao_esp32s3")):
            release = RELEASES[-((turn + place) % 2)]
            if board in fault.boards and (fault.name, board, release) not in RED:
                cases.append(Case((fault.name,), Column(board, release), (turn % 2 == 1,)))
    return cases


CASES = _alone()


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    firmware = flashed(CASES, tmp_path_factory.mktemp("flashed"))
    # All at once, on all processors: each is a computer of its own.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        yield {case: pool.submit(run, case, firmware[case.column.board]) for case in CASES}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_minutes_are_logged_the_part_is_named_and_what_heals_is_well(outcomes, case):
    outcome = outcomes[case].result()
    assert outcome.short == ()
    assert outcome.share >= 0.95
