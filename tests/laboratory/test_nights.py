"""Recordings imported as nights: the same figures as `detect`, once, apart from a ring's, and removable."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.archive.worn import DAY, HOUR, Worn, us
from tests.laboratory.made import twitching_hand
from twitchwatch.analysis.contract import RING, SOURCE_CONTRACT
from twitchwatch.analysis.detection_limit import detection_limit_mg
from twitchwatch.archive.findings import derive
from twitchwatch.archive.nights import Archive, sensors_of
from twitchwatch.clock.zone import LOCAL
from twitchwatch.journal import book
from twitchwatch.recording import write_csv
from twitchwatch.shared.protocol.records import BOOT, EPOCH, SETTINGS, decode, encode
from twitchwatch.store import Store
from twitchwatch.views.strip import strip_view

START = "2026-03-01T23:00:00+01:00"
BEGIN = us("2026-03-01T22:00")


@pytest.fixture
def database(tmp_path):
    return tmp_path / "nights.db"


@pytest.fixture
def hand(tmp_path):
    """Two and a half minutes with eight twitches and a tremor."""
    return twitching_hand(tmp_path / "hand.csv", 8, 150, tremor_s=15)


def imported(invoke, database, *arguments, wearer="anna", site="left wrist", start=START):
    options = ["--wearer", wearer, "--database", database]
    options += [] if site is None else ["--site", site]
    options += [] if start is None else ["--start", start]
    return invoke("import", *options, *arguments)


def rows(database, table):
    with Store.open_existing(database) as store, store.reading() as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_a_night_has_the_figures_of_detect(hand, database, invoke):
    *lines, summary = invoke("detect", "--json", hand, "--start", START).lines
    outcome = imported(invoke, database, "--json", hand)
    assert (outcome.code, outcome.err) == (0, "")
    (line,) = outcome.lines
    assert (line["kind"], line["sensor"], line["already"]) == ("imported", "anna, left wrist", False)
    assert line["start_utc"] == "2026-03-01T22:00:00.000Z"
    (night,) = invoke("nights", "--json", "--database", database).lines
    assert night["night"] == "2026-03-01"
    assert night["twitches"] == summary["twitches"] == 8
    assert night["bursts"] == summary["bursts"]
    assert night["rest_h"] == pytest.approx(summary["live_s"] / 3600, abs=0.001)
    assert night["tremor_h"] == pytest.approx(summary["tremor_s"] / 3600, abs=0.001)
    assert night["noise_mg"] == pytest.approx(summary["noise_mg"], abs=0.01)
    events = invoke("events", "--json", "--database", database).lines
    for kind in ("twitch", "tremor"):
        here = [line for line in lines if line["kind"] == kind]
        there = [line for line in events if line["kind"] == kind]
        assert len(here) == len(there) > 0
        for one, other in zip(here, there, strict=True):
            apart = datetime.fromisoformat(one["start_utc"]) - datetime.fromisoformat(other["utc"])
            assert abs(apart.total_seconds()) < 0.02
            assert other["utc_error_s"] < 0.5
            assert one["peak_mg"] == other["peak_mg"]
            assert one.get("half_duration_s") == other.get("half_duration_s")


def test_the_limit_of_a_night_is_that_of_its_sensor(database, tmp_path, invoke):
    """At 52 Hz a twitch must be larger to be seen. Without what the sensor delivers, no limit is stated."""
    fine = np.loadtxt(twitching_hand(tmp_path / "fine.csv", 4, 130), delimiter=",", skiprows=1)
    half = tmp_path / "half.csv"
    write_csv(half, fine[::2, 0], fine[::2, 1:4])
    (*_, summary) = invoke("detect", "--json", half, "--start", START).lines
    assert summary["detection_limit_mg"] > 1.2 * detection_limit_mg(RING, summary["noise_mg"])
    imported(invoke, database, half)
    (night,) = invoke("nights", "--json", "--database", database).lines
    assert night["detection_limit_mg"] == pytest.approx(summary["detection_limit_mg"], rel=0.02)
    profile = json.loads(invoke("report", "--json", "--database", database).out)
    assert profile["sensor"]["sample_rate_hz"] == pytest.approx(52)
    with Store.open(database) as store:
        (device,) = store.devices()
        archive = Archive(store, LOCAL, fresh=True)
        ((one,),) = (sensor.nights for sensor in archive.sensors())
        (first_mg, *_) = strip_view(archive.whole(one)).minutes.limit_mg
        assert first_mg == pytest.approx(summary["detection_limit_mg"], rel=0.1)
        records = list(store.records(device.id))
        kept = [one for one in records if one.type != SETTINGS or one.body.what != SOURCE_CONTRACT]
        older = [
            encode(one.type, seq, one.boot_id, one.time_us, tuple(one.body), one.tail)
            for seq, one in enumerate(kept)
        ]
        assert len(older) == len(records) - 1
        store.remove(device.id)
        again = store.register(device.hardware_id, device.log_id, device.name, BEGIN)
        store.commit(again.id, older, 0, len(older), 0, BEGIN)
    (night,) = invoke("nights", "--json", "--database", database).lines
    assert (night["twitches"], night["detection_limit_mg"]) == (4, None)
    assert night["noise_mg"] is not None


def test_the_same_file_again_changes_nothing(hand, database, tmp_path, invoke):
    imported(invoke, database, hand)
    before = {table: rows(database, table) for table in ("device", "record", "night")}
    assert before["record"] > 10
    copy = tmp_path / "another name.csv"
    copy.write_bytes(hand.read_bytes())
    for wearer, file in (("anna", hand), ("ANNA", hand), ("anna", copy)):
        outcome = imported(invoke, database, "--json", file, wearer=wearer, start=None)
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.lines[0]["already"] is True
        assert outcome.lines[0]["records"] == before["record"]
    assert {table: rows(database, table) for table in before} == before


def test_time_that_is_there_already_is_refused(hand, database, tmp_path, invoke):
    imported(invoke, database, hand)
    other = twitching_hand(tmp_path / "other.csv", 3, 100)
    outcome = imported(invoke, database, other, start="2026-03-01T23:02:00+01:00")
    assert (outcome.code, outcome.out) == (2, "")
    assert "overlaps with a recording of anna, left wrist" in outcome.err
    assert "(2026-03-01 23:00 to 23:02 here)" in outcome.err
    assert imported(invoke, database, other, start="2026-03-01T23:05:00+01:00").code == 0
    assert imported(invoke, database, other, site="right wrist").code == 0
    nights = invoke("nights", "--json", "--database", database).lines
    assert {night["sensor"]: night["twitches"] for night in nights} == {
        "anna, left wrist": 11,
        "anna, right wrist": 3,
    }


def test_several_files_without_times_have_a_start_each(hand, database, tmp_path, invoke):
    other = twitching_hand(tmp_path / "other.csv", 3, 100)
    starts = ["--start", "other.csv=2026-03-02T23:00:00+01:00"]
    outcome = imported(invoke, database, *starts, hand, other, start=f"hand.csv={START}")
    assert (outcome.code, outcome.err) == (0, "")
    nights = invoke("nights", "--json", "--database", database).lines
    assert {night["night"]: night["twitches"] for night in nights} == {"2026-03-01": 8, "2026-03-02": 3}


def test_an_interrupted_import_is_completed(hand, database, invoke):
    """Stopped between the two writes: the device is there, its records are not."""
    imported(invoke, database, hand)
    with Store.open(database) as store:
        (device,) = store.devices()
        store.remove(device.id)
        store.register(device.hardware_id, device.log_id, device.name, BEGIN)
    outcome = imported(invoke, database, "--json", hand)
    assert outcome.lines[0]["already"] is False
    assert invoke("nights", "--json", "--database", database).lines[0]["twitches"] == 8


def test_it_can_be_removed_and_a_ring_cannot(hand, database, invoke):
    with Store.open(database) as store:
        ring = Worn(store, BEGIN)
        ring.sleep(BEGIN + HOUR, 6, 20)
        ring.meet(BEGIN + 8 * HOUR)
    before = invoke("nights", "--json", "--database", database).lines
    imported(invoke, database, hand)
    refused = invoke("import", "--remove", "ring", "--database", database)
    assert refused.code == 2
    assert "ring is a sensor, and its records stay" in refused.err
    removed = invoke("import", "--remove", "anna, left wrist", "--database", database)
    assert removed.out.startswith("Removed 1 recording of anna, left wrist: ")
    assert invoke("nights", "--json", "--database", database).lines == before
    again = invoke("import", "--remove", "anna, left wrist", "--database", database)
    assert again.code == 2
    assert "There is no sensor 'anna, left wrist'" in again.err


def test_it_never_mixes_with_what_a_ring_saw(hand, database, tmp_path, invoke):
    """Rates, findings, journal and silence of a ring are as they were, down to the last digit."""
    after = BEGIN + 12 * DAY
    with Store.open(database) as store:
        for number in range(8):
            ring = Worn(store, BEGIN + number * DAY, log_id=number + 1)
            ring.sleep(BEGIN + number * DAY + HOUR, 6, 20 + number)
            ring.meet(BEGIN + number * DAY + 8 * HOUR)
        (alone,) = sensors_of(store, LOCAL)
        flags = derive(store, LOCAL, after)
        counted = book.counted_nights(alone.nights)
    imported(invoke, database, hand)
    imported(invoke, database, twitching_hand(tmp_path / "b.csv", 30, 300), start="2026-03-03T23:00:00+01:00")
    with Store.open(database) as store:
        both = {sensor.device.worn: sensor for sensor in Archive(store, LOCAL, fresh=True).sensors()}
        assert both[True].rated == alone.rated
        assert len(both[False].rated) == 2
        mixed = [night for sensor in both.values() for night in sensor.nights]
        assert book.counted_nights(mixed) == counted
        found = derive(store, LOCAL, after)
        # The next free number is another one.
        assert [replace(flag, id=None) for flag in found if flag.hardware_id == "aa"] == [
            replace(flag, id=None) for flag in flags
        ]
        assert not [flag for flag in found if flag.kind == "no_data" and flag.hardware_id != "aa"]
        assert {row.name for row in store.zones.all()} <= {"Europe/Berlin", "UTC"}


def test_a_night_is_cut_where_it_was_recorded(database, tmp_path, invoke):
    """22:00 in Tokyo is three in the afternoon in Berlin; a wearer's computer stays in Berlin."""
    hand = twitching_hand(tmp_path / "tokyo.csv", 2)
    imported(invoke, database, hand, start="2026-03-01T11:59:00+09:00")
    (night,) = invoke("nights", "--json", "--database", database).lines
    assert (night["night"], night["zone"]) == ("2026-02-28", "UTC+09:00")
    with Store.open_existing(database) as store:
        assert {row.name for row in store.zones.all()} == {"Europe/Berlin"}


def test_a_gap_and_bridged_time_are_lost_and_no_rest(database, tmp_path, invoke):
    whole = np.loadtxt(twitching_hand(tmp_path / "whole.csv", 4, 60), delimiter=",", skiprows=1)
    t_s = whole[:, 0]
    kept = ~((t_s >= 30) & (t_s < 35)) & ~((t_s >= 45) & (t_s < 45.6))
    path = tmp_path / "holes.csv"
    write_csv(path, t_s[kept], whole[kept, 1:4])
    imported(invoke, database, path)
    with Store.open_existing(database) as store:
        (device,) = store.devices()
        epochs = [record.body for record in store.records(device.id, types=(EPOCH,))]
        (boot,) = [record.body for record in store.records(device.id, types=(BOOT,))]
    assert sum(epoch.lost_ms for epoch in epochs) == pytest.approx(5600, abs=40)
    assert boot.chip == 254
    (night,) = invoke("nights", "--json", "--database", database).lines
    assert night["lost_h"] == pytest.approx(5.6 / 3600, abs=2e-4)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"start": None}, "does not state when it was recorded, which a night needs: add --start"),
        ({"start": "2126-03-01T23:00:00+01:00"}, "ends in the future"),
        ({"wearer": " "}, "--wearer must have 1 to 60 characters"),
        ({"site": "x" * 61}, "--site must have 1 to 60 characters"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_a_sentence(hand, database, invoke, options, said):
    outcome = imported(invoke, database, hand, **options)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_sensor_that_cannot_show_twitches_makes_no_night(database, tmp_path, data_dir, invoke):
    """The watch of WISDM, 20 Hz: its nights would look as if nothing had twitched."""
    with np.load(data_dir / "wisdm_watch_20hz.npz") as stored:
        acc_g = stored["accel"][:2400] / 9.80665
    path = tmp_path / "watch.csv"
    write_csv(path, np.arange(len(acc_g)) / 20, acc_g)
    outcome = imported(invoke, database, path)
    assert outcome.code == 2
    assert "cannot show twitches (20 Hz is too slow)" in outcome.err


def test_one_bad_file_of_several_stops_no_other(database, tmp_path, invoke):
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(2):
        path = twitching_hand(folder / f"{number}.csv", 1 + number)
        text = path.read_text().splitlines()
        begin = datetime(2026, 3, 1 + number, 23, tzinfo=UTC).timestamp()
        stamped = [f"{begin + float(line.split(',')[0]):.3f},{line.partition(',')[2]}" for line in text[1:]]
        path.write_text("\n".join(["timestamp,x,y,z", *stamped]) + "\n")
    (folder / "bad.csv").write_text("nothing,here\n")
    outcome = imported(invoke, database, "--json", folder, start=None)
    assert outcome.code == 2
    assert [line["kind"] for line in outcome.lines] == ["imported", "imported", "refused"]
    assert "bad.csv" in outcome.err
    assert len(invoke("nights", "--json", "--database", database).lines) == 2


def test_the_whole_database_is_sound_afterwards(hand, database, invoke):
    imported(invoke, database, hand)
    with Store.open(database) as store:
        assert store.care.examine().whole
    sensors = invoke("sensors", "--json", "--database", database).lines
    assert [(line["imported"], line["demo"], line["paired"]) for line in sensors] == [(True, False, False)]
    assert "imported" in invoke("sensors", "--database", database).out
    assert "Imported" in invoke("status", "--database", database).out
    assert json.loads(invoke("status", "--json", "--database", database).out.splitlines()[0])["damaged"] == 0


def test_records_are_what_a_ring_writes(hand, database, invoke):
    imported(invoke, database, hand)
    with Store.open_existing(database) as store:
        (device,) = store.devices()
        raw = [record.raw for record in store.records(device.id)]
    assert [decode(one).seq for one in raw] == list(range(len(raw)))
    assert all(decode(one).body is not None for one in raw)
