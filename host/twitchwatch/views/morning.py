"""The morning, as an object: last night compared with the nights before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.views.shape import Line, View

PerHour = Annotated[float | None, "twitches an hour of rest, as `twitches_per_hour` of `nights`"]


@dataclass(frozen=True)
class UsualRange(View):
    """What is usual for this wearer."""

    median: Annotated[float, "twitches an hour of rest, the middle of the nights counted"]
    low: Annotated[float, "one night in ten was below"]
    high: Annotated[float, "one night in ten was above"]
    nights: Annotated[int, "how many of the 14 nights before had enough rest to be counted"]


@dataclass(frozen=True)
class MorningNight(View):
    """One evening's place in the strip of nights."""

    night: Annotated[str, "date of its evening"]
    twitches_per_hour: PerHour
    missing: Annotated[str | None, "why there is no rate, in words; null if there is one"]


@dataclass(frozen=True)
class ToDo(View):
    """The one thing to do."""

    what: Annotated[
        str,
        "for programs: `at_once`, `no_data`, `doctor`, `finding`, `battery`, `wear`, `journal` or `nothing`",
    ]
    words: Annotated[str, "in words"]
    command: Annotated[str | None, "the command that does it or shows more, or null"]


@dataclass(frozen=True)
class MorningView(Line):
    """Last night beside the wearer's own nights, and the one thing to do."""

    kind: Literal["morning"]
    sensor: Annotated[str, "its name"]
    hardware_id: Annotated[str, "as the sensor reports it"]
    night: Annotated[str, "date of the evening of the last night"]
    words: Annotated[str, "the morning in a sentence or two"]
    twitches_per_hour: PerHour
    interval_low: Annotated[float | None, "95 % interval of it, lower end"]
    interval_high: Annotated[float | None, "upper end"]
    compared: Annotated[
        str | None, "`quieter`, `usual` or `busier` than the usual range; null if either is unknown"
    ]
    usual: Annotated[UsualRange | None, "object: median, low, high, nights; null before five counted nights"]
    missing: Annotated[
        str | None, "why there is no data for the night, as in `missing_nights`; null if there is"
    ]
    worn_h: Annotated[float | None, "hours for which it was worn; null without data"]
    coverage: Annotated[float | None, "observed share of the time worn, 0 to 1; null without data"]
    battery_mv: Annotated[int | None, "the cell's voltage when last reported, or null"]
    records_until_utc: Annotated[
        str | None, "time of the newest sync that brought records, ISO 8601, or null"
    ]
    findings: Annotated[list[int], "numbers of the findings that are new, the most urgent first"]
    journal_due: Annotated[bool, "true: the questions of the morning are not answered yet"]
    to_do: Annotated[ToDo, "object: what, words, command"]
    sealed_until_utc: Annotated[
        str | None, "until when only what is urgent is reported, and figures are null; null if not sealed"
    ]
    nights: Annotated[
        list[MorningNight],
        "list: night, twitches_per_hour, missing; the last 14 and this one; empty if sealed",
    ]
