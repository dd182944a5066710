"""Shapes in SVG, as few as the pictures need."""

from __future__ import annotations

from math import cos, pi, sin
from xml.sax.saxutils import escape

INK = "#22303c"
QUIET = "#66737f"
PAPER = "#ffffff"
TINT = "#f3f6f9"
PCB = "#26323d"
PCB_SENSOR = "#4a3f86"
GOLD = "#dcab4c"
METAL = "#c6ced6"
CELL = "#d5dade"
TAPE = "#e8c24a"
SKIN = "#f2cfae"
SKIN_EDGE = "#dcae85"
CLOTH = "#3f6784"
CLOTH_EDGE = "#2f4f66"
SLEEVE = "#1d2730"
RED, BLACK, BLUE, YELLOW, GREEN = "#d2433f", "#3a3a3a", "#2b6fd6", "#dca11d", "#2f9e62"
# Bands of a resistor: IEC 60062.
BANDS = {"black": "#1b1b1b", "brown": "#7a4a21", "red": "#c8302c", "orange": "#e8822a"}

Point = tuple[float, float]


def number(value: float) -> str:
    """Two decimals at most: enough for a picture, and the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Sheet:
    """A picture of `width` x `height`; `title` is read out where it cannot be seen."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self.width, self.height = width, height
        self._title = title
        self._parts: list[str] = []
        self.box(0, 0, width, height, PAPER, radius=14)

    def add(self, tag: str, text: str = "", **attributes: object) -> None:
        """Any element; floats are rounded, underscores become dashes."""
        reported = "".join(
            f' {name.rstrip("_").replace("_", "-")}="{number(v) if isinstance(v, float | int) else v}"'
            for name, v in attributes.items()
            if v is not None
        )
        self._parts.append(f"<{tag}{reported}>{escape(text)}</{tag}>" if text else f"<{tag}{reported}/>")

    def box(self, x: float, y: float, w: float, h: float, fill: str, *, radius: float = 6,
            edge: str | None = None, wide: float = 1.5, dash: str | None = None,
            turn: float = 0, clear: float | None = None, part: str | None = None) -> None:  # fmt: skip
        """A rectangle; `turn` in degrees about its middle, `clear` its opacity, `part` what it stands for."""
        turned = f"rotate({number(turn)} {number(x + w / 2)} {number(y + h / 2)})" if turn else None
        self.add("rect", x=x, y=y, width=w, height=h, rx=radius, fill=fill, stroke=edge,
                 stroke_width=wide if edge else None, stroke_dasharray=dash, transform=turned,
                 opacity=clear, class_=part)  # fmt: skip

    def disc(
        self, x: float, y: float, r: float, fill: str, edge: str | None = None, wide: float = 1.5
    ) -> None:
        """A circle."""
        self.add("circle", cx=x, cy=y, r=r, fill=fill, stroke=edge, stroke_width=wide if edge else None)

    def path(self, d: str, colour: str = INK, *, wide: float = 2, fill: str = "none", dash: str | None = None,
             clear: float | None = None) -> None:  # fmt: skip
        """A path as SVG writes it."""
        self.add("path", d=d, fill=fill, stroke=colour, stroke_width=wide, stroke_linecap="round",
                 stroke_linejoin="round", stroke_dasharray=dash, opacity=clear)  # fmt: skip

    def wire(self, points: list[Point], colour: str, *, wide: float = 4, bend: float = 12,
             dash: str | None = None) -> None:  # fmt: skip
        """A wire through `points`, its corners rounded."""
        d = f"M{number(points[0][0])} {number(points[0][1])}"
        for before, at, after in zip(points, points[1:], points[2:], strict=False):
            start, end = toward(at, before, bend), toward(at, after, bend)
            d += f" L{number(start[0])} {number(start[1])} Q{number(at[0])} {number(at[1])}"
            d += f" {number(end[0])} {number(end[1])}"
        d += f" L{number(points[-1][0])} {number(points[-1][1])}"
        self.path(d, colour, wide=wide, dash=dash)

    def twist(
        self, start: Point, length: float, turns: int, colours: tuple[str, str], high: float = 7
    ) -> None:
        """A pair of wires twisted to the right; after an even number of half turns they lie as before."""
        steps = turns * 12
        halves = []
        for sign in (1, -1):
            halves.append(
                [
                    (start[0] + length * k / steps, start[1] + sign * high * cos(pi * turns * k / steps))
                    for k in range(steps + 1)
                ]
            )
        for k in range(0, steps, 12):
            # The one that is in front changes at each crossing.
            order = (0, 1) if k // 12 % 2 else (1, 0)
            for which in order:
                part = halves[which][k : k + 13]
                d = "M" + " L".join(f"{number(x)} {number(y)}" for x, y in part)
                self.path(d, colours[which], wide=4)

    def text(self, x: float, y: float, words: str, *, size: float = 15, colour: str = INK, bold: bool = False,
             at: str = "start") -> None:  # fmt: skip
        """Words; several lines if it has line breaks. `at`: start, middle or end."""
        for k, line in enumerate(words.split("\n") if words else ()):
            self.add("text", line, x=x, y=y + k * size * 1.35, font_size=size, fill=colour, text_anchor=at,
                     font_weight="600" if bold else None)  # fmt: skip

    def note(self, tip: Point, at: Point, words: str, *, side: str = "start", size: float = 14) -> None:
        """Words at `at` with a thin line to a dot at `tip`."""
        gap = -8 if side == "start" else 8
        self.path(
            f"M{number(tip[0])} {number(tip[1])} L{number(at[0] + gap)} {number(at[1] - 5)}", QUIET, wide=1.2
        )
        self.disc(*tip, 3, QUIET)
        self.text(*at, words, size=size, at=side)

    def svg(self) -> str:
        """The file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}"'
            f' width="{self.width}" height="{self.height}" role="img"'
            ' font-family="Inter, Segoe UI, Helvetica Neue, Arial, DejaVu Sans, sans-serif">'
        )
        return "\n".join((head, f"<title>{escape(self._title)}</title>", *self._parts, "</svg>", ""))


def toward(start: Point, end: Point, far: float) -> Point:
    """`far` from `start` towards `end`, at most half the way."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1
    far = min(far, length / 2)
    return start[0] + dx * far / length, start[1] + dy * far / length


def around(middle: Point, radius: float, degrees: float) -> Point:
    """A point on a circle; 0 degrees is to the right, 90 up."""
    return middle[0] + radius * cos(degrees * pi / 180), middle[1] - radius * sin(degrees * pi / 180)
