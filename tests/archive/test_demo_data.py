"""A night belongs to a wearer: what was simulated is apart, and several rings do not make several nights."""

from datetime import UTC, date

import pytest

from tests.archive.worn import DAY, HOUR, Worn, us
from twitchwatch.archive.demo_data import remove_demo
from twitchwatch.archive.findings import derive
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive, sensors_of
from twitchwatch.journal import book
from twitchwatch.store import DEMO_HARDWARE_ID, Store

BEGIN = us("2025-03-04T22:00")
AFTER = BEGIN + 10 * HOUR
EVENING = date(2025, 3, 4)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "records.db") as store:
        yield store


def wear(store, twitches, begin=BEGIN, **whose):
    ring = Worn(store, begin, **whose)
    ring.sleep(begin + HOUR, 6, twitches)
    ring.meet(begin + 8 * HOUR)
    return ring


def simulated(store, begin=BEGIN, log_id=1):
    return wear(store, 50, begin, hardware_id=DEMO_HARDWARE_ID, name="demo", log_id=log_id)


def test_what_was_simulated_counts_for_no_wearer(store):
    wear(store, 20)
    alone = derive(store, UTC, AFTER)
    simulated(store)
    assert {device.name: device.demo for device in store.devices()} == {"ring": False, "demo": True}
    nights = [night for sensor in sensors_of(store, UTC) for night in sensor.nights]
    (counted,) = book.counted_nights(nights).values()
    assert counted.twitches == 20
    found = derive(store, UTC, AFTER)
    assert [flag for flag in found if flag.hardware_id == "aa"] == [
        flag for flag in alone if flag.hardware_id == "aa"
    ]
    late = derive(store, UTC, AFTER + 3 * DAY)
    assert {flag.sensor for flag in late if flag.kind == "no_data"} == {"ring"}


def test_it_can_be_removed_and_leaves_what_was_worn(store):
    wear(store, 20)
    simulated(store)
    keep(store, UTC, AFTER)
    removed = remove_demo(store)
    assert (removed.nights, removed.records > 300) == (1, True)
    assert [(device.name, device.demo) for device in store.devices()] == [("ring", False)]
    assert {row.identity for row in store.summaries.all()} == {"aa"}
    assert {row.identity for row in store.findings.all()} <= {"aa", ""}
    assert remove_demo(store).nights == 0
    # What comes next has the numbers of what was removed, and is seen all the same.
    wear(store, 7, BEGIN + DAY, log_id=2)
    for archive in (Archive(store, UTC), Archive(store, UTC, fresh=True)):
        (sensor,) = archive.sensors()
        assert [night.twitches for night in sensor.nights] == [20, 7]


def test_a_second_demo_replaces_the_night_of_the_first_and_no_other(store):
    simulated(store)
    simulated(store, BEGIN + 3 * DAY, log_id=2)
    keep(store, UTC, AFTER)
    assert remove_demo(store, BEGIN + HOUR).nights == 1
    simulated(store, log_id=3)
    (sensor,) = sensors_of(store, UTC)
    assert [(night.date.day, night.twitches) for night in sensor.nights] == [(4, 50), (7, 50)]


@pytest.mark.parametrize("sites", [("left index", "left index"), ("left index", "right index")])
def test_two_rings_in_one_night_are_two_sites_of_one_night(store, sites):
    wear(store, 20)
    wear(store, 30, hardware_id="bb", name="second")
    for place, name in zip(sites, ("ring", "second"), strict=True):
        book.write_changes(store, EVENING, {"place": f"{name} = {place}"}, BEGIN)
    nights = [night for sensor in sensors_of(store, UTC) for night in sensor.nights]
    assert [night.date for night in nights] == [EVENING] * 2
    (counted,) = book.counted_nights(nights).values()
    assert (counted.twitches, counted.rest_h) == (50, 12.0)
    for flag in derive(store, UTC, AFTER):
        assert flag.evidence.get("nights", 1) == 1
        assert "2 nights" not in flag.words
