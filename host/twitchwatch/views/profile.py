"""The twitch profile as an object: an open format for weeks of nights on one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.views.shape import Line, View

# Of the format, not of this program: rises whenever a key is renamed or removed, or means something else.
PROFILE_VERSION = 1

Interval = Annotated[list[float] | None, "95 % interval, lower and upper end"]
Evening = Annotated[str, "date of its evening"]


@dataclass(frozen=True)
class ProfileSensor(View):
    """What measured, and where."""

    name: Annotated[str, "its name"]
    hardware_id: Annotated[str, "as the sensor reports it"]
    places: Annotated[list[str], "where it was worn, as noted in the journal"]
    firmware: Annotated[list[str], "versions"]
    detector_versions: Annotated[list[int], "versions"]
    analysis_version: Annotated[int, "version of the analysis"]
    sample_rate_hz: Annotated[float, "samples a second"]
    range_g: Annotated[float, "largest acceleration, either way"]


@dataclass(frozen=True)
class ProfileWearer(View):
    """What the wearer noted about themselves."""

    birth_year: Annotated[int | None, "year of birth, or null"]
    sex: Annotated[str | None, "`female`, `male`, `other` or null"]


@dataclass(frozen=True)
class ProfileCoverage(View):
    """How much was seen."""

    nights: Annotated[int, "evenings in the period"]
    nights_with_data: Annotated[int, "of these, with records"]
    nights_usable: Annotated[int, "of these, with at least two hours of rest asleep"]
    rest_h: Annotated[float, "hours asleep and at rest in which a twitch could have been reported"]
    limit_mg: Annotated[
        list[float] | None,
        "smallest twitch that could be seen: least, median and greatest of the usable nights",
    ]


@dataclass(frozen=True)
class ProfileAnnotations(View):
    """What the wearer corrected: all figures follow it."""

    nights: Annotated[int, "nights that the wearer annotated"]
    left_out_h: Annotated[float, "hours recorded in the stretches that are left out"]
    judged: Annotated[int, "twitches that the wearer judged"]
    right: Annotated[int, "of these, as the detector had classified them"]


@dataclass(frozen=True)
class ProfileMissing(View):
    """Nights in a row without data."""

    first_night: Evening
    last_night: Evening
    cause: Annotated[str, "as `cause` of `missing_nights`"]


@dataclass(frozen=True)
class ProfileTwitches(View):
    """How often."""

    count: Annotated[int, "twitches asleep in the usable nights"]
    per_hour: Annotated[
        float | None, "of rest asleep, corrected for the time that bursts take if it was counted"
    ]
    interval: Interval
    change: Annotated[
        float | None, "rate of the later half of the usable nights over that of the earlier half"
    ]
    change_interval: Interval
    change_reason: Annotated[str | None, "why `change` is null"]


@dataclass(frozen=True)
class ProfileCluster(View):
    """Tremor of like frequency."""

    frequency_hz: Annotated[float, "mean"]
    bouts: Annotated[int, "count"]
    total_s: Annotated[float, "seconds in all"]
    amplitude_mg: Annotated[float, "rms, mean"]


@dataclass(frozen=True)
class ProfileTremor(View):
    """Rhythmic shaking, at rest."""

    nights: Annotated[int, "nights with at least one bout"]
    total_min: Annotated[float, "minutes in all"]
    share_of_rest: Annotated[float | None, "of the time at rest, 0 to 1"]
    awake_bouts: Annotated[int, "bouts while the hand moved as if awake"]
    clusters: Annotated[list[ProfileCluster], "list, the longest in all first"]


@dataclass(frozen=True)
class ProfileHour(View):
    """One hour of the clock over all usable nights: twitches an hour."""

    hour: Annotated[int, "local time, 0 to 23"]
    nights: Annotated[int, "in which at least half of it was seen at rest"]
    median: Annotated[float, "middle"]
    p10: Annotated[float, "10th percentile"]
    p25: Annotated[float, "25th"]
    p75: Annotated[float, "75th"]
    p90: Annotated[float, "90th"]


@dataclass(frozen=True)
class ProfileNight(View):
    """One evening of the period."""

    night: Evening
    per_hour: Annotated[float | None, "twitches an hour of rest, or null"]
    interval: Interval
    rest_h: Annotated[float | None, "hours of rest, or null without data"]
    tremor_min: Annotated[float | None, "minutes of tremor, or null without data"]
    hourly: Annotated[
        list[float | None], "twitches in each hour from the first seen to the last; null without rest"
    ]
    missing: Annotated[str | None, "why there is no rate: a cause as in `missing_nights`, or in words"]
    medication: Annotated[list[str], "as noted in time"]
    caffeine_mg: Annotated[float | None, "as noted in time, or null"]


@dataclass(frozen=True)
class ProfileWaveform(View):
    """One twitch to scale."""

    which: Annotated[str, "`largest` or `typical`: the one of median size"]
    night: Evening
    peak_mg: Annotated[float, "peak acceleration, without gravity"]
    rate_hz: Annotated[float, "samples a second"]
    x_mg: Annotated[list[float], "acceleration along x, gravity removed"]
    y_mg: Annotated[list[float], "along y"]
    z_mg: Annotated[list[float], "along z"]


@dataclass(frozen=True)
class ProfileSymptom(View):
    """A symptom that the wearer noted."""

    symptom: Annotated[str, "as in the journal"]
    nights: Annotated[int, "evenings on which it was noted"]
    last_night: Evening


@dataclass(frozen=True)
class ProfileView(Line):
    """Weeks of nights of one sensor on one page. No diagnosis."""

    kind: Literal["profile"]
    profile_version: Annotated[int, "version of this format"]
    first_night: Evening
    last_night: Evening
    sensor: Annotated[ProfileSensor, "object"]
    wearer: Annotated[ProfileWearer | None, "object, as noted in the journal; null if nothing was"]
    coverage: Annotated[ProfileCoverage, "object"]
    annotations: Annotated[ProfileAnnotations | None, "object: what the wearer corrected; null if nothing"]
    missing: Annotated[list[ProfileMissing], "list: nights without data"]
    twitches: Annotated[ProfileTwitches, "object"]
    tremor: Annotated[ProfileTremor, "object"]
    modal_night: Annotated[list[ProfileHour], "list: each hour; empty with fewer than 14 usable nights"]
    nights: Annotated[list[ProfileNight], "list: each evening of the period"]
    waveforms: Annotated[
        list[ProfileWaveform], "list: the largest and a typical twitch of the last usable nights"
    ]
    symptoms: Annotated[list[ProfileSymptom], "list"]
    findings: Annotated[
        list[str], "titles of the findings of the period that are not resolved, the most urgent first"
    ]
