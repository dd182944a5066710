"""Small pictures as SVG: every mark is a link with a spoken value, so that they need no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from markupsafe import Markup

from twitchwatch.analysis.rates import left_out
from twitchwatch.archive.absence import Absence
from twitchwatch.archive.morning import Morning
from twitchwatch.archive.nights import RatedNight
from twitchwatch.clock.dates import evening
from twitchwatch.views.morning import MorningView
from twitchwatch.wording.absence import cause_words

WIDTH, HEIGHT = 700, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 8, 10, 24
# A night takes at least this many units; a longer history is scrolled.
_LEAST_STEP = 7
# Between the lines of a hatched place.
_HATCH = 9


def fortnight(morning: Morning, view: MorningView) -> Markup:
    """The last nights as bars, the usual range behind them, missing nights as hatched areas."""
    rates = [one.twitches_per_hour for one in view.nights]
    scale = _Scale(max([0.0, *(rate for rate in rates if rate is not None), *_band(view)[1:]]))
    step = (WIDTH - _LEFT - _RIGHT) / len(view.nights)
    parts = [_axis(scale, WIDTH)]
    median, low, high = _band(view)
    if high:
        parts.append(
            Markup('<rect class="band" x="{}" y="{}" width="{}" height="{}"/>').format(
                _LEFT, scale.y(high), WIDTH - _LEFT - _RIGHT, round(scale.y(low) - scale.y(high), 1)
            )
        )
        parts.append(_line("median", _LEFT, scale.y(median), WIDTH - _RIGHT, scale.y(median)))
    for at, one in enumerate(view.nights):
        x = _LEFT + at * step
        when = date.fromisoformat(one.night)
        last = " last" if at == len(view.nights) - 1 else ""
        if one.twitches_per_hour is None:
            parts.append(_missing(x + 1, step - 2, f"{evening(when)}: {one.missing}"))
        else:
            spoken = f"{evening(when)}: {one.twitches_per_hour:.1f} twitches an hour"
            bar = Markup('<rect class="bar{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                last,
                round(x + 1, 1),
                scale.y(one.twitches_per_hour),
                round(step - 2, 1),
                round(HEIGHT - _BOTTOM - scale.y(one.twitches_per_hour), 1),
            )
            parts.append(_linked(view.hardware_id, when, spoken, bar))
        parts.append(
            Markup('<text class="day" x="{}" y="{}">{}</text>').format(
                round(x + step / 2, 1), HEIGHT - 8, f"{when:%a}"[:2]
            )
        )
    return _picture(parts, WIDTH, "The last two weeks, twitches an hour of rest")


def trend(
    rated: Sequence[RatedNight],
    absent: Sequence[Absence],
    noted: Mapping[date, str],
    places: Sequence[tuple[date, str]],
    limits: tuple[float, float] | None,
) -> Markup:
    """Every night with its 95 % interval, gaps as gaps with their cause.

    noted: the journal in words, by evening. places: from which evening on it was worn where. limits: rates
    beyond which a week would be a finding.
    """
    if not rated:
        return Markup("")
    first, last = rated[0].night.date, rated[-1].night.date
    last = max([last, *(one.last for one in absent)])
    days = (last - first).days + 1
    step = max(_LEAST_STEP, (WIDTH - _LEFT - _RIGHT) / days)
    width = round(_LEFT + _RIGHT + days * step)
    tops = [one.rate.interval_high for one in rated if one.rate.interval_high is not None]
    # One wide interval must not flatten all others; every rate itself is where it belongs.
    tops = sorted(tops)[: max(1, round(0.98 * len(tops)))]
    rates = [one.rate.per_hour for one in rated if one.rate.per_hour is not None]
    scale = _Scale(max([*tops, *rates], default=1.0))
    parts = [_axis(scale, width)]
    for limit in limits or ():
        parts.append(_line("limit", _LEFT, scale.y(limit), width - _RIGHT, scale.y(limit)))
    for gap in absent:
        start = _LEFT + max(0, (gap.first - first).days) * step
        spoken = f"{evening(gap.first)} to {evening(gap.last)}: {cause_words(gap)}"
        parts.append(_missing(start, gap.nights * step, spoken))
    for since, nights in _without_records(rated, absent):
        spoken = f"{evening(since)}: no records" + (f" for {nights} nights" if nights > 1 else "")
        parts.append(_missing(_LEFT + (since - first).days * step, nights * step, spoken))
    for one in rated:
        night, rate = one.night, one.rate
        x = round(_LEFT + ((night.date - first).days + 0.5) * step, 1)
        if rate.per_hour is None or rate.interval_low is None or rate.interval_high is None:
            parts.append(
                _missing(x - step / 2, step, f"{evening(night.date)}: {left_out(night) or 'no rate'}")
            )
            continue
        spoken = (
            f"{evening(night.date)}: {rate.per_hour:.1f} twitches an hour,"
            f" 95 % interval {rate.interval_low:.1f} to {rate.interval_high:.1f}"
        )
        weak = "" if left_out(night) is None else " weak"
        mark = _line("interval", x, scale.y(rate.interval_low), x, scale.y(rate.interval_high))
        mark += Markup('<circle class="rate{}" cx="{}" cy="{}" r="3"/>').format(
            weak, x, scale.y(rate.per_hour)
        )
        parts.append(_linked(night.identity, night.date, spoken, mark))
    for when, words in noted.items():
        if first <= when <= last:
            x = _LEFT + ((when - first).days + 0.5) * step
            parts.append(_note(x, f"{evening(when)}: {words}"))
    for when, place in places:
        x = round(_LEFT + (when - first).days * step, 1)
        parts.append(_line("place", x, _TOP, x, HEIGHT - _BOTTOM))
        parts.append(Markup('<text class="place" x="{}" y="{}">{}</text>').format(x + 3, _TOP + 10, place))
    parts += _months(first, days, step)
    return _picture(parts, width, "Twitches an hour of rest, night by night, with 95 % intervals")


def _without_records(rated: Sequence[RatedNight], absent: Sequence[Absence]) -> list[tuple[date, int]]:
    """Evenings between the nights without a known cause: the first of each run, and how many."""
    known = {one.night.date for one in rated}
    for gap in absent:
        known.update(gap.first + timedelta(days=day) for day in range(gap.nights))
    runs: list[tuple[date, int]] = []
    first, last = rated[0].night.date, rated[-1].night.date
    for when in (first + timedelta(days=day) for day in range((last - first).days)):
        if when in known:
            continue
        if runs and runs[-1][0] + timedelta(days=runs[-1][1]) == when:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((when, 1))
    return runs


class _Scale:
    """From twitches an hour to units from the top; a value beyond the top stays at the top."""

    def __init__(self, most: float) -> None:
        magnitudes = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
        self.tick = next((one for one in magnitudes if one >= most / 4), magnitudes[-1])
        self.top = self.tick * max(1, -(-most // self.tick))

    def y(self, value: float) -> float:
        share = min(1.0, value / self.top)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)


def _band(view: MorningView) -> tuple[float, float, float]:
    usual = view.usual
    return (0.0, 0.0, 0.0) if usual is None else (usual.median, usual.low, usual.high)


def _axis(scale: _Scale, width: int) -> Markup:
    parts = []
    value = 0.0
    while value <= scale.top:
        y = scale.y(value)
        parts.append(_line("grid", _LEFT, y, width - _RIGHT, y))
        parts.append(Markup('<text class="tick" x="{}" y="{}">{:g}</text>').format(_LEFT - 6, y + 4, value))
        value += scale.tick
    return Markup("").join(parts)


def _months(first: date, days: int, step: float) -> list[Markup]:
    parts = []
    for day in range(days):
        when = first + timedelta(days=day)
        if when.day == 1 or day == 0:
            x = round(_LEFT + day * step, 1)
            text = f"{when:%b %Y}" if when.month == 1 or day == 0 else f"{when:%b}"
            parts.append(Markup('<text class="month" x="{}" y="{}">{}</text>').format(x, HEIGHT - 8, text))
    return parts


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, x1, y1, x2, y2)


def _note(x: float, spoken: str) -> Markup:
    low = HEIGHT - _BOTTOM
    points = f"{x - 3:.1f},{low + 6} {x + 3:.1f},{low + 6} {x:.1f},{low}"
    return Markup(
        '<a href="/journal" aria-label="{0}"><title>{0}</title><polygon class="noted" points="{1}"/></a>'
    ).format(spoken, points)


def _missing(x: float, width: float, spoken: str) -> Markup:
    return Markup(
        '<g tabindex="0" role="img" aria-label="{0}"><title>{0}</title>'
        '<rect class="missing" x="{1}" y="{2}" width="{3}" height="{4}"/><path class="hatch" d="{5}"/></g>'
    ).format(
        spoken,
        round(x, 1),
        _TOP,
        round(max(1.0, width), 1),
        HEIGHT - _TOP - _BOTTOM,
        _hatch(x, max(1.0, width)),
    )


def _hatch(x: float, width: float) -> str:
    """Slanting lines over the height of a chart, as the data of an SVG path."""
    tall, bottom = HEIGHT - _TOP - _BOTTOM, HEIGHT - _BOTTOM
    lines = []
    for slant in range(-tall, int(width), _HATCH):
        left, right = max(0.0, slant), min(width, slant + tall)
        lines.append(
            f"M{x + left:.1f} {bottom - left + slant:.1f}L{x + right:.1f} {bottom - right + slant:.1f}"
        )
    return "".join(lines)


def _linked(sensor: str, night: date, spoken: str, mark: Markup) -> Markup:
    return Markup('<a href="/nights/{}/{}" aria-label="{}"><title>{}</title>{}</a>').format(
        sensor, night, spoken, spoken, mark
    )


def _picture(parts: Sequence[Markup], width: int, title: str) -> Markup:
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" width="{}" role="group" aria-label="{}">{}</svg>'
    ).format(width, HEIGHT, width, title, Markup("").join(parts))
