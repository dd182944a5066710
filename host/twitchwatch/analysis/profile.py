"""The twitch profile: several nights of one sensor in the few figures that a neurologist asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

from twitchwatch.analysis.comparison import Comparison, compare
from twitchwatch.analysis.counted import CountedNight
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import Rate, left_out, rate, usual_clusterings
from twitchwatch.analysis.rhythm import TremorEvidence, pooled, tremor_of
from twitchwatch.clock.zone import zone_of

# The modal night of glucose profiles (Bergenstal et al. 2013, J Diabetes Sci Technol 7:562) is drawn from 14
# days and more: fewer show those days rather than the usual one.
MODAL_NIGHTS = 14
# An hour of the clock needs as many nights again in which it was seen for most of its length.
MODAL_HOUR_NIGHTS = 7
MODAL_HOUR_REST_H = 0.5


@dataclass(frozen=True, slots=True)
class ModalHour:
    """Twitches an hour in one hour of the clock, over the nights in which most of it was seen at rest."""

    hour: int
    nights: int
    median: float
    p10: float
    p25: float
    p75: float
    p90: float


@dataclass(frozen=True, slots=True)
class Profile:
    """A period of one sensor.

    usable: its nights with enough rest; rate: over these, asleep, nights as bins. change: the later half of
    them against the earlier. tremor: of all nights, None without a bout; tremor_nights: with one. modal: by
    hour of the clock from the evening on, empty before there are enough nights. limit_mg: least, median and
    greatest detection limit of the usable nights, None without one.
    """

    nights: tuple[Night, ...]
    usable: tuple[Night, ...]
    rate: Rate
    change: Comparison
    tremor: TremorEvidence | None
    tremor_nights: int
    modal: tuple[ModalHour, ...]
    limit_mg: tuple[float, float, float] | None


def profile_of(nights: Sequence[Night], counted: Sequence[CountedNight]) -> Profile:
    """The profile of these nights of one sensor, in chronological order.

    counted: what was seen asleep in each of them, measured alike (`journal.book.counted_nights`).
    """
    usable = [night for night in nights if left_out(night) is None]
    dates = {night.date for night in usable}
    seen = [one for one in counted if one.date in dates]
    usual = usual_clusterings([*usable, usable[-1]])[-1] if usable else None
    counts = [one.twitches for one in seen]
    hours = [one.rest_h for one in seen]
    in_rest_h = sum(night.asleep.rest_h for night in usable)
    tremor = [found for night in nights if (found := tremor_of(night)) is not None]
    half = len(seen) // 2
    limits = sorted(night.detection_limit_mg for night in usable if night.detection_limit_mg is not None)
    return Profile(
        nights=tuple(nights),
        usable=tuple(usable),
        rate=rate(counts, hours, usual, in_rest_h=in_rest_h),
        change=compare(seen[:half], seen[half:]),
        tremor=pooled(tremor) if tremor else None,
        tremor_nights=len(tremor),
        modal=_modal(usable),
        limit_mg=(limits[0], median(limits), limits[-1]) if limits else None,
    )


def _modal(usable: Sequence[Night]) -> tuple[ModalHour, ...]:
    if len(usable) < MODAL_NIGHTS:
        return ()
    by_hour: dict[int, list[float]] = {}
    for night in usable:
        for hour in night.hours:
            if hour.rest_h >= MODAL_HOUR_REST_H and hour.per_hour is not None:
                at = datetime.fromtimestamp(hour.start_utc_us / 1e6, zone_of(night.zone)).hour
                by_hour.setdefault(at, []).append(hour.per_hour)
    found = []
    # A night runs from noon to noon.
    for at in sorted(by_hour, key=lambda hour: (hour - 12) % 24):
        rates = by_hour[at]
        if len(rates) >= MODAL_HOUR_NIGHTS:
            cuts = quantiles(rates, n=20, method="inclusive")
            found.append(ModalHour(at, len(rates), median(rates), cuts[1], cuts[4], cuts[14], cuts[17]))
    return tuple(found)
