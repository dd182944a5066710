"""Findings about change: hours above the rest of their night, nights above or below those before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from twitchwatch.analysis.escalation import Alarm, expected_delay, limit_for, usual_of
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import LITTLE_REST_H, usual_clusterings
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.analysis.wear import worn_differently
from twitchwatch.analysis.within import FALSE_PER_NIGHT, RisingHours, within_night
from twitchwatch.flags import words
from twitchwatch.flags.episodes import Episode, clock, episodes, hours, versions_of
from twitchwatch.flags.finding import Confidence, Finding
from twitchwatch.flags.lasting import lasting

_HOUR_US = 3_600_000_000
# A week of nights without such hours resolves a finding of rising hours.
RISING_ENDS_NIGHTS = 7
# The rate by which nights are compared.
CORRECTED = "twitches of known shape, corrected for the time that bursts take"
AS_COUNTED = "twitches as counted, not corrected for the time that bursts take"


def rising_hours_flags(nights: Sequence[Night], remembered: Remembered) -> list[Finding]:
    """One finding for each episode of nights with rising hours; nights of one sensor, in order."""
    usual = {
        id(night): known for night, known in zip(nights, usual_clusterings(nights, remembered), strict=True)
    }

    def look(night: Night) -> RisingHours | None:
        known = usual[id(night)]
        return remembered.of(
            "rising hours", night, lambda: within_night(night.hours, night.onset, known), known
        )

    reported = episodes(nights, look, quiet_nights=RISING_ENDS_NIGHTS)
    return [_rising_hours(episode, remembered) for episode in reported]


def _rising_hours(episode: Episode[RisingHours], remembered: Remembered) -> Finding:
    night, found = episode.nights[-1], episode.found[-1]
    begin = episode.nights[0].hours[episode.found[0].first_index]
    first, last = night.hours[found.first_index], night.hours[found.last_index]
    end_us = last.start_utc_us + _HOUR_US
    low, high = found.interval
    count = len(episode.nights)
    so_far = "this night" if count == 1 else f"the last of {count} such nights"
    return Finding(
        kind="escalation",
        scope="night",
        sensor=night.device,
        hardware_id=night.sensor,
        night=episode.nights[0].date,
        last_night=night.date,
        since_utc_us=begin.start_utc_us,
        resolved_utc_us=episode.resolved_utc_us,
        confidence="moderate",
        words=(
            f"For {hours(found.last_index - found.first_index + 1)} of {so_far} the twitching was "
            f"about {found.ratio:.1f} times as frequent as in the rest of it "
            f"({low:.1f} to {high:.1f} times)."
        ),
        may_mean=words.RISING_NIGHT_MEANING,
        to_try=words.CALMING,
        see_doctor=words.RISING_DOCTOR,
        resolved_when="A week of nights passes without such hours.",
        evidence={
            "nights": count,
            "twitches": found.twitches,
            "rest_h": found.rest_h,
            "twitches_per_hour": found.twitches / found.rest_h,
            "ratio": found.ratio,
            "interval_low": low,
            "interval_high": high,
            "from_utc": clock(first.start_utc_us),
            "to_utc": clock(end_us),
        },
        statistics={
            "score": found.statistic,
            "limit": found.limit,
            "false_findings_per_night": FALSE_PER_NIGHT,
        },
        records=_twitches_of(night, found, remembered),
        versions=versions_of(episode.nights),
    )


def _twitches_of(night: Night, found: RisingHours, remembered: Remembered) -> tuple[int, ...]:
    """The records of the twitches in these hours; those of the whole night are in chronological order."""
    before = sum(hour.twitches for hour in night.hours[: found.first_index])
    within = sum(hour.twitches for hour in night.hours[found.first_index : found.last_index + 1])
    return remembered.looks(night).twitch_seqs[before : before + within]


def change_flags(
    nights: Sequence[Night],
    arl0_days: float,
    places: Mapping[tuple[str, date], str],
    remembered: Remembered,
) -> list[Finding]:
    """Findings about rates that changed from night to night; nights of one sensor in chronological order.

    places: (sensor, evening) to where it was worn. A different detector, detector setting, firmware or
    place can change the counts, so each has its own baseline. So do nights whose dead time was counted,
    because their rates are corrected for it.
    """
    groups: defaultdict[object, list[Night]] = defaultdict(list)
    for night in nights:
        place = places.get((night.identity, night.date))
        # The third number of a firmware's version does not affect counts.
        firmware = tuple(sorted({version.rpartition(".")[0] for version in night.firmware}))
        groups[night.detector_versions, night.settings, firmware, place, night.bursts is None].append(night)
    return [
        flag for key, group in groups.items() for flag in _changes(str(key), group, arl0_days, remembered)
    ]


def _still_up(flag: Finding, nights: Sequence[Night]) -> Finding:
    """Add for how many weeks the rate has been up, if nothing has reduced it."""
    assert flag.night is not None
    up = [night.date for night in nights if night.date >= flag.night and night.rest_h >= LITTLE_REST_H]
    return lasting(flag, nights, up)


def _changes(key: str, nights: Sequence[Night], arl0_days: float, remembered: Remembered) -> list[Finding]:
    """Evenings keep their place in the calendar, so that weekdays stay weekdays."""
    first = nights[0].date
    days = (nights[-1].date - first).days + 1
    counts: list[int | None] = [None] * days
    rests: list[float | None] = [None] * days
    by_day: defaultdict[int, list[Night]] = defaultdict(list)
    for night in nights:
        by_day[(night.date - first).days].append(night)
    for day, same in by_day.items():
        # If a sensor's memory was formatted, its night is in two parts.
        asleep = [night.asleep for night in same if not night.uncountable]
        rest_h = sum(part.rest_h for part in asleep)
        if rest_h >= LITTLE_REST_H:
            counts[day] = sum(part.twitches for part in asleep)
            rests[day] = sum(part.exposed_h for part in asleep)
    monitoring = remembered.trend(f"{nights[0].identity}/{arl0_days}/{key}", arl0_days)
    alarms = monitoring.follow(counts, rests)
    flags = []
    for at, alarm in enumerate(alarms):
        later = alarms[at + 1] if at + 1 < len(alarms) else None
        before = [night for day, same in sorted(by_day.items()) if day < alarm.since_index for night in same]
        after = [
            night
            for day, same in sorted(by_day.items())
            if alarm.since_index <= day <= alarm.index
            for night in same
        ]
        ended = None if later is None else by_day[later.index][-1].end_utc_us
        flag = _change(before, after, alarm, arl0_days, ended, remembered)
        flags.append(_still_up(flag, nights) if alarm.direction == "rising" else flag)
    return flags


def _change(
    before: Sequence[Night],
    after: Sequence[Night],
    alarm: Alarm,
    arl0_days: float,
    ended_us: int | None,
    remembered: Remembered,
) -> Finding:
    since, noticed = after[0], after[-1]
    rising = alarm.direction == "rising"
    low, high = alarm.interval
    otherwise = worn_differently(before, after, remembered)
    compared = [night.asleep for night in before if night.asleep.rest_h >= LITTLE_REST_H]
    usual = usual_of([part.twitches for part in compared], [part.exposed_h for part in compared])
    confidence: Confidence = "high" if low > 1 or high < 1 else "moderate"
    reported = (
        f"Since about {since.date.isoformat()} the fingers twitch {'more' if rising else 'less'} often: "
        f"{alarm.ratio:.1f} times the rate of the nights before ({low:.1f} to {high:.1f} times)."
    )
    if otherwise:
        confidence = "low"
        reported += (
            f" But {' and '.join(otherwise)} changed at the same time: the sensor may have been worn "
            "differently since then."
        )
    return Finding(
        kind="escalation" if rising else "easing",
        scope="nights",
        sensor=noticed.device,
        hardware_id=noticed.sensor,
        night=since.date,
        last_night=noticed.date,
        since_utc_us=since.start_utc_us,
        urgency="finding" if rising else "note",
        resolved_utc_us=ended_us,
        confidence=confidence,
        words=reported,
        may_mean=words.RISING_NIGHTS_MEANING if rising else words.EASING_MEANING,
        to_try=words.CALMING if rising else words.EASING_TRY,
        see_doctor=words.RISING_DOCTOR if rising else words.EASING_DOCTOR,
        resolved_when="The rate returns to its earlier level; a further change replaces this finding.",
        evidence={
            "ratio": alarm.ratio,
            "interval_low": low,
            "interval_high": high,
            "since_night": since.date.isoformat(),
            "noticed_night": noticed.date.isoformat(),
            "worn_differently": otherwise,
            "rate_of": AS_COUNTED if noticed.bursts is None else CORRECTED,
        },
        statistics={
            "score": alarm.statistic,
            "limit": limit_for(arl0_days),
            "arl0_days": arl0_days,
            "usual_twitches": None if usual is None else usual[0],
            "dispersion": None if usual is None else usual[1],
            "doubling_found_after_nights": None
            if usual is None
            else expected_delay(*usual, arl0_days=arl0_days),
        },
        versions=versions_of((*before, *after)),
    )
