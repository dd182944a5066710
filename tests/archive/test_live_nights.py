"""A night whose sensor counted its bursts: rates of live time, corrected for the time that bursts take."""

from datetime import UTC

import numpy as np
import pytest

from tests.analysis.nights_built import build_nights
from tests.analysis.nights_made import made_night, twitch
from tests.archive.worn import HOUR, MINUTE, SECOND, Worn, us
from tests.detector.signals import RATE_HZ, sampled, still
from tests.detector.walk import feed, take
from twitchwatch.analysis.rates import left_out, night_rate, rate_range
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.archive.nights import RatedNight, sensors_of
from twitchwatch.archive.selection import EVERY_NIGHT, chosen_nights
from twitchwatch.clock.zone import LOCAL
from twitchwatch.flags.changing import change_flags
from twitchwatch.journal.book import counted_nights
from twitchwatch.shared.detector import words
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.twitch import twitch_waveform
from twitchwatch.store import Store
from twitchwatch.wording.nights import range_reported, remarks, sentence

START = us("2025-03-04T23:00")
# How long a twitch of 20 mg keeps a burst open (docs/detector.md).
DEAD_S = 0.47


@pytest.fixture
def ring(tmp_path):
    with Store.open(tmp_path / "nights.db") as store:
        yield Worn(store, START)


def rated(ring, at_us=START + 10 * HOUR) -> list[RatedNight]:
    ring.meet(at_us)
    return chosen_nights(sensors_of(ring.store, LOCAL), EVERY_NIGHT)


def poisson(ring, per_minute, hours, *, known=1.0, noise=160):
    """A night of twitches at random, reported as a detector does whose bursts last until the last is over."""
    rng = np.random.default_rng(3)
    ring.anchor(START)
    times = np.sort(rng.uniform(0, 3600 * hours, rng.poisson(60 * per_minute * hours)))
    starts = np.flatnonzero(np.r_[True, np.diff(times) > DEAD_S])
    lengths = np.diff(np.r_[starts, len(times)])
    ends = times[starts + lengths - 1] + DEAD_S
    dead = np.zeros(60 * hours)
    counts = np.zeros((60 * hours, 3), int)
    for begin, end, length in zip(times[starts], ends, lengths, strict=True):
        minute = min(int(begin // 60), 60 * hours - 1)
        dead[minute] += end - begin
        what = 2 if length > 1 else int(rng.random() >= known)
        counts[minute, what] += 1
        if what == 0:
            ring.twitch(START + round(begin * SECOND))
    for minute, (known_ones, unlike, several) in enumerate(counts.tolist()):
        live_ms = max(0, round(60_000 - 1000 * dead[minute]))
        ring.minutes(
            START + minute * MINUTE, 1, live_ms=live_ms,
            as_twitch=known_ones, as_unlike=unlike, as_several=several,
            as_pulse=0, as_tremor=0, as_movement=0, as_disturbance=noise,
        )  # fmt: skip
    ring.anchor(START + hours * HOUR)


@pytest.mark.parametrize("per_minute", [0.2, 5, 40, 100])
def test_the_rate_of_a_night_is_the_true_one_however_often_bursts_fuse(ring, per_minute):
    poisson(ring, per_minute, 3)
    (one,) = rated(ring)
    found = rate_range(one.night, one.rate)
    assert one.rate.per_hour == pytest.approx(60 * per_minute, rel=0.1 if per_minute > 1 else 0.35)
    assert found.low == one.rate.per_hour
    assert found.high == pytest.approx(found.low, rel=0.06)
    assert found.low_interval[0] <= 60 * per_minute <= found.low_interval[1]
    assert found.too_many == (per_minute == 100)
    assert one.night.rest_h + one.night.blind_h == pytest.approx(3)
    hours = one.night.hours
    assert sum(hour.rest_h for hour in hours) == pytest.approx(one.night.rest_h)
    assert sum(hour.exposed_h for hour in hours) == pytest.approx(one.night.exposure_h)


def test_what_is_of_no_known_shape_makes_a_range(ring):
    poisson(ring, 20, 3, known=0.3)
    (one,) = rated(ring)
    view = one.view
    assert view.rate_per_h.low == view.twitches_per_hour == pytest.approx(360, rel=0.1)
    assert view.rate_per_h.high == pytest.approx(1200, rel=0.06)
    low, high = view.rate_per_h.low_interval, view.rate_per_h.high_interval
    assert low[0] < view.rate_per_h.low < low[1]
    assert high[0] < view.rate_per_h.high < high[1]
    assert (view.interval_low, view.interval_high) == tuple(low)
    assert sum(view.bursts.values()) == sum(dict(one.night.bursts).values())
    assert view.bursts["disturbance"] == 160 * 180
    words = " ".join(range_reported(one))
    assert "no shape that the detector knows" in words
    assert f"{view.rate_per_h.high:.1f} an hour" in words


def test_when_bursts_fill_most_of_the_night_there_are_too_many_to_count(ring):
    poisson(ring, 130, 3)
    (one,) = rated(ring)
    assert one.view.rate_per_h.too_many
    assert "Too many to count" in " ".join(range_reported(one))


def test_a_night_of_hardly_any_live_time_has_no_rate(ring):
    poisson(ring, 300, 3)
    (one,) = rated(ring)
    view = one.view
    assert (view.twitches_per_hour, view.rate_per_h.high, view.rate_per_h.too_many) == (None, None, True)
    assert sentence(one).startswith("Too many to count")
    assert "too many" in left_out(one.night)


def test_a_night_in_which_a_sensor_began_to_count_is_as_before(ring):
    ring.anchor(START)
    ring.minutes(START, 60)
    ring.minutes(START + HOUR, 60, live_ms=30_000, as_twitch=1, as_unlike=0)
    for at in range(10):
        ring.twitch(START + (2 * at + 1) * 6 * MINUTE)
    ring.anchor(START + 2 * HOUR)
    (one,) = rated(ring)
    view = one.view
    assert (view.rate_per_h, view.bursts, view.blind_h) == (None, None, 0)
    assert view.rest_h == pytest.approx(2)
    assert view.twitches_per_hour == pytest.approx(5)
    assert "not corrected" in " ".join(range_reported(one))


def uncounted_night(day, counts, **changes):
    """A night of 8 h at rest with its twitches."""
    night = made_night(day, counts, **changes)
    seconds = [3600 * hour + 3 + at for hour, count in enumerate(counts) for at in range(count)]
    events = tuple(twitch(night, second, seq) for seq, second in enumerate(seconds))
    return made_night(day, counts, events=events, **changes)


def counted_night(day, counts, share):
    """A night of 8 h at rest, live for `share` of the time."""
    night = made_night(day, counts)
    hours = tuple(
        type(hour)(hour.start_utc_us, hour.twitches, share, share * share, 1 - share) for hour in night.hours
    )
    return uncounted_night(
        day, counts, hours=hours, rest_h=share, blind_h=8 * (1 - share), exposure_h=8 * share * share,
        bursts=(("twitch", sum(counts)), ("unlike", 0), ("pulse", 0), ("several", 0), ("tremor", 0),
                ("movement", 0), ("disturbance", 9)),
    )  # fmt: skip


def test_a_sensor_that_begins_to_count_raises_no_finding():
    # The same hand: 0.6 of its twitches are reported, and from the 20th night on that is known.
    chance = np.random.default_rng(4)
    counts = [tuple(chance.poisson(6, 8).tolist()) for _ in range(30)]
    before = [uncounted_night(day, counts[day]) for day in range(20)]
    after = [counted_night(day, counts[day], 0.6) for day in range(20, 30)]
    assert change_flags([*before, *after], 365, {}, Remembered()) == []
    # It would, if they had one baseline.
    corrected = [
        uncounted_night(day, [round(count / 0.36) for count in counts[day]]) for day in range(20, 30)
    ]
    (flag,) = change_flags([*before, *corrected], 365, {}, Remembered())
    assert "not corrected" in flag.evidence["rate_of"]

    def remarked(nights):
        return " ".join(remarks([RatedNight(night, night_rate(night)) for night in nights]))

    said = remarked([*before, *after])
    assert "20 nights up to" in said
    assert "not corrected" in said
    assert "not corrected" not in remarked(after)


def test_a_rise_of_the_corrected_rate_is_found_although_the_count_falls():
    chance = np.random.default_rng(4)
    calm = [counted_night(day, tuple(chance.poisson(9, 8).tolist()), 0.9) for day in range(20)]
    worse = [counted_night(day, tuple(chance.poisson(8, 8).tolist()), 0.5) for day in range(20, 30)]
    (flag,) = change_flags([*calm, *worse], 365, {}, Remembered())
    assert flag.kind == "escalation"
    assert "corrected" in flag.evidence["rate_of"]
    assert flag.evidence["ratio"] == pytest.approx(8 / 0.5**2 / (9 / 0.9**2), rel=0.2)


def test_the_journal_measures_all_nights_alike():
    old, new = uncounted_night(0, (300,) * 8), counted_night(1, (300,) * 8, 0.75)
    mixed = list(counted_nights([old, new]).values())
    assert [night.rest_h for night in mixed] == pytest.approx([8, 8])
    (alone,) = counted_nights([new]).values()
    assert alone.rest_h == pytest.approx(8 * 0.75**2)


def sensed(per_minute, hours):
    """Records of modelled twitches of 20 mg on a still hand, and how many twitches there were."""
    chance = np.random.default_rng(12)
    signal = still(chance, round(3600 * hours))
    onsets = chance.uniform(0, 3600 * hours - 2, chance.poisson(60 * per_minute * hours))
    for onset in (onsets * RATE_HZ).astype(int):
        wave = twitch_waveform(chance, peak_mg=20)
        signal[onset : onset + len(wave)] += wave[: len(signal) - onset]
    detector, reported = Detector(), []
    samples = sampled(signal)
    feed(detector, samples, len(samples) // 3, reported)
    detector.close()
    take(detector, reported)
    bodies = {
        protocol.EVENT: words.event_body,
        protocol.TREMOR: words.tremor_body,
        protocol.EPOCH: lambda word, at: words.epoch_body(word, at, 3900, 3000),
    }
    made = []
    for word in reported:
        kind = words.word_type(word, 0)
        time_us = word[2] * SECOND // RATE_HZ
        made.append(
            protocol.decode(protocol.encode(kind, len(made), 1, time_us, tuple(bodies[kind](word, 0))))
        )
    return made, len(onsets)


@pytest.mark.parametrize("per_minute", [5, 40, 100])
def test_what_the_detector_counts_makes_the_true_rate(per_minute):
    records, count = sensed(per_minute, 0.5)
    (night,) = build_nights(records, lambda _, us: (START + us, 2000), UTC, device="ring").nights
    found = rate_range(night, night_rate(night))
    assert found.low == pytest.approx(count / 0.5, rel=0.07)
    assert found.low <= found.high == pytest.approx(found.low, rel=0.02)
    # Before, twitches over the time at rest: half of the true rate at 100 a minute.
    assert (night.twitches / 0.5 < 0.6 * count / 0.5) == (per_minute == 100)
