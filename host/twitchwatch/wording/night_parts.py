"""A night, its hours and its tremor, as rows of tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from twitchwatch.analysis.minutes import NightMinute
from twitchwatch.analysis.night import Night, WholeNight
from twitchwatch.archive.nights import RatedNight
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import zone_of
from twitchwatch.wording.nights import marks
from twitchwatch.wording.sparkline import sparkline
from twitchwatch.wording.units import magnitude, span

_HOUR_US = 3_600_000_000


def hour_rows(night: Night, bar: int) -> list[tuple[str, ...]]:
    """Each hour: when, rest, twitches, rate, and a bar of at most this many characters."""
    rates = [hour.per_hour or 0.0 for hour in night.hours]
    most = max(rates, default=0.0) or 1.0
    return [
        (
            f"{_there(night, hour.start_utc_us):%H:%M}",
            span(hour.rest_h * 3600),
            str(hour.twitches),
            f"{an_hour:.1f}" if hour.rest_h else "-",
            "#" * round(bar * an_hour / most),
        )
        for hour, an_hour in zip(night.hours, rates, strict=True)
    ]


def spent_rows(night: WholeNight) -> list[tuple[str, ...]]:
    """Each hour of the strip: when, time at rest, in tremor, moving, not worn, blind, unusable; the limit.

    The limit is the median of its minutes: the smallest twitch that could be seen.
    """
    hours: dict[int, list[NightMinute]] = {}
    for minute in night.minutes:
        hours.setdefault((minute.start_us - night.minutes[0].start_us) // _HOUR_US, []).append(minute)
    rows = []
    for own in hours.values():
        limits = [one.limit_mg for one in own if one.limit_mg is not None]
        spent_ms = (
            sum(one.live_ms for one in own),
            sum(min(one.body.tremor_ms, one.body.rest_ms) for one in own),
            sum(one.moving_ms for one in own),
            sum(one.body.not_worn_ms for one in own),
            sum(one.seen_ms - one.live_ms for one in own),
            sum(one.body.unusable_ms + one.body.lost_ms for one in own),
        )
        rows.append(
            (
                f"{_there(night, own[0].start_us):%H:%M}",
                *(span(one / 1000) if one else "-" for one in spent_ms),
                magnitude(median(limits), "mg") if limits else "-",
            )
        )
    return rows


def hourly_bars(nights: Sequence[Night], *, plain: bool) -> tuple[str, list[str]]:
    """A column with a bar for each hour of the clock, all of one scale: its name, and a cell for each night.

    An hour without rest is a gap. plain: in ASCII.
    """
    rates: list[dict[int, float | None]] = []
    for night in nights:
        noon = _there(night, night.start_utc_us).date()
        own = dict[int, float | None]()
        for hour in night.hours:
            at = _there(night, hour.start_utc_us)
            own[24 * (at.date() - noon).days + at.hour] = hour.per_hour if hour.rest_h else None
        rates.append(own)
    known = [hour for own in rates for hour in own]
    if not known:
        return "", [""] * len(rates)
    first, last = min(known), max(known)
    most = max((rate for own in rates for rate in own.values() if rate is not None), default=0.0)
    cells = [
        sparkline([own.get(hour) for hour in range(first, last + 1)], most=most, plain=plain) for own in rates
    ]
    return f"{first % 24:02} to {(last + 1) % 24:02} h", cells


def bout_rows(night: Night) -> list[tuple[str, ...]]:
    """Each tremor bout: when, how long, how fast, how strong."""
    return [
        (
            f"{_there(night, bout.utc_us):%H:%M:%S}",
            span(bout.duration_s),
            f"{bout.frequency_hz:.1f} Hz",
            magnitude(bout.amplitude_mg, "mg"),
        )
        for bout in night.bouts
    ]


def _there(night: Night, utc_us: int) -> datetime:
    return datetime.fromtimestamp(utc_us / 1e6, zone_of(night.zone))


def night_row(one: RatedNight) -> tuple[str, ...]:
    """A night in a list: its name, rest, twitches, rate, tremor, time lost and limit."""
    night, found = one.night, one.rate
    known = found.per_hour is not None
    tremor_s = sum(bout.duration_s for bout in night.bouts)
    lost_h = night.lost_h + night.off_h
    limit = night.detection_limit_mg
    return (
        evening(night.date),
        f"{night.rest_h:.1f} h" + marks(night),
        f"{night.twitches:,}",
        f"{found.per_hour:.1f}" if known else "too many" if night.uncountable else "-",
        f"{found.interval_low:.1f}-{found.interval_high:.1f}" if known else "-",
        span(tremor_s) if tremor_s else "-",
        span(lost_h * 3600) if lost_h else "-",
        "-" if limit is None else magnitude(limit, "mg"),
    )
