"""Modelled nights as the analysis would have summarised them from records."""

from __future__ import annotations

from datetime import date, timedelta

from twitchwatch.analysis.contract import RING
from twitchwatch.analysis.detection_limit import detection_limit_mg
from twitchwatch.analysis.live_rate import CLASSES
from twitchwatch.analysis.looks import MIN_TWITCHES, NightLooks
from twitchwatch.analysis.night import NightEvent, NightSummary, Span, TremorBout
from twitchwatch.analysis.series import EFM_MINUTES, EFM_PER_MINUTE, FragmentaryMyoclonus, PeriodicMovements
from twitchwatch.analysis.trains import FALSE_PER_NIGHT, NightTrain, TrainRhythm
from validation.calm.wearers import Life

FIRST = date(2024, 1, 1)
# 2024-01-01, noon UTC.
FIRST_NOON_US = 1_704_110_400_000_000
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
# The ring's night begins so long after noon.
TO_BED_H = 11
SENSOR, NAME = "ca1a", "ring"
# Of an hour, the share at rest; the rest moves.
AT_REST = 0.93
LITTLE_AT_REST = 0.35
_NO_BURSTS = dict.fromkeys(CLASSES, 0)


def noon_us(life: Life, at: int) -> int:
    """When night `at` begins, in UTC microseconds: noon where the wearer is."""
    return FIRST_NOON_US + at * DAY_US - int(life.zone_h[at] * HOUR_US)


def night_of(life: Life, at: int, *, upto_h: int | None = None) -> tuple[NightSummary, NightLooks] | None:
    """Night `at` and what its events show; None if nothing was recorded. upto_h: hours recorded so far."""
    if life.worn[at] == "off":
        return None
    start_us = noon_us(life, at)
    worn = life.worn[at] == "worn"
    hours = int(life.hours[at]) if worn else 0
    hours = hours if upto_h is None else min(hours, upto_h)
    rest_h = LITTLE_AT_REST if life.little[at] else AT_REST
    begin_us = start_us + TO_BED_H * HOUR_US
    counts = life.counts[at, :hours].tolist()
    spans = tuple(Span(begin_us + hour * HOUR_US, count, rest_h, rest_h) for hour, count in enumerate(counts))
    twitches = sum(counts)
    noise_mg = float(life.noise_mg[at]) if worn else None
    drummed_s = float(life.drummed_s[at]) if worn else 0.0
    bouts = (_bout(begin_us, at, drummed_s),) if drummed_s else ()
    night = NightSummary(
        date=FIRST + timedelta(days=at),
        device=NAME,
        sensor=SENSOR,
        start_utc_us=start_us,
        end_utc_us=start_us + DAY_US,
        rest_h=rest_h * hours,
        tremor_h=drummed_s / 3600,
        moving_h=(1 - rest_h) * hours,
        not_worn_h=24.0 - hours,
        lost_h=0.0,
        off_h=0.0,
        coverage=1.0,
        noise_mg=noise_mg,
        detection_limit_mg=None if noise_mg is None else detection_limit_mg(RING, noise_mg),
        clock_error_s=0.1,
        bouts=bouts,
        marks=(),
        gaps=(),
        hours=spans,
        unread=0,
        firmware=(f"0.{life.firmware[at] + 1}.0",),
        detector_versions=(4,),
        settings=(1,),
        onset=spans[0] if spans else None,
        settled=None,
        wear="worn" if worn else "not worn",
        exposure_h=rest_h * hours,
        bursts=tuple({**_NO_BURSTS, "twitch": twitches, "movement": 3 * hours}.items()),
        counted=(("twitch", twitches),),
        absorbed_counted=0,
    )
    return night, _looks(life, at, begin_us, counts)


def _looks(life: Life, at: int, begin_us: int, counts: list[int]) -> NightLooks:
    twitches = sum(counts)
    shows = bool(counts)
    event = _event(begin_us, at)
    busy = sum(count >= 60 * EFM_PER_MINUTE for count in counts)
    return NightLooks(
        trains=(_train(event),) if shows and life.train[at] else (),
        periodic=PeriodicMovements(120, 8, 16.0, 30.0, 0.005, begin_us, begin_us + HOUR_US, (1,))
        if shows and life.periodic[at]
        else None,
        fragmentary=FragmentaryMyoclonus(max(EFM_MINUTES, 60 * busy), twitches, begin_us, begin_us, (1,))
        if busy
        else None,
        hypnic=(event,) if shows and life.hypnic[at] else (),
        felt=(event,) if shows and life.felt[at] else (),
        contractions=(event,) if shows and life.contraction[at] else (),
        twitch_mg=float(life.size_mg[at]) if twitches >= MIN_TWITCHES else None,
        twitch_seqs=(),
    )


def _event(begin_us: int, at: int) -> NightEvent:
    return NightEvent(begin_us, 0, 1, 0, at, "spasm", 2500, 40.0, 0.6, "x", None)


def _train(event: NightEvent) -> NightTrain:
    rhythm = TrainRhythm(20, 18.0, 0.0005, 0.3, 1.1, 0.1, 0.2, 20, ("slow",))
    return NightTrain((event,) * 20, rhythm, FALSE_PER_NIGHT)


def _bout(begin_us: int, at: int, seconds: float) -> TremorBout:
    cycles = round(5 * seconds)
    return TremorBout(begin_us, 0, 1, 0, (at,), seconds, 5.0, 0.3, 60.0, 90.0, cycles, None, shown=True)
