"""Annotations change a night's figures as if what they dismiss were not there, and nothing else."""

from dataclasses import replace

import pytest

from tests.archive.worn import DAY, HOUR, MINUTE, Worn, us
from twitchwatch.analysis.annotations import precision
from twitchwatch.analysis.night import Judged
from twitchwatch.archive import annotating
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive, sensors_of
from twitchwatch.archive.reanalysis import reanalyse
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

START = us("2025-03-04T22:00")
COUNTS = {"as_twitch": 2, "as_unlike": 1, "live_ms": 55_000}


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        ring = Worn(store, START)
        for night, twitches in enumerate((30, 24)):
            begin = START + night * DAY
            ring.sleep(begin, 6, twitches)
            ring.twitch(begin + 61 * MINUTE, protocol.UNLIKE)
            ring.add(
                begin + 2 * HOUR,
                protocol.TREMOR,
                (ring.sample(begin + 2 * HOUR), 20_000, 5100, 200, 8000, 9000, 102, 0, 0),
            )
            ring.meet(begin + 9 * HOUR)
        yield store


@pytest.fixture
def archive(store):
    return Archive(store, LOCAL)


def last(archive):
    return archive.sensors()[0].rated[-1]


def numbers(archive, kind):
    whole = archive.whole(last(archive).night)
    return annotating.of_kind(whole, kind, whole.start_utc_us, whole.end_utc_us)


def judge(archive, wanted, verdict, now=1):
    return annotating.judge(archive, archive.whole(last(archive).night), wanted, verdict, "", now)


def test_a_twitch_that_was_none_no_longer_counts_and_comes_back(archive):
    before = last(archive)
    first, second, *_ = numbers(archive, "twitch")
    entry = judge(archive, [first, second], "no_twitch")
    after = last(archive)
    assert after.night.twitches == before.night.twitches - 2
    assert after.night.rest_h == before.night.rest_h
    assert after.rate.per_hour == pytest.approx(before.rate.per_hour * 22 / 24)
    assert after.rate.interval_low < before.rate.interval_low
    # Without the annotations, it is exactly what it was.
    assert after.measured == before.rate
    assert after.night.measured.judged == Judged(0, 2)
    whole = archive.whole(after.night)
    assert [annotating.event_id(one) for one in whole.events if one.kind == "no_twitch"] == [first, second]
    annotating.take_back(archive, entry, 2)
    assert last(archive) == before
    with pytest.raises(UsageError, match="already taken back"):
        annotating.take_back(archive, entry, 3)


def test_verdicts_of_every_kind(archive):
    (unlike,) = numbers(archive, "unlike")
    (bout,) = numbers(archive, "tremor")
    first, *_ = numbers(archive, "twitch")
    before = last(archive).night
    judge(archive, [unlike, first], "twitch")
    assert last(archive).night.twitches == before.twitches + 1
    assert last(archive).night.measured.judged == Judged(1, 1)
    judge(archive, [bout], "no_tremor")
    assert last(archive).night.bouts == ()
    assert last(archive).night.measured.judged_bouts == Judged(0, 1)
    # The later verdict holds.
    judge(archive, [bout], "tremor")
    assert [replace(one, verdict="") for one in last(archive).night.bouts] == [*before.bouts]
    assert last(archive).night.measured.judged_bouts == Judged(1, 1)
    for wanted, verdict in (([bout], "twitch"), ([first], "no_tremor")):
        with pytest.raises(UsageError, match="cannot be annotated as"):
            judge(archive, wanted, verdict)
    for wanted in ("1", "a.b", "1.²"):
        with pytest.raises(UsageError, match="not the number of an event"):
            judge(archive, [wanted], "twitch")
    with pytest.raises(UsageError, match=r"no event 1\.99999"):
        judge(archive, ["1.99999"], "twitch")
    with pytest.raises(UsageError, match="nothing was annotated"):
        judge(archive, [], "twitch")


def test_a_stretch_that_is_left_out_takes_its_events_and_its_rest_along(archive):
    before = last(archive)
    begin = before.night.hours[2].start_utc_us
    entry = annotating.leave_out(archive.store, before.night, begin + 30_000_000, begin + HOUR, "table", 1)
    after = last(archive)
    # Whole minutes: the one that it begins in, too.
    assert after.night.measured.left_out == ((begin, begin + HOUR),)
    assert after.night.measured.left_out_h == 1
    assert after.night.rest_h == pytest.approx(before.night.rest_h - 1)
    assert (
        after.night.twitches == before.night.twitches - before.night.hours[2].twitches < before.night.twitches
    )
    assert after.night.hours[2].rest_h == 0
    assert (after.night.lost_h, after.night.coverage) == (before.night.lost_h, before.night.coverage)
    assert after.measured == before.rate
    whole = archive.whole(after.night)
    taken = [one.of for one in whole.uncounted]
    assert taken
    assert {one.seq for one in annotating.shown_events(whole)} == {
        one.seq for one in annotating.shown_events(archive.whole(before.night))
    }
    assert all(begin <= one.of.utc_us < begin + HOUR for one in whole.uncounted)
    assert len(whole.minutes) == 360
    # The other night is as it was.
    assert archive.sensors()[0].rated[0].night.measured is None
    annotating.take_back(archive, entry, 2)
    assert last(archive) == before


def test_leaving_the_whole_night_out_leaves_no_rate(archive):
    night = last(archive).night
    annotating.leave_out(archive.store, night, night.start_utc_us, night.end_utc_us, "", 1)
    after = last(archive)
    assert (after.rate.per_hour, after.night.rest_h, after.night.twitches) == (None, 0, 0)
    assert after.measured.per_hour is not None
    with pytest.raises(UsageError, match="must end after"):
        annotating.leave_out(archive.store, night, 5, 5, "", 1)


def test_a_note_changes_nothing_but_is_listed(archive):
    before = last(archive)
    annotating.note_moment(archive.store, before.night, START + DAY + HOUR, None, "woke up\x1b[31m", 1)
    assert last(archive) == before
    (entry,) = archive.annotations().all
    assert (entry.words, entry.until_utc_us, entry.taken_back) == (
        "woke up\N{REPLACEMENT CHARACTER}[31m",
        None,
        False,
    )
    with pytest.raises(UsageError, match="200 characters"):
        annotating.note_moment(archive.store, before.night, START, None, "x" * 201, 1)


def test_annotations_reach_what_is_kept_and_every_other_program(archive, store):
    keep(store, LOCAL, START + 2 * DAY, archive=archive)
    kept = sensors_of(store, LOCAL)[0].rated[-1]
    judge(archive, numbers(archive, "twitch")[:3], "no_twitch")
    mine = last(archive)
    # Another program, from the same file.
    assert sensors_of(store, LOCAL)[0].rated[-1] == mine != kept
    keep(store, LOCAL, START + 2 * DAY, archive=archive)
    assert sensors_of(store, LOCAL)[0].rated[-1] == mine
    # Derived again from the records alone, it is the same.
    assert reanalyse(store, LOCAL, START + 2 * DAY) == []


def test_counts_of_bursts_follow_and_the_rate_is_still_the_low_end(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        ring = Worn(store, START)
        ring.anchor(START)
        ring.minutes(START, 180, **COUNTS)
        for at in range(0, 180, 2):
            ring.twitch(START + at * MINUTE)
        ring.meet(START + 9 * HOUR)
        archive = Archive(store, LOCAL)
        before = last(archive)
        judge(archive, numbers(archive, "twitch")[:10], "no_twitch")
        after = last(archive)
    assert dict(before.night.bursts)["twitch"] - dict(after.night.bursts)["twitch"] == 10
    assert sum(dict(before.night.bursts).values()) == sum(dict(after.night.bursts).values())
    assert after.view.rate_per_h.low == after.view.twitches_per_hour < before.view.twitches_per_hour
    assert after.view.rate_per_h.high < before.view.rate_per_h.high
    assert after.view.as_measured.twitches_per_hour == before.view.twitches_per_hour


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    # Brown, Cai and DasGupta 2001, Statistical Science 16:101: the interval in closed form.
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (9, 12, 0.4677, 0.9111)],
)
def test_the_interval_of_the_precision(right, of, low, high):
    assert precision(Judged(right, of)) == pytest.approx((right / of, low, high), abs=1e-4)
    assert precision(Judged(0, 0)) is None


def test_the_precision_agrees_with_scipy():
    from scipy.stats import binomtest

    for right, of in ((1, 3), (17, 40), (390, 400)):
        other = binomtest(right, of).proportion_ci(method="wilson")
        assert precision(Judged(right, of))[1:] == pytest.approx((other.low, other.high), abs=1e-6)


@pytest.mark.parametrize("text", ["", "2", "25:00", "02:60", "noon", "02:10Z", "2025-03-04T02:10"])
def test_other_texts_are_not_times(archive, text):
    with pytest.raises(UsageError, match="is not a time"):
        annotating.moment_in(last(archive).night, text)


def test_times_are_those_of_the_night(archive):
    night = last(archive).night
    assert annotating.moment_in(night, "22:00") == START + DAY
    assert annotating.moment_in(night, "02:10:30") == START + DAY + 4 * HOUR + 10 * MINUTE + 30_000_000
