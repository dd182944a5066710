"""What stands around the application, on the simulated board: failures, safe mode, a sensor that is away."""

from __future__ import annotations

import json

import pytest

from tests.device.boards import Board
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night

PACE = 40
SETTINGS = {"listen_s": 10, "rendezvous_s": 600}
MINUTE_US = 60_000_000


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    path = tmp_path_factory.mktemp("night") / "samples.i16"
    write_samples(path, modelled_night(5, hours=0.3).samples)
    return path


@pytest.fixture
def board(tmp_path, device):
    return Board(tmp_path, device)


@pytest.fixture
def wear(board, samples):
    async def worn(expected="", **config):
        return await board.wear(samples, expected, pace=PACE, settings=SETTINGS, **config)

    return worn


def of(records, kind):
    return [record for record in records if record.type == kind]


async def test_an_exception_leaves_its_traceback_and_starts_the_board_anew(board, wear):
    end = await wear("something that nobody thought of", fail_us=100_000_000)
    assert (end["ended"], end["cause"]) == ("reset", "machine_reset")
    before = board.records()
    assert not of(before, protocol.CRASH)
    await wear(cause="machine_reset")
    records = board.records()
    assert records[: len(before)] == before
    (crash,) = of(records, protocol.CRASH)
    assert crash.body.in_a_row == 1
    words = crash.tail.decode()
    assert words.rstrip().endswith("ValueError: something that nobody thought of")
    assert "recorder.py" in words
    assert records[len(before)].body.reset_cause == protocol.RESET_HARD
    # Told once.
    await wear()
    assert of(board.records(), protocol.CRASH) == [crash]


async def test_three_failures_in_a_row_leave_recording_alone_and_three_more_lead_to_safe_mode(board, wear):
    for _ in range(3):
        end = await wear("nobody thought of", fail_us=50_000_000)
        assert end["ended"] == "reset"
    # Now only recording runs: no radio, and the whole minutes in the log all the same.
    reports = len(board.reports)
    before = len(board.records())
    await wear(empty_us=600_000_000)
    records = board.records()[before:]
    assert len(of(records, protocol.EPOCH)) == 10
    assert not any(report["radio"] for report in board.reports[reports:])
    for _ in range(3):
        await wear("nobody thought of", fail_us=50_000_000)
    last = len(board.records())
    end = await wear("Safe mode: the application failed 6 times in a row", board="xiao_esp32s3")
    assert "ValueError: something that nobody thought of" in board.said
    assert end["ended"] == "reset"
    assert end["us"] / MINUTE_US == pytest.approx(10, abs=1)
    # Nothing was recorded, nobody was called, the light blinked.
    assert len(board.records()) == last
    assert not any(report["radio"] for report in board.reports[-9:])
    assert board.reports[-1]["flashes"] > 500
    # One more try, and it works; after an hour everything does.
    reports = len(board.reports)
    await wear(holes=[], times=5)
    assert [record.body.in_a_row for record in of(board.records(), protocol.CRASH)] == [1, 2, 3, 4, 5, 5]
    began_us = [report["virtual_us"] for report in board.reports[reports:] if report["radio"]]
    assert 3600 <= began_us[0] / 1e6 < 3620


async def test_failures_with_a_good_while_between_them_are_forgotten(board, wear):
    for _ in range(4):
        end = await wear("nobody thought of", fail_us=700_000_000)
        assert end["us"] >= 700_000_000
    assert {record.body.in_a_row for record in of(board.records(), protocol.CRASH)} == {1}


async def test_a_held_button_keeps_the_application_away_for_three_minutes_and_one_that_is_stuck_no_longer(
    board, wear
):
    end = await wear("Safe mode: the button is held", button_held=True, empty_us=700_000_000)
    records = board.records()
    assert (end["ended"], end["boot_id"]) == ("off", 1)
    # Device time begins with the first look at the clock, before safe mode.
    assert 170 <= of(records, protocol.BOOT)[0].time_us / 1e6 < 190
    assert len(of(records, protocol.EPOCH)) >= 8
    reported = of(records, protocol.STATUS)
    assert reported[-1].body.broken & protocol.PART_BUTTON
    # The sensor was not asked meanwhile: that is no silence of its own.
    assert not any(status.body.broken & protocol.PART_SENSOR for status in reported)
    # The next start does not wait for a button of which is known that it is stuck.
    await wear(button_held=True, cause="brown_out", empty_us=60_000_000)
    assert of(board.records(), protocol.BOOT)[-1].time_us < 1_000_000
    # It was let go, and held again by somebody: safe mode.
    await wear(empty_us=60_000_000)
    await wear("Safe mode: the button is held", button_held=True, empty_us=700_000_000)


def test_the_guard_does_not_raise_whatever_fails_around_it(device):
    ways = device("guarding.py", heap="200wK")
    assert [tuple(way["broken"]) for way in ways] == [
        (),
        ("set",),
        ("set", "get"),
        ("open",),
        ("set", "erase"),
        ("commit",),
    ]
    for way in ways:
        # stay, two watches, restart, three failures, switch_off.
        assert way["resets"] == 2 * 8 * way["lives"] - way["lives"], way
        # Failures that cannot be taken back lead to no safe mode.
        assert bool(way["safe"]) == (not way["broken"]), way


def beside(board, **known):
    """NVS as an earlier life of the board left it."""
    kept = board.flash.with_name(board.flash.name + ".nvs")
    kept.write_text(json.dumps({**(json.loads(kept.read_text()) if kept.exists() else {}), **known}))
    return kept


async def test_a_note_that_begins_within_a_character_is_shown_all_the_same(board, wear):
    beside(board, failures=6, note=b"\x80\x93 dash: it failed".hex())
    end = await wear("Safe mode: the application failed 6 times in a row")
    assert "dash: it failed" in board.said
    assert end["ended"] == "reset"


async def test_failures_that_cannot_be_taken_back_keep_nobody_from_recording(board, wear):
    kept = beside(board, failures=6)
    await wear(faults=[{"fault": "nvs_refuses"}], empty_us=400_000_000)
    assert json.loads(kept.read_text())["failures"] == 6
    # Only recording runs, after this many failures.
    assert len(of(board.records(), protocol.EPOCH)) >= 6
    assert not any(report["radio"] for report in board.reports)


@pytest.mark.parametrize(
    ("cause", "reported", "words"),
    [
        ("watchdog", protocol.RESET_WATCHDOG, "the application stood still"),
        ("panic", protocol.RESET_HARD, "The chip reset itself"),
        ("power_on", protocol.RESET_POWER_ON, None),
        ("brown_out", protocol.RESET_BROWN_OUT, None),
    ],
)
async def test_what_stopped_a_running_application_is_reported(board, wear, cause, reported, words):
    assert (await wear(cut_after=40))["ended"] == "cut"
    await wear(cause=cause)
    records = board.records()
    assert of(records, protocol.BOOT)[-1].body.reset_cause == reported
    assert {record.body.reset_cause for record in of(records, protocol.STATUS)[-1:]} == {reported}
    crashes = of(records, protocol.CRASH)
    assert [words in crash.tail.decode() for crash in crashes] == ([True] if words else [])


async def test_a_sensor_that_is_absent_is_searched_for_and_the_host_is_reported(board, wear):
    end = await wear(found_us=1_500_000_000)
    # Found: a recording begins with its boot record, so the board starts anew.
    assert (end["ended"], end["cause"]) == ("reset", "machine_reset")
    assert 1500 <= end["us"] / 1e6 < 1515
    records = board.records()
    assert of(records, protocol.BOOT)[0].body.chip == protocol.CHIP_ABSENT
    reported = of(records, protocol.STATUS)
    # A rendezvous every ten minutes, as ever.
    assert len(reported) == 3
    assert {(status.body.sensor, status.tail.decode()) for status in reported} == {
        (protocol.SENSOR_ABSENT, "No sensor answers at 0x68 to 0x6B: check its wires 3V3, GND, SDA and SCL")
    }
    await wear(cause="machine_reset")
    records = board.records()
    assert of(records, protocol.BOOT)[1].body.chip != protocol.CHIP_ABSENT
    assert of(records, protocol.STATUS)[-1].body.sensor == protocol.SENSOR_WORKING
    assert not of(records, protocol.CRASH)


async def test_a_sensor_that_falls_silent_is_told_and_the_watchdog_bites_without_blame(board, wear):
    hole = [100 * 104, 400 * 104]
    end = await wear(holes=[hole])
    # By the clock: a chip's own watchdog stands still in light sleep.
    assert (end["ended"], end["cause"]) == ("reset", "machine_reset")
    # 100 s of samples after four of grace, then two minutes of patience.
    assert 224 <= end["us"] / 1e6 < 232
    silent = of(board.records(), protocol.STATUS)[-1]
    assert silent.body.sensor == protocol.SENSOR_ABSENT
    assert silent.tail.decode() == "The sensor gives no samples: check its wires"
    assert 120 <= silent.time_us / 1e6 < 126
    await wear(cause="machine_reset")
    (note,) = of(board.records(), protocol.CRASH)
    assert note.body.in_a_row == 0
    # One gap at once, then one a minute; and the minutes until the restart are told as lost.
    gaps = of(board.records(), protocol.GAP)
    assert len(gaps) <= 4
    assert sum(gap.body.duration_ms for gap in gaps) > 118_000
    epochs = [
        record.body for record in of(board.records(), protocol.EPOCH) if record.boot_id == note.boot_id - 1
    ]
    assert sum(epoch.lost_ms for epoch in epochs) > 118_000
    assert [status.body.watchdogs for status in of(board.records(), protocol.STATUS)][-1] == 1
    assert "No samples came" in note.tail.decode()


async def test_a_sensor_that_comes_back_in_time_goes_on(board, wear):
    end = await wear(holes=[[100 * 104, 60 * 104]], empty_us=400_000_000)
    assert end["ended"] == "off"
    records = board.records()
    states = [status.body.sensor for status in of(records, protocol.STATUS)]
    assert states == [protocol.SENSOR_WORKING, protocol.SENSOR_ABSENT, protocol.SENSOR_WORKING]
    assert not of(records, protocol.CRASH)


async def test_an_empty_cell_that_wakes_up_sleeps_again_until_it_is_charged(board, wear):
    end = await wear(cause="deep_sleep", empty_us=0)
    assert (end["ended"], end["boot_id"]) == ("off", 0)
    assert end["us"] < 5_000_000
    end = await wear(cause="deep_sleep", empty_us=60_000_000)
    assert end["boot_id"] == 1


async def test_a_ring_that_nobody_fetches_blinks_after_the_hours_that_were_set(board, samples):
    settings = {**SETTINGS, "unsynced_h": 1}
    # Without a sensor the time passes quickly.
    alone = {"board": "xiao_esp32s3", "found_us": 1 << 50, "empty_us": 70 * MINUTE_US}
    await board.wear(samples, pace=4 * PACE, settings=settings, **alone)
    reported = of(board.records(), protocol.STATUS)
    waiting = [bool(status.body.flags & protocol.STATUS_UNSYNCED) for status in reported]
    assert waiting == sorted(waiting)
    assert waiting[0] is False
    assert waiting[-1] is True
    # Every four seconds of ten minutes.
    assert 100 < board.reports[-1]["flashes"] < 200


async def test_where_nothing_can_be_mounted_the_board_says_so_and_writes_nothing(board, wear):
    await wear(empty_us=400_000_000)
    image = bytearray(board.flash.read_bytes())
    image[:8192] = bytes(8192)
    board.flash.write_bytes(image)
    end = await wear("The filesystem appears to be corrupted", until_us=60_000_000)
    assert end["ended"] == "over"
    assert board.flash.read_bytes() == image


async def test_a_log_that_went_back_is_looked_for_and_goes_on_behind_what_a_host_has_seen(board, wear):
    await wear(empty_us=400_000_000)
    before = board.records()
    kept = board.flash.with_name(board.flash.name + ".nvs")
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "told_seq": 1000}))
    end = await wear("The log is damaged (error 84): saving what is readable.")
    assert end["ended"] == "reset"
    await wear(cause="machine_reset")
    records = board.records()
    assert records[: len(before)] == before
    gap, boot = records[len(before) : len(before) + 2]
    assert (gap.seq, gap.body.first, gap.body.count) == (1000, len(before), 1000 - len(before))
    assert gap.body.cause == protocol.FLASH_DAMAGE
    assert boot.body.log_state == protocol.LOG_REFORMATTED
    assert not of(records, protocol.CRASH)
