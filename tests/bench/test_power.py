"""The power model: its sums, and that the page shows what the model makes of what was measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import power
from bench.page import insert
from validation.tables import markdown

HABIT = power.Habit(4000)


def test_the_mean_is_the_sum_of_its_parts():
    board = replace(power.C3_CHIP, sleep_ma=0, sensor_ma=0)
    bus, computing = power.awake_ms(board, HABIT)
    # 416 samples of six bytes, nine bits each at 400 kHz.
    assert bus == pytest.approx(56.16)
    assert computing == pytest.approx(416 * 4000 * 1.5 / 80e6 * 1000)
    awake = (bus + computing + 5) / 4000 + 60 / 60000
    assert power.mean_ma(board, HABIT) == pytest.approx(20 * awake + 70 * 5 / 600)
    idle = replace(HABIT, instructions_a_sample=0, wake_ms=0, flash_ms_a_minute=0, open_s=0)
    asleep = replace(power.C3_CHIP, bytes_a_sample=0)
    assert power.mean_ma(asleep, idle) == pytest.approx(asleep.sleep_ma + asleep.sensor_ma)


def test_more_of_anything_lasts_shorter():
    base = power.mean_ma(power.C3_CHIP, HABIT)
    for field in ("sleep_ma", "awake_ma", "radio_ma", "sensor_ma", "bytes_a_sample"):
        more = replace(power.C3_CHIP, **{field: 2 * getattr(power.C3_CHIP, field)})
        assert power.mean_ma(more, HABIT) > base, field
    for field in ("instructions_a_sample", "cycles", "wake_ms", "flash_ms_a_minute", "open_s"):
        assert power.mean_ma(power.C3_CHIP, replace(HABIT, **{field: 2 * getattr(HABIT, field)})) > base, (
            field
        )
    assert power.hours(150, base) == pytest.approx(0.8 * 150 / base)


def test_the_page_has_the_model_s_tables():
    """Those that need no measurement; a changed current needs the page to be written again."""
    assert markdown(power.currents()) in power.PAGE.read_text(encoding="utf-8")


def test_a_page_without_marks_is_left_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before <!-- figures -->\nold\n<!-- end figures --> after")
    insert("figures", "new", page)
    assert page.read_text() == "before <!-- figures -->\nnew\n<!-- end figures --> after"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="no marks"):
        insert("figures", "new", page)
    assert page.read_text() == "nothing"
