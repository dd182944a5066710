"""A part breaks for some minutes: recording goes on, the status names the part, the ring heals with it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.device.boards import Board
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.feed import write_samples

MINUTE_US = 60_000_000
MINUTES = 20
SETTINGS = {"listen_s": 5, "rendezvous_s": 120}


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    path = tmp_path_factory.mktemp("hand") / "samples.i16"
    rng = np.random.default_rng(1)
    write_samples(path, np.rint(rng.normal((0, 0, 8192), 4, (104 * 60 * MINUTES, 3))).astype(np.int16))
    return path


@pytest.fixture
def board(tmp_path, device):
    return Board(tmp_path, device)


@pytest.mark.parametrize(
    ("fault", "part", "name", "release"),
    [
        ("nvs_refuses", protocol.PART_NVS, "xiao_esp32c3", "1.28"),
        ("nvs_corrupt", protocol.PART_NVS, "xiao_esp32s3", "1.24"),
        ("flash_fails", protocol.PART_FLASH, "xiao_esp32c3", "1.28"),
        ("int1_low", protocol.PART_WATERMARK, "xiao_esp32c3", "1.28"),
        ("int1_low", protocol.PART_WATERMARK, "xiao_esp32s3", "1.24"),
        ("button_stuck", protocol.PART_BUTTON, "xiao_esp32s3", "1.27"),
        ("button_stuck", protocol.PART_BUTTON, "xiao_esp32c3", "1.24"),
        ("sleep_returns", protocol.PART_SLEEP, "xiao_esp32c3", "1.27"),
        ("battery", protocol.PART_BATTERY, "xiao_esp32s3", "1.29"),
        ("radio_raises", protocol.PART_RADIO, "xiao_esp32c3", "1.28"),
        ("radio_browns_out", protocol.PART_RADIO, "xiao_esp32s3", "1.28"),
    ],
)
async def test_recording_goes_on(board, samples, fault, part, name, release):
    broken = {"fault": fault, "from_us": 3 * MINUTE_US, "until_us": 11 * MINUTE_US}
    config = {"settings": SETTINGS, "pace": 40, "until_us": MINUTES * MINUTE_US, "faults": [broken]}
    await board.wear(samples, board=name, release=release, **config)
    records = board.records()
    epochs = [record.body for record in records if record.type == protocol.EPOCH]
    reported_ms = sum(one.rest_ms + one.moving_ms + one.not_worn_ms for one in epochs)
    # All but the minute that is open at the end, and some seconds of each start.
    assert reported_ms >= 0.95 * (MINUTES - 1) * 60_000 - 10_000 * (board.starts - 1)
    states = [record.body.broken for record in records if record.type == protocol.STATUS]
    assert any(state & part for state in states)
    assert states[0] == states[-1] == 0
    # Samples may be lost on a busy computer while the radio is on and time is real; records may not.
    assert not [one for one in records if one.type == protocol.GAP and one.body.what == protocol.RECORDS]


def test_a_minute_left_over_from_a_wrong_rate_does_not_make_it_right(device):
    wrong, left_over, mixed, right = device("blind.py")[0]
    assert wrong == left_over == [protocol.INPUT_RATE, True]
    assert mixed == right == [0, False]


async def test_damaged_settings_are_reported(board, samples):
    settings = {**SETTINGS, "checksum": 5}
    await board.wear(samples, settings=settings, pace=40, until_us=3 * MINUTE_US, alone=True)
    statuses = [record for record in board.records() if record.type == protocol.STATUS]
    assert {bytes(record.tail) for record in statuses} == {b"The settings are damaged: defaults used"}
