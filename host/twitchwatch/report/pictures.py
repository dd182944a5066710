"""The pictures of a report as SVG: grey and black, so that they survive a copier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from twitchwatch.views.profile import ProfileHour, ProfileNight, ProfileWaveform

# The font that typst brings; a browser takes its own.
FONT = "Libertinus Serif, Georgia, serif"
# A mark of a scale as text.
Mark = Callable[[float], str]


def modal_night(hours: Sequence[ProfileHour], mark: Mark) -> str:
    """Median, middle half and eight nights in ten, hour by hour."""
    width, height, left, bottom, top = 520, 170, 34, 22, 8
    most = _nice(max(hour.p90 for hour in hours))
    step = (width - left - 8) / max(1, len(hours))

    def y(value: float) -> float:
        return round(height - bottom - value / most * (height - bottom - top), 1)

    def band(low: str, high: str) -> str:
        up = [(left + (at + 0.5) * step, y(getattr(hour, high))) for at, hour in enumerate(hours)]
        down = [(left + (at + 0.5) * step, y(getattr(hour, low))) for at, hour in enumerate(hours)]
        return " ".join(f"{x:.1f},{at}" for x, at in [*up, *reversed(down)])

    parts = [
        _line(left, y(most * share), width - 8, y(most * share), "#ccc")
        + _text(left - 5, y(most * share) + 4, mark(most * share), "end")
        for share in (0.0, 0.5, 1.0)
    ]
    parts.append(f'<polygon points="{band("p10", "p90")}" fill="#dcdcdc"/>')
    parts.append(f'<polygon points="{band("p25", "p75")}" fill="#a9a9a9"/>')
    line = " ".join(f"{left + (at + 0.5) * step:.1f},{y(hour.median)}" for at, hour in enumerate(hours))
    parts.append(f'<polyline points="{line}" fill="none" stroke="#000" stroke-width="2"/>')
    parts += [
        _text(left + (at + 0.5) * step, height - 6, f"{hour.hour:02d}", "middle")
        for at, hour in enumerate(hours)
    ]
    return _svg(width, height, parts)


def thumbnail(night: ProfileNight, most: float) -> str:
    """One night, hour by hour; hatched without data. most: twitches an hour at the top, the same for all."""
    width, height = 70, 34
    if night.rest_h is None or not any(rate is not None for rate in night.hourly):
        hatch = [_line(x, height, x + height, 0, "#999") for x in range(-height, width, 8)]
        frame = f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" fill="none" stroke="#999"/>'
        return _svg(width, height, [*hatch, frame])
    step = width / len(night.hourly)
    parts = [_line(0, height - 0.5, width, height - 0.5, "#000")]
    for at, rate in enumerate(night.hourly):
        if rate is None:
            parts.append(_line(at * step, height - 4, (at + 1) * step - 1, height - 4, "#999"))
            continue
        tall = min(1.0, rate / most) * (height - 2)
        parts.append(
            f'<rect x="{at * step:.1f}" y="{height - 1 - tall:.1f}" width="{step - 1:.1f}"'
            f' height="{tall:.1f}" fill="#444"/>'
        )
    return _svg(width, height, parts)


def waveform(form: ProfileWaveform, most_mg: float, mark: Mark) -> str:
    """Three axes over each other. most_mg: of the scale, the same for all."""
    width, height, left, bottom, top = 350, 130, 46, 20, 8
    count = len(form.x_mg)
    duration_ms = 1000 * (count - 1) / form.rate_hz

    def y(value: float) -> float:
        return round(top + (height - bottom - top) * (0.5 - 0.5 * value / most_mg), 1)

    parts = []
    for value in (-most_mg, 0.0, most_mg):
        parts.append(_line(left, y(value), width - 4, y(value), "#ccc"))
        parts.append(_text(left - 4, y(value) + 4, f"{mark(value)} mg", "end"))
    for axis, dash in ((form.x_mg, ""), (form.y_mg, "5 2"), (form.z_mg, "1.5 2")):
        points = " ".join(
            f"{left + at / max(1, count - 1) * (width - left - 4):.1f},{y(value)}"
            for at, value in enumerate(axis)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="#000" stroke-dasharray="{dash}"/>')
    for share in (0.0, 0.5, 1.0):
        anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[share]
        x = left + share * (width - left - 4)
        parts.append(_text(x, height - 4, f"{mark(round(share * duration_ms))} ms", anchor))
    return _svg(width, height, parts)


def scale_of(values: Sequence[float]) -> float:
    """A round number that none of these exceeds, at least 1."""
    return _nice(max([1.0, *values]))


def _nice(most: float) -> float:
    magnitude = 1.0
    while magnitude * 10 <= most:
        magnitude *= 10
    return next((magnitude * one for one in (1.0, 2.0, 4.0, 6.0, 8.0, 10.0) if magnitude * one >= most), most)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="{FONT}">{"".join(parts)}</svg>'
    )
