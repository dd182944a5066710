"""The simulated chip: every board's own files run on it, in every release."""

from __future__ import annotations

import pytest

from tests.device.boards import Board
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night

SETTINGS = {"listen_s": 10, "rendezvous_s": 600}
BOARDS = ("xiao_esp32c3", "xiao_esp32s3", "generic_esp32", "m5stickc_plus2")
MINUTE_US = 60_000_000


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    path = tmp_path_factory.mktemp("night") / "samples.i16"
    write_samples(path, modelled_night(5, hours=0.3).samples)
    return path


@pytest.fixture
def board(tmp_path, device):
    return Board(tmp_path, device)


def of(records, kind):
    return [record for record in records if record.type == kind]


@pytest.mark.parametrize("release", ["1.24", "1.27", "1.29"])
@pytest.mark.parametrize("name", BOARDS)
async def test_every_board_records_on_the_chip(board, samples, name, release):
    end = await board.wear(
        samples, board=name, release=release, pace=40, settings=SETTINGS, until_us=8 * MINUTE_US
    )
    assert end["ended"] == "over"
    records = board.records()
    (boot,) = of(records, protocol.BOOT)
    chips = {"generic_esp32": protocol.CHIP_MPU6050, "m5stickc_plus2": protocol.CHIP_MPU6886}
    assert boot.body.chip == chips.get(name, protocol.CHIP_LSM6DS3TR_C)
    assert len(of(records, protocol.EPOCH)) >= 7
    # With the radio on, time runs faster than some FIFO can be drained.
    assert {gap.body.cause for gap in of(records, protocol.GAP)} <= {protocol.FIFO_OVERFLOW}
    assert not of(records, protocol.CRASH)
