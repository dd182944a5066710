"""Panels: the waveform of an event with its evidence, and the spectrum of a bout."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from twitchwatch.analysis.vocabulary import KINDS
from twitchwatch.laboratory.picture.course import COLOURS, TREMOR, moment
from twitchwatch.laboratory.picture.seen import Seen, Shape, Spectrum
from twitchwatch.laboratory.picture.svg import FAINT, GRID, INK, image, line, path, rectangle, text
from twitchwatch.recording.model import SAMPLE_RATE_HZ
from twitchwatch.shared.protocol.records import GRADE_MOST, GRADE_UNKNOWN
from twitchwatch.shared.protocol.snippets import BEFORE, COUNT
from twitchwatch.wording.layout import wrapped
from twitchwatch.wording.units import magnitude, span

AXES = {"x": "#00796b", "y": "#b3541e", "z": "#5b4ea1"}
SHAPE_WIDTH, SHAPE_HEIGHT = 186.0, 182.0
SPECTRUM_WIDTH, SPECTRUM_HEIGHT = 570.0, 212.0
_WAVE = 92.0
# Characters of the evidence that surely fit the width.
_LINE = 30
_MOST_HZ = 16
# White to dark blue, even in lightness.
_RAMP = np.array([[255, 255, 255], [208, 225, 242], [124, 175, 215], [42, 111, 178], [8, 40, 92]], float)
_FROM_DB, _TO_DB = 0.0, 30.0


def shape_panel(seen: Seen, shape: Shape, x: float, y: float) -> Iterator[str]:
    """An event: three axes without gravity, the band of their noise, when it began and how long it lasted."""
    event, found = shape.event, seen.found
    kind = KINDS[event.kind]
    width = SHAPE_WIDTH - 14
    yield rectangle(x, y, 3, SHAPE_HEIGHT - 14, COLOURS.get(kind, INK))
    yield text(x + 9, y + 11, kind, 11, font_weight="bold")
    at = moment(found.start, event.sample / SAMPLE_RATE_HZ)
    yield text(x + width, y + 11, at, 10, fill=FAINT, text_anchor="end")
    noise_mg, peak_mg = event.noise_ug / 1000, event.peak_ug / 1000
    if shape.motion_mg is None:
        yield text(x + 9, y + 60, "its waveform is not whole", 10, fill=FAINT)
    else:
        most = max(float(np.abs(shape.motion_mg).max()), 4 * noise_mg, 1e-3)
        middle = y + 18 + _WAVE / 2

        def height(mg: float) -> float:
            return float(middle - mg / most * (_WAVE / 2 - 3))

        left, step = x + 9, (width - 9) / (COUNT - 1)
        band = height(0) - height(2 * noise_mg)
        yield rectangle(left, middle - band, width - 9, 2 * band, "#eef1f5")
        onset = left + BEFORE * step
        yield line(onset, y + 18, onset, y + 18 + _WAVE, FAINT, stroke_dasharray="2 3")
        places = left + np.arange(COUNT) * step
        for axis, colour in enumerate(AXES.values()):
            heights = [height(float(mg)) for mg in shape.motion_mg[:, axis]]
            yield path(places.tolist(), heights, colour, stroke_width=1.3)
        lasted = min(event.duration_ms / 1000 * SAMPLE_RATE_HZ * step, left + width - 9 - onset)
        yield line(onset, y + 20 + _WAVE, onset + lasted, y + 20 + _WAVE, INK, stroke_width=2)
        yield text(x + width, y + 27, f"±{magnitude(most, 'mg')}", 8.5, fill=FAINT, text_anchor="end")
    for number, words in enumerate(_evidence(seen, shape, peak_mg, noise_mg)):
        yield text(x + 9, y + 34 + _WAVE + 12 * number, words, 9.5, fill=INK if number == 0 else FAINT)


def _evidence(seen: Seen, shape: Shape, peak_mg: float, noise_mg: float) -> list[str]:
    event = shape.event
    words = [
        f"{magnitude(peak_mg, 'mg')}, {peak_mg / max(noise_mg, 1e-3):.0f} × noise, {event.duration_ms} ms"
    ]
    parts = []
    if event.grade != GRADE_UNKNOWN:
        parts.append(f"grade {event.grade / GRADE_MOST:.2f}")
    half = seen.found.halves.get(event)
    if half is not None:
        parts.append(f"half width {1000 * half:.0f} ms")
    words.append(", ".join(parts) or "not graded")
    look = seen.found.looks.get(event)
    if look is not None and look.reason:
        words += wrapped(look.reason, _LINE)[:2]
    return words


def legend(x: float, y: float) -> Iterator[str]:
    """What the lines and bands of the waveforms are."""
    for axis, colour in AXES.items():
        yield line(x, y - 4, x + 16, y - 4, colour, stroke_width=2)
        yield text(x + 20, y, axis, 10, fill=FAINT)
        x += 38
    yield rectangle(x, y - 9, 16, 10, "#e3e8ee")
    words = "twice the noise of an axis; dashed: onset; bar: how long; 0.6 s each; without gravity"
    yield text(x + 22, y, words, 10, fill=FAINT)


def spectrum_panel(seen: Seen, one: Spectrum, x: float, y: float) -> Iterator[str]:
    """A bout: power by frequency and time, the bout's own frequency, and where it begins and ends."""
    bout, start = one.bout, seen.found.start
    left, width, height = x + 46, SPECTRUM_WIDTH - 62, SPECTRUM_HEIGHT - 62
    top = y + 20
    seconds = max(one.end_s - one.start_s, 1e-3)

    def place(at_s: float) -> float:
        return left + width * min(max((at_s - one.start_s) / seconds, 0.0), 1.0)

    begin_s = bout.sample / SAMPLE_RATE_HZ
    end_s = begin_s + bout.duration_ms / 1000
    hz = bout.frequency_milli_hz / 1000
    spread = max(0.01, bout.spread_milli_hz / 1000)
    words = f"{hz:.1f} Hz ± {spread:.2f} Hz, {magnitude(bout.amplitude_ug / 1000, 'mg')} rms"
    yield text(x, y + 11, f"tremor, {span(bout.duration_ms / 1000)}", 11, font_weight="bold", fill=TREMOR)
    yield text(left + width, y + 11, words, 10, fill=INK, text_anchor="end")
    shown = one.power_db[::-1]
    share = np.clip((shown - _FROM_DB) / (_TO_DB - _FROM_DB), 0, 1) * (len(_RAMP) - 1)
    low = np.minimum(share.astype(int), len(_RAMP) - 2)
    part = (share - low)[..., None]
    pixels = (_RAMP[low] * (1 - part) + _RAMP[low + 1] * part).astype(np.uint8)
    yield image(left, top, width, height, pixels)
    yield rectangle(left, top, width, height, "none", stroke=GRID)
    for mark in (4, 8, 12, _MOST_HZ):
        at = top + height * (1 - mark / _MOST_HZ)
        yield line(left - 4, at, left, at, FAINT)
        yield text(left - 7, at + 4, f"{mark} Hz", 9.5, fill=FAINT, text_anchor="end")
    for at_s in (begin_s, end_s):
        if one.start_s < at_s < one.end_s:
            yield line(place(at_s), top, place(at_s), top + height, TREMOR, stroke_dasharray="4 3")
    at = top + height * (1 - hz / _MOST_HZ)
    yield line(left + width + 1, at, left + width + 9, at, TREMOR, stroke_width=2.5)
    yield from _times(start, one, left, width, top + height)


def _times(start: datetime | None, one: Spectrum, left: float, width: float, y: float) -> Iterator[str]:
    for number in range(5):
        x = left + width * number / 4
        at_s = one.start_s + (one.end_s - one.start_s) * number / 4
        yield line(x, y, x, y + 4, FAINT)
        yield text(x, y + 16, moment(start, at_s), 9.5, fill=FAINT, text_anchor="middle")
