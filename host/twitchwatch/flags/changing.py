"""Findings about change: hours above the rest of their night, nights above or below those before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import zip_longest

from twitchwatch.analysis.escalation import Alarm, expected_delay, limit_for, limits_of, usual_of
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import LITTLE_REST_H, usual_clusterings
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.analysis.wear import worn_differently
from twitchwatch.analysis.within import FALSE_PER_NIGHT, RisingHours, within_night
from twitchwatch.clock.dates import evening
from twitchwatch.flags import words
from twitchwatch.flags.baselines import Baseline, Baselines, Described, comparable
from twitchwatch.flags.episodes import Episode, clock, episodes, hours, returns, versions_of
from twitchwatch.flags.finding import Confidence, Finding
from twitchwatch.flags.lasting import lasting
from twitchwatch.flags.still_up import per_hour, still_up

_HOUR_US = 3_600_000_000
# A week of nights without such hours resolves a finding of rising hours.
RISING_ENDS_NIGHTS = 7
# The stretch for which the limits of the test are stated.
WEEK = 7
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

    reported = episodes("rising hours", nights, look, remembered, quiet_nights=RISING_ENDS_NIGHTS)
    return [remembered.made("rising hours", one, partial(_rising_hours, one, remembered)) for one in reported]


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
        # One such night means little; several mean more.
        urgency="finding" if returns(episode.nights) else "note",
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

    places: (sensor, evening) to where it was worn.
    """
    of = f"{nights[0].identity}/{arl0_days}"
    found = []
    for baseline in remembered.course(f"{of}/baselines", Baselines).follow(nights, places):
        monitoring = remembered.trend(f"{of}/{baseline.key}", arl0_days)
        alarms = monitoring.follow(baseline.counts, baseline.rests)
        for alarm, later in zip_longest(alarms, alarms[1:]):
            known = baseline.described.get(id(alarm))
            noticed = _change(baseline, alarm, arl0_days, remembered) if known is None else known.noticed
            newest = baseline.nights[-1] if later is None else None
            if known is None or known.later is not later or known.newest is not newest:
                flag = _followed(noticed, baseline, alarm, later)
                known = baseline.described[id(alarm)] = Described(alarm, noticed, later, newest, flag)
            found.append(known.flag)
    return found


def change_limits(
    nights: Sequence[Night], arl0_days: float, places: Mapping[tuple[str, date], str], remembered: Remembered
) -> tuple[float, float] | None:
    """Rates an hour beyond which a week would be a finding; None if nothing is usual yet.

    nights: of one sensor in chronological order; otherwise as for `change_flags`.
    """
    if not nights:
        return None
    of = f"{nights[0].identity}/{arl0_days}"
    baselines = remembered.course(f"{of}/baselines", Baselines).follow(nights, places)
    newest = next(one for one in baselines if one.nights[-1] is nights[-1])
    monitoring = remembered.trend(f"{of}/{newest.key}", arl0_days)
    monitoring.follow(newest.counts, newest.rests)
    return limits_of(monitoring.baseline(), nights=WEEK, arl0_days=arl0_days)


def _followed(flag: Finding, baseline: Baseline, alarm: Alarm, later: Alarm | None) -> Finding:
    """The same with how it went on: for how many weeks the rate has stayed up, and when that ended."""
    if later is not None:
        flag = replace(flag, resolved_utc_us=baseline.between(later.index, later.index)[-1].end_utc_us)
    if alarm.direction == "falling":
        return flag
    assert flag.night is not None
    after = baseline.between(alarm.since_index, alarm.index)
    own = baseline.between(0, len(baseline.counts) if later is None else later.since_index - 1)
    usual_per_h = per_hour(comparable(after)) / alarm.ratio
    up = still_up(own, flag.night, after[-1].date, usual_per_h, alarm.ratio)
    evenings = sorted({*(night.date for night in after), *up.evenings})
    ends = [end for end in (flag.resolved_utc_us, up.ended_utc_us) if end is not None]
    flag = replace(flag, last_night=evenings[-1], resolved_utc_us=min(ends, default=None))
    # If the sensor seems to have moved, its rate stays changed, which means nothing.
    if flag.confidence == "low":
        return flag
    return lasting(replace(flag, urgency="finding" if up.sustained else "note"), own, evenings)


def _change(baseline: Baseline, alarm: Alarm, arl0_days: float, remembered: Remembered) -> Finding:
    """The change as it was noticed."""
    before = baseline.between(0, alarm.since_index - 1)
    after = baseline.between(alarm.since_index, alarm.index)
    since, noticed = after[0], after[-1]
    rising = alarm.direction == "rising"
    low, high = alarm.interval
    otherwise = worn_differently(before, after, remembered)
    compared = [night.asleep for night in before if night.asleep.rest_h >= LITTLE_REST_H]
    usual = usual_of([part.twitches for part in compared], [part.exposed_h for part in compared])
    confidence: Confidence = "high" if low > 1 or high < 1 else "moderate"
    reported = (
        f"Since about {evening(since.date)} the fingers twitch {'more' if rising else 'less'} often: "
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
        urgency="note",
        confidence=confidence,
        words=reported,
        may_mean=words.RISING_NIGHTS_MEANING if rising else words.EASING_MEANING,
        to_try=words.CALMING if rising else words.EASING_TRY,
        see_doctor=words.RISING_DOCTOR if rising else words.EASING_DOCTOR,
        resolved_when="Two weeks pass near the earlier rate; a further change replaces this finding.",
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
