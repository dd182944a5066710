"""A whole recording for a chart: what its tiles contain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ
from twitchwatch.recording.pyramid import TILE, WIDTHS, Pyramid
from twitchwatch.views.shape import Line

# A row of the table.
SPAN_S = 600


@dataclass(frozen=True)
class PyramidView(Line):
    """A recording at several scales; a tile is int16, little-endian: smallest x y z, largest x y z."""

    kind: Literal["pyramid"]
    samples: Annotated[int, "from the first to the last, gaps included"]
    rate_hz: Annotated[float, "samples a second"]
    lsb_mg: Annotated[float, "weight of one count of a tile, in mg"]
    widths: Annotated[list[int], "samples in a bin, of each level"]
    tile: Annotated[int, "bins in a tile"]
    clock_s: Annotated[float | None, "time of day of the first sample, in seconds; null if not known"]
    span_s: Annotated[int, "seconds of each of `swings_mg`"]
    swings_mg: Annotated[list[float | None], "largest minus smallest sample of each span; null in a gap"]


def pyramid_view(pyramid: Pyramid) -> PyramidView:
    """What a chart needs before its first tile."""
    start = pyramid.recording.start
    return PyramidView(
        "pyramid",
        samples=pyramid.recording.end_sample,
        rate_hz=float(SAMPLE_RATE_HZ),
        lsb_mg=LSB_MG,
        widths=list(WIDTHS),
        tile=TILE,
        clock_s=None if start is None else (start - _midnight(start)).total_seconds(),
        span_s=SPAN_S,
        swings_mg=pyramid.swings_mg(SPAN_S),
    )


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
