"""Kept summaries, and the few nights that new records touch, give what all records give: in any history."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.archive.worn import DAY, HOUR, MINUTE, SECOND, Worn, body, us
from twitchwatch.archive.findings import derive
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive, sensors_of
from twitchwatch.archive.packing import pack, unpacker
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

BEGIN = us("2025-03-01T22:00")

nights = st.fixed_dictionaries(
    {
        "hours": st.integers(0, 7),
        "twitches": st.integers(0, 60),
        "burst": st.sampled_from([0, 0, 0, 40]),
        "tremor_s": st.sampled_from([0, 0, 0, 8, 40]),
        "spasms": st.integers(0, 2),
        "marks": st.integers(0, 2),
        "then": st.sampled_from(["", "", "", "restart", "format", "rename", "other ring"]),
        "sync": st.sampled_from(["", "sync", "sync", "sync and keep", "sync and ask"]),
    }
)


class History:
    """A store that grows night by night, and an archive that stays open beside it."""

    def __init__(self, store):
        self.store = store
        self.ring = Worn(store, BEGIN)
        self.logs = 1
        self.archive = Archive(store, UTC)

    def wear(self, day, night):
        ring = self.ring
        start = BEGIN + HOUR + day * DAY
        ring.anchor(start - HOUR)
        hours = night["hours"]
        if hours:
            ring.sleep(start, hours, night["twitches"])
            for at in range(night["burst"]):
                ring.twitch(start + hours * HOUR // 2 + at * 70 * SECOND)
            for at in range(night["spasms"]):
                ring.twitch(start + (17 + 20 * at) * MINUTE, protocol.SPASM, 2500)
            for at in range(night["marks"]):
                ring.twitch(start + (41 + at) * MINUTE)
                ring.add(start + (41 + at) * MINUTE + 4 * SECOND, protocol.MARK, (0,))
            if night["tremor_s"]:
                at_us = start + 33 * MINUTE
                tremor = body(
                    protocol.Tremor, ring.sample(at_us), night["tremor_s"] * 1000, 5100, 200, 8000, 9000, 102
                )
                ring.add(at_us, protocol.TREMOR, tremor)
        if night["then"] == "format":
            # In the middle of the night: what follows is another log of the same sensor.
            middle = start + hours * HOUR
            ring.meet(middle)
            self.logs += 1
            self.ring = Worn(self.store, middle + MINUTE, log_id=self.logs, name=ring.device.name)
            self.ring.sleep(middle + 2 * MINUTE, 1, 5)
        elif night["then"] == "rename":
            self.store.register("aa", self.logs, f"ring {day}", start)
        elif night["then"] == "other ring":
            other = Worn(self.store, start, hardware_id=f"b{day}", name="left")
            other.sleep(start, 3, 20)
            other.meet(start + 4 * HOUR)
        now = start + 9 * HOUR
        if night["sync"]:
            self.ring.meet(now)
        if night["sync"] == "sync and keep":
            keep(self.store, UTC, now, archive=self.archive)
        elif night["sync"] == "sync and ask":
            self.archive.sensors()
        return now


def figures(archive):
    return [sensor.rated for sensor in archive.sensors()]


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(nights, min_size=1, max_size=14))
def test_findings_from_summaries_are_those_of_all_records(history):
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "records.db") as store:
        made = History(store)
        for day, night in enumerate(history):
            now = made.wear(day, night)
        everything = Archive(store, UTC, fresh=True)
        expected = derive(store, UTC, now, archive=everything)
        for archive in (made.archive, Archive(store, UTC)):
            assert derive(store, UTC, now, archive=archive) == expected
            assert figures(archive) == figures(everything)
        keep(store, UTC, now)
        kept = Archive(store, UTC)
        assert derive(store, UTC, now, archive=kept) == expected
        assert figures(kept) == figures(everything)
        assert not kept.unkept(now).rows
        # The page of each night, from its own records, counts what its summary counts.
        for sensor in kept.sensors():
            for night in sensor.nights:
                assert kept.whole(night).summary() == night


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "records.db") as store:
        yield store


def wear(store, count, **changes):
    ring = Worn(store, BEGIN, **changes)
    for day in range(count):
        ring.sleep(BEGIN + HOUR + day * DAY, 6, 20 + day)
        ring.meet(BEGIN + 8 * HOUR + day * DAY)
    return ring


def test_a_page_has_the_times_that_its_summary_was_made_with(store):
    """Also where the clock drifts, and is followed more closely as syncs go on."""
    wear(store, 6, ppm=40)
    keep(store, UTC, BEGIN + 7 * DAY)
    archive = Archive(store, UTC)
    (sensor,) = archive.sensors()
    for night in sensor.nights:
        whole = archive.whole(night)
        assert whole.summary() == night
        assert [hour.twitches for hour in night.hours] == [
            sum(hour.start_utc_us <= event.utc_us < hour.start_utc_us + HOUR for event in whole.events)
            for hour in night.hours
        ]


def test_only_what_new_records_touch_is_derived_again(store):
    ring = wear(store, 12)
    keep(store, UTC, BEGIN + 13 * DAY)
    steps = []
    assert Archive(store, UTC, progress=lambda *step: steps.append(step)).sensors()
    assert steps == []
    ring.sleep(BEGIN + HOUR + 12 * DAY, 6, 9)
    ring.meet(BEGIN + 8 * HOUR + 12 * DAY)
    (sensor,) = Archive(store, UTC, progress=lambda *step: steps.append(step)).sensors()
    assert [night.twitches for night in sensor.nights][-2:] == [31, 9]
    assert steps[-1] == (3, 3)


def test_what_another_version_kept_is_derived_again_once(store):
    wear(store, 4)
    keep(store, UTC, BEGIN + 5 * DAY)
    before = figures(Archive(store, UTC))
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE night SET version = 'other', body = 'not read' WHERE rowid < 3")
    steps = []
    archive = Archive(store, UTC, progress=lambda *step: steps.append(step))
    assert figures(archive) == before
    assert steps[-1][1] == 2
    keep(store, UTC, BEGIN + 5 * DAY, archive=archive)
    steps.clear()
    assert figures(Archive(store, UTC, progress=lambda *step: steps.append(step))) == before
    assert steps == []


def test_a_memory_formatted_in_mid_night_leaves_one_night(store):
    ring = Worn(store, BEGIN)
    ring.sleep(BEGIN + HOUR, 3, 30)
    ring.meet(BEGIN + 4 * HOUR)
    again = Worn(store, BEGIN + 5 * HOUR, log_id=2)
    again.sleep(BEGIN + 5 * HOUR, 3, 12)
    again.meet(BEGIN + 9 * HOUR)
    (sensor,) = sensors_of(store, UTC)
    (night,) = sensor.nights
    assert (night.twitches, night.rest_h) == (42, 6.0)
    assert night.off_h == pytest.approx(1.0, abs=0.02)
    assert len(sensor.logs) == 2
    keep(store, UTC, BEGIN + DAY)
    (row,) = store.summaries.all()
    assert sorted(json.loads(row.logs)) == ["1", "2"]


def test_values_survive_packing(store):
    wear(store, 1)
    (sensor,) = sensors_of(store, UTC)
    night = replace(sensor.nights[0], wear="unknown", noise_mg=None, wakeful=((1, 2), (3, 4)))
    assert unpacker(type(night))(json.loads(json.dumps(pack(night)))) == night
