"""The calendar of nights as SVG: a column for each week, a row for each weekday, the rate as a shade."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import quantiles

from markupsafe import Markup

from twitchwatch.analysis.rates import left_out
from twitchwatch.archive.absence import Absence
from twitchwatch.archive.nights import RatedNight
from twitchwatch.clock.dates import evening
from twitchwatch.wording.absence import cause_words

CELL, GAP = 14, 3
SHADES = 5
_LEFT, _TOP = 34, 18
_STEP = CELL + GAP


def bounds(rated: Sequence[RatedNight]) -> list[float]:
    """Rates an hour between the shades, a fifth of the nights each; empty with fewer than five rates."""
    rates = [one.rate.per_hour for one in rated if one.rate.per_hour is not None]
    return quantiles(rates, n=SHADES, method="inclusive") if len(rates) >= SHADES else []


def legend(rated: Sequence[RatedNight]) -> list[tuple[int, str]]:
    """Each shade with its range in words."""
    between = bounds(rated)
    if not between:
        return []
    ends = [f"below {between[0]:.1f}", *(f"{low:.1f} to {high:.1f}" for low, high in pairwise(between))]
    return list(enumerate([*ends, f"above {between[-1]:.1f}"]))


def calendar(rated: Sequence[RatedNight], absent: Sequence[Absence]) -> Markup:
    """Every night as a square; a darker one, on a dark page a lighter one, is more; without data hatched."""
    if not rated:
        return Markup("")
    between = bounds(rated)
    own = {one.night.date: one for one in rated}
    first, last = min(own), max([*own, *(gap.last for gap in absent)])
    monday = first - timedelta(days=first.weekday())
    parts = []
    for day in range((last - first).days + 1):
        when = first + timedelta(days=day)
        x = (when - monday).days // 7 * _STEP
        if when.day == 1:
            parts.append(Markup('<text x="{}" y="11">{}</text>').format(x, f"{when:%b}"))
        one = own.get(when)
        gap = next((gap for gap in absent if gap.first <= when <= gap.last), None)
        why = "no records" if gap is None else cause_words(gap)
        parts.append(_square(x, _TOP + when.weekday() * _STEP, when, one, why, between))
    width = ((last - monday).days // 7 + 1) * _STEP
    return Markup(
        '<svg class="chart heat" viewBox="0 0 {0} {1}" width="{0}" role="group" aria-label="{2}">{3}</svg>'
    ).format(width, _TOP + 7 * _STEP, "Calendar of nights", Markup("").join(parts))


def weekdays() -> Markup:
    """The days beside the calendar, which stay in view while it is scrolled."""
    names = [
        Markup('<text x="0" y="{}">{}</text>').format(_TOP + row * _STEP + 11, name)
        for row, name in ((0, "Mon"), (2, "Wed"), (4, "Fri"), (6, "Sun"))
    ]
    return Markup('<svg class="axis" viewBox="0 0 {0} {1}" width="{0}" aria-hidden="true">{2}</svg>').format(
        _LEFT, _TOP + 7 * _STEP, Markup("").join(names)
    )


def _square(x: int, y: int, when: date, one: RatedNight | None, why: str, between: Sequence[float]) -> Markup:
    place = Markup('x="{}" y="{}" width="{}" height="{}"').format(x, y, CELL, CELL)
    rate = None if one is None else one.rate.per_hour
    if rate is None:
        said = f"{evening(when)}: {why if one is None else left_out(one.night) or 'no rate'}"
        square = Markup('<rect class="missing" {}/><path class="hatch" d="{}"/>').format(place, _hatch(x, y))
    else:
        said = f"{evening(when)}: {rate:.1f} twitches an hour"
        shade = sum(rate > bound for bound in between) if between else SHADES // 2
        weak = " weak" if one is not None and left_out(one.night) is not None else ""
        square = Markup('<rect class="shade{}{}" {}/>').format(shade, weak, place)
    if one is None:
        return Markup('<g role="img" aria-label="{0}"><title>{0}</title>{1}</g>').format(said, square)
    return Markup('<a href="/nights/{}/{}" aria-label="{}"><title>{}</title>{}</a>').format(
        one.night.identity, when, said, said, square
    )


def _hatch(x: int, y: int) -> str:
    half, end = CELL // 2, CELL
    lines = ((0, half, half, 0), (0, end, end, 0), (half, end, end, half))
    return "".join(f"M{x + x1} {y + y1}L{x + x2} {y + y2}" for x1, y1, x2, y2 in lines)
