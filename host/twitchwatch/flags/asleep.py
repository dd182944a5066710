"""Notes on patterns named in sleep medicine, applied to a finger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from twitchwatch.analysis.night import Night, NightEvent
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.analysis.series import (
    EFM_MINUTES,
    EFM_PER_MINUTE,
    PLM_PER_HOUR,
    FragmentaryMyoclonus,
    PeriodicMovements,
)
from twitchwatch.flags import words
from twitchwatch.flags.episodes import Episode, FoundT, clock, episode_flag, episodes, on_nights
from twitchwatch.flags.finding import Finding

# A week of nights without it resolves such a note.
ENDS_NIGHTS = 7
_RESOLVED_WHEN = "A week of nights passes without it."


def sleep_flags(nights: Sequence[Night], remembered: Remembered) -> list[Finding]:
    """Notes on the nights of one sensor, in chronological order."""
    look = remembered.looks

    def all_of(
        what: str, shown: Callable[[Night], FoundT | None], flag: Callable[[Episode[FoundT]], Finding]
    ) -> list[Finding]:
        reported = episodes(what, nights, shown, remembered, quiet_nights=ENDS_NIGHTS)
        return [remembered.made(what, one, partial(flag, one)) for one in reported]

    return [
        *all_of("periodic", lambda night: look(night).periodic, _periodic),
        *all_of("fragmentary", lambda night: look(night).fragmentary, _fragmentary),
        *all_of("hypnic", lambda night: look(night).hypnic or None, _hypnic),
    ]


def _periodic(episode: Episode[PeriodicMovements]) -> Finding:
    found = episode.found[-1]
    return episode_flag(
        episode,
        kind="periodic_movements",
        since_utc_us=episode.found[0].first_utc_us,
        urgency="note",
        confidence="moderate",
        words=(
            f"Movements of 0.5 to 10 s returned every {found.median_interval_s:.0f} s or so: "
            f"{found.movements} in {found.series} series, {found.per_hour:.0f} an "
            f"hour{on_nights(len(episode.nights))}. This resembles periodic limb movements."
        ),
        may_mean=words.PERIODIC_MEANING,
        to_try=words.CALMING,
        see_doctor=words.PERIODIC_DOCTOR,
        resolved_when=_RESOLVED_WHEN,
        evidence={
            "nights": len(episode.nights),
            "movements": found.movements,
            "series": found.series,
            "movements_per_hour": found.per_hour,
            "median_interval_s": found.median_interval_s,
            "first_utc": clock(found.first_utc_us),
            "last_utc": clock(found.last_utc_us),
        },
        statistics={"p_value": found.p_value, "limit_per_hour": PLM_PER_HOUR},
        records=found.seqs,
    )


def _fragmentary(episode: Episode[FragmentaryMyoclonus]) -> Finding:
    found = episode.found[-1]
    return episode_flag(
        episode,
        kind="fragmentary_myoclonus",
        since_utc_us=episode.found[0].first_utc_us,
        urgency="note",
        confidence="low",
        words=(
            f"For {found.minutes} minutes of the night there were at least {EFM_PER_MINUTE} brief twitches a "
            f"minute{on_nights(len(episode.nights))}. This resembles excessive fragmentary myoclonus."
        ),
        may_mean=words.FRAGMENTARY_MEANING,
        to_try="",
        see_doctor=words.RED_FLAGS,
        resolved_when=_RESOLVED_WHEN,
        evidence={
            "nights": len(episode.nights),
            "minutes": found.minutes,
            "twitches": found.twitches,
            "first_utc": clock(found.first_utc_us),
            "last_utc": clock(found.last_utc_us),
        },
        statistics={"limit_minutes": EFM_MINUTES, "limit_per_minute": EFM_PER_MINUTE},
        records=found.seqs,
    )


def _hypnic(episode: Episode[tuple[NightEvent, ...]]) -> Finding:
    events = [event for found in episode.found for event in found]
    jerks = "A jerk" if len(events) == 1 else f"{len(events)} jerks"
    return episode_flag(
        episode,
        kind="hypnic_jerks",
        since_utc_us=events[0].utc_us,
        urgency="note",
        confidence="moderate",
        words=f"{jerks} as you fell asleep{on_nights(len(episode.nights))}.",
        may_mean=words.HYPNIC_MEANING,
        to_try="",
        see_doctor="",
        resolved_when=_RESOLVED_WHEN,
        evidence={
            "nights": len(episode.nights),
            "jerks": len(events),
            "strongest_mg": max(event.peak_mg for event in events),
            "first_utc": clock(events[0].utc_us),
            "last_utc": clock(events[-1].utc_us),
        },
        records=tuple(event.seq for event in events),
        waveforms=tuple(event.snippet_seq for event in events if event.snippet_seq is not None),
    )
