"""What happened in a night, one object each: bursts, tremor bouts, marks, gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from twitchwatch.analysis.night import NightEvent, NightGap, NightMark, TremorBout, Uncounted, WholeNight
from twitchwatch.analysis.waveform_check import WaveformCheck
from twitchwatch.clock.zone import iso
from twitchwatch.views.shape import Line, View, rounded

SECOND_LOOK = (
    "how the host classified the waveform, or null: `kind`, `certain` (then it counts as that), `explained`"
    " (share of its energy in a twitch's shapes), `left` (the rest, over noise), `reason` in words"
)
HALF = "duration at half of its peak, from its waveform; null without one, and for movements"
GRADE = "how well a known shape explains it, 0 to 1; null if the sensor did not grade it"
Seconds = Annotated[float, "seconds"]
Utc = Annotated[str, "start, ISO 8601"]
Seq = Annotated[int, "number of its record"]
Cause = Annotated[str, "the reason for the loss, in words"]
What = Annotated[str, "`samples` or `records`"]
Count = Annotated[int, "how many were lost"]
Id = Annotated[str, "its number for `annotate`: `boot_id` and `seq`"]


@dataclass(frozen=True)
class Look(View):
    """The result of the waveform check."""

    kind: Annotated[str, "the kind of event"]
    certain: Annotated[bool, "true: it counts as that"]
    explained: Annotated[float, "share of its energy in a twitch's shapes"]
    left: Annotated[float, "the rest, over noise"]
    reason: Annotated[str, "in words"]


@dataclass(frozen=True)
class Placed(Line):
    """The sensor and night to which an object belongs."""

    sensor: Annotated[str, "its name"]
    night: Annotated[str, "date of the night's evening, local time"]


@dataclass(frozen=True)
class _Timed(Line):
    utc: Utc
    utc_error_s: Annotated[float, "upper bound on the error of `utc`"]
    duration_s: Seconds


@dataclass(frozen=True)
class Burst(_Timed):
    """A burst, without its sensor and night."""

    id: Id
    kind: Literal["twitch", "unlike", "jerk", "spasm", "disturbance", "unclear", "no_twitch", "left_out"]
    verdict: Annotated[
        str | None, "what the wearer annotated it as, `twitch` or `no_twitch`, which `kind` follows; or null"
    ]
    half_duration_s: Annotated[float | None, HALF]
    grade: Annotated[float | None, GRADE]
    peak_mg: Annotated[float, "peak acceleration, without gravity"]
    noise_mg: Annotated[float, "noise of one axis at that time, rms"]
    axis: Annotated[str, "the sensor's axis with most of the motion: x, y or z"]
    boot_id: Annotated[int, "number of the sensor's start to which it belongs"]
    sample: Annotated[int, "onset, in samples (104 Hz) since that start"]
    seq: Seq
    snippet_seq: Annotated[int | None, "number of the record with its waveform, or null"]
    reported_kind: Annotated[str, "the kind that the sensor reported"]
    reason: Annotated[str | None, "for a movement `tilt`, `vigorous` or `rhythmic`; otherwise null"]
    waveform_check: Annotated[Look | None, SECOND_LOOK]


@dataclass(frozen=True)
class Bout(_Timed):
    """A tremor bout, without its sensor and night."""

    id: Id
    kind: Literal["tremor"]
    verdict: Annotated[str | None, "what the wearer annotated it as, `tremor` or `no_tremor`; or null"]
    frequency_hz: Annotated[float, "mean"]
    spread_hz: Annotated[float, "mean deviation from it"]
    amplitude_mg: Annotated[float, "rms, mean over the bout"]
    peak_mg: Annotated[float, "rms of the strongest window of 3.7 s"]
    amplitude_dps: Annotated[float | None, "the same for the rotation; null without a gyroscope"]
    cycles: Annotated[float, "duration times frequency"]
    boot_id: Annotated[int, "number of the sensor's start to which it belongs"]
    sample: Annotated[int, "onset, in samples (104 Hz) since that start"]
    seq: Seq
    snippet_seq: Annotated[int | None, "number of the record with its waveform, or null"]
    shown: Annotated[bool | None, "whether its waveform oscillates at that frequency; null without one"]


@dataclass(frozen=True)
class PlacedBurst(Burst, Placed):
    """A burst that is not a movement."""


@dataclass(frozen=True)
class PlacedMovement(Burst, Placed):
    """A movement."""

    kind: Literal["movement"]  # type: ignore[assignment]
    axis: Annotated[str, "has no meaning for a movement"]


@dataclass(frozen=True)
class PlacedBout(Bout, Placed):
    """A tremor bout."""


@dataclass(frozen=True)
class PlacedUncounted(Bout, Placed):
    """A tremor bout that does not count: the wearer said that it was none, or left its time out."""

    kind: Literal["no_tremor", "left_out_tremor"]  # type: ignore[assignment]


@dataclass(frozen=True)
class PlacedMark(Placed):
    """The sensor's button was pressed."""

    kind: Literal["mark"]
    utc: Utc
    seq: Seq


@dataclass(frozen=True)
class PlacedGap(Placed):
    """Samples or records that were lost."""

    kind: Literal["gap"]
    utc: Utc
    duration_s: Seconds
    what: What
    cause: Cause
    count: Count
    seq: Seq


Logged = PlacedBurst | PlacedMovement | PlacedBout | PlacedUncounted | PlacedMark | PlacedGap


def look_of(look: WaveformCheck | None) -> Look | None:
    """The result of the waveform check."""
    if look is None:
        return None
    return Look(look.kind, look.certain, round(look.explained, 3), round(look.left, 2), look.reason)


def burst_of(event: NightEvent) -> Burst:
    """One burst; `kind` is what it counts as, `reported_kind` the kind that the sensor reported."""
    return Burst(**_burst(event))


def bout_of(bout: TremorBout) -> Bout:
    """One tremor bout."""
    return Bout(**_bout(bout))


def bare_events(night: WholeNight) -> list[Burst | Bout]:
    """Bursts and tremor bouts of a night in chronological order, without sensor and night."""
    timed: list[tuple[int, Burst | Bout]] = [(event.utc_us, burst_of(event)) for event in night.events]
    timed += [(bout.utc_us, bout_of(bout)) for bout in night.bouts]
    return [found for _, found in sorted(timed, key=lambda one: one[0])]


def events_of(night: WholeNight) -> list[Logged]:
    """Everything in a night, in chronological order."""
    place: dict[str, Any] = {"sensor": night.device, "night": night.date.isoformat()}
    timed: list[tuple[int, Logged]] = []
    for event in night.events:
        view = PlacedMovement if event.kind == "movement" else PlacedBurst
        timed.append((event.utc_us, view(**_burst(event), **place)))
    timed += [(bout.utc_us, PlacedBout(**_bout(bout), **place)) for bout in night.bouts]
    timed += [(one.of.utc_us, _uncounted(one, place)) for one in night.uncounted]
    timed.sort(key=lambda one: one[0])
    found = [one for _, one in timed]
    found += [_mark(mark, place) for mark in night.marks]
    found += [_gap(gap, place) for gap in night.gaps]
    return sorted(found, key=lambda one: one.utc)


def _uncounted(one: Uncounted, place: dict[str, Any]) -> Logged:
    if isinstance(one.of, NightEvent):
        return PlacedBurst(**_burst(one.of), **place)
    kind = "no_tremor" if one.why == "no_tremor" else "left_out_tremor"
    return PlacedUncounted(**{**_bout(one.of), "kind": kind}, **place)


def _mark(mark: NightMark, place: dict[str, str]) -> PlacedMark:
    return PlacedMark("mark", **place, utc=iso(mark.utc_us), seq=mark.seq)


def _gap(gap: NightGap, place: dict[str, str]) -> PlacedGap:
    return PlacedGap(
        "gap",
        **place,
        utc=iso(gap.utc_us),
        duration_s=gap.duration_s,
        what=gap.what,
        cause=gap.cause,
        count=gap.count,
        seq=gap.seq,
    )


def _burst(event: NightEvent) -> dict[str, Any]:
    return {
        "id": f"{event.boot_id}.{event.seq}",
        "kind": event.kind,
        "verdict": event.verdict or None,
        "utc": iso(event.utc_us),
        "utc_error_s": round(event.error_us / 1_000_000, 3),
        "duration_s": event.duration_ms / 1000,
        "half_duration_s": rounded(event.half_s, 3),
        "grade": rounded(event.grade, 3),
        "peak_mg": event.peak_mg,
        "noise_mg": event.noise_mg,
        "axis": event.axis,
        "boot_id": event.boot_id,
        "sample": event.sample,
        "seq": event.seq,
        "snippet_seq": event.snippet_seq,
        "reported_kind": event.reported or event.kind,
        "reason": event.reason or None,
        "waveform_check": look_of(event.look),
    }


def _bout(bout: TremorBout) -> dict[str, Any]:
    return {
        "id": f"{bout.boot_id}.{bout.seq}",
        "kind": "tremor",
        "verdict": bout.verdict or None,
        "utc": iso(bout.utc_us),
        "utc_error_s": round(bout.error_us / 1_000_000, 3),
        "duration_s": round(bout.duration_s, 3),
        "frequency_hz": round(bout.frequency_hz, 3),
        "spread_hz": round(bout.spread_hz, 3),
        "amplitude_mg": round(bout.amplitude_mg, 3),
        "peak_mg": round(bout.peak_mg, 3),
        "amplitude_dps": rounded(bout.amplitude_dps),
        "cycles": bout.cycles,
        "boot_id": bout.boot_id,
        "sample": bout.sample,
        "seq": bout.seq,
        "snippet_seq": bout.snippet_seq,
        "shown": bout.shown,
    }
