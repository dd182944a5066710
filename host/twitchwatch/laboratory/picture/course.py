"""The strip: the whole recording from left to right, how much it moved, and what was found where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from twitchwatch.laboratory.picture.seen import COLUMNS, Seen
from twitchwatch.laboratory.picture.svg import FAINT, GRID, INK, line, rectangle, text
from twitchwatch.recording.model import SAMPLE_RATE_HZ
from twitchwatch.shared.protocol.records import JERK, MOVEMENT, NOT_WORN, SPASM, TWITCH, UNLIKE
from twitchwatch.wording.recording import clock

COLOURS = {"twitch": "#1764ab", "unlike": "#d9730d", "jerk": "#7a3e9d", "spasm": "#7a3e9d"}
TREMOR, MACHINE, LIMIT = "#c2185b", "#6b7280", "#b3261e"
MOVING, NOT_ON, LOST = "#e3e7ec", "#f6efdc", "#c9ced6"
_USUAL, _GREATEST = "#c3d0dd", "#8fa3b8"
LEFT, RIGHT = 96.0, 44.0
_LANES = (
    ("twitch", (TWITCH,)),
    ("unlike", (UNLIKE,)),
    ("jerk, spasm", (JERK, SPASM)),
)
_LANE, _PLOT = 17.0, 150.0
_LEAST_MG, _MOST_MG = 0.1, 4000.0
_STEPS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_MOST_TICKS = 12

Place = Callable[[float], float]


def strip(seen: Seen, top: float) -> tuple[float, list[str]]:
    """The strip below `top`: its height, and what to draw."""
    found = seen.found
    length_s = max(found.duration_s, 1e-3)

    def place(at_s: float) -> float:
        return LEFT + COLUMNS * min(max(at_s / length_s, 0.0), 1.0)

    parts: list[str] = []
    y = top
    for name, kinds in _LANES:
        parts += _lane(y, name)
        colour = COLOURS[name.partition(",")[0]]
        onsets = [event.sample / SAMPLE_RATE_HZ for event in found.events if event.kind in kinds]
        parts += _ticks(place, onsets, y, colour)
        y += _LANE
    parts += _lane(y, "tremor")
    for bout in found.bouts:
        parts.append(_bar(place, bout.sample / SAMPLE_RATE_HZ, bout.duration_ms / 1000, y + 3, 11, TREMOR))
    for bout in found.machines:
        parts.append(_bar(place, bout.sample / SAMPLE_RATE_HZ, bout.duration_ms / 1000, y + 3, 11, MACHINE))
    y += _LANE
    base = y + 6 + _PLOT
    parts += _background(seen, place, y + 6)
    parts += _motion(seen, base)
    parts += _scale(base)
    limit = found.detection_limit_mg
    if limit is not None:
        at = _height(limit, base)
        parts.append(line(LEFT, at, LEFT + COLUMNS, at, LIMIT, stroke_dasharray="5 4"))
        words = f"nine in ten twitches of {limit:.1f} mg are found"
        halo: dict[str, str | float] = {"paint_order": "stroke", "stroke": "#ffffff", "stroke_width": 3}
        parts.append(text(LEFT + COLUMNS - 4, at - 5, words, 10, fill=LIMIT, text_anchor="end", **halo))
    parts += _axis(found.start, length_s, place, base)
    parts += _meanings(seen, base + 38)
    return base + 44 - top, parts


def moment(start: datetime | None, at_s: float) -> str:
    """When that is: on the recording's clock if it has one, else from its beginning."""
    if start is None:
        return clock(at_s)
    return f"{start + timedelta(seconds=at_s):%H:%M:%S}"


def _lane(y: float, name: str) -> list[str]:
    return [
        line(LEFT, y + _LANE - 2, LEFT + COLUMNS, y + _LANE - 2, GRID),
        text(LEFT - 8, y + 12, name, 10, fill=FAINT, text_anchor="end"),
    ]


def _ticks(place: Place, onsets: Iterable[float], y: float, colour: str) -> Iterator[str]:
    """A stroke for each; those of one pixel are one."""
    for x in sorted({round(place(at_s) * 2) / 2 for at_s in onsets}):
        yield line(x, y + 2, x, y + 14, colour, stroke_width=1.2)


def _bar(place: Place, start_s: float, seconds: float, y: float, height: float, fill: str) -> str:
    x = place(start_s)
    return rectangle(x, y, max(1.5, place(start_s + seconds) - x), height, fill)


def _background(seen: Seen, place: Place, top: float) -> Iterator[str]:
    """Where the hand moved, where the sensor was not worn, where samples are missing."""
    found = seen.found
    yield rectangle(LEFT, top, COLUMNS, _PLOT, "#ffffff", stroke=GRID)
    for event in found.events:
        if event.kind == MOVEMENT:
            yield _bar(place, event.sample / SAMPLE_RATE_HZ, event.duration_ms / 1000, top, _PLOT, MOVING)
    for epoch in found.reported.epochs:
        if epoch.flags == NOT_WORN:
            seconds = (epoch.not_worn_ms + epoch.moving_ms) / 1000
            yield _bar(place, epoch.sample / SAMPLE_RATE_HZ, seconds, top, _PLOT, NOT_ON)
    for hole in found.holes:
        if not hole.bridged:
            yield _bar(place, hole.start_s, hole.duration_s, top, _PLOT, LOST)


def _height(mg: float, base: float) -> float:
    share = np.log(max(mg, _LEAST_MG) / _LEAST_MG) / np.log(_MOST_MG / _LEAST_MG)
    return base - _PLOT * float(min(max(share, 0.0), 1.0))


def _motion(seen: Seen, base: float) -> Iterator[str]:
    """Of each column a stroke from its mean to its greatest motion."""
    for column in np.flatnonzero(np.isfinite(seen.high_mg)):
        x = LEFT + int(column) + 0.5
        low, high = (_height(float(mg), base) for mg in (seen.low_mg[column], seen.high_mg[column]))
        yield line(x, base, x, low, _USUAL)
        yield line(x, low, x, high, _GREATEST)


def _scale(base: float) -> Iterator[str]:
    for mg, words in ((0.1, "0.1 mg"), (1, "1 mg"), (10, "10 mg"), (100, "100 mg"), (1000, "1 g")):
        y = _height(mg, base)
        yield line(LEFT - 4, y, LEFT, y, FAINT)
        yield text(LEFT - 8, y + 4, words, 10, fill=FAINT, text_anchor="end")


def _axis(start: datetime | None, length_s: float, place: Place, base: float) -> Iterator[str]:
    yield line(LEFT, base, LEFT + COLUMNS, base, INK)
    for at_s in _marks(start, length_s):
        x = place(at_s)
        yield line(x, base, x, base + 5, INK)
        yield text(x, base + 18, moment(start, at_s).removesuffix(".0"), 10, fill=FAINT, text_anchor="middle")


def _meanings(seen: Seen, y: float) -> Iterator[str]:
    """What the colours in use mean."""
    found = seen.found
    shown = [(_USUAL, "mean motion"), (_GREATEST, "greatest motion")]
    if any(event.kind == MOVEMENT for event in found.events):
        shown.append((MOVING, "movement"))
    if found.totals.not_worn_s:
        shown.append((NOT_ON, "not worn"))
    if found.totals.lost_s:
        shown.append((LOST, "no samples"))
    if found.machines:
        shown.append((MACHINE, "shaken by a machine"))
    x = LEFT
    for colour, words in shown:
        yield rectangle(x, y - 9, 14, 10, colour)
        yield text(x + 19, y, words, 10, fill=FAINT)
        x += 40 + 6.2 * len(words)


def _marks(start: datetime | None, length_s: float) -> Sequence[float]:
    """Places of the marks of the time axis, at even moments of the clock that it shows."""
    step = next((step for step in _STEPS_S if length_s / step <= _MOST_TICKS), _STEPS_S[-1])
    into = 0.0
    if start is not None:
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        into = (start - midnight).total_seconds()
    first = -into % step
    return [float(at) for at in np.arange(first, length_s + 1e-6, step)]
