"""From nights to findings: which of them are worth reporting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from twitchwatch.analysis.night import Night
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.flags.asleep import sleep_flags
from twitchwatch.flags.changing import change_flags, rising_hours_flags
from twitchwatch.flags.finding import Finding
from twitchwatch.flags.lasting import contraction_flags, felt_flags, spread_flags
from twitchwatch.flags.missing import empty_flags
from twitchwatch.flags.rhythmic import train_flags, tremor_flags
from twitchwatch.flags.symptoms import Symptom, symptom_flags

# Mean nights between false findings of a changed rate.
ARL0_DAYS = 365.0


def raise_flags(
    nights: Night | Sequence[Night],
    *,
    now_utc_us: int | None = None,
    places: Mapping[tuple[str, date], str] | None = None,
    symptoms: Iterable[Symptom] = (),
    arl0_days: float = ARL0_DAYS,
    remembered: Remembered | None = None,
) -> list[Finding]:
    """Findings of these nights, ordered by start; derived each time, so their state is kept elsewhere.

    nights: of any sensors, in any order. now_utc_us: nights not over by then are not called empty (None: all
    are over). places: where a sensor (its hardware id) was worn in the night of an evening. symptoms: what
    the wearer noted. remembered: for repeated calls. Twitching by itself is never a finding.
    """
    given = [nights] if isinstance(nights, Night) else list(nights)
    by_sensor: defaultdict[str, list[Night]] = defaultdict(list)
    for night in sorted(given, key=lambda night: night.start_utc_us):
        by_sensor[night.identity].append(night)
    remembered = remembered or Remembered()
    flags = symptom_flags(symptoms)
    for own in by_sensor.values():
        flags += tremor_flags(own, remembered)
        flags += rising_hours_flags(own, remembered)
        flags += change_flags(own, arl0_days, places or {}, remembered)
        flags += train_flags(own, remembered)
        flags += sleep_flags(own, remembered)
        flags += felt_flags(own, remembered)
        flags += contraction_flags(own, remembered)
        flags += empty_flags(own, now_utc_us)
    flags += spread_flags(flags, places or {})
    return sorted(flags, key=lambda flag: flag.since_utc_us)
