"""An empty cell: the board switches itself off in every release, and wakes at most once an hour to look."""

from __future__ import annotations

import numpy as np
import pytest

from bench.faults.flashed import as_flashed
from tests.device.boards import Board
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.feed import write_samples

SETTINGS = {"listen_s": 5, "rendezvous_s": 600}
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
EMPTY_US = 4 * MINUTE_US


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    path = tmp_path_factory.mktemp("hand") / "samples.i16"
    rng = np.random.default_rng(1)
    write_samples(path, np.rint(rng.normal((0, 0, 8192), 4, (104 * 600, 3))).astype(np.int16))
    return path


@pytest.fixture
def board(tmp_path, device):
    return Board(tmp_path, device)


def of(records, kind):
    return [record for record in records if record.type == kind]


@pytest.mark.parametrize(
    ("name", "release", "hours"),
    [
        ("xiao_esp32c3", "1.28", 7 * 24),
        ("xiao_esp32c3", "1.24", 3),
        ("xiao_esp32s3", "1.24", 3),
        ("xiao_esp32s3", "1.27", 3),
        ("xiao_esp32s3", "1.29", 3),
        # Its power goes with the pin that holds it.
        ("m5stickc_plus2", "1.28", 3),
    ],
)
async def test_at_most_one_start_an_hour_and_never_safe_mode(board, samples, name, release, hours):
    if name == "m5stickc_plus2":
        # From sources there is no room on this chip for both Python's heap and the radio.
        board.firmware = as_flashed(name, board.folder / "package")
    config = {"empty_us": EMPTY_US, "until_us": hours * HOUR_US, "pace": 40, "settings": SETTINGS}
    await board.wear(samples, board=name, release=release, **config)
    assert board.starts <= 1 + hours
    assert name == "m5stickc_plus2" or board.starts >= hours - 1
    records = board.records()
    # One boot was an application's; the last meeting came after the cell was found empty.
    assert len(of(records, protocol.BOOT)) == 1
    assert len(of(records, protocol.EPOCH)) >= 4
    last = of(records, protocol.STATUS)[-1]
    assert last.time_us >= EMPTY_US - 10_000_000
    assert last.body.flags & protocol.STATUS_BATTERY_LOW
    began_us = [report["virtual_us"] for report in board.reports if report["radio"]]
    assert max(began_us) < EMPTY_US + 2 * MINUTE_US


@pytest.mark.parametrize(
    ("name", "release", "faults", "sleeps"),
    [
        ("xiao_esp32c3", "1.28", ["deepsleep_refused"], 8),
        ("xiao_esp32s3", "1.24", ["deepsleep_refused"], 8),
        # Nor does light sleep work: awake, a minute at a time.
        ("xiao_esp32s3", "1.29", ["deepsleep_refused", "sleep_returns"], 60),
    ],
)
async def test_where_deep_sleep_is_refused_the_deepest_that_works(
    board, samples, name, release, faults, sleeps
):
    hours = 6
    broken = [{"fault": fault} for fault in faults]
    empty = {"battery_mv": [[0, 4000], [EMPTY_US, 3000]], "until_us": hours * HOUR_US}
    config = {"board": name, "release": release, "pace": 40, "settings": SETTINGS}
    await board.wear(samples, "No deep sleep", faults=broken, **empty, **config)
    assert "Safe mode" not in board.said
    assert hours - 1 <= board.starts <= 1 + hours
    # Each start looks at the cell once, and then sleeps for the hour.
    assert [end["sleeps"] for end in board.ends[1:-1]] == [sleeps] * (board.starts - 2)
    records = board.records()
    assert len(of(records, protocol.BOOT)) == 1
    # Charged: the next start records again.
    await board.wear(samples, until_us=5 * MINUTE_US, battery_mv=4000, **config)
    assert len(of(board.records(), protocol.BOOT)) == 2
