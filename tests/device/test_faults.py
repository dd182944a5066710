"""Everything goes on: a share of the faults that `python -m bench.faults` tries, on every chip.

Each kind of fault alone on both XIAO boards, in the oldest and the newest release by turns; those that need
memory on boards with a classic ESP32; and pairs, on the columns that they have in the bench: those that touch
each other.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from bench.faults.__main__ import Case, flashed, pairs, run
from bench.faults.columns import RELEASES
from bench.faults.night import Column
from bench.faults.table import FAULTS

PAIRS = {
    # Reset, with records in RAM; a start that waits for a button; a pin that wakes nothing.
    ("radio: start panics", "flash: every write fails"),
    ("radio: start browns out", "button stuck"),
    ("INT1 stuck low", "button stuck"),
    # Restarted for the sensor, with records in RAM or nothing to remember it by; RAM that fills with gaps.
    ("flash: every write fails", "I2C held low"),
    ("flash: every write fails", "sensor silent"),
    ("flash full", "sensor silent"),
    ("NVS refuses", "sensor silent"),
    ("NVS corrupt", "battery divider: noise"),
    ("radio: start panics", "I2C held low"),
    # A radio that waits for the flash, and restarts before the hourly status.
    ("flash full", "I2C held low"),
}
# The boards with a classic ESP32, which has the least memory, and settings at their limits.
MORE = (
    ("flash: one write fails", "generic_esp32", "1.26", True),
    ("flash: every write fails", "m5stickc_plus2", "1.29", True),
    ("memory: `FlashLog._flush_batch`, 20 times", "m5stickc_plus2", "1.29", True),
    ("memory: `FlashLog._write`, always", "generic_esp32", "1.29", False),
    ("memory: Python's heap takes the radio's", "m5stickc_plus2", "1.24", True),
    ("memory: Python's heap takes the radio's", "generic_esp32", "1.29", False),
    ("memory: `Rendezvous.begin`, always", "m5stickc_plus2", "1.24", False),
    ("radio: start panics", "m5stickc_plus2", "1.24", True),
    ("radio: start browns out", "generic_esp32", "1.29", False),
    ("settings: each at its maximum", "xiao_esp32s3", "1.29", False),
    ("detector: each at its minimum", "generic_esp32", "1.24", False),
    ("detector: each at its maximum", "m5stickc_plus2", "1.29", False),
)


def _alone() -> list[Case]:
    cases = []
    for turn, fault in enumerate(fault for fault in FAULTS if fault.kind):
        for place, board in enumerate(("xiao_esp32c3", "xiao_esp32s3")):
            release = RELEASES[-((turn + place) % 2)]
            if board in fault.boards:
                cases.append(Case((fault.name,), Column(board, release), (turn % 2 == 1,)))
    return cases


CASES = [
    *_alone(),
    *(Case((name,), Column(board, release), (late,)) for name, board, release, late in MORE),
    *(case for case in pairs() if case.names in PAIRS),
]


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
