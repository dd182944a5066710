"""Flags of nights that hold nothing: no data is a fault with a cause, not a quiet night."""

from __future__ import annotations

from collections.abc import Sequence

from twitchwatch.analysis.night import Night
from twitchwatch.flags import words
from twitchwatch.flags.episodes import versions_of
from twitchwatch.flags.flag import Flag


def empty_flags(nights: Sequence[Night], now_utc_us: int | None) -> list[Flag]:
    """One flag for each run of empty nights of one sensor; nights in order of time.

    now_utc_us: a night that is not over by then is not called empty yet (None: all are over). The next night
    with rest resolves the flag.
    """
    flags: list[Flag] = []
    run: list[Night] = []
    for night in nights:
        if night.rest_h > 0:
            if run:
                flags.append(_empty(run, night.start_utc_us))
            run = []
        elif now_utc_us is None or night.end_utc_us <= now_utc_us:
            run.append(night)
    return [*flags, _empty(run, None)] if run else flags


def _empty(run: Sequence[Night], resolved_utc_us: int | None) -> Flag:
    first, last = run[0], run[-1]
    cause = cause_of(last)
    told = "This night has" if len(run) == 1 else f"{len(run)} nights have"
    return Flag(
        kind="no_data",
        scope="night",
        device=first.device,
        sensor=first.sensor,
        night=first.date,
        last_night=last.date,
        since_utc_us=first.start_utc_us,
        resolved_utc_us=resolved_utc_us,
        confidence="high",
        words=f"{told} no time in which a twitch could have been seen: {cause}.",
        may_mean=words.NO_DATA_MEANING,
        to_try=words.NO_DATA_TRY,
        see_doctor="",
        taken_back_by="Records of this night that arrive later, or the next night with data.",
        evidence={
            "nights": len(run),
            "cause": cause,
            "not_worn_h": last.not_worn_h,
            "lost_h": last.lost_h,
            "moving_h": last.moving_h,
        },
        versions=versions_of(run),
    )


def cause_of(night: Night) -> str:
    """What took up most of a night without rest."""
    causes = {
        "not worn": night.not_worn_h,
        "data lost on the sensor": night.lost_h,
        "never at rest": night.moving_h,
        "tremor throughout": night.tremor_h,
    }
    return max(causes, key=lambda name: causes[name]) if any(causes.values()) else "nothing recorded"
