"""Rates corrected for dead time, against a simulated detector whose true rate is known."""

import numpy as np
import pytest

from twitchwatch.analysis.live_rate import CLASSES, live_of


def simulated(per_minute: float, *, known: float, seconds: float = 60_000, dead_s: float = 0.47):
    """Poisson motions that each keep a burst open for `dead_s`; one in which two began shows no shape."""
    rng = np.random.default_rng(11)
    times = np.sort(rng.uniform(0, seconds, rng.poisson(per_minute / 60 * seconds)))
    opens = np.r_[True, np.diff(times) > dead_s]
    starts = np.flatnonzero(opens)
    lengths = np.diff(np.r_[starts, len(times)])
    ends = times[starts + lengths - 1] + dead_s
    live_s = seconds - (ends - times[starts]).sum()
    shaped = rng.random(len(starts)) < known
    twitch = int((shaped & (lengths == 1)).sum())
    unlike = int((~shaped & (lengths == 1)).sum())
    counts = [twitch, unlike, 0, len(starts) - twitch - unlike, 0, 0, 0]
    return live_of(counts, live_s, seconds, [], [])


@pytest.mark.parametrize("per_minute", [5, 40, 100, 150])
@pytest.mark.parametrize("known", [1.0, 0.5])
def test_the_rate_is_the_true_one_however_often_bursts_fuse(per_minute, known):
    live = simulated(per_minute, known=known)
    assert live.high_per_h == pytest.approx(60 * per_minute, rel=0.05)
    assert live.low_per_h == pytest.approx(60 * per_minute * known, rel=0.05)
    assert live.low_per_h <= live.high_per_h


def test_where_bursts_fill_most_of_the_time_there_are_too_many_to_count():
    assert not simulated(40, known=1.0).too_many
    assert simulated(200, known=1.0).too_many
    often = simulated(400, known=1.0)
    assert (often.low_per_h, often.high_per_h, often.too_many) == (None, None, True)


def test_without_live_time_there_is_no_rate():
    live = live_of([0] * len(CLASSES), 0.0, 0.0, [], [])
    assert (live.low_per_h, live.high_per_h, live.too_many) == (None, None, False)


def test_what_turns_out_to_be_a_tremor_or_a_movement_is_counted_as_that():
    live = live_of([3, 1, 0, 1, 0, 0, 2], 90.0, 100.0, ["twitch", "several"], ["twitch"])
    assert live.bursts == {
        "twitch": 1,
        "unlike": 1,
        "pulse": 0,
        "several": 0,
        "tremor": 2,
        "movement": 1,
        "disturbance": 2,
    }


def test_live_time_is_within_the_time_that_was_seen():
    assert live_of([0] * 7, 120.0, 100.0, [], []).live_s == 100.0
    assert live_of([0] * 7, -3.0, 100.0, [], []).live_s == 0.0
