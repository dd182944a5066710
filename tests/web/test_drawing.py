"""The charts: a place without data is hatched within its bounds."""

import re

import pytest

from twitchwatch.web.drawing import _BOTTOM, _TOP, HEIGHT, _hatch


@pytest.mark.parametrize("width", [1.0, 6.5, 46.0, 650.0])
def test_a_hatched_place_is_covered_and_not_left(width):
    points = [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", _hatch(42.0, width))]
    assert len(points) >= 2 * 16
    assert min(x for x, _ in points) == 42.0
    assert max(x for x, _ in points) == pytest.approx(42.0 + width, abs=0.1)
    assert all(_TOP <= y <= HEIGHT - _BOTTOM for _, y in points)
