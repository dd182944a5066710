"""A database of 0.1 is migrated, with a backup; its nights and findings have the figures that they had."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from twitchwatch.analysis import detection_limit
from twitchwatch.archive.demo_data import remove_demo
from twitchwatch.archive.findings import derive
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive
from twitchwatch.clock.zone import LOCAL
from twitchwatch.store import DEMO_HARDWARE_ID, Store, schema
from twitchwatch.views.events import events_of
from twitchwatch.views.findings import flag_view

MADE = Path(__file__).parent / "made_by_0_1"
TOLD = json.loads((MADE / "told.json").read_text())
# Keys that had another name then (CHANGELOG), and those that there were not.
RENAMED = {
    "device": "sensor",
    "date": "night",
    "unread_records": "unread",
    "flag": "finding",
    "taken_back_by": "resolved_when",
    "second_look": "waveform_check",
    "told": "reported_kind",
}
# Reasons in words that are other ones now.
REWORDED = {
    "one or two readings jump: a knock, or a reading gone wrong": (
        "one or two readings jump: a knock, or a bad reading"
    ),
    "it has no twitch's shape: cloth that rubs, or a short spasm": (
        "it does not have the shape of a twitch: rubbing cloth, or a short spasm"
    ),
}
NEW = {"zone", "schema_version", "kind", "rate_per_h", "blind_h", "bursts", "half_duration_s", "grade"}
# It rises with every key and every figure that is new.
NEW |= {"analysis_version", "disturbances", "as_measured", "id", "verdict"}


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    path = tmp_path / "records.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((MADE / "records.sql").read_text())
    yield path
    monkeypatch.undo()
    time.tzset()


def figures(view):
    return {key: renamed(value) for key, value in view.items() if key not in NEW}


def renamed(value):
    """What 0.1 printed under the names of today."""
    if isinstance(value, list):
        return [renamed(one) for one in value]
    if isinstance(value, dict):
        return {RENAMED.get(key, key): renamed(one) for key, one in value.items() if key not in NEW}
    return REWORDED.get(value, value) if isinstance(value, str) else value


def test_it_is_migrated_after_a_backup(path):
    with Store.open_existing(path) as store:
        assert store.summaries.all() == []
        records = [record.raw for record in store.records(1)]
        last_us = store.last_received(1)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
    with closing(sqlite3.connect(schema.backup_path(path, 6))) as backup:
        assert backup.execute("PRAGMA user_version").fetchone() == (6,)
        assert backup.execute("SELECT count(*) FROM night").fetchone() == (2,)
        kept = [raw for (raw,) in backup.execute("SELECT raw FROM record ORDER BY seq")]
        newest = backup.execute("SELECT received_utc_us FROM record ORDER BY seq DESC LIMIT 1").fetchone()
        assert newest == (last_us,)
    assert kept == records


@pytest.mark.parametrize("kept", [False, True])
def test_its_nights_have_the_figures_that_they_had(path, kept):
    with Store.open_existing(path) as store:
        if kept:
            keep(store, LOCAL, 0)
        archive = Archive(store, LOCAL)
        (sensor,) = archive.sensors()
        nights = [one.view.as_json() for one in sensor.rated]
        events = [line.as_json() for one in sensor.rated for line in events_of(archive.whole(one.night))]
    told = [renamed(night) for night in TOLD["nights"]]
    for night in told:
        # That of half of the twitches then; now nine in ten are found at the limit.
        night["detection_limit_mg"] = round(detection_limit.OVER_NOISE * night["noise_mg"], 4)
    assert [figures(night) for night in nights] == told
    assert {night["zone"] for night in nights} == {"Europe/Berlin"}
    # Its sensor counted neither bursts nor dead time: that is not known, and not zero.
    assert all(night["rate_per_h"] is None and night["bursts"] is None for night in nights)
    assert [figures(event) for event in events] == [renamed(event) for event in TOLD["events"]]


@pytest.fixture
def demo(tmp_path):
    path = tmp_path / "demo.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((MADE / "demo.sql").read_text())
    return path


def test_a_demo_of_0_1_is_recognised_and_can_be_removed(demo):
    with Store.open_existing(demo) as store:
        (device,) = store.devices()
        assert (device.demo, device.name) == (True, "demo")
        assert store.findings.all() == []
        assert [flag.kind for flag in keep(store, LOCAL, 0)] == ["tremor"]
        assert {row.identity for row in store.summaries.all()} == {DEMO_HARDWARE_ID}
        assert remove_demo(store).nights == 1
        assert (store.devices(), store.summaries.all(), store.findings.all()) == ([], [], [])


@pytest.mark.parametrize("change", ["address", "firmware"])
def test_a_ring_that_was_worn_is_not_taken_for_a_demo(demo, change):
    with closing(sqlite3.connect(demo)) as connection, connection:
        if change == "address":
            connection.execute("UPDATE device SET hardware_id = '24:0A:C4:00:00:02'")
            connection.execute("UPDATE finding SET identity = '24:0A:C4:00:00:02'")
        else:
            connection.execute("DROP TRIGGER record_is_never_rewritten")
            boots = connection.execute("SELECT seq, raw FROM record WHERE type = 5").fetchall()
            for seq, raw in boots:
                newer = raw[:21] + bytes([2]) + raw[22:]
                connection.execute("UPDATE record SET raw = ? WHERE seq = ?", (newer, seq))
    with Store.open_existing(demo) as store:
        assert [device.demo for device in store.devices()] == [False]
        assert [row.kind for row in store.findings.all()] == ["tremor"]


def test_its_findings_keep_their_numbers_and_states(path):
    now_utc_us = int(time.time()) * 1_000_000
    with Store.open_existing(path) as store:
        found = [flag_view(flag).as_json() for flag in derive(store, LOCAL, now_utc_us)]
    before = {flag["id"]: flag for flag in TOLD["flags"]}
    assert before
    for one in found:
        old = before.pop(one["id"])
        assert (one["finding"], one["state"], one["night"]) == (old["flag"], old["state"], old["night"])
        assert one["records"] == old["records"]
    assert before == {}
