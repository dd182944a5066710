"""Findings about empty nights: missing data is a fault with a cause, not a quiet night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from twitchwatch.analysis.board_faults import PARTS, RESTART_CAUSES, restarts_reported
from twitchwatch.analysis.night import Night
from twitchwatch.flags import words
from twitchwatch.flags.episodes import versions_of
from twitchwatch.flags.finding import Finding

LOST = "data lost on the sensor"
NOTHING = "nothing recorded"
NOT_WORN = "not worn"


def empty_flags(nights: Sequence[Night], now_utc_us: int | None) -> list[Finding]:
    """One finding for each run of empty nights of one sensor; nights in chronological order.

    now_utc_us: a night that is not over by then is not called empty yet (None: all are over). The next night
    with rest resolves the flag.
    """
    flags: list[Finding] = []
    run: list[Night] = []
    for night in nights:
        if night.rest_h > 0:
            if run:
                flags.append(_empty(run, night.start_utc_us))
            run = []
        elif now_utc_us is None or night.end_utc_us <= now_utc_us:
            run.append(night)
    return [*flags, _empty(run, None)] if run else flags


def _empty(run: Sequence[Night], resolved_utc_us: int | None) -> Finding:
    first, last = run[0], run[-1]
    cause = cause_of(last)
    total: Counter[str] = Counter()
    for night in run:
        total.update(dict(night.restarts))
    counted = restarts_reported(total.items())
    restarted = f" The sensor restarted: {counted}." if counted else ""
    reported = "This night has" if len(run) == 1 else f"{len(run)} nights have"
    return Finding(
        kind="no_data",
        scope="night",
        sensor=first.device,
        hardware_id=first.sensor,
        night=first.date,
        last_night=last.date,
        since_utc_us=first.start_utc_us,
        resolved_utc_us=resolved_utc_us,
        confidence="high",
        words=f"{reported} no time in which a twitch could have been seen: {cause}.{restarted}",
        may_mean=words.NO_DATA_MEANING,
        to_try=_to_try(last, total),
        see_doctor="",
        resolved_when="Records of this night arrive later, or the next night has data.",
        evidence={
            "nights": len(run),
            "cause": cause,
            "not_worn_h": last.not_worn_h,
            "lost_h": last.lost_h,
            "moving_h": last.moving_h,
            **({"restarts": counted} if counted else {}),
            **({"broken": last.broken} if last.broken else {}),
        },
        versions=versions_of(run),
    )


def cause_of(night: Night) -> str:
    """What most of a night without rest consisted of."""
    causes = {
        NOT_WORN: night.not_worn_h,
        LOST: night.lost_h,
        "never at rest": night.moving_h,
        "tremor throughout": night.tremor_h,
    }
    most = max(causes, key=lambda name: causes[name]) if any(causes.values()) else NOTHING
    if most in (NOTHING, LOST):
        return next((part.words for part in PARTS if part.stops and part.name in night.broken), most)
    return most


def _to_try(night: Night, restarts: Mapping[str, int]) -> str:
    """The remedy for what the sensor reported about its board, if anything."""
    for part in PARTS:
        if part.name in night.broken:
            return part.remedy
    causes = [cause for cause in RESTART_CAUSES if cause.name != "power_ons" and restarts.get(cause.name, 0)]
    if causes:
        return max(causes, key=lambda cause: restarts[cause.name]).remedy
    return words.NO_DATA_TRY
