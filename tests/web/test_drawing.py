"""The charts: a place without data is hatched within its bounds, and every rate is drawn to scale."""

import re
from dataclasses import replace

import pytest

from twitchwatch.archive.nights import Archive
from twitchwatch.clock.zone import LOCAL
from twitchwatch.store import Store
from twitchwatch.web.drawing import _BOTTOM, _TOP, HEIGHT, _hatch, trend


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
    assert ">400<" in drawn
