"""The morning: last night beside the nights before it, and no data before everything else."""

from datetime import date, timedelta

import pytest

from tests.archive.worn import DAY, HOUR, Worn, us
from twitchwatch.archive.findings import derive
from twitchwatch.archive.keeping import acknowledge, keep
from twitchwatch.archive.morning import mornings, worn_by_you
from twitchwatch.archive.nights import Archive
from twitchwatch.clock.zone import LOCAL
from twitchwatch.journal.book import write_changes
from twitchwatch.store import DEMO_HARDWARE_ID, Store
from twitchwatch.wording.morning import gap_words, strip_words, view_of

BEDTIME = us("2025-03-03T22:00")
FIRST = date(2025, 3, 3)


def worn(store, counts, hardware_id="aa"):
    """One night of five hours for each count, from the first evening on; None: the ring was off."""
    ring = Worn(store, BEDTIME, hardware_id)
    for night, count in enumerate(counts):
        if count is not None:
            ring.sleep(BEDTIME + night * DAY, 5, count)
            ring.meet(BEDTIME + night * DAY + 9 * HOUR, "UTC")
    return ring


def morning_of(store, nights):
    """The morning after this many nights, at eight."""
    archive = Archive(store, LOCAL)
    night = FIRST + timedelta(days=nights - 1)
    now_us = BEDTIME + (nights - 1) * DAY + 10 * HOUR
    (found,) = mornings(archive, worn_by_you(archive.sensors()), night, now_us)
    return found


@pytest.mark.parametrize(
    ("last", "compared", "words"),
    [
        (50, "usual", "A night like most of yours: 10.0 twitches an hour (usually 10.0, most nights 9.0 to"),
        (20, "quieter", "Quieter than most of your nights: 4.0 twitches an hour (usually 10.0"),
        (90, "busier", "More twitches than in most of your nights: 18.0 an hour (usually 10.0"),
    ],
)
def test_a_night_is_held_beside_the_wearers_own(tmp_path, last, compared, words):
    with Store.open(tmp_path / "t.db") as store:
        worn(store, [45, 50, 55] * 4 + [last])
        found = morning_of(store, 13)
        assert found.compared == compared
        view = view_of(found)
        assert view.words.startswith(words)
        assert view.usual.nights == 12
        assert view.twitches_per_hour == pytest.approx(last / 5, rel=0.01)


def test_what_is_usual_is_not_said_too_early(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        worn(store, [50] * 3)
        view = view_of(morning_of(store, 3))
    assert (view.usual, view.compared) == (None, None)
    assert "will be known after 3 more nights" in view.words


def test_no_data_comes_before_a_finding_and_never_shows_an_older_night(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        worn(store, [50] * 6 + [None] * 2)
        found = morning_of(store, 8)
        assert derive(store, LOCAL, BEDTIME + 7 * DAY + 10 * HOUR)
        view = view_of(found)
    assert view.words.startswith("No data for the night of Mon 10 Mar 2025. Probable cause: ")
    assert "The newest night with data is Sat 8 Mar 2025." in view.words
    assert (view.twitches_per_hour, view.coverage, view.to_do.what) == (None, None, "no_data")
    assert "Charge it" in view.to_do.words or "charge it" in view.to_do.words


def test_each_night_without_data_is_an_empty_place_with_its_cause(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        worn(store, [50, *[None] * 9, 40, 40])
        found = morning_of(store, 12)
        places = view_of(found).nights
        assert strip_words(found).startswith("█·········▇▇")
        (sentence,) = gap_words(found)
    assert [one.missing is None for one in places] == [False] * 3 + [True] + [False] * 9 + [True] * 2
    assert "9 nights without records" in sentence


def test_one_thing_to_do_the_most_pressing(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        ring = worn(store, [50] * 6)
        night = FIRST + timedelta(days=5)
        now_us = BEDTIME + 5 * DAY + 10 * HOUR
        assert morning_of(store, 6).task == "journal"
        write_changes(store, night, {"slept_h": 7.0}, now_us)
        assert morning_of(store, 6).task == "nothing"
        ring.minutes(BEDTIME + 5 * DAY + 5 * HOUR, 2, battery_mv=3300)
        ring.meet(BEDTIME + 5 * DAY + 9 * HOUR, "UTC")
        assert morning_of(store, 6).task == "battery"
        write_changes(store, night, {"symptoms": ["weakness"]}, now_us)
        found = morning_of(store, 6)
        assert found.task in ("doctor", "at_once")
        keep(store, LOCAL, now_us)
        acknowledge(store, found.findings[0].id, now_us)
        assert morning_of(store, 6).task == "battery"


def test_under_a_seal_the_figures_and_findings_wait_and_what_is_urgent_does_not(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        worn(store, [45, 50, 55] * 4 + [400])
        unsealed = morning_of(store, 13)
        assert view_of(unsealed).sealed_until_utc is None
        assert unsealed.compared == "busier"
        now_us = BEDTIME + 12 * DAY + 10 * HOUR
        store.alerts.seal(now_us + 30 * DAY)
        sealed = view_of(morning_of(store, 13))
        assert (
            sealed.words
            == "Sealed until Tue 15 Apr 2025: only what is urgent is reported. Nothing is urgent."
        )
        assert (sealed.twitches_per_hour, sealed.usual, sealed.compared, sealed.nights) == (
            None,
            None,
            None,
            [],
        )
        assert sealed.sealed_until_utc is not None
        # Whether data arrives is not withheld.
        assert sealed.worn_h == view_of(unsealed).worn_h
        write_changes(store, FIRST + timedelta(days=12), {"symptoms": ["speech"]}, now_us)
        urgent = view_of(morning_of(store, 13))
        assert urgent.to_do.what == "at_once"
        assert "trouble speaking" in urgent.words.lower()
        # It ends by itself.
        store.alerts.seal(now_us)
        assert view_of(morning_of(store, 13)).sealed_until_utc is None


def test_no_data_is_reported_under_a_seal(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        worn(store, [50] * 6 + [None] * 2)
        store.alerts.seal(BEDTIME + 30 * DAY)
        view = view_of(morning_of(store, 8))
    assert "only what is urgent is reported. No data for the night of Mon 10 Mar 2025." in view.words
    assert view.to_do.what == "no_data"


def test_a_simulated_ring_is_nobodys_morning_unless_there_is_no_other(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        worn(store, [50] * 2, DEMO_HARDWARE_ID)
        assert morning_of(store, 2).sensor.device.demo
        assert not morning_of(store, 2).journal_due
        worn(store, [50] * 2, "bb")
        assert not morning_of(store, 2).sensor.device.demo
