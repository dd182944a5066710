"""The charts: a place without data is hatched within its bounds, and every rate is drawn to scale."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from twitchwatch.archive.nights import Archive
from twitchwatch.clock.zone import LOCAL
from twitchwatch.store import Store
from twitchwatch.web.drawing import _BOTTOM, _TOP, HEIGHT, _hatch, trend, trend_axis


@pytest.mark.parametrize("width", [1.0, 6.5, 46.0, 650.0])
def test_a_hatched_place_is_covered_and_not_left(width):
    points = [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", _hatch(42.0, width))]
    assert len(points) >= 2 * 16
    assert min(x for x, _ in points) == 42.0
    assert max(x for x, _ in points) == pytest.approx(42.0 + width, abs=0.1)
    assert all(_TOP <= y <= HEIGHT - _BOTTOM for _, y in points)


def test_every_rate_is_where_the_axis_says(nights):
    with Store.open(nights) as store:
        rated = Archive(store, LOCAL).sensors()[0].rated
    usual, *_ = rated
    busy = replace(usual, rate=replace(usual.rate, per_hour=400.0, interval_low=300.0, interval_high=900.0))
    drawn = str(trend([*[usual] * 27, busy], (), {}, (), None))
    heights = [float(y) for y in re.findall(r'<circle class="rate[^"]*" cx="[\d.]+" cy="([\d.]+)"', drawn)]
    assert len(heights) == 28
    assert min(heights) == _TOP
    # The axis ends at 400.
    assert ">400<" in str(trend_axis([*[usual] * 27, busy]))


@pytest.mark.parametrize(
    ("days", "dates"),
    [
        (1, ["5 Mar 2025"]),
        (30, ["10 Mar 2025", "17 Mar", "24 Mar", "31 Mar"]),
        # A chart of many nights has every second Monday, and each year where it begins.
        (320, ["10 Mar 2025", "24 Mar", "7 Apr", "29 Dec", "12 Jan 2026"]),
    ],
)
def test_dates_below_the_trend_are_those_of_mondays(nights, days, dates):
    with Store.open(nights) as store:
        one = Archive(store, LOCAL).sensors()[0].rated[0]
    first = date(2025, 3, 5)
    ends = [replace(one, night=replace(one.night, date=first + timedelta(days=day))) for day in (0, days - 1)]
    drawn = str(trend(ends, (), {}, (), None))
    labels = re.findall(r'<text class="day" x="([\d.]+)" y="\d+">([^<]*)</text>', drawn)
    assert set(dates) <= {label for _, label in labels}
    assert len(labels) == len(dates) or days > 100
    # None overlaps the next: a letter takes about 7 units.
    places = [(float(x), 3.5 * len(label)) for x, label in labels]
    assert all(x + half <= after - other for (x, half), (after, other) in pairwise(places))
