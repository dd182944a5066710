"""Nights put together by hand: a still night of eight hours from 22:00 UTC on, to which tests add."""

from datetime import UTC, date, datetime, timedelta

from twitchwatch.analysis.night import NightEvent, NightMark, Span, WholeNight

HOUR_US = 3_600_000_000
FIRST = date(2025, 3, 1)
HOURS = 8


def made_night(day=0, counts=(0,) * HOURS, rest_h=1.0, **changes):
    """The night `day` days after FIRST with these hourly counts; asleep from its first hour on."""
    evening = FIRST + timedelta(days=day)
    noon = int(datetime(evening.year, evening.month, evening.day, 12, tzinfo=UTC).timestamp()) * 1_000_000
    begin = noon + 10 * HOUR_US
    hours = tuple(Span(begin + at * HOUR_US, int(count), rest_h) for at, count in enumerate(counts))
    values = {
        "date": evening,
        "device": "ring",
        "sensor": "aa",
        "start_utc_us": noon,
        "end_utc_us": noon + 24 * HOUR_US,
        "rest_h": rest_h * len(counts),
        "tremor_h": 0.0,
        "moving_h": 0.2,
        "not_worn_h": 1.0,
        "lost_h": 0.0,
        "off_h": 0.0,
        "coverage": 1.0,
        "noise_mg": 0.3,
        "detection_limit_mg": 1.7,
        "clock_error_s": 0.1,
        "events": (),
        "absorbed": (),
        "bouts": (),
        "marks": (),
        "gaps": (),
        "hours": hours,
        "unread": 0,
        "firmware": ("0.1.0",),
        "detector_versions": (1,),
        "onset": hours[0] if hours else None,
    }
    return WholeNight(**(values | changes))


def twitch(night, second, seq=0, kind="twitch", duration_ms=80, peak_mg=9, half_s=None):
    """An event this many seconds after the night's first hour began."""
    at_us = night.start_utc_us + 10 * HOUR_US + round(second * 1_000_000)
    return NightEvent(at_us, 0, 1, 0, seq, kind, duration_ms, peak_mg, 0.3, "x", None, half_s=half_s)


def mark(night, second, seq=0):
    return NightMark(night.start_utc_us + 10 * HOUR_US + round(second * 1_000_000), seq, 0)
