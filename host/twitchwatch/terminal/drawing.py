"""Small drawings made of characters: the strip of a night, and a waveform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from twitchwatch.analysis.night import WholeNight
from twitchwatch.clock.zone import zone_of
from twitchwatch.views.strip import StripView, strip_view
from twitchwatch.views.waveform import WaveformView
from twitchwatch.wording.sparkline import sparkline

# The columns of a drawing, without its labels; in a pipe the page has no width.
MOST_COLUMNS, LABEL = 72, 10
WAVE_ROWS = 4
# Unicode's braille patterns (U+2800): the bits of the two columns of four dots, from above.
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_STATES = (
    ("rest", "."),
    ("tremor", "~"),
    ("moving", "m"),
    ("not_worn", "o"),
    ("blind", "b"),
    ("unusable", "x"),
)
LEGEND = (
    "Each character: . rest, ~ tremor, m moving, o not worn, b blind (no twitch could be seen), x unusable."
)


def night_strip(night: WholeNight, width: int, *, plain: bool) -> list[str]:
    """A night over time: twitches, what most of each place was spent on, and the hours.

    A place is some minutes of the night, the same number for each. Empty without minutes.
    """
    strip = strip_view(night)
    if not strip.minutes.at_s:
        return []
    columns = max(1, min(width, MOST_COLUMNS + LABEL) - LABEL)
    minutes = strip.minutes.at_s[-1] // 60 + 1
    a_place = -(-minutes // columns)
    places = -(-minutes // a_place)
    return [
        f"{'Twitches':{LABEL}}{sparkline(_twitches(strip, a_place, places), plain=plain)}",
        f"{'Spent':{LABEL}}{''.join(_spent(strip, a_place, places))}",
        f"{'':{LABEL}}{_hours(night, strip, a_place, places)}".rstrip(),
    ]


def waveform_rows(wave: WaveformView, width: int, *, plain: bool) -> list[str]:
    """The axis that moved most, from above: its range is the height of the drawing, and time runs right."""
    axis = max((wave.x_mg, wave.y_mg, wave.z_mg), key=lambda values: max(values) - min(values))
    columns = max(1, min(width, MOST_COLUMNS))
    across, high = (1, 1) if plain else (2, 4)
    grid = _filled(axis, columns * across, WAVE_ROWS * high)
    rows = []
    for row in range(WAVE_ROWS):
        cells = []
        for column in range(columns):
            bits = 0
            for x in range(across):
                for y in range(high):
                    if (column * across + x, row * high + y) in grid:
                        bits |= _DOTS[x][y]
            cells.append(("*" if bits else " ") if plain else chr(_BRAILLE + bits))
        rows.append("".join(cells).rstrip(f" {chr(_BRAILLE)}"))
    return rows


def _filled(values: Sequence[float], columns: int, rows: int) -> set[tuple[int, int]]:
    """The dots (column, row from above) of a line through the values."""
    low, high = min(values), max(values)
    scale = (rows - 1) / (high - low) if high > low else 0.0
    heights = [round((high - value) * scale) for value in _stretched(values, columns)]
    dots = set()
    for at, height in enumerate(heights):
        column = at * columns // len(heights)
        before = heights[max(0, at - 1)]
        # Joined to the one before, so that a steep line has no holes.
        dots |= {(column, row) for row in range(min(before, height), max(before, height) + 1)}
    return dots


def _stretched(values: Sequence[float], columns: int) -> Sequence[float]:
    """A value for each column, on lines through the fewer `values`; each of these keeps its own column."""
    if len(values) >= columns:
        return values
    places = [at * (columns - 1) // max(1, len(values) - 1) for at in range(len(values))]
    return [float(value) for value in np.interp(range(columns), places, values)]


def _twitches(strip: StripView, a_place: int, places: int) -> list[float | None]:
    counts: list[float | None] = [None] * places
    for at_s in strip.minutes.at_s:
        place = at_s // 60 // a_place
        counts[place] = counts[place] or 0.0
    for event in strip.events:
        place = min(places - 1, int(event.at_s // 60 // a_place))
        if event.kind == "twitch":
            counts[place] = (counts[place] or 0.0) + 1
    return counts


def _spent(strip: StripView, a_place: int, places: int) -> Iterator[str]:
    spent = [dict.fromkeys((sign for _, sign in _STATES), 0.0) for _ in range(places)]
    for minute, at_s in enumerate(strip.minutes.at_s):
        for name, sign in _STATES:
            spent[at_s // 60 // a_place][sign] += getattr(strip.minutes, name)[minute]
    for own in spent:
        sign = max(own, key=lambda one: own[one])
        yield sign if own[sign] else " "


def _hours(night: WholeNight, strip: StripView, a_place: int, places: int) -> str:
    start = datetime.fromisoformat(strip.start_utc).astimezone(zone_of(night.zone))
    cells = [" "] * (places + 2)
    free = 0
    for place in range(places):
        begin = start + timedelta(minutes=place * a_place)
        end = begin + timedelta(minutes=a_place)
        new_hour = end.replace(minute=0, second=0, microsecond=0)
        if begin <= new_hour < end and place >= free:
            cells[place : place + 2] = f"{new_hour:%H}"
            free = place + 3
    return "".join(cells)
