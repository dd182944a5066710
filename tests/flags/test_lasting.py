"""What lasts, spreads, is felt or noted."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.analysis.nights_made import FIRST, HOUR_US, made_night, mark, twitch
from twitchwatch.analysis.night import TremorBout
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.flags import SYMPTOMS, Symptom, raise_flags
from twitchwatch.flags.still_up import still_up


def of_kind(flags, kind):
    return [flag for flag in flags if flag.kind == kind]


def with_tremor(day, seconds=16.0, **changes):
    night = made_night(day, **changes)
    at_us = night.start_utc_us + 12 * HOUR_US
    bout = TremorBout(at_us, 0, 1, 0, (day,), seconds, 5.2, 0.2, 8.0, 12.0, round(seconds * 5.2), None)
    return replace(night, bouts=(bout,))


def test_thirty_nights_of_tremor_are_one_finding():
    (flag,) = of_kind(raise_flags([with_tremor(day) for day in range(20)]), "tremor")
    assert (flag.night, flag.last_night) == (FIRST, FIRST + timedelta(days=19))
    assert (flag.evidence["nights"], flag.evidence["bouts"]) == (20, 20)
    assert flag.resolved_utc_us is None


def test_a_tremor_is_resolved_after_four_quiet_weeks_and_another_is_another():
    nights = [with_tremor(0), *(made_night(day) for day in range(1, 40)), with_tremor(40)]
    first, second = of_kind(raise_flags(nights), "tremor")
    assert first.resolved_utc_us == made_night(28).end_utc_us
    assert second.resolved_utc_us is None
    assert first.key != second.key
    (still_open,) = of_kind(raise_flags(nights[:28]), "tremor")
    assert still_open.resolved_utc_us is None


def test_four_weeks_without_data_resolve_nothing():
    nights = [with_tremor(0), *(made_night(day, counts=()) for day in range(1, 60))]
    (flag,) = of_kind(raise_flags(nights), "tremor")
    assert flag.resolved_utc_us is None


def test_four_weeks_with_a_few_nights_of_data_resolve_nothing():
    nights = [with_tremor(0), *(made_night(day) for day in (10, 20, 30, 40))]
    (flag,) = of_kind(raise_flags(nights), "tremor")
    assert flag.resolved_utc_us is None


def test_what_lasts_more_than_four_weeks_says_so():
    brief, long = ([with_tremor(day) for day in range(count)] for count in (27, 33))
    (flag,) = of_kind(raise_flags(brief), "tremor")
    assert "four weeks is a reason" not in flag.words
    (flag,) = of_kind(raise_flags(long), "tremor")
    assert (flag.evidence["weeks_with"], flag.evidence["weeks_observed"]) == (5, 5)
    assert "for 4 weeks, in 5 of the 5" in flag.words


def test_an_escalation_that_lasts_becomes_urgent():
    chance = np.random.default_rng(1)
    nights = [made_night(day, counts=chance.poisson(5 if day < 20 else 15, 8)) for day in range(60)]
    for upto, urgency in ((30, "finding"), (60, "doctor")):
        (flag,) = of_kind(raise_flags(with_events(nights[:upto])), "escalation")
        assert flag.urgency == urgency
    back = [made_night(day, counts=chance.poisson(5, 8)) for day in range(60, 75)]
    flags = raise_flags(with_events([*nights, *back]))
    (flag,) = of_kind(flags, "escalation")
    (easing,) = of_kind(flags, "easing")
    assert flag.resolved_utc_us is not None
    assert (easing.urgency, easing.resolved_utc_us) == ("note", None)


def with_events(nights):
    """Each hour's count as twitches, spread at random."""
    made = []
    for night in nights:
        chance = np.random.default_rng(night.date.toordinal())
        times = [
            3600 * at + chance.random() * 3600
            for at, hour in enumerate(night.hours)
            for _ in range(hour.twitches)
        ]
        made.append(
            replace(
                night, events=tuple(twitch(night, second, seq) for seq, second in enumerate(sorted(times)))
            )
        )
    return made


def test_a_change_that_comes_with_another_fit_is_doubted():
    chance = np.random.default_rng(2)
    nights = [
        made_night(
            day,
            counts=chance.poisson(5 if day < 20 else 15, 8),
            noise_mg=(0.3 if day < 20 else 0.6) + day / 1000,
        )
        for day in range(30)
    ]
    (flag,) = of_kind(raise_flags(with_events(nights)), "escalation")
    assert flag.confidence == "low"
    assert flag.evidence["worn_differently"] == ("noise",)
    assert "worn differently" in flag.words


def test_another_place_is_another_baseline():
    chance = np.random.default_rng(2)
    nights = with_events(
        [made_night(day, counts=chance.poisson(5 if day < 20 else 15, 8)) for day in range(40)]
    )
    places = {("aa", night.date): "left" if at < 20 else "right" for at, night in enumerate(nights)}
    assert of_kind(raise_flags(nights), "escalation")
    assert not of_kind(raise_flags(nights, places=places), "escalation")


def test_another_firmware_is_another_baseline_unless_only_its_last_number_changed():
    chance = np.random.default_rng(2)
    for later, reported in (("0.1.1", 1), ("0.2.0", 0)):
        nights = [
            made_night(
                day,
                counts=chance.poisson(5 if day < 20 else 15, 8),
                firmware=("0.1.0" if day < 20 else later,),
            )
            for day in range(40)
        ]
        assert len(of_kind(raise_flags(with_events(nights)), "escalation")) == reported


def test_other_settings_are_another_baseline():
    chance = np.random.default_rng(2)
    nights = [
        made_night(day, counts=chance.poisson(5 if day < 20 else 15, 8), settings=(1 if day < 20 else 2,))
        for day in range(40)
    ]
    assert not of_kind(raise_flags(with_events(nights)), "escalation")


def test_tremor_at_two_sites_spreads():
    left = [with_tremor(day) for day in range(3)]
    right = [with_tremor(day, sensor="bb", device="right") for day in range(5, 8)]
    (flag,) = of_kind(raise_flags([*left, *right]), "spread_tremor")
    assert flag.evidence["sites"] == ("ring (aa)", "right (bb)")
    assert flag.urgency == "doctor"
    far = [with_tremor(day, sensor="bb") for day in range(90, 92)]
    assert not of_kind(raise_flags([*left, *far]), "spread_tremor")


def test_two_rings_on_one_finger_are_one_site():
    nights = [with_tremor(0, 40.0), with_tremor(1, 40.0, sensor="bb")]
    places = {("aa", FIRST): "left index", ("bb", FIRST + timedelta(days=1)): "left index"}
    assert not of_kind(raise_flags(nights, places=places), "spread_tremor")


def test_felt_on_three_nights_is_a_finding_and_once_is_not():
    def marked(day):
        night = made_night(day)
        return replace(night, events=(twitch(night, 100, day),), marks=(mark(night, 105),))

    assert not of_kind(raise_flags([marked(0), marked(1)]), "felt_awake")
    (flag,) = of_kind(raise_flags([marked(0), marked(1), marked(5)]), "felt_awake")
    assert (flag.evidence["events"], flag.records) == (3, (0, 1, 5))
    assert not of_kind(raise_flags([marked(0), marked(10), marked(20)]), "felt_awake")


def test_contractions_of_seconds_that_return():
    def held(day):
        night = made_night(day)
        return replace(night, events=(twitch(night, 100, day, "spasm", 3500),))

    (flag,) = of_kind(raise_flags([held(day) for day in (0, 3, 6)]), "long_contractions")
    assert flag.evidence["longest_s"] == 3.5


@pytest.mark.parametrize("name", SYMPTOMS)
def test_a_symptom_asks_for_a_doctor_whatever_the_sensor_says(name):
    (flag,) = raise_flags([], symptoms=[Symptom(FIRST, name), Symptom(FIRST + timedelta(days=1), name)])
    assert flag.kind == f"symptom_{name}"
    assert flag.urgency == ("at_once" if name in ("swallowing", "speech") else "doctor")
    assert ("at once" in flag.see_doctor) == (flag.urgency == "at_once")
    assert flag.evidence["times"] == 2
    assert "not a diagnosis" in flag.may_mean


def test_an_unknown_symptom_is_refused():
    with pytest.raises(ValueError, match="Known: weakness"):
        raise_flags([], symptoms=[Symptom(FIRST, "itching")])


def test_no_flag_diagnoses():
    night = made_night()
    events = tuple(twitch(night, 5 * at, at, "jerk", 200) for at in range(3))
    flags = raise_flags([replace(with_tremor(0), events=events)], symptoms=[Symptom(FIRST, "numbness")])
    for flag in flags:
        assert flag.words
        assert flag.resolved_when
        assert "diagnosis" in flag.may_mean


def test_one_brief_tremor_is_a_note_and_what_lasts_or_returns_is_for_a_doctor():
    def urgency(*nights):
        (flag,) = of_kind(raise_flags(list(nights)), "tremor")
        return flag.urgency

    assert urgency(with_tremor(0)) == "note"
    assert urgency(with_tremor(0), with_tremor(5)) == "note"
    assert urgency(with_tremor(0), with_tremor(5), with_tremor(20)) == "note"
    assert urgency(with_tremor(0), with_tremor(5), with_tremor(13)) == "doctor"
    assert urgency(with_tremor(0, 30.0)) == "doctor"


def test_brief_tremors_at_two_sites_do_not_spread():
    assert not of_kind(raise_flags([with_tremor(0), with_tremor(1, sensor="bb")]), "spread_tremor")


def with_rising_hours(day):
    return made_night(day, counts=(9, 11, 8, 10, 12, 90, 84, 9))


def test_one_night_with_rising_hours_is_a_note_and_three_are_a_finding():
    for days, urgency in (((0,), "note"), ((0, 3), "note"), ((0, 3, 5), "finding")):
        shown = [with_rising_hours(day) if day in days else made_night(day, (10,) * 8) for day in range(6)]
        (flag,) = of_kind(raise_flags(with_events(shown)), "escalation")
        assert (flag.scope, flag.urgency, flag.evidence["nights"]) == ("night", urgency, len(days))


def rates(*weeks, seed=3):
    """Seven nights of each of these hourly rates."""
    chance = np.random.default_rng(seed)
    return with_events(
        [
            made_night(7 * week + day, counts=chance.poisson(per_h, 8))
            for week, per_h in enumerate(weeks)
            for day in range(7)
        ]
    )


def escalation(nights):
    (flag,) = [flag for flag in of_kind(raise_flags(nights), "escalation") if flag.scope == "nights"]
    return flag


def test_a_rise_is_a_note_until_a_new_night_bears_it_out():
    nights = rates(5, 5, 5, 12)
    noticed = next(upto for upto in range(21, 28) if of_kind(raise_flags(nights[:upto]), "escalation"))
    assert escalation(nights[:noticed]).urgency == "note"
    assert escalation(nights[: noticed + 1]).urgency == "finding"
    quiet = with_events([made_night(noticed, counts=(5,) * 8)])
    assert escalation([*nights[:noticed], *quiet]).urgency == "note"


def test_a_rise_that_is_over_after_a_few_nights_neither_lasts_nor_stays_open():
    flag = escalation(rates(5, 5, 5, 12, 6, 6, 6, 6, 6))
    assert flag.urgency != "doctor"
    assert flag.resolved_utc_us is not None


def test_two_weeks_near_the_usual_rate_end_a_rise():
    nights = rates(10, 10, 5, 10, 5, 5, 10)
    upto = {count: still_up(nights[:count], FIRST, nights[1].date, 5.0, 2.0) for count in (41, 42, 49)}
    assert [one.ended_utc_us for one in upto.values()] == [None, nights[41].end_utc_us, nights[41].end_utc_us]
    assert upto[49].evenings == tuple(nights[at].date for at in (*range(14), *range(21, 28)))
    assert upto[49].sustained


def test_a_rise_of_six_nights_needs_no_further_night():
    nights = rates(10, 5, 5)
    for first, sustained in ((1, True), (2, False)):
        assert still_up(nights, nights[first].date, nights[6].date, 5.0, 2.0).sustained == sustained
    assert still_up(rates(10, 10), FIRST, nights[1].date, 5.0, 2.0).sustained


def test_a_sensor_that_seems_to_have_moved_is_no_reason_for_a_message():
    nights = [
        replace(night, noise_mg=(0.3 if at < 21 else 0.6) + at / 1000)
        for at, night in enumerate(rates(5, 5, 5, 12, 12, 12, 12, 12))
    ]
    flag = escalation(nights)
    assert (flag.confidence, flag.urgency) == ("low", "note")


def test_an_old_rise_does_not_spread_to_another_place():
    nights = [*rates(5, 5, 5, 12), *rates(*(5,) * 17, 12, seed=4)[28:]]
    places = {("aa", night.date): "left" if at < 28 else "right" for at, night in enumerate(nights)}
    flags = raise_flags(nights, places=places)
    assert len([flag for flag in of_kind(flags, "escalation") if flag.urgency != "note"]) == 2
    assert not of_kind(flags, "spread_escalation")


def test_nights_that_changed_are_looked_at_again():
    remembered = Remembered()
    nights = rates(5, 5, 5, 12)
    (flag,) = of_kind(raise_flags(nights, remembered=remembered), "escalation")
    assert flag.confidence == "high"
    # The counts are the same; only the noise is not.
    louder = [replace(night, noise_mg=0.6) if at >= 21 else night for at, night in enumerate(nights)]
    (flag,) = of_kind(raise_flags(louder, remembered=remembered), "escalation")
    assert flag.confidence == "low"
    # The memory was formatted in the night after which it is noticed: its other part comes, and goes again.
    upto = next(count for count in range(21, 28) if of_kind(raise_flags(nights[:count]), "escalation"))
    last = nights[upto - 1]
    other = replace(last, start_utc_us=last.start_utc_us + HOUR_US)
    for given in ([*nights[:upto], other], nights[:upto], [*nights[: upto - 1], other]):
        assert raise_flags(given, remembered=remembered) == raise_flags(given)
