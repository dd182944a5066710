"""Calm, in small: modelled wearers through findings and alerts; `python -m validation.calm` has more."""

import numpy as np

from twitchwatch.analysis.remembered import Remembered
from twitchwatch.flags import raise_flags
from validation.calm.nights import night_of
from validation.calm.wearers import life
from validation.calm.years import days_to_message, healthy_year

SEED = 7
WEARERS = 30


def test_healthy_wearers_have_calm_years():
    years = [healthy_year(SEED, number) for number in range(WEARERS)]
    assert np.median([year.many(faults=False) for year in years]) <= 1
    assert np.median([year.many(faults=True) for year in years]) <= 6
    assert sum(year.again for year in years) == 0
    assert sum(year.stale for year in years) == 0
    # Calm is not silence: somebody leaves the ring at home, and somebody notes a numb hand.
    assert any(year.many(faults=True) for year in years)
    assert any(year.many(faults=False) for year in years)


def test_a_doubling_is_reported_soon():
    assert np.median([days_to_message(SEED, "x 2", number) for number in range(15)]) <= 14


def fresh(nights, remembered):
    """Nothing remembered but what the events of these nights show."""
    made = Remembered()
    for night in nights:
        made.put("looks", night, remembered.looks(night))
    return made


def test_what_is_remembered_from_day_to_day_is_what_all_nights_show():
    """Nights arrive one by one, late, and in part; compared with everything derived from scratch."""
    wearer = life(np.random.default_rng(SEED), 150, times=np.where(np.arange(150) < 60, 1.0, 2.5))
    remembered = Remembered()
    nights = []
    found = []
    for at in range(150):
        made = night_of(wearer, at)
        if made is None:
            continue
        shown = list(nights)
        # Every night is there in part first.
        for night, looks in (night_of(wearer, at, upto_h=3), made):
            remembered.put("looks", night, looks)
            shown = [*nights, night]
            found = raise_flags(shown, remembered=remembered)
            if at % 10 == 0 or len(found) % 7 == 0:
                assert found == raise_flags(shown, remembered=fresh(shown, remembered))
        nights = shown
        if at % 25 == 24:
            # An earlier night is another object, as after a sync that dates it again.
            again, looks = night_of(wearer, at - 12) or made
            place = next((one for one, night in enumerate(nights) if night.date == again.date), None)
            if place is not None:
                remembered.put("looks", again, looks)
                nights[place] = again
                assert raise_flags(nights, remembered=remembered) == raise_flags(
                    nights, remembered=fresh(nights, remembered)
                )
        remembered.forget_others(nights)
    assert any(flag.kind == "escalation" and flag.scope == "nights" for flag in found)
