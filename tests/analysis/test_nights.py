"""Nights: the right date, the right hours, and nothing counted twice."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.analysis.nights_built import build_nights
from tests.board.made import status_body
from twitchwatch.analysis.contract import RING
from twitchwatch.analysis.detection_limit import detection_limit_mg
from twitchwatch.analysis.rhythm import tremor_of
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.snippets import pack_waveform

ZONE = ZoneInfo("Europe/Berlin")
SECOND = 1_000_000
MINUTE = 60 * SECOND
BEDTIME = int(datetime(2025, 3, 4, 22, 0, tzinfo=ZONE).timestamp()) * SECOND


class Log:
    """Writes a device's log as the device would; its clock began at BEDTIME."""

    def __init__(self):
        self.records = []
        self.boot_id = 1

    def add(self, kind, time_us, body, tail=b""):
        raw = protocol.encode(kind, len(self.records), self.boot_id, time_us, body, tail)
        self.records.append(protocol.decode(raw))
        return self.records[-1].seq

    def epoch(self, minute, rest=60_000, moving=0, not_worn=0, lost=0, noise=300, tremor=0, flags=1):
        body = (minute * 6240, rest, moving, not_worn, lost, noise, tremor) + (0,) * 9 + (flags, 0, 0)
        body += protocol.UNCOUNTED
        return self.add(protocol.EPOCH, minute * MINUTE, body)

    def event(self, second, kind=protocol.TWITCH, peak=9000, reason=0):
        body = (kind, 1, reason, 0, round(second * 104), 80, peak, 300, 0, 0, 255)
        return self.add(protocol.EVENT, round(second * SECOND), body)

    def tremor(self, second, duration_s, flags=0, frequency=5000):
        body = (round(second * 104), round(duration_s * 1000), frequency, 200, 8000, 12000, 50, flags, 0)
        return self.add(protocol.TREMOR, round(second * SECOND), body)

    def nights(self, zone=ZONE):
        def utc(boot_id, time_us):
            return BEDTIME + (boot_id - 1) * 3600 * SECOND + time_us, 1000

        return build_nights(self.records, utc, zone, device="ring").nights


@pytest.fixture
def log():
    return Log()


def test_hours_add_up(log):
    for minute in range(120):
        log.epoch(minute)
    for minute in range(120, 150):
        log.epoch(minute, rest=0, moving=50_000, lost=10_000)
    for minute in range(150, 180):
        log.epoch(minute, rest=0, not_worn=60_000, flags=protocol.NOT_WORN)
    (night,) = log.nights()
    assert night.date == date(2025, 3, 4)
    assert (night.rest_h, night.not_worn_h, night.off_h) == (2.0, 0.5, 0)
    assert night.moving_h == pytest.approx(30 * 50 / 3600)
    assert night.lost_h == pytest.approx(300 / 3600)
    assert night.coverage == pytest.approx(1 - 300 / 9000)
    assert [hour.rest_h for hour in night.hours] == [1.0, 1.0, 0.0]


def test_time_in_tremor_is_no_time_to_see_a_twitch(log):
    log.epoch(0, tremor=15_000)
    (night,) = log.nights()
    assert night.rest_h == pytest.approx(45 / 3600)
    assert night.tremor_h == pytest.approx(15 / 3600)


def test_detection_limit_follows_the_noise_at_rest(log):
    for minute, noise in enumerate([300, 300, 900]):
        log.epoch(minute, noise=noise)
    log.epoch(3, rest=0, moving=60_000, noise=60_000)
    (night,) = log.nights()
    assert night.noise_mg == 0.3
    assert night.detection_limit_mg == pytest.approx(detection_limit_mg(RING, 0.3))


def test_a_night_without_rest_claims_no_limit(log):
    log.epoch(0, rest=0, moving=60_000)
    (night,) = log.nights()
    assert night.detection_limit_mg is None


def test_a_night_names_the_settings_that_were_in_force(log):
    log.add(protocol.SETTINGS, 0, (protocol.DETECTOR_PARAMETERS, 1), b'{"tilt":246}')
    log.epoch(0)
    (night,) = log.nights()
    assert len(night.settings) == 1
    log.add(protocol.SETTINGS, 2 * MINUTE, (protocol.DEVICE_SETTINGS, 1), b"{}")
    log.epoch(3)
    assert log.nights()[0].settings == night.settings
    log.add(protocol.SETTINGS, 4 * MINUTE, (protocol.DETECTOR_PARAMETERS, 1), b'{"tilt":300}')
    log.epoch(5)
    assert len(log.nights()[0].settings) == 2


def test_records_that_never_came_are_lost_hours(log):
    log.epoch(0)
    log.epoch(30)
    (night,) = log.nights()
    assert night.lost_h == pytest.approx(29 / 60)
    assert night.coverage == pytest.approx(2 / 31)


def test_a_sensor_of_its_own_rate_loses_nothing(log):
    # 6240 samples at 103 Hz last 60.6 s, and are told as 60.
    for minute in range(60):
        body = (minute * 6240, 60_000, 0, 0, 0, 300, 0) + (0,) * 9 + (1, 0, 0) + protocol.UNCOUNTED
        log.add(protocol.EPOCH, minute * 60_600_000, body)
    (night,) = log.nights()
    assert (night.lost_h, night.coverage) == (0, 1)


def test_a_device_off_in_the_night_shows_in_coverage(log):
    log.epoch(0)
    log.boot_id = 2
    log.epoch(0)
    (night,) = log.nights()
    assert night.lost_h == 0
    assert night.off_h == pytest.approx(59 / 60)
    assert night.coverage == pytest.approx(2 / 61)


def test_events_carry_what_a_reader_needs(log):
    log.epoch(0)
    seq = log.event(12.5)
    snippet = log.add(protocol.SNIPPET, 12 * SECOND, (seq, 1300, 104_000, 122_000, 2, 0), b"1234")
    (night,) = log.nights()
    (event,) = night.events
    assert (event.kind, event.axis, event.peak_mg, event.duration_ms) == ("twitch", "y", 9.0, 80)
    assert (event.utc_us, event.seq, event.snippet_seq) == (BEDTIME + 12_500_000, seq, snippet)
    assert night.twitches == night.hours[0].twitches == 1


def test_events_with_equal_numbers_stay_two(log):
    log.epoch(0)
    log.event(12.5)
    log.boot_id = 2
    log.event(12.5)
    log.event(12.5)
    (night,) = log.nights()
    assert night.twitches == 3


def test_the_first_swings_of_a_tremor_are_its_own(log):
    log.epoch(0)
    inside = log.event(21)
    log.event(5)
    bout = log.tremor(20, 15)
    (night,) = log.nights()
    assert night.twitches == 1
    assert [(one.event.seq, one.by_seq) for one in night.absorbed] == [(inside, bout)]


def test_a_long_tremor_told_in_parts_is_one(log):
    first = log.tremor(0, 600)
    second = log.tremor(598, 202, flags=1, frequency=6000)
    other = log.tremor(2000, 10)
    (night,) = log.nights()
    assert [bout.seqs for bout in night.bouts] == [(first, second), (other,)]
    assert night.bouts[0].duration_s == 800
    assert night.bouts[0].frequency_hz == pytest.approx((5 * 600 + 6 * 202) / 802, abs=0.001)
    assert night.bouts[0].cycles == pytest.approx(800 * night.bouts[0].frequency_hz, abs=1)


def test_marks_gaps_and_provenance(log):
    log.add(protocol.BOOT, 0, (0, 3, 1, 1, 7, 0, 1, 99, 104_000, 122_000, 1, 0))
    log.epoch(0)
    log.add(protocol.MARK, 5 * SECOND, (1,))
    log.add(protocol.GAP, 9 * SECOND, (protocol.SAMPLES, protocol.FIFO_OVERFLOW, 936, 104, 1000))
    (night,) = log.nights()
    assert (night.firmware, night.detector_versions) == (("0.3.1",), (7,))
    assert night.marks[0].utc_us == BEDTIME + 5 * SECOND
    assert (night.gaps[0].what, night.gaps[0].duration_s) == ("samples", 1.0)


def test_what_cannot_be_read_or_dated_is_counted(log):
    log.epoch(0)
    log.records.append(protocol.Record(200, 1, 99, 1, 5, None, b"", b""))
    log.boot_id = 9
    log.epoch(0)

    def utc(boot_id, time_us):
        return (BEDTIME + time_us, 0) if boot_id == 1 else None

    found = build_nights(log.records, utc, ZONE, device="ring")
    assert found.undated == 1
    assert found.nights[0].unread == 1


def test_no_records_make_no_nights():
    assert build_nights([], lambda boot, t: None, ZONE, device="ring").nights == ()


def test_unusable_time_is_no_rest_and_faults_are_counted(log):
    for minute, (unusable, faults) in enumerate(((0, 0), (20_000, 2), (60_000, 2 | 8))):
        body = (minute * 6240, 60_000 - unusable, 0, 0, 0, 300, 0) + (0,) * 9 + (1, unusable, faults)
        body += protocol.UNCOUNTED
        log.add(protocol.EPOCH, minute * MINUTE, body)
    (night,) = log.nights()
    assert night.rest_h == pytest.approx(100 / 3600)
    assert night.unusable_h == pytest.approx(80 / 3600)
    assert night.input_minutes == (("stuck", 2), ("hum", 1))
    assert (night.lost_h, night.off_h) == (0, 0)


@pytest.mark.parametrize("fault", [protocol.INPUT_SETTINGS, protocol.INPUT_RATE])
def test_nothing_counts_in_a_minute_in_which_the_sensor_was_set_wrongly(log, fault):
    for minute in range(3):
        body = (minute * 6240, 50_000, 9_000, 1_000, 0, 300, 20_000, 1) + (0,) * 8 + (1, 0, 0)
        body = (*body[:-1], fault if minute == 1 else 0, *protocol.UNCOUNTED)
        log.add(protocol.EPOCH, minute * MINUTE, body)
        log.event(60 * minute + 30)
        log.tremor(60 * minute + 5, 10)
    (night,) = log.nights()
    assert (night.rest_h, night.tremor_h) == (pytest.approx(60 / 3600), pytest.approx(40 / 3600))
    assert (night.moving_h, night.unusable_h) == (pytest.approx(18 / 3600), pytest.approx(60 / 3600))
    assert [event.kind for event in night.events] == ["twitch", "unclear", "twitch"]
    assert night.events[1].reported == "twitch"
    assert [bout.utc_us - BEDTIME for bout in night.bouts] == [5 * SECOND, 125 * SECOND]
    assert sum(hour.rest_h for hour in night.hours) == pytest.approx(night.rest_h)
    assert night.coverage == 1


def test_a_night_that_noise_hides_is_unknown(log):
    for minute in range(30):
        log.epoch(minute, flags=0)
    (night,) = log.nights()
    assert (night.wear, night.unknown_h) == ("unknown", 0.5)


def snippet(log, seq, first, values, rate_milli_hz=104_000):
    encoding, tail = pack_waveform(values)
    body = (seq, first, rate_milli_hz, 122_000, len(values) // 3, encoding)
    log.add(protocol.SNIPPET, 0, body, tail)


def test_a_waveform_that_is_certainly_no_twitch_is_not_counted(log):
    log.epoch(0)
    jump = [0, 0, 8192] * 64
    jump[60] = 600
    snippet(log, log.event(10), 0, jump)
    log.event(20)
    (night,) = log.nights()
    assert [(event.reported, event.kind) for event in night.events] == [
        ("twitch", "disturbance"),
        ("twitch", "twitch"),
    ]
    assert night.twitches == 1
    assert night.hours[0].twitches == 1


@pytest.mark.parametrize(("hz", "shown"), [(5.0, True), (8.0, False)])
def test_a_bout_is_held_against_its_waveform(log, hz, shown):
    log.epoch(0)
    t_s = np.arange(128) * 3 / 104
    swing = np.outer(100 * np.sin(2 * np.pi * hz * t_s), [1, 1, 0])
    values = (swing + np.array([0, 0, 8192])).round().astype(int).ravel().tolist()
    snippet(log, log.tremor(5, 20), 0, values, 104_000 // 3)
    (night,) = log.nights()
    (bout,) = night.bouts
    assert bout.shown is shown
    found = tremor_of(night)
    assert (found is not None) is shown


def status(log, minute, boot_id=1, **changes):
    log.boot_id = boot_id
    log.add(protocol.STATUS, minute * MINUTE, status_body(**changes))
    log.boot_id = 1


def test_restarts_and_broken_parts_belong_to_the_night_in_which_they_were_reported(log):
    day = 24 * 60
    log.epoch(0)
    status(log, 1, brown_outs=2)
    status(log, 300, brown_outs=5, panics=1, broken=protocol.PART_RADIO)
    log.epoch(day)
    status(log, day + 1, brown_outs=5, panics=1)
    status(log, day + 2, brown_outs=6, panics=1, broken=protocol.PART_WATERMARK | protocol.PART_BUTTON)
    first, second = log.nights()
    assert (first.restarts, first.broken) == ((("brown_outs", 3), ("panics", 1)), ("radio",))
    assert (second.restarts, second.broken) == ((("brown_outs", 1),), ("int1", "button"))


def test_a_counter_of_restarts_that_decreased_is_said_of_its_night(log):
    log.epoch(0)
    status(log, 1, brown_outs=7)
    status(log, 300, brown_outs=2)
    (night,) = log.nights()
    assert (night.restarts, night.broken) == ((("brown_outs", 2),), ("nvs",))


def test_a_night_in_which_nothing_could_be_recorded_is_one_all_the_same(log):
    log.epoch(0)
    status(log, 24 * 60, broken=protocol.PART_RADIO)
    status(log, 48 * 60, broken=protocol.PART_SENSOR | protocol.PART_RADIO)
    first, last = log.nights()
    assert (first.date, last.date) == (date(2025, 3, 4), date(2025, 3, 6))
    assert (last.rest_h, last.broken) == (0, ("sensor", "radio"))
