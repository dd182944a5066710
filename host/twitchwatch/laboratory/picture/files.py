"""Pictures in files: SVG, PNG, or a page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path

from twitchwatch import __version__
from twitchwatch.errors import ConfigurationError, MissingExtraError, OutputError, UsageError
from twitchwatch.foreign import harmless
from twitchwatch.laboratory.picture.figure import WIDTH, figure
from twitchwatch.laboratory.picture.seen import Seen
from twitchwatch.laboratory.picture.svg import FONT, drawing, text
from twitchwatch.tables import check_folder
from twitchwatch.wording.units import NO_DIAGNOSIS

SVG, PNG, HTML = ".svg", ".png", ".html"
MOST = {SVG: (24, 4), PNG: (24, 4), HTML: (600, 40)}
"""Waveforms and spectra in one picture, by the ending of its name."""

_SCALE = 2.0
_STYLE = (
    f"body{{margin:0 auto;max-width:{WIDTH:.0f}px;padding:16px;background:#fff;color:#1c2430;"
    f"font:15px/1.5 {FONT}}}svg{{max-width:100%;height:auto}}figure{{margin:0 0 32px}}"
    "nav ol{columns:2}a{color:#1764ab}:root{color-scheme:light}"
)


def check_picture(path: Path, recordings: int) -> tuple[int, int]:
    """How many waveforms and spectra the picture `path` of this many recordings takes of each.

    Raises UsageError if this cannot be its name, MissingExtraError for a PNG that cannot be drawn here.
    """
    ending = path.suffix.lower()
    if ending not in MOST:
        raise UsageError(f"{path} is not the name of a picture: let it end in {SVG}, {PNG} or {HTML}.")
    if recordings > 1 and ending != HTML:
        raise UsageError(
            f"{path} can hold the picture of one recording, and these are {recordings}: let its name end in "
            f"{HTML}, which holds them all, or name one recording."
        )
    check_folder(path)
    if ending == PNG:
        _check_renderer()
    return MOST[ending]


def write_pictures(path: Path, pictures: Sequence[Seen]) -> None:
    """Write them to `path`; an SVG or a PNG holds the first. Raises OutputError."""
    ending = path.suffix.lower()
    try:
        if ending == HTML or not pictures:
            path.write_text(_page(pictures), encoding="utf-8")
        elif ending == SVG:
            path.write_text(figure(pictures[0]) + "\n", encoding="utf-8")
        else:
            path.write_bytes(_rendered(figure(pictures[0])))
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}). Make room, or name another file."
        ) from error


def _page(pictures: Sequence[Seen]) -> str:
    names = [escape(harmless(one.found.source)) for one in pictures]
    title = names[0] if len(names) == 1 else f"{len(names)} recordings"
    contents = "".join(f'<li><a href="#r{number}">{name}</a></li>' for number, name in enumerate(names))
    figures = "".join(
        f'<figure id="r{number}">{figure(one)}</figure>\n' for number, one in enumerate(pictures)
    )
    listed = f"<nav><ol>{contents}</ol></nav>" if len(names) > 1 else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} - Twitchwatch</title><style>{_STYLE}</style></head>\n"
        f"<body>{listed}\n{figures}<p>Twitchwatch {__version__}. {NO_DIAGNOSIS}</p></body></html>\n"
    )


def _check_renderer() -> None:
    if find_spec("resvg_py") is None:
        raise MissingExtraError("resvg-py, which draws a PNG, is", "plot")
    # Without a font it would draw everything but the words.
    blank, words = (drawing(60, 20, "", parts) for parts in ([], [text(2, 15, "words", 12)]))
    if _rendered(blank) == _rendered(words):
        raise ConfigurationError(
            "This computer has no font with which to draw a PNG. Install one, such as DejaVu (`apt install "
            f"fonts-dejavu-core`), or let the name end in {SVG} or {HTML}."
        )


def _rendered(svg: str) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=_SCALE))
