"""A whole night as columns, for a chart: what each minute was spent with, and what happened when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.analysis.minutes import NightMinute
from twitchwatch.analysis.night import NightEvent, TremorBout, WholeNight
from twitchwatch.clock.zone import iso
from twitchwatch.views.shape import Line, View, rounded

Share = Annotated[list[float], "share of the minute, 0 to 1"]
At = Annotated[float, "when it began: seconds after `start_utc`"]


@dataclass(frozen=True)
class Minutes(View):
    """The minutes of a night, each list in chronological order."""

    at_s: Annotated[list[int], "beginning of each: seconds after `start_utc`"]
    rest: Share
    blind: Annotated[list[float], "share at rest in which no twitch could have been reported"]
    tremor: Share
    moving: Share
    not_worn: Share
    unusable: Annotated[list[float], "share with unusable or lost samples"]
    limit_mg: Annotated[
        list[float | None],
        "the smallest twitch that the noise let the sensor see; null if nothing was at rest",
    ]


@dataclass(frozen=True)
class Tick(View):
    """A burst in the strip."""

    at_s: At
    kind: Annotated[str, "as `kind` of `events`"]
    peak_mg: Annotated[float, "peak acceleration, without gravity"]
    duration_s: Annotated[float, "seconds"]
    seq: Annotated[int, "number of its record"]
    snippet_seq: Annotated[int | None, "number of the record with its waveform, or null"]


@dataclass(frozen=True)
class Band(View):
    """A tremor bout in the strip."""

    at_s: At
    duration_s: Annotated[float, "seconds"]
    frequency_hz: Annotated[float, "mean"]
    amplitude_mg: Annotated[float, "rms"]
    snippet_seq: Annotated[int | None, "number of the record with its waveform, or null"]


@dataclass(frozen=True)
class StripView(Line):
    """A whole night for a chart."""

    kind: Literal["strip"]
    sensor: Annotated[str, "its name"]
    night: Annotated[str, "date of its evening, local time"]
    zone: Annotated[str, "time zone where it was worn"]
    start_utc: Annotated[str, "beginning of the first minute, ISO 8601"]
    utc_offset_s: Annotated[int, "what local time is ahead of UTC then, in seconds"]
    minutes: Annotated[Minutes, "object: a list for each column"]
    events: Annotated[list[Tick], "list: bursts in chronological order"]
    bouts: Annotated[list[Band], "list: tremor bouts in chronological order"]
    onset_s: Annotated[float | None, "when the first hour asleep began; null if no sleep was seen"]


def strip_view(night: WholeNight, utc_offset_s: int) -> StripView:
    """The night as columns; utc_offset_s: of its zone when it began."""
    start_us = night.minutes[0].start_us if night.minutes else night.start_utc_us
    return StripView(
        "strip",
        sensor=night.device,
        night=night.date.isoformat(),
        zone=night.zone,
        start_utc=iso(start_us),
        utc_offset_s=utc_offset_s,
        minutes=_minutes(night.minutes, start_us),
        events=[_tick(event, start_us) for event in night.events],
        bouts=[_band(bout, start_us) for bout in night.bouts],
        onset_s=None if night.onset is None else (night.onset.start_utc_us - start_us) / 1e6,
    )


def _minutes(minutes: tuple[NightMinute, ...], start_us: int) -> Minutes:
    def share(spent_ms: float, one: NightMinute) -> float:
        return round(1000 * spent_ms / max(1, one.end_us - one.start_us), 3)

    return Minutes(
        at_s=[round((one.start_us - start_us) / 1e6) for one in minutes],
        rest=[share(one.live_ms, one) for one in minutes],
        blind=[share(one.seen_ms - one.live_ms, one) for one in minutes],
        tremor=[share(min(one.body.tremor_ms, one.body.rest_ms), one) for one in minutes],
        moving=[share(one.moving_ms, one) for one in minutes],
        not_worn=[share(one.body.not_worn_ms, one) for one in minutes],
        unusable=[share(one.body.unusable_ms + one.body.lost_ms, one) for one in minutes],
        limit_mg=[rounded(one.limit_mg, 2) for one in minutes],
    )


def _tick(event: NightEvent, start_us: int) -> Tick:
    return Tick(
        at_s=round((event.utc_us - start_us) / 1e6, 2),
        kind=event.kind,
        peak_mg=round(event.peak_mg, 2),
        duration_s=event.duration_ms / 1000,
        seq=event.seq,
        snippet_seq=event.snippet_seq,
    )


def _band(bout: TremorBout, start_us: int) -> Band:
    return Band(
        at_s=round((bout.utc_us - start_us) / 1e6, 2),
        duration_s=round(bout.duration_s, 2),
        frequency_hz=round(bout.frequency_hz, 2),
        amplitude_mg=round(bout.amplitude_mg, 2),
        snippet_seq=bout.snippet_seq,
    )
