"""SVG as text: elements with their attributes, escaped, and images of numbers as PNG within."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from twitchwatch.foreign import harmless

INK, FAINT, GRID = "#1c2430", "#5b6675", "#dfe4ea"
FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"

Attribute = str | float | int


def element(name: str, *inside: str, **attributes: Attribute) -> str:
    """An element; `_` in the name of an attribute stands for a hyphen, numbers have at most two decimals."""
    parts = (f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    content = "".join(inside)
    return f"<{name}{''.join(parts)}>{content}</{name}>" if content else f"<{name}{''.join(parts)}/>"


def text(x: float, y: float, words: str, size: float = 11, **attributes: Attribute) -> str:
    """A line of text, whose control characters are harmless."""
    drawn: dict[str, Attribute] = {"x": x, "y": y, "font_size": size, "fill": INK, **attributes}
    return element("text", escape(harmless(words), quote=False), **drawn)


def rectangle(x: float, y: float, width: float, height: float, fill: str, **attributes: Attribute) -> str:
    """A filled rectangle."""
    return element("rect", x=x, y=y, width=max(0.0, width), height=max(0.0, height), fill=fill, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = GRID, **attributes: Attribute) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **attributes)


def path(x: Iterable[float], y: Iterable[float], stroke: str, **attributes: Attribute) -> str:
    """A line through points."""
    points = " ".join(f"{_value(one)},{_value(other)}" for one, other in zip(x, y, strict=True))
    return element("polyline", points=points, fill="none", stroke=stroke, **attributes)


def image(x: float, y: float, width: float, height: float, pixels: NDArray[np.uint8]) -> str:
    """Pixels (rows, columns, 3), the first row on top, stretched over a rectangle."""
    data = b64encode(_png(pixels)).decode()
    return element(
        "image",
        x=x,
        y=y,
        width=width,
        height=height,
        preserveAspectRatio="none",
        href=f"data:image/png;base64,{data}",
    )


def drawing(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """A whole picture on white, with a title for those who cannot see it."""
    return element(
        "svg",
        element("title", escape(harmless(title), quote=False)),
        rectangle(0, 0, width, height, "#ffffff"),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        role="img",
        font_family=FONT,
    )


def _value(value: Attribute) -> str:
    if isinstance(value, str):
        return escape(value)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """8-bit RGB without filters (PNG, third edition, 11.2)."""
    height, width, _ = pixels.shape
    rows = np.hstack([np.zeros((height, 1), np.uint8), pixels.reshape(height, 3 * width)])
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    ):
        parts.append(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
    return b"".join(parts)
