"""A night with its rate, as an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.analysis import live_rate
from twitchwatch.analysis.annotations import precision
from twitchwatch.analysis.board_faults import PARTS, RESTART_CAUSES
from twitchwatch.analysis.night import Judged, Night, Span
from twitchwatch.analysis.rates import Rate, RateRange, left_out, rate_range
from twitchwatch.clock.zone import iso
from twitchwatch.views.events import Bout, Cause, Count, Seconds, Utc, What, bout_of
from twitchwatch.views.shape import Line, View, rounded

INPUT_FAULTS = "`clipped`, `stuck`, `gravity`, `hum`, `lost`, `turned`, `remounted`, `settings`, `rate`"
RESTARTS = ", ".join(f"`{cause.name}`" for cause in RESTART_CAUSES)
CLASSES = ", ".join(f"`{name}`" for name in live_rate.CLASSES)
BROKEN = ", ".join(f"`{part.name}`" for part in PARTS)

Counted = Annotated[int, "count"]
Hours = Annotated[float, "hours"]
Versions = Annotated[list[str], "versions"]


@dataclass(frozen=True)
class Part(View):
    """A part of a night, such as an hour."""

    start_utc: Annotated[str, "ISO 8601"]
    twitches: Counted
    rest_h: Hours
    twitches_per_hour: Annotated[float | None, "per hour of `rest_h`, corrected like that of the night"]


@dataclass(frozen=True)
class NightRange(View):
    """The rate of a night as a range, corrected for the time that bursts take."""

    low: Annotated[float | None, "twitches of known shape per hour: equal to `twitches_per_hour`"]
    low_interval: Annotated[list[float] | None, "95 % interval of it, lower and upper end"]
    high: Annotated[
        float | None,
        "all brief motions per hour that no pulse, tremor, movement or disturbance explains",
    ]
    high_interval: Annotated[list[float] | None, "95 % interval of it"]
    too_many: Annotated[bool, "too many to count: bursts filled more than half of the time"]


@dataclass(frozen=True)
class NightGap(View):
    """Samples or records that were lost."""

    utc: Utc
    what: What
    cause: Cause
    count: Count
    duration_s: Seconds


@dataclass(frozen=True)
class Precision(View):
    """How often the detector was right, by the wearer's annotations."""

    judged: Annotated[int, "events that the wearer judged"]
    right: Annotated[int, "of these, as the detector had classified them"]
    precision: Annotated[float | None, "share that was right, 0 to 1; null if none was judged"]
    interval_low: Annotated[
        float | None,
        "95 % interval of it, lower end; it is valid if they were chosen without regard to what they are",
    ]
    interval_high: Annotated[float | None, "upper end"]


@dataclass(frozen=True)
class AsMeasured(View):
    """The figures of a night without the wearer's annotations."""

    twitches: Counted
    rest_h: Hours
    twitches_per_hour: Annotated[float | None, "as that of the night"]
    interval_low: Annotated[float | None, "95 % interval of it, lower end"]
    interval_high: Annotated[float | None, "upper end"]
    tremor_bouts: Counted
    left_out_h: Annotated[float, "hours recorded in the stretches that are left out"]
    left_out: Annotated[list[list[str]], "list: beginning and end (ISO 8601) of each, in whole minutes"]
    judged_twitches: Annotated[Precision, "object"]
    judged_tremor: Annotated[Precision, "object"]


@dataclass(frozen=True)
class NightView(Line):
    """A night with its rate."""

    kind: Literal["night"]
    sensor: Annotated[str, "its name"]
    hardware_id: Annotated[str, "as the sensor reports it"]
    night: Annotated[str, "date of its evening, local time; a night runs from noon to noon"]
    start_utc: Annotated[str, "the first noon, ISO 8601"]
    end_utc: Annotated[str, "the second"]
    zone: Annotated[str, "time zone where it was worn: IANA name, or offset such as UTC+05:30"]
    twitches: Counted
    twitches_per_hour: Annotated[
        float | None,
        "per hour of `rest_h`; equal to `low` of `rate_per_h` if that is given, corrected for the time that "
        "bursts take; null without rest, or if there are too many to count",
    ]
    interval_low: Annotated[
        float | None, "95 % interval of it, lower end; the clustering of counts is estimated from 28 nights"
    ]
    interval_high: Annotated[float | None, "upper end"]
    dispersion: Annotated[
        float | None, "variance of hourly counts divided by their mean, as known that night; 1 is pure chance"
    ]
    rest: Annotated[str, "`enough` (2 h), `little`, or `none`"]
    left_out: Annotated[str | None, "why the night is left out of trends, or null"]
    rate_per_h: Annotated[
        NightRange | None,
        "object: the rate as a range; null without rest, or without `bursts`",
    ]
    rest_h: Annotated[
        float,
        "hours in which a twitch could have been reported: at rest, without tremor and `blind_h`",
    ]
    blind_h: Annotated[
        float,
        "hours at rest in open bursts, or blind after a start, a gap or bad samples; part of `rest_h` if "
        "`bursts` is null",
    ]
    bursts: Annotated[
        dict[str, int] | None, f"object: counts of bursts by class: {CLASSES}; null if not counted"
    ]
    tremor_h: Annotated[float, "hours at rest in a tremor already recognised"]
    moving_h: Hours
    not_worn_h: Hours
    unusable_h: Annotated[float, "hours at rest with unusable samples; not part of `rest_h`"]
    lost_h: Annotated[float, "hours for which there is no data although the sensor was running"]
    off_h: Annotated[float, "hours between two runs of the sensor that were worn before and after"]
    coverage: Annotated[float, "share of the time from first to last worn minute that was observed, 0 to 1"]
    wear: Annotated[str, "`worn`, `not worn`, or `unknown` if the chip's noise hid it for most of the rest"]
    unknown_h: Annotated[float, "hours of `rest_h` in which the sensor may not have been worn"]
    input_minutes: Annotated[
        dict[str, int], f"object: minutes with each fault of the samples: {INPUT_FAULTS}"
    ]
    restarts: Annotated[
        dict[str, int], f"object: restarts of the sensor by cause, for causes that occurred: {RESTARTS}"
    ]
    broken: Annotated[list[str], f"list: parts of its board that the sensor reported as broken: {BROKEN}"]
    noise_mg: Annotated[float | None, "median noise at rest, rms of one axis; null without rest"]
    detection_limit_mg: Annotated[float | None, "size at which nine in ten twitches are found in this noise"]
    half_duration_s: Annotated[
        float | None,
        "median duration of its twitches at half of their peak; null if fewer than five are known",
    ]
    clock_error_s: Annotated[float, "upper bound on the error of every time in this night"]
    asleep: Annotated[
        Part | None,
        "object like one of `hours`: excludes the time in which the hand moved as if awake; used to compare "
        "nights",
    ]
    awake: Annotated[Part | None, "object: that time; null if there was none"]
    onset: Annotated[Part | None, "object: the first hour asleep; null if no sleep was seen"]
    settled: Annotated[Part | None, "object: the time after it"]
    jerks: Counted
    spasms: Counted
    movements: Counted
    absorbed: Annotated[int, "bursts that were a tremor's own swings, and are not counted above"]
    marks: Annotated[list[str], "times (ISO 8601) at which the sensor's button was pressed"]
    tremor: Annotated[list[Bout], "bouts, as `events` prints them, without `sensor` and `night`"]
    disturbances: Annotated[list[Bout], "the same for lines too steady for a hand, which come from a machine"]
    as_measured: Annotated[
        AsMeasured | None, "object: the figures without the wearer's annotations; null without any"
    ]
    hours: Annotated[list[Part], "list: start_utc, twitches, rest_h, twitches_per_hour"]
    gaps: Annotated[list[NightGap], "list: utc, what, cause, count, duration_s"]
    unread: Annotated[int, "records of a type newer than this version; they are kept"]
    firmware: Versions
    detector_versions: Annotated[list[int], "versions"]
    settings: Annotated[list[str], "CRC-32 of the detector's parameters in force, in hexadecimal"]
    analysis_version: Annotated[int, "version of the analysis"]


@dataclass(frozen=True)
class MissingNights(Line):
    """Nights without records."""

    kind: Literal["missing_nights"]
    night: Annotated[str, "date of the first night's evening"]
    last_night: Annotated[str, "date of the last night's evening"]
    nights: Counted
    cause: Annotated[
        str,
        "`off`, `restarted`, a broken part that stops recording (`sensor`, `flash`), or `unknown`; after "
        "the last night `not fetched`, or the last known cause for a silent sensor: `battery`, `not worn`, "
        "`no records`, `out of reach`, `never seen`, `adapter down`",
    ]
    restarts: Annotated[dict[str, int], "object: restarts by cause in the night that follows"]


def night_view(night: Night, found: Rate, measured: Rate | None) -> NightView:
    """A night with its rates, which come from the archive together; null without rest."""
    return NightView(
        "night",
        sensor=night.device,
        hardware_id=night.sensor,
        night=night.date.isoformat(),
        start_utc=iso(night.start_utc_us),
        end_utc=iso(night.end_utc_us),
        zone=night.zone,
        twitches=night.twitches,
        twitches_per_hour=rounded(found.per_hour),
        interval_low=rounded(found.interval_low),
        interval_high=rounded(found.interval_high),
        dispersion=rounded(found.dispersion),
        rest=found.rest,
        left_out=left_out(night),
        rate_per_h=_range(rate_range(night, found)),
        rest_h=round(night.rest_h, 4),
        blind_h=round(night.blind_h, 4),
        bursts=None if night.bursts is None else dict(night.bursts),
        tremor_h=round(night.tremor_h, 4),
        moving_h=round(night.moving_h, 4),
        not_worn_h=round(night.not_worn_h, 4),
        unusable_h=round(night.unusable_h, 4),
        lost_h=round(night.lost_h, 4),
        off_h=round(night.off_h, 4),
        coverage=round(night.coverage, 4),
        wear=night.wear,
        unknown_h=round(night.unknown_h, 4),
        input_minutes=dict(night.input_minutes),
        restarts=dict(night.restarts),
        broken=list(night.broken),
        noise_mg=rounded(night.noise_mg),
        detection_limit_mg=rounded(night.detection_limit_mg),
        half_duration_s=rounded(night.half_s),
        clock_error_s=round(night.clock_error_s, 3),
        asleep=_part(night.asleep),
        awake=_part(night.awake),
        onset=_part(night.onset),
        settled=_part(night.settled),
        jerks=night.count("jerk"),
        spasms=night.count("spasm"),
        movements=night.count("movement"),
        absorbed=night.absorbed_count,
        marks=[iso(mark.utc_us) for mark in night.marks],
        tremor=[bout_of(bout) for bout in night.bouts],
        disturbances=[bout_of(bout) for bout in night.disturbances],
        as_measured=_as_measured(night, measured),
        hours=[_hour(hour) for hour in night.hours],
        gaps=[
            NightGap(iso(gap.utc_us), gap.what, gap.cause, gap.count, gap.duration_s) for gap in night.gaps
        ],
        unread=night.unread,
        firmware=list(night.firmware),
        detector_versions=list(night.detector_versions),
        settings=[f"{value:08x}" for value in night.settings],
        analysis_version=night.analysis_version,
    )


def precision_view(judged: Judged) -> Precision:
    """How often the detector was right."""
    found = precision(judged)
    return Precision(judged.of, judged.right, *((None,) * 3 if found is None else map(rounded, found)))


def _as_measured(night: Night, rate: Rate | None) -> AsMeasured | None:
    measured = night.measured
    if measured is None or rate is None:
        return None
    return AsMeasured(
        twitches=measured.twitches,
        rest_h=round(measured.rest_h, 4),
        twitches_per_hour=rounded(rate.per_hour),
        interval_low=rounded(rate.interval_low),
        interval_high=rounded(rate.interval_high),
        tremor_bouts=measured.bouts,
        left_out_h=round(measured.left_out_h, 4),
        left_out=[[iso(start), iso(end)] for start, end in measured.left_out],
        judged_twitches=precision_view(measured.judged),
        judged_tremor=precision_view(measured.judged_bouts),
    )


def _range(found: RateRange | None) -> NightRange | None:
    if found is None:
        return None
    ends = [
        None if interval is None else [round(end, 4) for end in interval]
        for interval in (found.low_interval, found.high_interval)
    ]
    return NightRange(rounded(found.low), ends[0], rounded(found.high), ends[1], found.too_many)


def _part(part: Span | None) -> Part | None:
    return None if part is None else _hour(part)


def _hour(part: Span) -> Part:
    return Part(iso(part.start_utc_us), part.twitches, round(part.rest_h, 4), rounded(part.per_hour))
