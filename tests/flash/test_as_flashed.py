"""What is flashed is compiled and shortened, and records the same night as the sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.faults.flashed import BOARDS, FIRMWARE, as_flashed
from tests.device.boards import Board
from tests.device.conftest import Run, device  # noqa: F401
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night

SAMPLES = 360 * 104
# A board that does not measure its cell goes on when the recording is over.
UNTIL_US = 400_000_000
# When exactly a board ends depends on how long its last meeting takes.
COMPARED_US = 270_000_000
SETTINGS = {"rendezvous_s": 3600, "listen_s": 10}
SENSED = (protocol.EVENT, protocol.TREMOR, protocol.EPOCH, protocol.SNIPPET, protocol.GAP, protocol.CRASH)


@pytest.mark.parametrize("name", BOARDS)
async def test_the_same_night(name: str, device: Run, tmp_path: Path) -> None:  # noqa: F811
    samples = tmp_path / "samples.i16"
    write_samples(samples, modelled_night(5, hours=0.4).samples[:SAMPLES])
    reported = []
    for folder, firmware in (("sources", FIRMWARE), ("flashed", as_flashed(name, tmp_path / "package"))):
        (tmp_path / folder).mkdir()
        board = Board(tmp_path / folder, device, firmware)
        await board.wear(samples, board=name, settings=SETTINGS, pace=10, until_us=UNTIL_US)
        reported.append(
            [
                (record.type, record.body)
                for record in board.records()
                if record.type in SENSED and record.time_us < COMPARED_US
            ]
        )
    assert len(reported[0]) > 5
    assert reported[0] == reported[1]
