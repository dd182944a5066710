"""A sensor states how long its events last at half of their peak, for those whose waveform is not there."""

import pytest

from tests.archive.worn import HOUR, SECOND, Worn, us
from twitchwatch.analysis.series import fragmentary_myoclonus
from twitchwatch.archive.nights import Archive
from twitchwatch.archive.selection import EVERY_NIGHT, chosen_nights
from twitchwatch.clock.zone import LOCAL
from twitchwatch.shared.protocol.records import HALF_UNKNOWN
from twitchwatch.store import Store

START = us("2025-03-04T23:00")


def night(tmp_path, half_ms):
    """Four hours with ten twitches a minute for 50 minutes, each above the noise for 300 ms."""
    with Store.open(tmp_path / f"{half_ms}.db") as store:
        ring = Worn(store, START)
        ring.sleep(START, 4, 0)
        for at in range(500):
            ring.twitch(START + HOUR + 6 * SECOND * at, duration_ms=300, half_ms=half_ms)
        ring.meet(START + 10 * HOUR)
        archive = Archive(store, LOCAL)
        (one,) = chosen_nights(archive.sensors(), EVERY_NIGHT)
        return archive.whole(one.night)


def test_a_night_states_the_median_of_what_its_sensor_measured(tmp_path):
    assert night(tmp_path, 60).half_s == pytest.approx(0.06)
    assert night(tmp_path, HALF_UNKNOWN).half_s is None


def test_fragmentary_myoclonus_goes_by_it_and_not_by_the_time_above_the_noise(tmp_path):
    brief = fragmentary_myoclonus(night(tmp_path, 60))
    assert brief is not None
    assert brief.minutes >= 45
    assert fragmentary_myoclonus(night(tmp_path, 250)) is None
    assert fragmentary_myoclonus(night(tmp_path, HALF_UNKNOWN)) is None
