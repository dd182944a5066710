"""Annotations as objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.views.nights import Precision
from twitchwatch.views.shape import Line


@dataclass(frozen=True)
class AnnotationView(Line):
    """What somebody noted about events, a stretch or a moment."""

    kind: Literal["annotation"]
    id: Annotated[int, "its number, for `annotate remove`"]
    hardware_id: Annotated[str, "of the sensor that it is about"]
    night: Annotated[str | None, "date of the night's evening; null if that night no longer exists"]
    what: Annotated[str, "`verdict` on events, `left_out` for a stretch, or `note`"]
    verdict: Annotated[str | None, "`twitch`, `no_twitch`, `tremor`, `no_tremor`; null unless a verdict"]
    events: Annotated[list[str], "list: numbers of the events, as `id` of `events`"]
    from_utc: Annotated[
        str, "beginning, ISO 8601; of a verdict, the first event as dated when it was entered"
    ]
    until_utc: Annotated[str | None, "end; of a verdict the last event; null for a moment"]
    words: Annotated[str, "reason or note; may be empty"]
    entered_utc: Annotated[str, "when it was entered"]
    taken_back: Annotated[bool, "true: it was removed, and has no effect"]


@dataclass(frozen=True)
class PrecisionView(Precision, Line):
    """How often the detector was right, over all nights listed."""

    kind: Literal["precision"]
    of: Annotated[str, "`twitch` or `tremor`"]
