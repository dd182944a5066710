"""What was found in a recording, and what a capture recorded, as objects."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from twitchwatch.analysis.contract import Contract
from twitchwatch.analysis.input import input_faults
from twitchwatch.analysis.vocabulary import KINDS, REASONS
from twitchwatch.link.capture import Capture
from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.recording.candidates import Candidate
from twitchwatch.recording.detection import Detection, Hole
from twitchwatch.shared.protocol.records import (
    GRADE_MOST,
    GRADE_UNKNOWN,
    JERK,
    MOVEMENT,
    SPASM,
    TWITCH,
    Event,
    Tremor,
)
from twitchwatch.views.events import SECOND_LOOK, Look, Seconds, look_of
from twitchwatch.views.nights import INPUT_FAULTS
from twitchwatch.views.shape import Line, View

Start = Annotated[float, "onset, seconds from the first sample"]
Peak = Annotated[float, "peak acceleration, without gravity"]
Noise = Annotated[float, "noise of one axis at that time, rms"]
Counted = Annotated[int, "count"]


@dataclass(frozen=True)
class Timed(Line):
    """Something at a place in a recording."""

    start_s: Start
    duration_s: Seconds
    start_utc: Annotated[str | None, "onset, ISO 8601; null if the recording does not state its time"]
    start_local: Annotated[str | None, "the same, if the recording has a time but no zone; else null"]
    source: Annotated[str, "file name; relative to the folder, if one was given"]


@dataclass(frozen=True)
class DetectedBurst(Timed):
    """A burst that is not a movement."""

    kind: Literal["twitch", "unlike", "jerk", "spasm"]
    grade: Annotated[
        float | None,
        "how well a known shape of a twitch explains it, 0 to 1; null if samples are missing",
    ]
    peak_mg: Peak
    noise_mg: Noise
    axis: Annotated[str, "the sensor's axis with most of the motion: x, y or z"]
    waveform_check: Annotated[Look | None, SECOND_LOOK]
    half_duration_s: Annotated[
        float | None, "duration at half of its peak; null if that cannot be determined"
    ]


@dataclass(frozen=True)
class DetectedMovement(Timed):
    """A movement."""

    kind: Literal["movement"]
    peak_mg: Peak
    noise_mg: Noise
    reason: Annotated[
        str,
        "`tilt`: gravity turned; `vigorous`: strong for longer than a jerk; `rhythmic`: it"
        " kept a rhythm of 3-12 Hz",
    ]
    tilt_mg: Annotated[float, "maximum change of gravity within a second"]


@dataclass(frozen=True)
class DetectedBout(Timed):
    """A tremor bout; a disturbance: the first minute of a machine's line, which is too steady for a hand."""

    kind: Literal["tremor", "disturbance"]
    peak_mg: Annotated[float, "rms of the strongest window of 3.7 s"]
    frequency_hz: Annotated[float, "mean"]
    spread_hz: Annotated[float, "mean deviation from that"]
    amplitude_mg: Annotated[float, "rms, mean over the bout"]
    amplitude_dps: Annotated[float | None, "the same for the rotation; null without a gyroscope"]
    cycles: Annotated[float, "duration times frequency"]


@dataclass(frozen=True)
class DetectedGap(Timed):
    """Time without samples."""

    kind: Literal["gap"]
    bridged: Annotated[
        bool, "true: at most 1 s, filled by a straight line; false: longer, detection restarted"
    ]


@dataclass(frozen=True)
class DetectedCandidate(Timed):
    """A burst that the detector opened, whatever became of it; with `--candidates`."""

    kind: Literal["candidate"]
    taken_for: Annotated[
        Literal["twitch", "unlike", "pulse", "several", "tremor", "movement", "disturbance"],
        "its class; the counts of each are `bursts` of the summary",
    ]
    why: Annotated[str, "what decided, in words"]
    peak_mg: Peak
    noise_mg: Noise
    axis: Annotated[str, "the sensor's axis with most of the motion: x, y or z"]
    grade: Annotated[
        float | None,
        "how well a known shape of a twitch explains it, 0 to 1; null if that was not judged",
    ]
    sway: Annotated[
        float | None,
        "how much better a swing of the body explains it than a twitch, up to 4; null if that was not judged",
    ]


@dataclass(frozen=True)
class RateRange(View):
    """A rate as a range, events per live hour."""

    low: Annotated[float | None, "twitches of known shape; null with too little live time"]
    low_interval: Annotated[list[float] | None, "95 % interval of it, lower and upper end"]
    high: Annotated[
        float | None, "all brief motions that nothing else explains; null with too little live time"
    ]
    high_interval: Annotated[list[float] | None, "95 % interval of it"]
    too_many: Annotated[bool, "true: bursts fill more than half of the time, too many to count"]


@dataclass(frozen=True)
class SensorView(View):
    """What the sensor delivers, measured from its samples or stated."""

    band_hz: Annotated[
        float, "the spectrum reaches up to here: half of `rate_hz`, less if samples were interpolated"
    ]
    step_mg: Annotated[float, "smallest difference between values; 0 if none can be seen"]
    range_g: Annotated[float, "largest value that it can report; more than 4 is limited to 4"]
    noise_mg: Annotated[float, "its own noise when it is quietest, rms of one axis over 52 Hz"]
    slope: Annotated[float, "colour of that noise: exponent of its density over frequency, 0 if white"]
    stamps: Annotated[
        str,
        "`own`: each sample has a time; `batches`: several share one; `counted`: by the rate",
    ]
    late_ms: Annotated[float, "by how much sample times are late at random, rms"]
    lost: Annotated[float, "share of samples that are missing, 0 to 1, without gaps of more than 1 s"]


@dataclass(frozen=True)
class Summary(Line):
    """The totals."""

    kind: Literal["summary"]
    source: Annotated[str, "file name; relative to the folder, if one was given"]
    site: Annotated[str | None, "where the sensor was worn, as stated by `--site`"]
    format: Annotated[str, "how the file was read"]
    notices: Annotated[list[str], "what was recognised, converted or left out, one sentence each"]
    start_utc: Annotated[str | None, "its first sample, ISO 8601; null if unknown"]
    start_local: Annotated[str | None, "the same, if the file has a time but no zone; else null"]
    rate_hz: Annotated[float, "the recording's own sampling rate"]
    sensor: Annotated[SensorView, "what the sensor delivers: the detection limit follows from it"]
    twitches_visible: Annotated[
        bool, "false: `rate_hz` or `band_hz` too low (45 and 22.5 Hz), or too many samples lost: tremor only"
    ]
    duration_s: Annotated[float, "its length: rest_s + moving_s + not_worn_s + unusable_s + lost_s"]
    rest_s: Annotated[float, "seconds at rest, including those in tremor"]
    moving_s: Annotated[float, "seconds of posture change or voluntary motion, up to 2 s after its end"]
    not_worn_s: Annotated[float, "seconds without the faint motion that every living hand has"]
    lost_s: Annotated[float, "seconds in gaps of more than 1 s"]
    unusable_s: Annotated[float, "seconds at rest with unusable samples: stuck, beyond the range, not at 1 g"]
    tremor_s: Annotated[float, "part of rest: in a recognised tremor, during which a twitch cannot be seen"]
    bridged_s: Annotated[float, "part of rest and motion: in gaps of at most 1 s"]
    live_s: Annotated[float, "part of rest: a burst could have begun (none open, not blind, no tremor)"]
    bursts: Annotated[
        dict[str, int],
        "counts of bursts by class: `twitch` (known shape), `unlike` (brief, at rest, shape not known), "
        "`pulse`, `several` (too long for one), `tremor`, `movement`, `disturbance` (noise, bad input)",
    ]
    rate_per_h: Annotated[
        RateRange,
        "per live hour: `low` (known shapes), `high` (all that nothing else explains), each with its 95 % "
        "interval, `too_many` (to count)",
    ]
    noise_mg: Annotated[float | None, "median noise at rest, rms of one axis; null without rest"]
    input: Annotated[list[str], f"faults of the samples: {INPUT_FAULTS}"]
    detection_limit_mg: Annotated[float | None, "size at which nine in ten twitches are found in this noise"]
    twitches: Annotated[
        int | None, "count; 0: none of `detection_limit_mg` or more; null: none could have been seen"
    ]
    tremors: Annotated[int, "count of bouts, without disturbances"]
    jerks: Annotated[int | None, "count; null: none could have been seen"]
    spasms: Annotated[int | None, "the same"]
    movements: Counted
    absorbed: Annotated[int, "bursts that were a tremor's own swings, and are not counted above"]
    detector_version: Annotated[int, "version of the detector"]
    parameters_crc: Annotated[int, "CRC-32 of its settings"]


@dataclass(frozen=True)
class RefusedView(Line):
    """A file of several that could not be read."""

    kind: Literal["refused"]
    source: Annotated[str, "file name; relative to the folder, if one was given"]
    message: Annotated[str, "what is wrong with it, and what to do"]


@dataclass(frozen=True)
class ImportedView(Line):
    """A recording that is among the nights."""

    kind: Literal["imported"]
    source: Annotated[str, "file name; relative to the folder, if one was given"]
    sensor: Annotated[str, "the name under which its nights are listed: wearer and site"]
    hardware_id: Annotated[str, "used as the hardware id of a sensor"]
    start_utc: Annotated[str, "its first sample, ISO 8601"]
    end_utc: Annotated[str, "after its last sample, ISO 8601"]
    records: Annotated[int, "how many it has in the database"]
    already: Annotated[bool, "true: it was already there, and nothing changed"]


@dataclass(frozen=True)
class CaptureView(Line):
    """What a capture recorded."""

    kind: Literal["capture"]
    sensor: Annotated[str, "its name"]
    path: Annotated[str, "of the file"]
    samples: Annotated[int, "how many have arrived"]
    lost: Annotated[int, "how many were lost in transit"]
    duration_s: Annotated[float, "seconds from the first to the last"]
    axes: Annotated[int, "3, or 6 with a gyroscope"]


Found = DetectedBurst | DetectedMovement | DetectedBout | DetectedGap | DetectedCandidate


def capture_view(capture: Capture, path: Path) -> CaptureView:
    """What was recorded, in the file `path`."""
    return CaptureView(
        "capture",
        sensor=capture.device,
        path=str(path),
        samples=capture.samples,
        lost=capture.lost,
        duration_s=round(capture.seconds, 3),
        axes=capture.axes,
    )


def timeline(found: Detection) -> list[Found]:
    """Events, tremor bouts and gaps in chronological order."""
    lines: list[Found] = [_event(event, found) for event in found.events]
    lines += [_bout(bout, found) for bout in found.bouts]
    lines += [replace(_bout(line, found), kind="disturbance") for line in found.machines]
    lines += [_hole(hole, found) for hole in found.holes]
    lines += [_candidate(one, found) for one in found.candidates or ()]
    return sorted(lines, key=lambda line: line.start_s)


def summary(found: Detection) -> Summary:
    """The object that comes last."""
    totals, live, seen = found.totals, found.live, found.detection_limit_mg is not None
    return Summary(
        "summary",
        source=found.source,
        site=found.contract.site,
        format=found.format,
        notices=list(found.notices),
        start_utc=_moment(found, 0.0)[0],
        start_local=_moment(found, 0.0)[1],
        rate_hz=_brief(found.contract.rate_hz),
        sensor=_sensor(found.contract),
        twitches_visible=found.twitches_visible,
        duration_s=_brief(found.duration_s),
        rest_s=_brief(totals.rest_s),
        moving_s=_brief(totals.moving_s),
        not_worn_s=_brief(totals.not_worn_s),
        lost_s=_brief(totals.lost_s),
        unusable_s=_brief(totals.unusable_s),
        tremor_s=_brief(totals.tremor_s),
        bridged_s=_brief(totals.bridged_s),
        live_s=_brief(live.live_s),
        bursts=dict(live.bursts),
        rate_per_h=_rate(found),
        noise_mg=_brief(totals.noise_mg),
        input=[fault.name for fault in input_faults(totals.input)],
        detection_limit_mg=_brief(found.detection_limit_mg),
        twitches=found.count(TWITCH) if seen else None,
        tremors=len(found.bouts),
        jerks=found.count(JERK) if seen else None,
        spasms=found.count(SPASM) if seen else None,
        movements=found.count(MOVEMENT),
        absorbed=found.absorbed,
        detector_version=found.version,
        parameters_crc=found.parameters_crc,
    )


def _rate(found: Detection) -> RateRange:
    rate = found.rate_per_h
    ends = [
        None if interval is None else [_brief(end) for end in interval]
        for interval in (rate.low_interval, rate.high_interval)
    ]
    return RateRange(_brief(rate.low), ends[0], _brief(rate.high), ends[1], rate.too_many)


def _sensor(contract: Contract) -> SensorView:
    names = (field.name for field in fields(SensorView))
    return SensorView(**{name: _brief(getattr(contract, name)) for name in names})


def _event(event: Event, found: Detection) -> DetectedBurst | DetectedMovement:
    kind: Any = KINDS[event.kind]
    start_s = event.sample / SAMPLE_RATE_HZ
    timed = (kind, _brief(start_s), event.duration_ms / 1000, *_moment(found, start_s), found.source)
    size = (event.peak_ug / 1000, event.noise_ug / 1000)
    if event.kind == MOVEMENT:
        return DetectedMovement(*timed, *size, REASONS.get(event.reason, ""), event.tilt_ug / 1000)
    grade = None if event.grade == GRADE_UNKNOWN else event.grade / GRADE_MOST
    look, half = look_of(found.looks.get(event)), _brief(found.halves.get(event))
    return DetectedBurst(*timed, grade, *size, "xyz"[event.axis], look, half)


def _bout(bout: Tremor, found: Detection) -> DetectedBout:
    return DetectedBout(
        "tremor",
        start_s=_brief(bout.sample / SAMPLE_RATE_HZ),
        duration_s=bout.duration_ms / 1000,
        start_utc=_moment(found, bout.sample / SAMPLE_RATE_HZ)[0],
        start_local=_moment(found, bout.sample / SAMPLE_RATE_HZ)[1],
        source=found.source,
        peak_mg=bout.peak_ug / 1000,
        frequency_hz=bout.frequency_milli_hz / 1000,
        spread_hz=bout.spread_milli_hz / 1000,
        amplitude_mg=bout.amplitude_ug / 1000,
        amplitude_dps=bout.amplitude_mdps / 1000 if bout.amplitude_mdps else None,
        cycles=bout.cycles,
    )


def _candidate(one: Candidate, found: Detection) -> DetectedCandidate:
    taken_for: Any = one.taken_for
    start_s = one.sample / SAMPLE_RATE_HZ
    return DetectedCandidate(
        "candidate",
        _brief(start_s),
        one.duration_ms / 1000,
        *_moment(found, start_s),
        found.source,
        taken_for=taken_for,
        why=one.why,
        peak_mg=one.peak_ug / 1000,
        noise_mg=one.noise_ug / 1000,
        axis="xyz"[one.axis],
        grade=None if one.grade is None else one.grade / GRADE_MOST,
        sway=_brief(one.sway),
    )


def _hole(hole: Hole, found: Detection) -> DetectedGap:
    timed = (_brief(hole.start_s), _brief(hole.duration_s), *_moment(found, hole.start_s), found.source)
    return DetectedGap("gap", *timed, hole.bridged)


def _moment(found: Detection, since_s: float) -> tuple[str | None, str | None]:
    """UTC, or the local time of a recording that has no zone."""
    if found.start is None:
        return None, None
    if found.start.tzinfo is None:
        return None, (found.start + timedelta(seconds=since_s)).isoformat(timespec="milliseconds")
    moment = found.start.astimezone(UTC) + timedelta(seconds=since_s)
    return moment.isoformat(timespec="milliseconds"), None


def _brief(value: Any) -> Any:
    # A thousandth is a millisecond, a microgravity: beyond what is known.
    return round(value, 3) if isinstance(value, float) else value
