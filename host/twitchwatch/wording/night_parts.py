"""The hours and the tremor of one night, as rows of tables."""

from __future__ import annotations

from datetime import datetime

from twitchwatch.analysis.night import Night
from twitchwatch.clock.zone import zone_of
from twitchwatch.wording.units import magnitude, span


def hour_rows(night: Night, bar: int) -> list[tuple[str, ...]]:
    """Each hour: when, rest, twitches, rate, and a bar of at most so many characters."""
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
