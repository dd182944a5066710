"""A night keeps the zone where it was worn: a journey, summer time, a computer left at UTC, the date line."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.archive.worn import DAY, HOUR, Worn, us
from twitchwatch.archive.findings import derive
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive, sensors_of
from twitchwatch.archive.noon import across_noon
from twitchwatch.journal import book
from twitchwatch.service.checks import Health, check_zone
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

BERLIN, TOKYO, AUCKLAND = "Europe/Berlin", "Asia/Tokyo", "Pacific/Auckland"
LOS_ANGELES = "America/Los_Angeles"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "records.db") as store:
        yield store


def reported(store, zone=BERLIN):
    (sensor,) = sensors_of(store, ZoneInfo(zone))
    return [(night.date.isoformat(), night.zone, night.twitches) for night in sensor.nights]


@pytest.fixture
def travelled(store):
    """Two nights in Berlin, one in Tokyo, each met in the morning by the computer that is carried along."""
    ring = Worn(store, us("2025-03-03T22:00", BERLIN))
    for evening, zone, twitches in (
        ("2025-03-03", BERLIN, 39),
        ("2025-03-04", BERLIN, 49),
        ("2025-03-06", TOKYO, 12),
    ):
        ring.sleep(us(f"{evening}T23:00", zone), 8, twitches)
        ring.meet(us(f"{evening}T23:00", zone) + 9 * HOUR, zone)
    return store


JOURNEY = [("2025-03-03", BERLIN, 39), ("2025-03-04", BERLIN, 49), ("2025-03-06", TOKYO, 12)]


def test_after_a_journey_every_night_has_what_it_had(travelled):
    assert reported(travelled) == JOURNEY
    # By whatever clock it is asked, kept or not.
    assert reported(travelled, TOKYO) == reported(travelled, AUCKLAND) == JOURNEY
    keep(travelled, ZoneInfo(AUCKLAND), us("2025-03-08T12:00"))
    assert reported(travelled, TOKYO) == JOURNEY
    assert not Archive(travelled, ZoneInfo(TOKYO)).unkept(0).gone


def test_cut_by_one_clock_the_nights_would_fall_apart(travelled, tmp_path):
    # Else the test above could not fail.
    with Store.open(tmp_path / "other.db") as other:
        ring = Worn(other, us("2025-03-03T22:00", BERLIN))
        for evening, zone, twitches in JOURNEY:
            ring.sleep(us(f"{evening}T23:00", zone), 8, twitches)
        ring.meet(us("2025-03-07T12:00", TOKYO))
        assert [count for _, _, count in reported(other, TOKYO)] != [39, 49, 12]
        assert sum(count for _, _, count in reported(other, TOKYO)) == 100


def test_a_database_without_zones_keeps_the_first_one_that_it_was_asked_by(store):
    ring = Worn(store, us("2025-03-03T22:00", BERLIN))
    ring.sleep(us("2025-03-03T23:00", BERLIN), 8, 39)
    ring.meet(us("2025-03-04T08:00", BERLIN))
    keep(store, ZoneInfo(BERLIN), us("2025-03-04T09:00", BERLIN))
    assert reported(store, TOKYO) == [("2025-03-03", BERLIN, 39)]


@pytest.mark.parametrize(("evening", "hours"), [("2025-03-29", 23), ("2025-10-25", 25)])
def test_summer_time_begins_and_ends_within_a_night(store, evening, hours):
    ring = Worn(store, us(f"{evening}T22:00", BERLIN))
    ring.sleep(us(f"{evening}T23:00", BERLIN), 8, 20)
    ring.meet(us(f"{evening}T23:00", BERLIN) + 9 * HOUR, BERLIN)
    (sensor,) = sensors_of(store, ZoneInfo(BERLIN))
    (night,) = sensor.nights
    assert (night.date.isoformat(), night.twitches, night.rest_h) == (evening, 20, 8.0)
    assert night.end_utc_us - night.start_utc_us == hours * HOUR


def test_over_the_date_line_an_evening_comes_twice_and_both_are_nights(store):
    ring = Worn(store, us("2025-03-06T22:00", "Pacific/Kiritimati"))
    for zone, twitches in (("Pacific/Kiritimati", 30), ("Pacific/Honolulu", 7)):
        ring.sleep(us("2025-03-06T23:00", zone), 8, twitches)
        ring.meet(us("2025-03-06T23:00", zone) + 9 * HOUR, zone)
    expected = [("2025-03-06", "Pacific/Kiritimati", 30), ("2025-03-06", "Pacific/Honolulu", 7)]
    assert reported(store) == expected
    keep(store, ZoneInfo(BERLIN), us("2025-03-08T12:00"))
    assert reported(store) == expected


def left_at_utc(store, nights=5):
    """A wearer in Los Angeles whose computer believes that it is in London: it is noon there at 4 am."""
    ring = Worn(store, us("2025-03-03T22:00", LOS_ANGELES))
    for day in range(nights):
        bedtime = us("2025-03-03T23:00", LOS_ANGELES) + day * DAY
        ring.sleep(bedtime, 8, 24)
        ring.meet(bedtime + 9 * HOUR, "UTC")


def test_a_computer_left_at_utc_is_put_right_by_the_journal(store):
    left_at_utc(store)
    keep(store, ZoneInfo("UTC"), us("2025-03-09T00:00"))
    assert [count for _, _, count in reported(store)] == [15, 24, 24, 24, 24, 9]
    book.write_changes(store, date(2025, 3, 3), {"zone": LOS_ANGELES}, us("2025-03-09T00:00"))
    expected = [(f"2025-03-0{day}", LOS_ANGELES, 24) for day in (3, 4, 5, 6, 7)]
    assert reported(store) == expected
    keep(store, ZoneInfo("UTC"), us("2025-03-09T00:00"))
    assert reported(store) == expected
    assert len(store.summaries.all()) == 5


def test_sleep_across_noon_is_noticed(store):
    left_at_utc(store, nights=8)
    (sensor,) = sensors_of(store, ZoneInfo("UTC"))
    found = across_noon(sensor.nights)
    assert (found.asleep, found.noons, found.zone) == (8, 8, "UTC")
    (check,) = check_zone(store)
    assert check.health is Health.WARNING
    assert "8 of the last 8 noons in the zone UTC" in check.reported
    book.write_changes(store, date(2025, 3, 3), {"zone": LOS_ANGELES}, us("2025-03-12T00:00"))
    (sensor,) = sensors_of(store, ZoneInfo("UTC"))
    assert across_noon(sensor.nights) is None
    assert list(check_zone(store)) == []


def test_a_late_morning_now_and_then_is_no_wrong_zone(store):
    ring = Worn(store, us("2025-03-03T22:00", BERLIN))
    for day in range(10):
        hours = 14 if day in (3, 7) else 8
        ring.sleep(us("2025-03-03T23:00", BERLIN) + day * DAY, hours, 10)
        ring.meet(us("2025-03-03T23:00", BERLIN) + day * DAY + 15 * HOUR, BERLIN)
    (sensor,) = sensors_of(store, ZoneInfo(BERLIN))
    assert across_noon(sensor.nights) is None


def test_only_the_nights_of_another_zone_are_derived_again(store):
    left_at_utc(store)
    keep(store, ZoneInfo("UTC"), us("2025-03-09T00:00"))
    book.write_changes(store, date(2025, 3, 7), {"zone": LOS_ANGELES}, us("2025-03-09T00:00"))
    steps = []
    Archive(store, ZoneInfo("UTC"), progress=lambda done, of: steps.append((done, of))).sensors()
    assert steps
    assert all(of <= 3 for _, of in steps)


def test_findings_of_a_journey_are_those_of_its_nights(travelled):
    assert derive(travelled, ZoneInfo(BERLIN), us("2025-03-08T12:00")) == derive(
        travelled, ZoneInfo(AUCKLAND), us("2025-03-08T12:00")
    )


def test_the_ring_brings_home_where_it_was(store):
    """A laptop in Tokyo sends its zone along; the computer at home receives its anchors when all is over."""
    ring = Worn(store, us("2025-03-03T22:00", BERLIN))
    for evening, zone, twitches in JOURNEY:
        ring.zone = zone
        ring.sleep(us(f"{evening}T23:00", zone), 8, twitches)
        if zone == BERLIN:
            ring.meet(us(f"{evening}T23:00", zone) + 9 * HOUR, zone)
    ring.zone = BERLIN
    ring.sleep(us("2025-03-08T23:00", BERLIN), 8, 30)
    ring.meet(us("2025-03-09T08:00", BERLIN), BERLIN)
    assert reported(store) == [*JOURNEY, ("2025-03-08", BERLIN, 30)]


def test_a_computer_left_at_utc_does_not_count_beside_one_that_has_a_zone(store):
    ring = Worn(store, us("2025-03-03T22:00", LOS_ANGELES), zone=LOS_ANGELES)
    for day in range(4):
        bedtime = us("2025-03-03T23:00", LOS_ANGELES) + day * DAY
        ring.sleep(bedtime, 8, 24)
        ring.meet(bedtime + 9 * HOUR, "UTC")
    assert reported(store, "UTC") == [(f"2025-03-0{day}", LOS_ANGELES, 24) for day in (3, 4, 5, 6)]


@pytest.mark.parametrize("zone", ["Mars/Olympus_Mons", "\x00", "../../etc/passwd", "A" * 40])
def test_a_zone_that_is_none_here_changes_nothing(store, zone):
    ring = Worn(store, us("2025-03-03T22:00", BERLIN), zone=zone)
    ring.sleep(us("2025-03-03T23:00", BERLIN), 8, 39)
    ring.meet(us("2025-03-04T08:00", BERLIN))
    assert reported(store) == [("2025-03-03", BERLIN, 39)]


def test_an_anchor_of_a_clock_that_is_ahead_says_nothing_of_the_zone(store):
    ring = Worn(store, us("2025-03-03T22:00", BERLIN), zone=BERLIN)
    ring.sleep(us("2025-03-03T23:00", BERLIN), 8, 39)
    ring.add(
        us("2025-03-04T07:30", BERLIN), protocol.ANCHOR, (us("2031-01-01T00:00"), 20_000), TOKYO.encode()
    )
    ring.meet(us("2025-03-04T08:00", BERLIN), BERLIN)
    assert [row.name for row in store.zones.all()] == [BERLIN]


moments = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from([BERLIN, TOKYO, AUCKLAND])),
    min_size=1,
    max_size=25,
    unique_by=lambda one: one[0],
)


@settings(deadline=None, max_examples=60)
@given(moments)
def test_stays_never_overlap_and_have_the_zone_that_was_noted_last(noted):
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "records.db") as store:
        for at, zone in noted:
            store.zones.note(zone, at * HOUR)
            rows = store.zones.all()
            assert all(row.first_utc_us <= row.last_utc_us for row in rows)
            assert all(one.last_utc_us < other.first_utc_us for one, other in pairwise(rows))
            here = [row.name for row in rows if row.first_utc_us <= at * HOUR <= row.last_utc_us]
            edges = [edge for row in rows for edge in (row.first_utc_us, row.last_utc_us)]
            assert here == [zone] or at * HOUR in edges
