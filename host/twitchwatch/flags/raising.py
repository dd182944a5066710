"""From nights to flags: which findings are worth a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from twitchwatch.analysis.escalation import Alarm, monitor, within_night
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import LITTLE_REST_H
from twitchwatch.analysis.rhythm import TremorEvidence, tremor_of
from twitchwatch.flags import words
from twitchwatch.flags.flag import Confidence, Flag

# Rhythm worth a word: one bout that lasts (the detector needs nearly 4 s to see any), or one that returns.
LASTING_S = 5.0
RETURNING_BOUTS = 3
# Half a minute of rhythm, or bouts borne out by their waveforms, leave little doubt that it is rhythm.
SURE_S = 30.0


def raise_flags(
    nights: Night | Sequence[Night],
    *,
    now_utc_us: int | None = None,
    shown: Mapping[int, bool] | None = None,
    arl0_days: float = 365,
) -> list[Flag]:
    """Flags of these nights, in order of their beginning; derived anew each time, so state lies elsewhere.

    nights: of any devices, in any order. now_utc_us: nights not over by then are not called empty (None: all
    are over). shown: as `rhythm.tremor_of` takes it. That there are twitches is never a flag.
    """
    given = [nights] if isinstance(nights, Night) else list(nights)
    flags = []
    for night in given:
        over = now_utc_us is None or night.end_utc_us <= now_utc_us
        flags += [*_tremor(night, shown or {}), *_rising_hours(night), *(_empty(night) if over else [])]
    by_device = sorted(given, key=lambda night: (night.device, night.date))
    for _, group in groupby(by_device, key=lambda night: (night.device, night.detector_versions)):
        # Another detector counts otherwise: its nights begin a baseline of their own.
        flags += _change(list(group), arl0_days)
    return sorted(flags, key=lambda flag: flag.since_utc_us)


def clock(utc_us: int) -> str:
    """UTC in ISO 8601, to the second."""
    return datetime.fromtimestamp(utc_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tremor(night: Night, shown: Mapping[int, bool]) -> list[Flag]:
    found = tremor_of(night, shown)
    if found is None or (found.longest_s < LASTING_S and found.bouts < RETURNING_BOUTS):
        return []
    bouts = "one bout" if found.bouts == 1 else f"{found.bouts} bouts"
    fits = " and ".join(found.bands) or "no named band"
    return [
        Flag(
            kind="tremor",
            scope="night",
            device=night.device,
            night=night.date,
            since_utc_us=found.first_utc_us,
            confidence=_tremor_confidence(found),
            words=(
                f"The hand shook rhythmically, {found.frequency_hz:.1f} times a second, in {bouts} of "
                f"{_duration(found.total_s)} in all. This rate fits: {fits}."
            ),
            may_mean=words.TREMOR_MEANING,
            to_try=words.TREMOR_TRY,
            see_doctor=words.TREMOR_DOCTOR,
            taken_back_by="Waveforms that show no rhythm at this rate, or four weeks without a bout.",
            evidence={
                "bouts": found.bouts,
                "total_s": found.total_s,
                "longest_s": found.longest_s,
                "frequency_hz": found.frequency_hz,
                "spread_hz": found.spread_hz,
                "amplitude_mg": found.amplitude_mg,
                "peak_mg": found.peak_mg,
                "cycles": found.cycles,
                "bands": found.bands,
                "first_utc": clock(found.first_utc_us),
                "last_utc": clock(found.last_utc_us),
            },
            statistics={"bouts_confirmed": found.confirmed, "bouts_contradicted": found.contradicted},
            records=found.seqs,
        )
    ]


def _tremor_confidence(found: TremorEvidence) -> Confidence:
    if found.confirmed or found.total_s >= SURE_S:
        return "high"
    return "moderate" if found.longest_s >= 2 * LASTING_S or found.bouts > 1 else "low"


def _rising_hours(night: Night) -> list[Flag]:
    found = within_night(night.hours)
    if found is None:
        return []
    first, last = night.hours[found.first_index], night.hours[found.last_index]
    end_us = last.start_utc_us + 3_600_000_000
    low, high = found.interval
    return [
        Flag(
            kind="escalation",
            scope="night",
            device=night.device,
            night=night.date,
            since_utc_us=first.start_utc_us,
            confidence="moderate",
            words=(
                f"For {_hours(found.last_index - found.first_index + 1)} of this night the twitching was "
                f"about {found.ratio:.1f} times as frequent as in the rest of it "
                f"({low:.1f} to {high:.1f} times)."
            ),
            may_mean=words.RISING_NIGHT_MEANING,
            to_try=words.CALMING,
            see_doctor=words.RISING_DOCTOR,
            taken_back_by="Resolved when the next nights bring no such hours.",
            evidence={
                "twitches": found.twitches,
                "rest_h": found.rest_h,
                "twitches_per_hour": found.twitches / found.rest_h,
                "ratio": found.ratio,
                "interval_low": low,
                "interval_high": high,
                "from_utc": clock(first.start_utc_us),
                "to_utc": clock(end_us),
            },
            statistics={"score": found.statistic, "limit": found.limit, "false_findings_per_night": 0.01},
            records=tuple(
                event.seq
                for event in night.events
                if event.kind == "twitch" and first.start_utc_us <= event.utc_us < end_us
            ),
        )
    ]


def _change(nights: Sequence[Night], arl0_days: float) -> list[Flag]:
    enough = [night.rest_h if night.rest_h >= LITTLE_REST_H else None for night in nights]
    alarms = monitor([night.twitches for night in nights], enough, arl0_days=arl0_days)
    return [_change_flag(nights, alarm, arl0_days) for alarm in alarms]


def _change_flag(nights: Sequence[Night], alarm: Alarm, arl0_days: float) -> Flag:
    since, noticed = nights[alarm.since_index], nights[alarm.index]
    rising = alarm.direction == "rising"
    low, high = alarm.interval
    return Flag(
        kind="escalation" if rising else "easing",
        scope="nights",
        device=noticed.device,
        night=noticed.date,
        since_utc_us=since.start_utc_us,
        confidence="high" if low > 1 or high < 1 else "moderate",
        words=(
            f"Since about {since.date.isoformat()} the fingers twitch {'more' if rising else 'less'} often: "
            f"{alarm.ratio:.1f} times the rate of the nights before ({low:.1f} to {high:.1f} times)."
        ),
        may_mean=words.RISING_NIGHTS_MEANING if rising else words.EASING_MEANING,
        to_try=words.CALMING if rising else words.EASING_TRY,
        see_doctor=words.RISING_DOCTOR if rising else words.RED_FLAGS,
        taken_back_by="Nights that return to the earlier rate.",
        evidence={
            "ratio": alarm.ratio,
            "interval_low": low,
            "interval_high": high,
            "since_night": since.date.isoformat(),
            "noticed_night": noticed.date.isoformat(),
        },
        statistics={"score": alarm.statistic, "arl0_days": arl0_days},
    )


def _empty(night: Night) -> list[Flag]:
    if night.rest_h > 0:
        return []
    causes = {
        "not worn": night.not_worn_h,
        "data lost on the sensor": night.lost_h,
        "never at rest": night.moving_h,
        "tremor throughout": night.tremor_h,
    }
    cause = max(causes, key=lambda name: causes[name]) if any(causes.values()) else "nothing recorded"
    return [
        Flag(
            kind="no_data",
            scope="night",
            device=night.device,
            night=night.date,
            since_utc_us=night.start_utc_us,
            confidence="high",
            words=f"This night has no time in which a twitch could have been seen: {cause}.",
            may_mean=words.NO_DATA_MEANING,
            to_try=words.NO_DATA_TRY,
            see_doctor="",
            taken_back_by="Records of this night that arrive later.",
            evidence={"cause": cause, **_hours_of(night)},
        )
    ]


def _hours_of(night: Night) -> dict[str, float]:
    return {"not_worn_h": night.not_worn_h, "lost_h": night.lost_h, "moving_h": night.moving_h}


def _hours(count: int) -> str:
    return "one hour" if count == 1 else f"{count} hours"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
