"""Nights by the wall clock of the place: summer time, journeys, the date line; each moment in one night."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.clock.calendar import DAY_US, HOUR_US, Calendar, ZoneNote
from twitchwatch.clock.zone import name_of, zone_of

BERLIN, TOKYO, HONOLULU, KIRITIMATI = (
    "Europe/Berlin",
    "Asia/Tokyo",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
)
NEW_YORK = "America/New_York"


def us(when, zone="UTC"):
    return int(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


def journey(start, end, left, arrived):
    """Ten days in one zone until it was left, ten in another from the arrival on."""
    return Calendar(
        [ZoneNote(left - 10 * DAY_US, left, start), ZoneNote(arrived, arrived + 10 * DAY_US, end)], "UTC"
    )


def cuts(calendar, start_us, days):
    found = []
    at_us = start_us
    while at_us < start_us + days * DAY_US:
        found.append(calendar.cut_at(at_us))
        assert found[-1].start_us <= at_us < found[-1].end_us
        at_us = found[-1].end_us
    return found


def test_a_night_is_named_by_its_evening():
    calendar = Calendar((), BERLIN)

    def at(when):
        return calendar.cut_at(us(when, BERLIN)).date

    assert at("2025-03-04T12:00") == at("2025-03-04T23:59") == at("2025-03-05T11:59") == date(2025, 3, 4)
    assert at("2025-03-05T12:00") == date(2025, 3, 5)


@pytest.mark.parametrize(("evening", "hours"), [("2025-03-29", 23), ("2025-10-25", 25), ("2025-06-01", 24)])
def test_summer_time_makes_nights_of_23_and_25_hours(evening, hours):
    cut = Calendar((), BERLIN).cut_at(us(f"{evening}T23:00", BERLIN))
    assert (cut.end_us - cut.start_us) / HOUR_US == hours
    assert (cut.date.isoformat(), cut.zone) == (evening, BERLIN)


@pytest.mark.parametrize(
    ("start", "end", "left", "arrived", "names"),
    [
        # Eastwards a night is short, westwards it is long, and every sleep has one.
        (BERLIN, TOKYO, "2025-03-06T12:00", "2025-03-07T02:00", "4 5 6 7 8"),
        (BERLIN, NEW_YORK, "2025-03-06T10:00", "2025-03-06T19:00", "4 5 6 7 8"),
        # Over the date line an evening is missing, or comes twice.
        (HONOLULU, KIRITIMATI, "2025-03-06T22:30", "2025-03-07T03:30", "4 5 7 8 9"),
        (KIRITIMATI, HONOLULU, "2025-03-06T22:30", "2025-03-07T03:30", "5 6 6 7 8"),
    ],
)
def test_on_a_journey_every_sleep_has_a_night(start, end, left, arrived, names):
    calendar = journey(start, end, us(left), us(arrived))
    found = cuts(calendar, us("2025-03-05T00:00"), 5)
    assert " ".join(str(cut.date.day) for cut in found)[: len(names)] == names
    assert all(12 <= (cut.end_us - cut.start_us) / HOUR_US <= 36 for cut in found)


def test_what_was_before_a_journey_stays_as_it_was():
    left, arrived = us("2025-03-06T12:00"), us("2025-03-07T02:00")
    home, travelled = Calendar((), BERLIN), journey(BERLIN, TOKYO, left, arrived)
    for hours in range(48, 24 * 9):
        at_us = left - hours * HOUR_US
        assert travelled.cut_at(at_us) == home.cut_at(at_us)
    there = Calendar((), TOKYO)
    assert travelled.cut_at(arrived + 3 * DAY_US) == there.cut_at(arrived + 3 * DAY_US)


def test_what_the_wearer_writes_holds_from_that_evening_on():
    left_at_utc = [ZoneNote(us("2025-03-01T00:00"), us("2025-03-20T00:00"), "UTC")]
    calendar = Calendar(left_at_utc, "UTC", [(date(2025, 3, 5), "America/Los_Angeles")])
    assert calendar.cut_at(us("2025-03-04T23:00")).zone == "UTC"
    cut = calendar.cut_at(us("2025-03-06T01:00", "America/Los_Angeles"))
    assert (cut.date, cut.zone) == (date(2025, 3, 5), "America/Los_Angeles")


zones = st.sampled_from([BERLIN, TOKYO, HONOLULU, KIRITIMATI, NEW_YORK, "UTC", "Asia/Kathmandu", "UTC-09:30"])
stays = st.lists(st.tuples(zones, st.integers(1, 400), st.integers(0, 30)), min_size=1, max_size=6)


@given(stays)
def test_whatever_the_journey_nights_follow_each_other_without_a_gap(stays):
    at_us = us("2025-03-20T00:00")
    notes = []
    for zone, stayed_h, travelled_h in stays:
        notes.append(ZoneNote(at_us, at_us + stayed_h * HOUR_US, zone))
        at_us += (stayed_h + travelled_h + 1) * HOUR_US
    calendar = Calendar(notes, "UTC")
    found = cuts(calendar, notes[0].first_us - 3 * DAY_US, (at_us - notes[0].first_us) // DAY_US + 6)
    for before, after in pairwise(found):
        assert before.end_us == after.start_us
        assert abs(after.date - before.date) <= timedelta(days=2)
    for cut in found:
        for at_us in (cut.start_us, (cut.start_us + cut.end_us) // 2, cut.end_us - 1):
            assert calendar.cut_at(at_us) == cut


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "UTC+05:30", "UTC-09:30"])
def test_zones_keep_their_name(name):
    assert name_of(zone_of(name), 0) == name


def test_a_name_that_is_no_zone_is_refused():
    for name in ("Europe/Atlantis", "", "../etc/passwd", "UTC+5"):
        with pytest.raises(ValueError, match="zone"):
            zone_of(name)


def test_a_zone_without_a_name_is_its_offset():
    assert name_of(datetime.now(UTC).astimezone(zone_of("UTC-03:30")).tzinfo, 0) == "UTC-03:30"
