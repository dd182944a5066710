"""A whole night as columns, for a chart: how each minute was spent, and what happened when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from twitchwatch.analysis.minutes import NightMinute
from twitchwatch.analysis.night import NightEvent, TremorBout, WholeNight
from twitchwatch.clock.zone import iso, zone_of
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
    id: Annotated[str, "as `id` of `events`"]
    kind: Annotated[str, "as `kind` of `events`"]
    verdict: Annotated[str | None, "as `verdict` of `events`"]
    peak_mg: Annotated[float, "peak acceleration, without gravity"]
    duration_s: Annotated[float, "seconds"]
    seq: Annotated[int, "number of its record"]
    snippet_seq: Annotated[int | None, "number of the record with its waveform, or null"]


@dataclass(frozen=True)
class Band(View):
    """A tremor bout in the strip."""

    at_s: At
    id: Annotated[str, "as `id` of `events`"]
    kind: Annotated[str, "as `kind` of `events`"]
    duration_s: Annotated[float, "seconds"]
    frequency_hz: Annotated[float, "mean"]
    amplitude_mg: Annotated[float, "rms"]
    snippet_seq: Annotated[int | None, "number of the record with its waveform, or null"]


@dataclass(frozen=True)
class Stretch(View):
    """A stretch that is left out, or what a note is about."""

    at_s: At
    duration_s: Annotated[float, "seconds; 0 for a moment"]
    words: Annotated[str, "reason or note; may be empty"]


@dataclass(frozen=True)
class ClockChange(View):
    """Local time moves, as to and from summer time."""

    at_s: At
    utc_offset_s: Annotated[int, "by how much local time is ahead of UTC from then on, in seconds"]


@dataclass(frozen=True)
class StripView(Line):
    """A whole night for a chart."""

    kind: Literal["strip"]
    sensor: Annotated[str, "its name"]
    night: Annotated[str, "date of its evening, local time"]
    zone: Annotated[str, "time zone where it was worn"]
    start_utc: Annotated[str, "beginning of the first minute, ISO 8601"]
    utc_offset_s: Annotated[int, "by how much local time is ahead of UTC then, in seconds"]
    clock_changes: Annotated[list[ClockChange], "list: empty in most nights"]
    minutes: Annotated[Minutes, "object: a list for each column"]
    events: Annotated[list[Tick], "list: bursts in chronological order"]
    bouts: Annotated[list[Band], "list: tremor bouts in chronological order"]
    left_out: Annotated[list[Stretch], "list: stretches that do not count, in whole minutes"]
    notes: Annotated[list[Stretch], "list: notes and bookmarks in chronological order"]
    onset_s: Annotated[float | None, "when the first hour asleep began; null if no sleep was seen"]


def strip_view(night: WholeNight, notes: Sequence[tuple[int, int | None, str]] = ()) -> StripView:
    """The night as columns.

    notes: begin, end (None for a moment), words.
    """
    start_us = start_of(night)
    utc_offset_s = _offset_s(night, start_us)
    bursts = [*night.events, *(one.of for one in night.uncounted if isinstance(one.of, NightEvent))]
    bouts = [("tremor", bout) for bout in night.bouts]
    bouts += [
        (one.why if one.why == "no_tremor" else "left_out_tremor", one.of)
        for one in night.uncounted
        if isinstance(one.of, TremorBout)
    ]
    return StripView(
        "strip",
        sensor=night.device,
        night=night.date.isoformat(),
        zone=night.zone,
        start_utc=iso(start_us),
        utc_offset_s=utc_offset_s,
        clock_changes=_clock_changes(night, start_us, utc_offset_s),
        minutes=_minutes(night.minutes, start_us),
        events=[_tick(event, start_us) for event in sorted(bursts, key=lambda one: one.utc_us)],
        bouts=[_band(kind, bout, start_us) for kind, bout in sorted(bouts, key=lambda one: one[1].utc_us)],
        left_out=[
            _stretch(begin, end, "", start_us)
            for begin, end in (() if night.measured is None else night.measured.left_out)
        ],
        notes=[_stretch(*note, start_us) for note in notes],
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


def _offset_s(night: WholeNight, utc_us: int) -> int:
    offset = datetime.fromtimestamp(utc_us / 1e6, zone_of(night.zone)).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def _clock_changes(night: WholeNight, start_us: int, offset_s: int) -> list[ClockChange]:
    """Clocks change on a full minute, so the first minute with another offset is when."""
    found = []
    for minute in night.minutes:
        if (now_s := _offset_s(night, minute.start_us)) != offset_s:
            found.append(ClockChange(round((minute.start_us - start_us) / 1e6, 2), now_s))
            offset_s = now_s
    return found


def start_of(night: WholeNight) -> int:
    """UTC microseconds from which the strip of a night counts."""
    return night.minutes[0].start_us if night.minutes else night.start_utc_us


def _stretch(begin_us: int, end_us: int | None, words: str, start_us: int) -> Stretch:
    lasted_us = 0 if end_us is None else end_us - begin_us
    return Stretch(round((begin_us - start_us) / 1e6, 2), round(lasted_us / 1e6, 2), words)


def _tick(event: NightEvent, start_us: int) -> Tick:
    return Tick(
        at_s=round((event.utc_us - start_us) / 1e6, 2),
        id=f"{event.boot_id}.{event.seq}",
        kind=event.kind,
        verdict=event.verdict or None,
        peak_mg=round(event.peak_mg, 2),
        duration_s=event.duration_ms / 1000,
        seq=event.seq,
        snippet_seq=event.snippet_seq,
    )


def _band(kind: str, bout: TremorBout, start_us: int) -> Band:
    return Band(
        at_s=round((bout.utc_us - start_us) / 1e6, 2),
        id=f"{bout.boot_id}.{bout.seq}",
        kind=kind,
        duration_s=round(bout.duration_s, 2),
        frequency_hz=round(bout.frequency_hz, 2),
        amplitude_mg=round(bout.amplitude_mg, 2),
        snippet_seq=bout.snippet_seq,
    )
