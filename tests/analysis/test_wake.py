"""A hand that moves much is awake; sleep begins with ten quiet minutes."""

from dataclasses import dataclass

from twitchwatch.analysis.wake import sleep_onset_us, stretches, wakeful_minutes

MINUTE = 60_000_000


@dataclass(frozen=True)
class Minute:
    at: int
    moving_ms: int = 0
    worn: bool = True

    @property
    def start_us(self):
        return self.at * MINUTE

    @property
    def end_us(self):
        return self.start_us + MINUTE

    @property
    def still_ms(self):
        return 60_000 - self.moving_ms


def awake(start, end):
    return [Minute(at, 30_000) for at in range(start, end)]


def asleep(start, end):
    return [Minute(at, 8_000 if at % 20 == 0 else 0) for at in range(start, end)]


def test_sleep_begins_where_the_hand_comes_to_rest():
    minutes = awake(0, 30) + asleep(30, 200) + awake(200, 230)
    wakeful = wakeful_minutes(minutes)
    onset = sleep_onset_us(minutes, wakeful)
    assert 30 * MINUTE <= onset <= 36 * MINUTE
    first, last = stretches(minutes, wakeful)
    assert first[0] == 0
    assert first[1] == onset
    assert abs(last[0] - 200 * MINUTE) <= 5 * MINUTE
    assert last[1] == 230 * MINUTE


def test_turning_over_is_no_waking():
    minutes = asleep(0, 120)
    assert not any(wakeful_minutes(minutes))
    assert sleep_onset_us(minutes, wakeful_minutes(minutes)) == 0


def test_a_restless_sleeper_is_not_awake():
    minutes = [Minute(at, 8_000 if at % 2 else 0) for at in range(120)]
    assert not any(wakeful_minutes(minutes))


def test_a_sensor_on_the_table_neither_sleeps_nor_wakes():
    minutes = [Minute(at, 40_000, worn=False) for at in range(60)]
    assert not any(wakeful_minutes(minutes))
    assert sleep_onset_us(minutes, wakeful_minutes(minutes)) is None


def test_ten_minutes_across_a_hole_are_no_sleep():
    minutes = asleep(1, 8) + asleep(60, 66)
    assert sleep_onset_us(minutes, wakeful_minutes(minutes)) is None


@dataclass(frozen=True)
class Five(Minute):
    """Five minutes told as one."""

    @property
    def end_us(self):
        return self.start_us + 5 * MINUTE

    @property
    def still_ms(self):
        return 300_000 - self.moving_ms


def test_minutes_of_five_begin_sleep_at_the_same_time():
    minutes = [Five(at, 150_000) for at in range(0, 30, 5)] + [Five(at) for at in range(30, 200, 5)]
    onset = sleep_onset_us(minutes, wakeful_minutes(minutes))
    assert 30 * MINUTE <= onset <= 40 * MINUTE


def test_no_minutes_at_all():
    assert wakeful_minutes([]) == []
    assert stretches([], []) == ()
    assert sleep_onset_us([], []) is None
