"""The commands that read the database."""

import json
import shutil
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.archive.worn import HOUR, Worn
from tests.board.made import status_body
from tests.cli.conftest import MINUTE, SECOND, Log
from tests.cli.reference import NESTED, SHAPES
from tests.damaging import damage as spoil
from twitchwatch.clock.zone import LOCAL, local
from twitchwatch.errors import Exit
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store, schema

READERS = ["nights", "events", "flags", "sensors", "status"]


@pytest.fixture
def own_database(database, tmp_path):
    """A copy that the test may change."""
    return shutil.copy(database, tmp_path / "own.db")


def nights_of(lines):
    return [line for line in lines if line["kind"] == "night"]


def keys_of(lines):
    return {line["kind"]: list(line)[1:] for line in lines}


@pytest.mark.parametrize("command", READERS)
def test_json_has_exactly_the_documented_keys_in_order(invoke, own_database, command):
    # Since then nothing was recorded; `events` says so of dates that are asked for.
    dates = ["--since", "2025-03-01"] if command == "events" else []
    outcome = invoke(command, "--json", "--database", own_database, *dates)
    assert outcome.code == 0
    lines = outcome.lines
    if command == "events":
        for each in (
            ("leave-out", "23:00", "23:05", "--night", "2025-03-04"),
            ("events", "--kind", "twitch", "--as", "no-twitch", "--to", "00:00", "--night", "2025-03-04"),
            ("leave-out", "22:25", "22:40", "--night", "2025-03-05"),
            ("remove", "3"),
            ("events", "--kind", "tremor", "--as", "no-tremor", "--night", "2025-03-05"),
        ):
            assert invoke("annotate", *each, "--database", own_database).code == 0
            lines += invoke(command, "--json", "--database", own_database, *dates).lines
    assert keys_of(lines) == {
        kind: list(keys) for kind, keys in SHAPES[command].items() if kind not in NESTED
    }


@pytest.mark.parametrize("command", READERS)
def test_without_a_database_the_remedy_is_named(invoke, tmp_path, command):
    outcome = invoke(command, "--json", "--database", tmp_path / "none.db")
    assert (outcome.code, outcome.out) == (Exit.CONFIGURATION, "")
    assert "none.db" in outcome.err
    assert "twitchwatch run" in outcome.err


@pytest.mark.parametrize("command", READERS)
def test_an_empty_database_says_what_to_do_next(invoke, empty_database, command):
    outcome = invoke(command, "--database", empty_database)
    assert outcome.code == 0
    assert "No records yet" in outcome.out
    assert "twitchwatch run" in outcome.out
    silent = invoke(command, "--json", "--database", empty_database)
    assert [line["kind"] for line in silent.lines] == (["database"] if command == "status" else [])


@pytest.mark.parametrize("command", READERS)
def test_in_a_pipe_nothing_is_cut_and_nothing_is_drawn(invoke, database, command):
    out = invoke(command, "--database", database).out
    assert out.isascii()
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())


def test_a_damaged_database_is_an_integrity_error(invoke, tmp_path):
    path = tmp_path / "bad.db"
    path.write_bytes(b"not a database at all" * 100)
    outcome = invoke("nights", "--database", path)
    assert outcome.code == Exit.INTEGRITY
    assert path.name in outcome.err


def test_a_damaged_record_is_in_no_figure_and_named(invoke, own_database):
    spoil(own_database, "UPDATE record SET raw = x'00' WHERE seq = 40 AND device_id = 1")
    outcome = invoke("events", "--json", "--database", own_database, "--since", "2000-01-01")
    assert outcome.code == Exit.INTEGRITY
    assert "The database is damaged: 1 record and 1 gap among the records." in outcome.err
    assert "`twitchwatch doctor`" in outcome.err
    # The message is of this question alone.
    assert invoke("sensors", "--database", own_database).code == 0


def test_damage_in_what_follows_from_the_records_changes_no_figure(invoke, own_database):
    before = invoke("nights", "--json", "--database", own_database)
    invoke("flags", "--database", own_database)
    spoil(own_database, "UPDATE night SET body = '[]', view = '{}'")
    after = invoke("nights", "--json", "--database", own_database)
    assert (after.code, after.out, after.err) == (0, before.out, "")


def test_the_database_may_be_named_by_the_environment(invoke, database, monkeypatch):
    monkeypatch.setenv("TWITCHWATCH_DATABASE", str(database))
    assert len(nights_of(invoke("nights", "--json").lines)) == 2


def test_the_default_database_is_in_the_users_data_folder(invoke, tmp_path, monkeypatch):
    monkeypatch.delenv("TWITCHWATCH_DATABASE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    outcome = invoke("nights")
    assert outcome.code == Exit.CONFIGURATION
    assert str(tmp_path / "twitchwatch" / "twitchwatch.db") in outcome.err


def test_nights(invoke, database):
    first, second, since = invoke("nights", "--json", "--database", database).lines
    assert (since["kind"], since["night"], since["cause"]) == ("missing_nights", "2025-03-06", "out of reach")
    assert (first["night"], first["twitches"], first["rest_h"]) == ("2025-03-04", 30, 3.0)
    assert first["twitches_per_hour"] == 10.0
    assert first["interval_low"] < 10 < first["interval_high"]
    assert (second["night"], second["rest"]) == ("2025-03-05", "little")
    assert len(second["tremor"]) == 1
    page = invoke("nights", "--database", database).out
    assert "Tue 4 Mar 2025" in page
    assert "1.0 h*" in page
    assert "too little to compare" in page
    assert page.endswith("This is not a diagnosis.\n")


@pytest.mark.parametrize(
    ("options", "dates"),
    [
        (("--night", "2025-03-05"), ["2025-03-05"]),
        (("--since", "2025-03-05"), ["2025-03-05"]),
        (("--until", "2025-03-04"), ["2025-03-04"]),
        (("--since", "2025-03-01", "--until", "2025-03-31"), ["2025-03-04", "2025-03-05"]),
    ],
)
def test_nights_can_be_chosen(invoke, database, options, dates):
    nights = nights_of(invoke("nights", "--json", "--database", database, *options).lines)
    assert [night["night"] for night in nights] == dates
    events = invoke("events", "--json", "--database", database, *options).lines
    assert sorted({event["night"] for event in events if event["kind"] != "missing_nights"}) == dates


def test_nights_that_are_not_there_are_not_silently_nothing(invoke, database):
    outcome = invoke("events", "--night", "2024-01-01", "--database", database)
    assert outcome.code == 0
    assert "There are nights from Tue 4 Mar 2025 to Wed 5 Mar 2025" in outcome.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--night", "yesterdya"), "YYYY-MM-DD"),
        (("--night", "2025-03-04", "--since", "2025-03-04"), "either --night"),
        (("--since", "2025-03-05", "--until", "2025-03-04"), "swap"),
        (("--sensor", "anklet"), "ring"),
    ],
)
def test_choices_that_make_no_sense(invoke, database, options, said):
    outcome = invoke("nights", "--database", database, *options)
    assert outcome.code == Exit.USAGE
    assert said in outcome.err


@pytest.mark.parametrize("name", ["ring", "RING", "24:0a:c4:00:00:01", "1"])
def test_a_sensor_goes_by_name_hardware_id_or_number(invoke, database, name):
    for command in ("nights", "events", "flags", "status"):
        assert invoke(command, "--json", "--sensor", name, "--database", database).lines


def test_events_are_those_of_the_last_night_in_order(invoke, database):
    events = invoke("events", "--json", "--database", database).lines
    assert {event["night"] for event in events} == {"2025-03-05"}
    assert [event["utc"] for event in events] == sorted(event["utc"] for event in events)
    assert [event["kind"] for event in events].count("twitch") == 5
    page = invoke("events", "--database", database).out
    assert "22:10:07  jerk" in page
    assert "4.6 Hz, 23.0 mg rms" in page
    assert "you pressed the button" in page
    assert "208 samples: sensor queue overflowed" in page
    assert "1 burst counted with a tremor" in page


def test_times_are_local_and_nights_are_too(invoke, database):
    first = next(iter(invoke("events", "--json", "--night", "2025-03-04", "--database", database).lines))
    assert first["utc"] == "2025-03-04T22:00:00.000Z"
    assert "23:00:00  twitch" in invoke("events", "--night", "2025-03-04", "--database", database).out


def test_flags_are_listed_and_come_with_evidence_as_json(invoke, database):
    lines = invoke("flags", "--json", "--database", database).lines
    tremor, silence = (line for line in lines if line["urgency"] != "note")
    assert {line["finding"] for line in lines if line["urgency"] == "note"} == {"hypnic_jerks"}
    assert (tremor["finding"], tremor["night"]) == ("tremor", "2025-03-05")
    assert tremor["evidence"]["frequency_hz"] == 4.6
    assert (silence["finding"], silence["night"]) == ("no_data", None)
    page = invoke("flags", "--database", database).out
    assert "Rhythmic shaking (tremor): night of Wed 5 Mar 2025, ring" in page
    assert "The hand shook rhythmically, 4.6 times a second" in page
    assert page.endswith("This is not a diagnosis.\n")


def test_flags_of_another_night_are_not_shown(invoke, database):
    outcome = invoke("flags", "--check", "--night", "2025-03-04", "--database", database)
    assert outcome.code == 0
    assert "Nothing stands out" in outcome.out


def test_check_tells_a_script(invoke, database):
    assert invoke("flags", "--database", database).code == Exit.OK
    assert invoke("flags", "--check", "--database", database).code == Exit.ATTENTION
    assert invoke("flags", "--check", "--json", "--database", database).code == Exit.ATTENTION


def test_an_acknowledged_finding_asks_for_no_more_attention(invoke, own_database):
    numbers = [line["id"] for line in invoke("flags", "--json", "--database", own_database).lines]
    outcome = invoke("flags", "ack", *numbers, "--database", own_database)
    assert (outcome.code, outcome.out.count("Acknowledged")) == (Exit.OK, len(numbers))
    assert invoke("flags", "--check", "--database", own_database).code == Exit.OK
    states = {line["state"] for line in invoke("flags", "--json", "--database", own_database).lines}
    assert states == {"acknowledged"}
    unknown = invoke("flags", "--database", own_database, "ack", 99)
    assert unknown.code == Exit.USAGE
    assert "flags --all" in unknown.err


def test_a_reanalysis_shows_what_changed_and_keeps_it(invoke, own_database):
    invoke("reanalyse", "--database", own_database)
    assert "Nothing changed" in invoke("reanalyse", "--database", own_database).out
    with closing(schema.connect(own_database, 1.0, write=True)) as connection:
        connection.execute("UPDATE night SET view = json_set(view, '$.twitches', 99)")
    (first, _) = invoke("reanalyse", "--dry-run", "--json", "--database", own_database).lines
    assert list(first)[1:] == list(SHAPES["reanalyse"]["change"])
    assert (first["before"]["twitches"], first["after"]["twitches"]) == (99, 30)
    assert "twitches 99 -> 30" in invoke("reanalyse", "--database", own_database).out
    assert invoke("reanalyse", "--json", "--database", own_database).lines == []


def test_a_sensor_that_was_formatted_keeps_its_earlier_nights(invoke, tmp_path, database):
    path = tmp_path / "copy.db"
    path.write_bytes(database.read_bytes())
    with Store.open(path) as store:
        store.register("24:0A:C4:00:00:01", 8, "ring", 2_000_000_000_000_000)
    logs = invoke("sensors", "--json", "--database", path).lines
    assert len(logs) == 2
    # People see one sensor, the number of which chooses all its nights; each log is there if asked for.
    title, row = invoke("sensors", "--database", path).out.splitlines()
    assert title.split()[-2:] == ["Logs", "Paired"]
    records = sum(log["records"] for log in logs)
    assert row.split()[:3] == [str(logs[-1]["number"]), "ring", logs[0]["hardware_id"]]
    assert row.split()[-3:] == [f"{records:,}", "2", "no"]
    assert len(invoke("sensors", "--logs", "--database", path).out.splitlines()) == 3
    for log in logs:
        chosen = invoke("nights", "--json", "--sensor", log["number"], "--database", path).lines
        assert len(nights_of(chosen)) == 2
    assert len(nights_of(invoke("nights", "--json", "--database", path).lines)) == 2


def test_status_says_what_is_amiss(invoke, database):
    page = invoke("status", "--database", database).out
    assert "complete" in page
    assert "was last seen on Thu 6 Mar 2025, 00:00." in page
    assert json.loads(invoke("status", "--json", "--database", database).out.splitlines()[1])["missing"] == 0


def test_status_sums_up_earlier_logs_unless_something_is_lost(invoke, tmp_path):
    path = tmp_path / "logs.db"
    with Store.open(path) as store:
        for log_id in (1, 2, 3):
            store.register("aa", log_id, "ring", log_id * 1_000_000)
    page = invoke("status", "--database", path).out
    assert "ring (no. 3, aa)" in page
    assert "2 logs with no records, all intact" in page
    assert "no. 1" not in page
    spoil(path, "UPDATE device SET damaged = 2 WHERE id = 1")
    page = invoke("status", "--database", path).out
    assert "no. 1, aa" in page
    assert "1 log with no records, all intact" in page


def test_status_tells_what_the_sensor_said_of_itself(invoke, tmp_path):
    path = tmp_path / "board.db"
    log = Log(datetime(2025, 3, 4, 21, 0, tzinfo=UTC))
    boot = (0, 1, 0, protocol.RESET_SOFT, 2, protocol.LOG_REFORMATTED, 1, 9, 104_000, 122_000, 50_000, 7)
    log.add(protocol.BOOT, 0, boot)
    log.add(protocol.CRASH, 0, (1,), b"Traceback (most recent call last):\nValueError: too much\n")
    reported = (7260, 51_200, 40, 3250, 96, 1024, 0, protocol.RESET_SOFT, protocol.SENSOR_ABSENT)
    reported += (protocol.STATUS_BATTERY_LOW, protocol.AWAKE_UNKNOWN, 0, protocol.PIN_NONE, *[0] * 12)
    log.add(protocol.STATUS, 7260 * SECOND, reported, b"No sensor answers")
    with Store.open(path) as store:
        ring = store.register("24:0A:C4:00:00:01", 7, "ring", log.started_us)
        store.commit(ring.id, log.records, 0, len(log.records), 0, log.started_us)
    page = " ".join(invoke("status", "--database", path).out.split())
    for words in (
        "Running for 2.0 h, since restart by the firmware",
        "Battery 3.25 V, low",
        "Log 9 % of 1,024 KiB used; its file system was damaged",
        "Now: The motion sensor does not work: No sensor answers. Nothing is recorded",
        "Soon: The battery is low (3.25 V). Charge it",
    ):
        assert words in page
    board = invoke("status", "--json", "--database", path).lines[1]["board"]
    assert (board["imu_works"], board["battery_mv"], board["usb"]) == (False, 3250, False)
    assert board["last_crash"]["words"].endswith("ValueError: too much")
    assert list(board) == list(SHAPES["status"]["board"])
    assert [one["part"] for one in board["advice"]] == ["sensor", "cell"]


@pytest.mark.usefixtures("invoke")
def test_local_time_follows_summer_time_both_ways():
    def at(text):
        from datetime import datetime

        return local(int(datetime.fromisoformat(text).timestamp()) * 1_000_000)

    assert f"{at('2025-07-01T12:00Z'):%H:%M %Z}" == "14:00 CEST"
    assert f"{at('2025-12-01T12:00Z'):%H:%M %Z}" == "13:00 CET"
    twice = [at("2025-10-26T00:30Z"), at("2025-10-26T01:30Z")]
    assert [f"{moment:%H:%M}" for moment in twice] == ["02:30", "02:30"]
    assert [moment.fold for moment in twice] == [0, 1]
    assert (twice[1].timestamp() - twice[0].timestamp()) == 3600
    assert twice[0].date() == date(2025, 10, 26)
    assert LOCAL.dst(twice[0]) is None


def test_a_bad_night_is_explained_by_what_the_sensor_reported_of_its_board(invoke, tmp_path):
    path = tmp_path / "board.db"
    log = Log(datetime(2025, 3, 4, 21, 0, tzinfo=UTC))
    log.add(protocol.STATUS, MINUTE, status_body())
    log.night(60, 60, twitches=6)
    log.add(protocol.STATUS, 130 * MINUTE, status_body(brown_outs=4, broken=protocol.PART_RADIO))
    with Store.open(path) as store:
        ring = store.register("24:0A:C4:00:00:01", 7, "ring", log.started_us)
        store.commit(ring.id, log.records, 0, len(log.records), 0, log.started_us)
    page = invoke("nights", "--database", path).out
    assert "Tue 4 Mar 2025: the sensor restarted during this night: 4 brown-outs.\n" in page
    assert "Tue 4 Mar 2025: the sensor reported a fault: the radio does not start.\n" in page
    (night,) = nights_of(invoke("nights", "--json", "--database", path).lines)
    assert (night["restarts"], night["broken"]) == ({"brown_outs": 4}, ["radio"])


@pytest.fixture
def gaps(tmp_path):
    """Nights of 4, 8 and 11 March 2025: the sensor was switched on before the last of them."""
    path = tmp_path / "gaps.db"
    log = Log(datetime(2025, 3, 4, 21, 0, tzinfo=UTC))
    log.night(60, 180, twitches=30)
    log.night(4 * 24 * 60, 120, twitches=6)
    log.add(protocol.STATUS, (4 * 24 * 60 + 130) * MINUTE, status_body())
    log.night(7 * 24 * 60, 180, twitches=30)
    log.add(protocol.STATUS, (7 * 24 * 60 + 180) * MINUTE, status_body(power_ons=3))
    now_us = log.started_us + (7 * 24 * 60 + 200) * MINUTE
    with Store.open(path) as store:
        ring = store.register("24:0A:C4:00:00:01", 7, "ring", now_us)
        store.commit(ring.id, log.records, 0, len(log.records), 0, now_us)
    return path


def test_nights_that_are_missing_are_shown_with_their_cause(invoke, gaps):
    page = invoke("nights", "--database", gaps).out
    lines = page.splitlines()
    assert [line.split("  ")[0] for line in lines[1:6]] == [
        "Tue 4 Mar 2025",
        "3 nights: none",
        "Sat 8 Mar 2025",
        "2 nights: none",
        "Tue 11 Mar 2025",
    ]
    assert "Wed 5 Mar 2025 to Fri 7 Mar 2025: 3 nights without records; the sensor was off, or" in page
    assert "Sun 9 Mar 2025 to Mon 10 Mar 2025: 2 nights without records; the sensor was off, and" in page
    assert "The sensor ring was last seen on" in page
    some = invoke("nights", "--since", "2025-03-08", "--until", "2025-03-11", "--database", gaps).out
    assert "3 nights" not in some
    assert "2 nights: none" in some
    assert "last seen" not in some


@pytest.mark.parametrize("command", ["nights", "events"])
def test_programs_get_the_nights_that_are_missing(invoke, gaps, command):
    def absent(*choice):
        lines = invoke(command, "--json", "--database", gaps, *choice).lines
        return [line for line in lines if line["kind"] == "missing_nights"]

    first, second, since = absent("--since", "2025-03-01")
    assert (first["night"], first["last_night"], first["nights"]) == ("2025-03-05", "2025-03-07", 3)
    assert (first["cause"], first["restarts"]) == ("unknown", {})
    assert (second["cause"], second["restarts"]) == ("off", {"power_ons": 2})
    assert (since["night"], since["cause"]) == ("2025-03-12", "out of reach")
    assert absent("--night", "2025-03-06") == [first]
    assert absent("--night", "2025-03-08") == []
    page = invoke(command, "--night", "2025-03-06", "--database", gaps).out
    assert "3 nights without records; the sensor was off, or its records" in page


def test_status_says_when_everything_was_last_checked(invoke, own_database):
    assert "not checked by the daemon yet" in invoke("status", "--database", own_database).out
    spoil(own_database, "UPDATE record SET raw = x'00' WHERE seq = 40 AND device_id = 1")
    with Store.open(own_database) as store:
        store.care.put_right(store.care.examine(), 1_800_000_000_000_000)
    out = invoke("status", "--database", own_database).out
    assert "damaged: 1 record and 1 gap among the records" in out
    assert "damaged on this computer's disk" in out
    line, *_ = invoke("status", "--json", "--database", own_database).lines
    assert (line["checked_utc"], line["damaged"]) == ("2027-01-15T08:00:00.000Z", 2)


def test_a_seal_leaves_only_what_is_urgent_in_the_list_until_it_is_ended(invoke, database, tmp_path):
    path = tmp_path / "sealed.db"
    shutil.copy(database, path)
    everything = {line["id"] for line in invoke("flags", "--json", "--database", path).lines}
    assert "in the future" in invoke("alerts", "seal", "today", "--database", path).err
    until = date.today() + timedelta(days=40)
    assert f"Sealed until {until}." in invoke("alerts", "seal", until.isoformat(), "--database", path).out
    listed = invoke("flags", "--json", "--database", path).lines
    assert {line["id"] for line in listed} < everything
    assert all(line["urgency"] in ("doctor", "at_once") or line["finding"] == "no_data" for line in listed)
    page = " ".join(invoke("flags", "--database", path).out.split())
    assert page.startswith("Sealed until ")
    assert "flags --all` lists everything" in page
    assert "Sealed until" in invoke("morning", "--database", path).out
    assert "Sealed until" in invoke("alerts", "list", "--database", path).out
    assert {line["id"] for line in invoke("flags", "--all", "--json", "--database", path).lines} >= everything
    invoke("alerts", "unseal", "--database", path)
    assert {line["id"] for line in invoke("flags", "--json", "--database", path).lines} == everything
    assert "Sealed" not in invoke("morning", "--database", path).out


def test_the_digest_is_shown_with_what_sends_it(invoke, database, tmp_path):
    path = tmp_path / "t.db"
    shutil.copy(database, path)
    said = invoke("alerts", "digest", "--database", path)
    assert said.code == 0
    assert (
        "No data: none of the last seven nights has records. The newest is that of Wed 5 Mar 2025."
        in said.out
    )
    assert 'digest = "sunday 10:00"' in said.out
    (tmp_path / "alerts.toml").write_text('digest = "Sun 9:30"')
    assert "sunday" not in invoke("alerts", "digest", "--database", path).out


def test_a_digest_without_data_does_not_reassure_and_one_night_is_singular(invoke, tmp_path):
    path = tmp_path / "t.db"
    Store.open(path).close()
    said = invoke("alerts", "digest", "--database", path).out
    assert "No sensor has sent records yet." in said
    assert "Nothing new" not in said
    night = datetime.now(UTC).replace(hour=22, minute=0, second=0, microsecond=0) - timedelta(days=2)
    with Store.open(path) as store:
        ring = Worn(store, int(night.timestamp()) * 1_000_000, "24:0A:C4:00:00:01")
        ring.sleep(ring.started_us, 6, 40)
        ring.meet(ring.started_us + 9 * HOUR, "UTC")
        store.journal.note(night.date().isoformat(), json.dumps({"stress": 4.0}), ring.started_us)
    assert "1 of 7 nights has data." in invoke("alerts", "digest", "--database", path).out
    triggers = invoke("triggers", "--database", path).out
    assert "1 night has a journal entry made in time." in triggers
    assert "noted on 1 night, 21 are needed" in triggers
