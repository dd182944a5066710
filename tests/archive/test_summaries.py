"""Kept summaries, and the few nights that new records touch, give what all records give: in any history."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.archive.worn import DAY, HOUR, MINUTE, SECOND, Worn, body, us
from twitchwatch.archive.findings import derive
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive, sensors_of
from twitchwatch.archive.packing import pack, unpacker
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store, schema

BEGIN = us("2025-03-01T22:00")

# Anything that may happen in a day, as often as the test needs it: what is rare in life is frequent here.
nights = st.fixed_dictionaries(
    {
        "hours": st.sampled_from([0, 2, 5, 7]),
        "twitches": st.integers(0, 60),
        "tremor_s": st.sampled_from([0, 0, 40]),
        "spasms": st.integers(0, 2),
        "marks": st.integers(0, 1),
        "anchors": st.sampled_from(["hourly", "at bedtime", "none"]),
        "then": st.sampled_from(["", "restart", "format", "rename", "other ring"]),
        "sync": st.sampled_from(["", "whole", "whole", "in part", "out of order", "at midnight"]),
        "after": st.sampled_from(["", "keep", "ask"]),
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
        start = BEGIN + HOUR + day * DAY
        if night["anchors"] != "none":
            self.ring.anchor(start - HOUR)
        self.sleep(start, night)
        if night["sync"] == "at midnight":
            self.ring.meet(start + HOUR)
            self.look(start + HOUR, night)
        self.change(start, day, night)
        now = start + 9 * HOUR
        if night["sync"] == "in part":
            self.ring.meet(now, keep_back=0.3)
        elif night["sync"] == "out of order":
            self.ring.between = lambda: self.look(now, night)
            self.ring.meet(now, late=True)
            self.ring.between = lambda: None
        elif night["sync"] == "whole":
            self.ring.anchor(now)
            self.ring.meet(now)
        self.look(now, night)
        return now

    def sleep(self, start, night):
        ring, hours = self.ring, night["hours"]
        if not hours:
            return
        ring.sleep(start, hours, night["twitches"], anchor_min=60 if night["anchors"] == "hourly" else 0)
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

    def change(self, start, day, night):
        end = start + night["hours"] * HOUR
        if night["then"] == "restart":
            self.ring.restart(end + MINUTE)
            self.ring.sleep(end + 2 * MINUTE, 1, 7, anchor_min=0)
        elif night["then"] == "format":
            # In the middle of the night: what follows is another log of the same sensor.
            self.ring.meet(end)
            self.logs += 1
            self.ring = Worn(self.store, end + MINUTE, log_id=self.logs, name=self.ring.device.name)
            self.ring.sleep(end + 2 * MINUTE, 1, 5)
        elif night["then"] == "rename":
            self.store.register("aa", self.logs, f"ring {day}", start)
        elif night["then"] == "other ring":
            other = Worn(self.store, start, hardware_id=f"b{day}", name="left")
            other.sleep(start, 3, 20)
            other.meet(start + 4 * HOUR)

    def look(self, now, night):
        if night["after"] == "keep":
            keep(self.store, UTC, now, archive=self.archive)
        elif night["after"] == "ask":
            self.archive.sensors()


def figures(archive):
    return [sensor.rated for sensor in archive.sensors()]


def agreed(archive):
    """Figures without what later syncs make more certain of nights long past, which are not derived again."""
    return [
        (sensor.undated, [(without_errors(one.night), one.rate) for one in sensor.rated])
        for sensor in archive.sensors()
    ]


def without_errors(night):
    bouts = tuple(replace(bout, error_us=0) for bout in night.bouts)
    return replace(night, clock_error_s=0.0, bouts=bouts)


PLAIN = {
    "hours": 5,
    "twitches": 20,
    "tremor_s": 40,
    "spasms": 1,
    "marks": 1,
    "anchors": "hourly",
    "then": "",
    "sync": "whole",
    "after": "keep",
}


# What chance may miss: the first half of a night after the second, and a night that has no time at first.
@example([PLAIN, PLAIN | {"sync": "out of order"}, PLAIN])
@example([PLAIN | {"anchors": "none", "sync": "in part"}, PLAIN | {"then": "restart", "sync": "at midnight"}])
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(nights, min_size=1, max_size=7))
def test_findings_from_summaries_are_those_of_all_records(history):
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "records.db") as store:
        made = History(store)
        for day, night in enumerate(history):
            now = made.wear(day, night)
        everything = Archive(store, UTC, fresh=True)
        expected = derive(store, UTC, now, archive=everything)
        for archive in (made.archive, Archive(store, UTC)):
            assert derive(store, UTC, now, archive=archive) == expected
            assert agreed(archive) == agreed(everything)
        keep(store, UTC, now)
        kept = Archive(store, UTC)
        assert derive(store, UTC, now, archive=kept) == expected
        assert agreed(kept) == agreed(everything)
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


def test_the_next_sync_dates_the_last_nights_again(store):
    ring = Worn(store, BEGIN, ppm=300)
    for day in range(2):
        ring.anchor(BEGIN + day * DAY)
        ring.sleep(BEGIN + HOUR + day * DAY, 6, 20, anchor_min=0)
        ring.meet(BEGIN + 8 * HOUR + day * DAY)
        archive = Archive(store, UTC)
        (sensor,) = archive.sensors()
        keep(store, UTC, BEGIN + (day + 1) * DAY, archive=archive)
        if day == 0:
            alone = sensor.nights[0].clock_error_s
    assert sensor.nights[0].clock_error_s != alone
    assert figures(archive) == figures(Archive(store, UTC, fresh=True))


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
    with closing(schema.connect(store.path, 1.0, write=True)) as connection:
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
