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
# And at most so many: the first week is seen at once on a telephone.
_MOST_STEP, _NARROW = 38, 320
# What a date takes below a chart, without and with its year.
_LABEL, _YEAR_LABEL = 52, 84
# Between the lines of a hatched place.
_HATCH = 9


def fortnight(morning: Morning, view: MorningView) -> Markup:
    """The last nights as bars, the usual range behind them, missing nights as hatched areas."""
    rates = [one.twitches_per_hour for one in view.nights]
    scale = _Scale(max([0.0, *(rate for rate in rates if rate is not None), *_band(view)[1:]]))
    step = (WIDTH - _LEFT - _RIGHT) / len(view.nights)
    parts = [_grid(scale, WIDTH), _ticks(scale)]
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
    step = min(_MOST_STEP, max(_LEAST_STEP, (WIDTH - _LEFT - _RIGHT) / days))
    width = round(max(_NARROW, _LEFT + _RIGHT + days * step))
    scale = _scale_of(rated)
    parts = [_grid(scale, width)]
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
    parts += _days(first, days, step, width)
    return _picture(parts, width, "Twitches an hour of rest, night by night, with 95 % intervals", left=_LEFT)


def trend_axis(rated: Sequence[RatedNight]) -> Markup:
    """The rates beside the chart of all nights, which stay in view while it is scrolled."""
    return Markup('<svg class="axis" viewBox="0 0 {0} {1}" width="{0}" aria-hidden="true">{2}</svg>').format(
        _LEFT, HEIGHT, _ticks(_scale_of(rated))
    )


def _scale_of(rated: Sequence[RatedNight]) -> _Scale:
    tops = [one.rate.interval_high for one in rated if one.rate.interval_high is not None]
    # One wide interval must not flatten all others; every rate itself is where it belongs.
    tops = sorted(tops)[: max(1, round(0.98 * len(tops)))]
    rates = [one.rate.per_hour for one in rated if one.rate.per_hour is not None]
    return _Scale(max([*tops, *rates], default=1.0))


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

    @property
    def values(self) -> list[float]:
        return [self.tick * at for at in range(round(self.top / self.tick) + 1)]

    def y(self, value: float) -> float:
        share = min(1.0, value / self.top)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)


def _band(view: MorningView) -> tuple[float, float, float]:
    usual = view.usual
    return (0.0, 0.0, 0.0) if usual is None else (usual.median, usual.low, usual.high)


def _grid(scale: _Scale, width: int) -> Markup:
    return Markup("").join(
        _line("grid", _LEFT, scale.y(value), width - _RIGHT, scale.y(value)) for value in scale.values
    )


def _ticks(scale: _Scale) -> Markup:
    return Markup("").join(
        Markup('<text class="tick" x="{}" y="{}">{:g}</text>').format(_LEFT - 6, scale.y(value) + 4, value)
        for value in scale.values
    )


def _days(first: date, days: int, step: float, width: int) -> list[Markup]:
    """Dates of Mondays, or of every second one, the first of a year with it; without a Monday the first."""
    mondays = [day for day in range(days) if (first + timedelta(days=day)).weekday() == 0]
    shown = mondays[:: 1 if 7 * step >= _LABEL else 2] or [0]
    parts, year = [], None
    for day in shown:
        when = first + timedelta(days=day)
        x = _LEFT + (day + 0.5) * step
        text = f"{when.day} {when:%b}" if when.year == year else f"{when.day} {when:%b %Y}"
        half = (_LABEL if when.year == year else _YEAR_LABEL) / 2
        if x + half <= width:
            parts.append(
                Markup('<text class="day" x="{}" y="{}">{}</text>').format(
                    round(max(x, _LEFT + half), 1), HEIGHT - 8, text
                )
            )
            year = when.year
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


def _picture(parts: Sequence[Markup], width: int, title: str, left: int = 0) -> Markup:
    """left: where it begins, if what belongs there is beside it."""
    return Markup(
        '<svg class="chart" viewBox="{} 0 {} {}" width="{}" role="group" aria-label="{}">{}</svg>'
    ).format(left, width - left, HEIGHT, width - left, title, Markup("").join(parts))
