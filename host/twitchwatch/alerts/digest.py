"""The weekly digest: how many nights there were, how they compare, and what is open, in a few sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import median

from twitchwatch.alerts.policy import Subject
from twitchwatch.alerts.subjects import NAME, NO_DIAGNOSIS
from twitchwatch.analysis.rates import left_out
from twitchwatch.archive.nights import RatedNight, Sensor
from twitchwatch.clock.dates import evening
from twitchwatch.flags import Finding

# The key by which it is kept among the sent alerts.
KEY = "digest"
WEEK = 7
# What the week is compared with, and the nights it takes.
BEFORE_NIGHTS, BEFORE_LEAST = 28, 5


def digest(sensors: Iterable[Sensor], flags: Sequence[Finding], today: date) -> Subject:
    """The digest of the seven nights before `today`; sensors: those it is about, flags: their findings."""
    own = list(sensors)
    parts = [_week(sensor, today, named=len(own) > 1) for sensor in own]
    if not own:
        parts = ["No sensor has sent records yet."]
    # Without data nothing was looked at, so nothing reassures.
    if own or flags:
        parts.append(_open(flags))
    return Subject(KEY, "note", f"{NAME}: your week", " ".join([*parts, NO_DIAGNOSIS]))


def _week(sensor: Sensor, today: date, *, named: bool) -> str:
    begin = f"{sensor.device.name}: " if named else ""
    week = _between(sensor, today - timedelta(days=WEEK), today)
    if not week:
        newest = max((night.date for night in sensor.nights), default=None)
        last = "" if newest is None else f" The newest is that of {evening(newest)}."
        return f"{begin}No data: none of the last seven nights has records.{last}"
    rates = _rates(week)
    tremor = [one for one in week if one.night.bouts]
    said = f"{begin}{len(week)} of 7 nights {'has' if len(week) == 1 else 'have'} data."
    if rates:
        before = _rates(_between(sensor, today - timedelta(days=WEEK + BEFORE_NIGHTS), week_begin(today)))
        said += f" Twitches an hour: {median(rates):.1f} in the middle night"
        said += f", {median(before):.1f} in the four weeks before." if len(before) >= BEFORE_LEAST else "."
    elif not any(one.night.rest_h for one in week):
        said += " In none of them could a twitch be seen."
    nights = "1 night" if len(tremor) == 1 else f"{len(tremor)} nights"
    return f"{said} Tremor in {nights}." if tremor else f"{said} No tremor."


def week_begin(today: date) -> date:
    """The first evening of the week that ends with the night before `today`."""
    return today - timedelta(days=WEEK)


def _open(flags: Sequence[Finding]) -> str:
    new = sum(flag.state == "new" and flag.urgency != "note" for flag in flags)
    if not new:
        return "Nothing new stands out."
    return f"{'1 finding is' if new == 1 else f'{new} findings are'} new: see `twitchwatch flags`."


def _between(sensor: Sensor, first: date, end: date) -> list[RatedNight]:
    return [one for one in sensor.rated if first <= one.night.date < end]


def _rates(nights: Iterable[RatedNight]) -> list[float]:
    return [
        one.rate.per_hour for one in nights if one.rate.per_hour is not None and left_out(one.night) is None
    ]
