"""New records on top of kept summaries give the same nights as all records together."""

from datetime import UTC, datetime

import pytest

from twitchwatch.archive.findings import derive
from twitchwatch.archive.nights import Archive
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
START = int(datetime(2025, 3, 4, 21, tzinfo=UTC).timestamp()) * 1_000_000


def padded(kind, values):
    return tuple(values) + (0,) * (len(kind._fields) - len(values))


def sample(time_us):
    return time_us * 104 // 1_000_000 % 2**30


class Ring:
    """Writes nights of three hours into a store, one boot for all of them."""

    def __init__(self, store, hardware_id="aa"):
        self.store = store
        self.id = store.register(hardware_id, 1, "ring", START).id
        self.seq = 0

    def wear(self, day, tremor=False, minutes=180):
        begin = day * DAY
        # A rendezvous every half hour, day and night.
        made = [
            (begin + at * 30 * MINUTE, protocol.ANCHOR, (START + begin + at * 30 * MINUTE, 20_000))
            for at in range(48)
        ]
        if not self.seq:
            made.insert(0, (0, protocol.BOOT, padded(protocol.Boot, (0, 1, 0, 0, 7))))
        for minute in range(minutes):
            epoch = protocol.Epoch(minute * 6240, 60_000, *(0,) * 17, *protocol.UNCOUNTED)
            made.append((begin + minute * MINUTE, protocol.EPOCH, tuple(epoch._replace(flags=1))))
        for at in range(20):
            when = begin + (at * 7 + 3) * MINUTE
            event = (protocol.TWITCH, 0, 0, 0, sample(when), 80, 9000, 300, 0, 0, 255)
            made.append((when, protocol.EVENT, event))
        if tremor:
            when = begin + 100 * MINUTE
            body = padded(protocol.Tremor, (sample(when), 20_000, 5100, 200, 8000, 9000, 102))
            made.append((when, protocol.TREMOR, body))
        made.sort(key=lambda one: one[0])
        self.keep(
            [protocol.encode(kind, self.seq + at, 1, t, body) for at, (t, kind, body) in enumerate(made)]
        )

    def keep(self, records):
        self.store.commit(self.id, records, self.seq, self.seq + len(records), 0, START)
        self.seq += len(records)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "records.db") as store:
        yield store


def nights(sensors):
    return [sensor.nights for sensor in sensors]


def test_night_after_night_it_sees_what_a_fresh_reader_sees(store):
    ring, archive = Ring(store), Archive(store, UTC)
    for day in range(9):
        ring.wear(day, tremor=day in (2, 6))
        assert nights(archive.sensors()) == nights(Archive(store, UTC).sensors())
    assert len(archive.sensors()[0].nights) == 9
    assert archive.sensors()[0].nights[8].detector_versions == (7,)


def test_nights_that_nothing_concerns_stay_the_same_objects(store):
    ring, archive = Ring(store), Archive(store, UTC)
    for day in range(6):
        ring.wear(day)
    before = archive.sensors()[0].nights
    ring.wear(6)
    after = archive.sensors()[0].nights
    # The very last ones may be dated a little better now.
    assert all(old is new for old, new in zip(before[:-2], after, strict=False))


def test_records_that_fill_an_old_hole_are_seen(store):
    ring, archive = Ring(store), Archive(store, UTC)
    for day in range(3):
        ring.wear(day)
    missing, ring.seq = ring.seq, ring.seq + 1
    for day in range(3, 9):
        ring.wear(day)
    archive.sensors()
    late = protocol.encode(protocol.MARK, missing, 1, 2 * DAY + 170 * MINUTE, (0,))
    store.commit(ring.id, [late], missing, missing + 1, 0, START)
    (sensor,) = archive.sensors()
    assert [len(night.marks) for night in sensor.nights] == [0, 0, 1] + [0] * 6


def test_findings_are_the_same_with_a_archive_and_without(store):
    ring, archive = Ring(store), Archive(store, UTC)
    for day in range(10):
        ring.wear(day, tremor=day % 4 == 1)
        now = START + day * DAY + 12 * 60 * MINUTE
        with_archive = derive(store, UTC, now, archive=archive)
        assert with_archive == derive(store, UTC, now)
    assert any(flag.kind == "tremor" for flag in with_archive)


def test_a_second_sensor_and_a_new_name_are_noticed(store):
    archive = Archive(store, UTC)
    Ring(store).wear(0)
    assert len(archive.sensors()) == 1
    Ring(store, "bb").wear(0)
    store.register("aa", 1, "left hand", START)
    assert {sensor.nights[0].device for sensor in archive.sensors()} == {"ring", "left hand"}
