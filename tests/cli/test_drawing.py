"""Drawings in a terminal: nothing wider than it, and what they show is what is stored."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.web.conftest import nights  # noqa: F401
from twitchwatch.terminal.drawing import MOST_COLUMNS, WAVE_ROWS, waveform_rows
from twitchwatch.views.waveform import WaveformView


def wave(values):
    still = [0.0] * len(values)
    return WaveformView("waveform", 1, 104.0, still, list(values), still)


@given(st.lists(st.floats(-500, 500), min_size=1, max_size=200), st.integers(1, 120), st.booleans())
@example([0.0, 1.0, 0.0], 4, True)
def test_a_waveform_fills_its_height_and_is_no_wider_than_the_page(values, width, plain):
    rows = waveform_rows(wave(values), width, plain=plain)
    assert len(rows) == WAVE_ROWS
    assert all(len(row) <= min(width, MOST_COLUMNS) for row in rows)
    assert not plain or all(row.isascii() for row in rows)
    if max(values) - min(values) > 1e-9:
        # The largest value is in the top row and the smallest in the bottom one.
        assert rows[0].strip()
        assert rows[-1].strip()


def test_a_waveform_without_holes():
    """A sine of two periods: every column of the drawing has a dot."""
    values = [math.sin(4 * math.pi * at / 63) for at in range(64)]
    rows = waveform_rows(wave(values), 40, plain=False)
    marked = {at for row in rows for at, cell in enumerate(row) if cell not in (" ", "\u2800")}
    assert marked == set(range(40))
    plain = waveform_rows(wave(values), 40, plain=True)
    assert {at for row in plain for at, cell in enumerate(row) if cell == "*"} == set(range(40))
    assert plain[0].index("*") < plain[-1].index("*")


def test_a_night_is_drawn_with_its_twitches_and_hours(invoke, database):
    out = invoke("events", "--plot", "--night", "2025-03-04", "--database", database).out.splitlines()
    (twitches,) = [line[10:] for line in out if line.startswith("Twitches")]
    (spent,) = [line[10:] for line in out if line.startswith("Spent")]
    # 180 minutes in places of three; ten twitches an hour, evenly: every sixth minute.
    assert len(twitches) == len(spent) == 60
    assert sum(cell not in ("\u2581", "\u00b7") for cell in twitches) == 30
    assert set(spent) == {"."}
    hours = out[out.index("Spent     " + spent) + 1][10:]
    assert [hours.index(hour) for hour in ("23", "00", "01")] == [0, 20, 40]


def test_a_drawing_is_not_json(invoke, database):
    outcome = invoke("events", "--plot", "--json", "--database", database)
    assert outcome.code == 2
    assert "leave out --json" in outcome.err


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_the_largest_twitch_with_its_waveform(screen, nights, columns):  # noqa: F811
    _, lines, _ = screen(columns, "events", "--plot", "--night", "2025-03-03", "--database", nights)
    assert all(len(line) <= columns for line in lines if " " in line.strip())
    at = next(at for at, line in enumerate(lines) if line.startswith("Largest twitch with a waveform"))
    assert any(set(line) & {chr(code) for code in range(0x2801, 0x2900)} for line in lines[at : at + 7])
