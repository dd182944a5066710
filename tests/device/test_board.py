"""The whole application on the simulated board, without a host: nights, losses, power cuts, an empty cell."""

from __future__ import annotations

import numpy as np
import pytest

from tests.device.boards import Board
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.snippets import BOUT_COUNT, BOUT_STEP, unpack_waveform
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night

PACE = 20
GRACE_S = 4
SETTINGS = {"listen_s": 10, "rendezvous_s": 600}
# Five minutes of the night, with a turn and the first twitch.
SHORT = 300 * 104


@pytest.fixture(scope="module")
def night():
    return modelled_night(5, hours=0.3)


@pytest.fixture
def board(tmp_path, device):
    return Board(tmp_path, device)


@pytest.fixture
def wear(board, tmp_path):
    async def worn(samples, **config):
        path = tmp_path / "samples.i16"
        write_samples(path, samples)
        return await board.wear(path, pace=PACE, **{"settings": SETTINGS, **config})

    return worn


def of(records, kind):
    return [record for record in records if record.type == kind]


def reported_ms(records):
    """Milliseconds of which the epochs tell."""
    return sum(
        epoch.body.rest_ms + epoch.body.moving_ms + epoch.body.not_worn_ms + epoch.body.lost_ms
        for epoch in of(records, protocol.EPOCH)
    )


def assert_all_reported(records, end):
    """Every second is accounted for, from the start of the application to the last rendezvous or later."""
    began_ms = of(records, protocol.STATUS)[-1].time_us / 1e3
    assert began_ms - 20 <= reported_ms(records) <= end["us"] / 1e3 - GRACE_S * 1e3 + 20


def meetings_s(board):
    """When the radio went on, in seconds since power-on."""
    was = False
    begun = []
    for report in board.reports:
        if report["radio"] and not was:
            begun.append(report["virtual_us"] / 1e6)
        was = report["radio"]
    return begun


def assert_in_order(records):
    assert [record.seq for record in records] == list(range(records[0].seq, records[0].seq + len(records)))
    samples = [record.body.sample for record in of(records, protocol.EVENT)]
    assert samples == sorted(samples)


def assert_timed(records):
    """Events lie where their samples do, counted from the start of the application.

    While the radio is on, a drain of 2 ms takes 40 ms of a time that runs PACE times as fast.
    """
    for event in of(records, protocol.EVENT):
        assert event.time_us / 1e6 == pytest.approx(event.body.sample / 104, abs=0.05)


def assert_found(records, night):
    """The night's first twitch is among the events."""
    true_s = night.of("twitch")[0].start_s
    twitches = [event for event in of(records, protocol.EVENT) if event.body.kind == protocol.TWITCH]
    assert [twitch.body.sample / 104 for twitch in twitches] == [pytest.approx(true_s, abs=0.1)]


def assert_shown(snippet, tremor, samples):
    """The waveform of a bout is its last 3.7 s, or what memory still has of it, three samples averaged."""
    body = snippet.body
    assert body.rate_milli_hz == 104_000 // BOUT_STEP
    assert BOUT_COUNT // 2 <= body.count <= BOUT_COUNT
    last = tremor.body.sample + round(tremor.body.duration_ms * 0.104)
    assert body.sample + body.count * BOUT_STEP == pytest.approx(last, abs=1)
    values = unpack_waveform(body.encoding, body.count, snippet.tail)
    true = samples[body.sample : body.sample + body.count * BOUT_STEP].astype(int)
    assert values == (true.reshape(-1, BOUT_STEP, 3).sum(axis=1) // BOUT_STEP).ravel().tolist()


async def test_a_night_is_logged_from_boot_to_the_last_minute(board, wear, night):
    end = await wear(night.samples, button_us=[300_000_000])
    records = board.records()
    assert end["ended"] == "off"
    assert end["flushed"] == len(records)
    assert_in_order(records)
    assert_timed(records)
    (boot,) = of(records, protocol.BOOT)
    assert boot.seq == 0
    assert boot.body.log_state == protocol.LOG_NEW
    assert len(of(records, protocol.EPOCH)) >= 18
    # The cell is empty in the last of the recording's 18 minutes.
    assert end["us"] / 1e6 - GRACE_S > 1_060
    assert_all_reported(records, end)
    assert not of(records, protocol.GAP)
    (tremor,) = of(records, protocol.TREMOR)
    twitches = [event for event in of(records, protocol.EVENT) if event.body.kind == protocol.TWITCH]
    assert [twitch.body.sample / 104 for twitch in twitches] == pytest.approx(
        [truth.start_s for truth in night.of("twitch")], abs=0.1
    )
    snippets = {snippet.body.event_seq: snippet for snippet in of(records, protocol.SNIPPET)}
    assert snippets.keys() == {reported.seq for reported in (*twitches, tremor)}
    assert_shown(snippets[tremor.seq], tremor, night.samples)
    (mark,) = of(records, protocol.MARK)
    assert 300 - GRACE_S <= mark.time_us / 1e6 < 304 - GRACE_S + 0.1
    first, pressed, urgent, last = meetings_s(board)
    # The cable has four seconds before anything else happens.
    assert GRACE_S <= first < GRACE_S + 1
    assert 300 <= pressed < 305
    # The tremor is told when its record is there: two windows of 0.9 s without rhythm end it.
    over_s = (tremor.time_us / 1e6) + tremor.body.duration_ms / 1e3 + GRACE_S
    assert over_s < urgent < over_s + 10
    # Told in the turn that calls, within a second of it the radio is open.
    calls = next(record for record in records[tremor.seq :] if record.type == protocol.STATUS)
    assert 0 <= urgent - GRACE_S - calls.time_us / 1e6 < 1
    assert last > 1060


async def test_overflow_becomes_a_gap_of_the_right_count(board, wear, night):
    end = await wear(night.samples[:SHORT], stall_us=[[100_000_000, 20_000_000]])
    records = board.records()
    assert_in_order(records)
    assert_timed(records)
    (gap,) = of(records, protocol.GAP)
    assert gap.body.what == protocol.SAMPLES
    assert gap.body.cause == protocol.FIFO_OVERFLOW
    # 24 s at 104 Hz, of which the FIFO holds 682 samples.
    assert gap.body.count == pytest.approx(24 * 104 - 682, abs=1)
    assert sum(epoch.body.lost_ms for epoch in of(records, protocol.EPOCH)) == gap.body.duration_ms
    assert_all_reported(records, end)
    assert_found(records, night)


async def test_a_sensor_that_stands_still_becomes_gaps_and_later_events_keep_their_time(board, wear, night):
    await wear(night.samples[:SHORT], holes=[[10_400, 3_120]])
    records = board.records()
    assert_in_order(records)
    gaps = of(records, protocol.GAP)
    assert {(gap.body.what, gap.body.cause) for gap in gaps} == {(protocol.SAMPLES, protocol.SENSOR_SILENT)}
    # It is set up again and again; what was missing before the first time is not known.
    assert 22 * 104 <= sum(gap.body.count for gap in gaps) <= 30 * 104 + len(gaps)
    true_s = night.of("twitch")[0].start_s + 30
    twitches = [event for event in of(records, protocol.EVENT) if event.body.kind == protocol.TWITCH]
    assert [twitch.time_us / 1e6 for twitch in twitches] == [pytest.approx(true_s, abs=0.1)]


async def test_an_empty_cell_ends_with_everything_on_flash_and_a_last_meeting(board, wear, night):
    end = await wear(night.samples, empty_us=200_000_000)
    records = board.records()
    assert end["ended"] == "off"
    assert end["flushed"] == len(records)
    assert_in_order(records)
    _, last = meetings_s(board)
    # Its voltage is measured every ten seconds.
    assert 200 <= last < 215
    # The samples of the last five seconds, taken while the radio was on, are told as well.
    assert_all_reported(records, end)
    assert of(records, protocol.EPOCH)[-1].body.battery_mv == 3000


@pytest.mark.parametrize("cut_after", [3, 9, 14, 20, 33, 50, 75, 100])
async def test_a_power_cut_loses_nothing_that_was_flushed(board, wear, night, cut_after):
    before = await wear(night.samples[:62400], cut_after=cut_after)
    assert before["ended"] == "cut"
    after = await wear(night.samples[62400:])
    records = board.records()
    assert after["ended"] == "off"
    # A frame needs 2 KiB in one piece.
    assert after["largest_free"] > 12 * 1024
    assert_in_order(records)
    assert records[0].seq == 0
    assert len(records) == after["flushed"]
    old = [record for record in records if record.boot_id == before["boot_id"]]
    new = [record for record in records if record.boot_id > before["boot_id"]]
    assert old + new == records
    assert len(old) >= before["flushed"]
    assert new[0].type == protocol.BOOT
    assert {record.boot_id for record in new} == {after["boot_id"]}
    assert new[0].body.recovered == len(old)
    assert after["boot_id"] == before["boot_id"] + 1 or not before["flushed"]
    assert_all_reported(new, after)


async def test_settings_out_of_range_fall_back_and_a_stall_at_once_is_survived(board, wear):
    rng = np.random.default_rng(1)
    still = np.rint(rng.normal((0, 0, 8192), 4, (104 * 70, 3))).astype(np.int16)
    end = await wear(
        still,
        settings={"listen_s": 10, "rendezvous_s": -1, "log_kib": "much", "name": 7},
        stall_us=[[4_050_000, 60_000_000]],
    )
    assert end["ended"] == "off"
    (gap,) = of(board.records(), protocol.GAP)
    assert gap.body.count > 50 * 104
