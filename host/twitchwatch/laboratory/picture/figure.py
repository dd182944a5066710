"""The whole picture of a recording: heading, strip, waveforms, spectra."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from twitchwatch.laboratory.picture.course import LEFT, RIGHT, strip
from twitchwatch.laboratory.picture.panels import (
    SHAPE_HEIGHT,
    SHAPE_WIDTH,
    SPECTRUM_HEIGHT,
    SPECTRUM_WIDTH,
    legend,
    shape_panel,
    spectrum_panel,
)
from twitchwatch.laboratory.picture.seen import COLUMNS, Seen
from twitchwatch.laboratory.picture.svg import FAINT, drawing, text
from twitchwatch.wording.layout import wrapped
from twitchwatch.wording.recording import gap_sentences, recognised, sentences
from twitchwatch.wording.units import NO_DIAGNOSIS, span

WIDTH = LEFT + COLUMNS + RIGHT
_EDGE = 26.0
_ACROSS, _BESIDE = 6, 2
# Characters of 12 and 18 pixels that surely fit the width.
_LINE, _TITLE = 165, 90

T = TypeVar("T")


def figure(seen: Seen) -> str:
    """The picture as SVG."""
    found = seen.found
    y = 40.0
    parts = []
    title = found.source if len(found.source) <= _TITLE else f"...{found.source[-_TITLE + 3 :]}"
    parts.append(text(_EDGE, y, title, 18, font_weight="bold"))
    y += 8
    for words in (_about(seen), recognised(found), " ".join([*sentences(found), *gap_sentences(found)])):
        for one in wrapped(words, _LINE):
            y += 17
            parts.append(text(_EDGE, y, one, 12, fill=FAINT))
    y += 24
    height, drawn = strip(seen, y)
    parts += drawn
    y += height + 30
    y, drawn = _waveforms(seen, y)
    parts += drawn
    y, drawn = _spectra(seen, y)
    parts += drawn
    parts.append(text(_EDGE, y + 6, NO_DIAGNOSIS, 10, fill=FAINT))
    return drawing(WIDTH, y + 26, f"{found.source}: motion, events and tremor", parts)


def _about(seen: Seen) -> str:
    found = seen.found
    begun = "" if found.start is None else f", from {found.start:%Y-%m-%d %H:%M:%S}"
    offset = "" if found.start is None or found.start.tzinfo is None else f"{found.start:%z}"
    site = "" if seen.site is None else f", {seen.site}"
    return f"{span(found.duration_s)} at {found.contract.rate_hz:.4g} Hz{site}{begun}{offset}."


def _waveforms(seen: Seen, y: float) -> tuple[float, list[str]]:
    if not seen.shapes:
        return y + 20, [text(_EDGE, y, "No twitch or other brief motion was reported.", 12)]
    words = f"Events: {seen.events:,}"
    if len(seen.shapes) < seen.events:
        words += f"; {len(seen.shapes)} of them, evenly over time"
    parts = [text(_EDGE, y, words, 13, font_weight="bold"), *legend(_EDGE, y + 20)]
    below, panels = _grid(seen, seen.shapes, y + 36, _ACROSS, SHAPE_WIDTH, SHAPE_HEIGHT, shape_panel)
    return below + 14, [*parts, *panels]


def _spectra(seen: Seen, y: float) -> tuple[float, list[str]]:
    if not seen.spectra:
        return y, []
    words = f"Tremor bouts: {seen.bouts:,}"
    if len(seen.spectra) < seen.bouts:
        words += f"; the {len(seen.spectra)} longest" if len(seen.spectra) > 1 else "; the longest"
    parts = [
        text(_EDGE, y, words, 13, font_weight="bold"),
        text(
            _EDGE,
            y + 18,
            "Power of all axes over the median: white 0 dB, dark 30 dB and more; dashed: the bout.",
            10,
            fill=FAINT,
        ),
    ]
    below, panels = _grid(
        seen, seen.spectra, y + 32, _BESIDE, SPECTRUM_WIDTH, SPECTRUM_HEIGHT, spectrum_panel
    )
    return below + 8, [*parts, *panels]


def _grid(
    seen: Seen,
    items: Sequence[T],
    top: float,
    across: int,
    width: float,
    height: float,
    draw: Callable[[Seen, T, float, float], Iterator[str]],
) -> tuple[float, list[str]]:
    parts: list[str] = []
    for number, item in enumerate(items):
        row, column = divmod(number, across)
        parts += draw(seen, item, _EDGE + column * (width + 6), top + row * height)
    rows = -(-len(items) // across)
    return top + rows * height, parts
