"""What a board reports is put into words, the most urgent first, each with its remedy."""

from __future__ import annotations

import struct
from binascii import crc32
from collections import Counter
from pathlib import Path

import pytest

from tests.board.made import HOUR, RING, START, status_body, write_database
from twitchwatch.analysis.board_faults import PARTS, RESTART_CAUSES, broken_parts
from twitchwatch.board.advice import Advice, Urgency, advice
from twitchwatch.board.state import BoardState, board_state
from twitchwatch.service.checks import Health, check_boards
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

BITS = {name: value for name, value in vars(protocol).items() if name.startswith("PART_")}


def state_of(path: Path) -> BoardState:
    with Store.open_existing(path) as store:
        (device,) = store.devices()
        found = board_state(store, device)
    assert found is not None
    return found


def advised(tmp_path: Path, fault: bytes = b"", crash: bytes = b"", **changes: int) -> list[Advice]:
    return advice(
        state_of(write_database(tmp_path / "t.db", [(1, {}), (2, changes)], fault=fault, crash=crash))
    )


def test_of_a_board_that_is_well_nothing_is_said(tmp_path: Path) -> None:
    assert advised(tmp_path) == []


def test_every_part_has_words_and_a_remedy(tmp_path: Path) -> None:
    # The last one has every bit that the others leave.
    assert {part.bit for part in PARTS[:-1]} == set(BITS.values())
    said = advised(tmp_path, broken=0xFFFF)
    assert {part.name for part in PARTS} <= {one.part for one in said}
    for one in said:
        assert one.words[0].isupper()
        assert (one.words[-1], one.remedy[-1]) == (".", "."), one


def test_what_loses_records_comes_first(tmp_path: Path) -> None:
    broken = protocol.PART_SENSOR | protocol.PART_WATERMARK | protocol.PART_FLASH
    fault = b"No sensor answers; The log takes nothing; Pin stays low"
    said = advised(tmp_path, fault=fault, broken=broken, radio_failures=2)
    assert [(one.urgency, one.part) for one in said] == [
        (Urgency.NOW, "sensor"),
        (Urgency.NOW, "flash"),
        (Urgency.SOON, "int1"),
        (Urgency.NOTE, "radio"),
    ]
    assert said[0].words == "The motion sensor does not work: No sensor answers."
    assert said[1].words == "The flash memory refuses writes: The log takes nothing."


def test_a_sensor_that_is_absent_is_broken_for_firmware_that_reports_no_parts(tmp_path: Path) -> None:
    assert [one.part for one in advised(tmp_path, sensor=protocol.SENSOR_ABSENT)] == ["sensor"]


@pytest.mark.parametrize(
    ("part", "pin", "words"),
    [
        (protocol.PART_WATERMARK, 5, "INT1 (GPIO5) is stuck low and ended 412 sleeps early."),
        (protocol.PART_BUTTON, 9, "The button (GPIO9) is stuck low and ended 412 sleeps early."),
        (protocol.PART_BUTTON, protocol.PIN_NONE, "The button is stuck."),
    ],
)
def test_a_pin_that_was_dropped_is_named(tmp_path: Path, part: int, pin: int, words: str) -> None:
    (one,) = advised(tmp_path, broken=part, dropped_pin=pin, early_wakes=412)
    assert one.words == words


def test_time_awake_is_told_by_what_it_costs_but_not_at_the_cable(tmp_path: Path) -> None:
    (one,) = advised(tmp_path, awake_permille=310)
    assert one.words.startswith(
        "Awake for 31 % of the time (2 to 7 % is normal): a cell of 400 mAh lasts about 44 h"
    )
    for number, flag in enumerate((protocol.STATUS_USB, protocol.STATUS_LIVE)):
        (tmp_path / str(number)).mkdir()
        assert advised(tmp_path / str(number), awake_permille=1000, flags=flag) == []


def test_a_board_that_was_at_the_cable_until_now_was_awake_by_design(tmp_path: Path) -> None:
    reported = [(1, {"flags": protocol.STATUS_USB, "awake_permille": 1000}), (2, {"awake_permille": 900})]
    assert advice(state_of(write_database(tmp_path / "t.db", reported))) == []
    (tmp_path / "new").mkdir()
    assert advised(tmp_path / "new", awake_permille=900, uptime_s=60) == []


def test_what_concerns_the_whole_board_comes_before_the_words_on_its_parts(tmp_path: Path) -> None:
    said = advised(tmp_path, fault=b"Only recording runs; OSError 5", broken=protocol.PART_RADIO)
    assert [one.words for one in said] == ["Only recording runs.", "The radio does not start: OSError 5."]
    (tmp_path / "odd").mkdir()
    (one,) = advised(tmp_path / "odd", fault=b"a; b; c", broken=protocol.PART_RADIO)
    assert one.words == "The radio does not start."


def test_what_was_broken_in_the_last_day_is_counted(tmp_path: Path) -> None:
    reported = [
        (0, {"broken": protocol.PART_RADIO}),
        (30, {"broken": protocol.PART_RADIO}),
        (31, {}),
        (32, {}),
    ]
    recent = state_of(write_database(tmp_path / "t.db", reported)).recent
    assert recent is not None
    assert (recent.reports, recent.broken) == (3, Counter(radio=1))


def test_a_radio_that_finds_too_little_memory_needs_a_reset(tmp_path: Path) -> None:
    (one,) = advised(tmp_path, broken=protocol.PART_RADIO, radio_failures=7, idf_free=51_200)
    assert one.words == "The radio does not start (7 failures)."
    assert one.remedy.startswith("Press RESET: memory may be short (50 KiB free, the largest block 44;")


def test_too_little_memory_is_told_before_the_radio_fails_but_not_while_it_is_on(tmp_path: Path) -> None:
    (one,) = advised(tmp_path, idf_free=30_000)
    assert (one.part, one.urgency) == ("memory", Urgency.SOON)
    (tmp_path / "live").mkdir()
    assert advised(tmp_path / "live", idf_free=30_000, flags=protocol.STATUS_LIVE) == []


@pytest.mark.parametrize("cause", RESTART_CAUSES, ids=lambda cause: cause.name)
def test_restarts_are_told_by_their_cause(tmp_path: Path, cause) -> None:  # type: ignore[no-untyped-def]
    (one,) = advised(tmp_path, crash=b"Traceback:\nMemoryError: no room\n", **{cause.name: 20})
    count = 19 if cause.name == "power_ons" else 20
    assert one.words.startswith(f"{count} {cause.plural} in the last week")
    assert ("MemoryError: no room" in one.words) == (cause.name == "exceptions")


def test_restarts_are_those_of_the_last_week_and_survive_counters_that_were_erased(tmp_path: Path) -> None:
    reported = [
        (0, {"brown_outs": 10, "panics": 1}),
        (24, {"brown_outs": 30, "panics": 1}),
        (20 * 24, {"brown_outs": 31, "panics": 1}),
        (21 * 24, {"brown_outs": 33, "panics": 0}),
        (22 * 24, {"brown_outs": 2, "panics": 0}),
    ]
    recent = state_of(write_database(tmp_path / "t.db", reported)).recent
    assert recent is not None
    assert recent.counts == Counter(brown_outs=4)
    assert recent.since_utc_us == START + 20 * 24 * HOUR
    # A counter does not decrease by itself.
    assert recent.went_back == {"brown_outs", "panics"}


def test_a_counter_that_decreased_is_named(tmp_path: Path) -> None:
    reported = [(1, {"brown_outs": 9, "panics": 2}), (2, {"brown_outs": 3, "panics": 2})]
    told = advice(state_of(write_database(tmp_path / "t.db", reported)))
    (one,) = [one for one in told if one.part == "nvs"]
    assert one.urgency is Urgency.SOON
    assert one.words.startswith("Its count of brown-outs has decreased: its settings memory (NVS) has lost a")


def test_firmware_that_reports_less_gets_no_advice_on_it(tmp_path: Path) -> None:
    form, _ = protocol.EARLIER[protocol.STATUS, 1]
    body = struct.pack(form, *status_body()[: len(form) - 1])
    head = struct.pack(protocol.HEADER, protocol.STATUS, 1, protocol.OVERHEAD_BYTES + len(body), 0, 1, HOUR)
    raw = head + body + struct.pack("<I", crc32(head + body))
    with Store.open(tmp_path / "t.db") as store:
        ring = store.register(RING, 7, "ring", START)
        store.commit(ring.id, [raw], 0, 1, 0, START)
    state = state_of(tmp_path / "t.db")
    assert (state.recent, state.awake_percent, state.dropped_gpio, advice(state)) == (None, None, None, [])


def test_the_doctor_names_what_is_broken_and_leaves_notes_out(tmp_path: Path) -> None:
    changes = {"broken": protocol.PART_FLASH | protocol.PART_BATTERY, "radio_failures": 1}
    path = write_database(tmp_path / "t.db", [(1, changes)])
    with Store.open_existing(path) as store:
        found = list(check_boards(store))
    assert [(one.name, one.health) for one in found] == [
        ("Sensor ring, flash", Health.BAD),
        ("Sensor ring, battery", Health.WARNING),
    ]
    assert all(one.remedy for one in found)


def test_a_part_that_only_a_newer_firmware_knows_is_not_passed_over() -> None:
    unknown = 1 << 15
    assert [part.name for part in broken_parts(unknown | protocol.PART_RADIO)] == ["radio", "unknown"]
    assert broken_parts(sum(part.bit for part in PARTS[:-1])) == PARTS[:-1]
