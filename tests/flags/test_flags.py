"""Flags: raised for what deserves a word, silent about mere twitches, never a diagnosis."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from twitchwatch.analysis.night import NightEvent, Span, TremorBout, WholeNight
from twitchwatch.flags import Sight, raise_flags, silence_flag

HOUR_US = 3_600_000_000
FIRST = date(2025, 3, 1)


def night(day=0, counts=(10,) * 8, rest_h=1.0, bouts=(), device="ring", **changes):
    evening = FIRST + timedelta(days=day)
    start = int(datetime(evening.year, evening.month, evening.day, 12, tzinfo=UTC).timestamp()) * 1_000_000
    hours = tuple(
        Span(start + (10 + index) * HOUR_US, int(count), rest_h) for index, count in enumerate(counts)
    )
    chance = np.random.default_rng(day)
    events = tuple(
        NightEvent(hour.start_utc_us + int(at), 0, 1, k, index * 1000 + k, "twitch", 80, 9, 0.3, "x", None)
        for index, hour in enumerate(hours)
        for k, at in enumerate(sorted(chance.integers(0, HOUR_US, hour.twitches)))
    )
    values = {
        "date": evening,
        "device": device,
        "start_utc_us": start,
        "end_utc_us": start + 24 * HOUR_US,
        "rest_h": rest_h * len(counts),
        "tremor_h": 0.0,
        "moving_h": 0.5,
        "not_worn_h": 1.0,
        "lost_h": 0.0,
        "off_h": 0.0,
        "coverage": 1.0,
        "noise_mg": 0.3,
        "detection_limit_mg": 1.7,
        "clock_error_s": 0.1,
        "events": events,
        "absorbed": (),
        "bouts": tuple(bouts),
        "marks": (),
        "gaps": (),
        "hours": hours,
        "unread": 0,
        "firmware": ("0.1.0",),
        "detector_versions": (1,),
    }
    return WholeNight(**(values | changes))


def bout(duration_s, second=0, seq=77):
    at = int(datetime(2025, 3, 2, 1, tzinfo=UTC).timestamp()) * 1_000_000 + second * 1_000_000
    return TremorBout(at, 0, 1, 0, (seq,), duration_s, 5.2, 0.2, 8.0, 12.0, round(duration_s * 5.2), None)


def test_twitches_alone_are_never_flagged():
    assert raise_flags(night(counts=(140, 150, 145, 139, 150, 160, 141, 150))) == []


def test_lasting_rhythm_is_a_tremor_flag_with_its_evidence():
    (flag,) = raise_flags(night(bouts=[bout(16)]))
    assert (flag.kind, flag.sensor, flag.night, flag.state) == ("tremor", "ring", FIRST, "new")
    assert flag.evidence["frequency_hz"] == 5.2
    assert flag.evidence["bands"] == ("rest tremor", "essential tremor")
    assert flag.records == (77,)
    assert "5.2 times a second" in flag.words
    assert "not a diagnosis" in flag.may_mean


def test_unlike_rates_are_not_one_mean():
    other = replace(bout(20, second=100, seq=78), frequency_hz=9.0)
    (flag,) = raise_flags(night(bouts=[bout(16), other]))
    assert "9.0 and 5.2 times a second, in 2 bouts of 36 s" in flag.words
    assert "9.0: essential tremor and physiological tremor; 5.2: rest tremor" in flag.words
    assert flag.evidence["frequency_hz"] == 9.0
    assert flag.evidence["rates"] == ("9.0 a second for 20 s", "5.2 a second for 16 s")


def test_one_short_rhythm_is_not_but_one_that_returns_is():
    assert raise_flags(night(bouts=[bout(4)])) == []
    assert len(raise_flags(night(bouts=[bout(4, second, second) for second in (0, 60, 120)]))) == 1


def test_a_waveform_takes_the_flag_back():
    assert raise_flags(night(bouts=[replace(bout(16), shown=False)])) == []
    (flag,) = raise_flags(night(bouts=[replace(bout(16), shown=True)]))
    assert flag.confidence == "high"


def test_a_rising_hour_is_an_escalation_of_its_night():
    (flag,) = raise_flags(night(counts=(9, 11, 8, 10, 12, 70, 64, 9)))
    assert (flag.kind, flag.scope) == ("escalation", "night")
    assert flag.evidence["twitches"] == len(flag.records) == 134
    assert flag.evidence["interval_low"] > 1
    assert flag.since_utc_us == night().hours[5].start_utc_us


def test_rising_nights_are_one_escalation():
    chance = np.random.default_rng(4)
    nights = [night(day, counts=chance.poisson(6 if day < 20 else 15, 8)) for day in range(30)]
    chance.shuffle(nights)
    flags = [flag for flag in raise_flags(nights) if flag.scope == "nights"]
    (flag,) = flags
    assert flag.kind == "escalation"
    assert abs((date.fromisoformat(flag.evidence["since_night"]) - FIRST).days - 20) <= 1
    assert flag.statistics["arl0_days"] == 365


def test_falling_nights_are_easing_and_never_promised():
    chance = np.random.default_rng(4)
    nights = [night(day, counts=chance.poisson(15 if day < 20 else 5, 8)) for day in range(30)]
    (flag,) = raise_flags(nights)
    assert flag.kind == "easing"
    assert "a hand that becomes weaker are not an improvement" in flag.may_mean


def test_nights_of_little_rest_are_left_out_of_trends():
    nights = [night(day) for day in range(20)]
    nights += [night(20 + day, counts=(60,), rest_h=1.0) for day in range(5)]
    assert raise_flags(nights) == []


def test_another_detector_is_another_baseline():
    nights = [night(day) for day in range(20)]
    nights += [night(20 + day, counts=(25,) * 8, detector_versions=(2,)) for day in range(20)]
    assert raise_flags(nights) == []


def test_devices_are_not_mixed():
    nights = [night(day, device="left") for day in range(20)]
    nights += [night(20 + day, counts=(25,) * 8, device="right") for day in range(20)]
    assert raise_flags(nights) == []


def test_a_night_without_rest_is_a_fault_with_a_cause_once_it_is_over():
    empty = night(counts=(), not_worn_h=9.0)
    (flag,) = raise_flags(empty)
    assert (flag.kind, flag.evidence["cause"]) == ("no_data", "not worn")
    assert raise_flags(empty, now_utc_us=empty.end_utc_us - 1) == []


def test_an_empty_night_is_explained_by_what_the_sensor_reported_of_its_board():
    (flag,) = raise_flags(night(counts=(), not_worn_h=0.0, moving_h=0.0, broken=("sensor", "radio")))
    assert flag.evidence["cause"] == "the motion sensor does not work"
    # Minutes without samples are told as lost.
    (lost,) = raise_flags(night(counts=(), not_worn_h=1.0, lost_h=8.0, broken=("sensor",)))
    assert lost.evidence["cause"] == "the motion sensor does not work"
    (worn,) = raise_flags(night(counts=(), not_worn_h=9.0, lost_h=8.0, broken=("sensor",)))
    assert worn.evidence["cause"] == "not worn"
    assert flag.to_try.startswith("Nothing is recorded until it works. Check its wires")
    restarts = (("brown_outs", 4), ("power_ons", 9))
    nights = [night(day, counts=(), not_worn_h=9.0, restarts=restarts) for day in range(2)]
    (flag,) = raise_flags(nights)
    assert flag.words.endswith(": not worn. The sensor restarted: 8 brown-outs, 18 power-ons.")
    assert flag.to_try.startswith("The supply voltage dropped for a moment: charge the battery")


def test_flags_derived_again_have_the_same_keys():
    given = [night(bouts=[bout(16)]), night(1, counts=(9, 11, 8, 10, 12, 70, 64, 9))]
    keys = [flag.key for flag in raise_flags(given)]
    assert keys == [flag.key for flag in raise_flags(given)]
    assert len(set(keys)) == 2


@pytest.mark.parametrize(
    ("seen_h", "record_h", "cause"),
    [(None, None, "never seen"), (40, 40, "out of reach"), (1, 40, "no records"), (1, None, "no records")],
)
def test_a_silent_sensor_is_a_fault_with_a_cause(seen_h, record_h, cause):
    now = 100 * HOUR_US
    sight = Sight("ring", 0, *(None if h is None else now - h * HOUR_US for h in (seen_h, record_h)))
    flag = silence_flag(sight, now)
    assert (flag.kind, flag.evidence["cause"]) == ("no_data", cause)
    assert flag.to_try


def test_a_sensor_heard_lately_is_no_fault():
    now = 100 * HOUR_US
    assert silence_flag(Sight("ring", 0, now - HOUR_US, now - HOUR_US), now) is None
