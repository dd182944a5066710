"""Findings about rhythm: tremor bouts, and twitches at regular intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from twitchwatch.analysis.night import Night
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.analysis.rhythm import TremorEvidence, TremorRate, pooled, tremor_of
from twitchwatch.analysis.trains import NightTrain
from twitchwatch.flags import words
from twitchwatch.flags.episodes import (
    Episode,
    FoundT,
    clock,
    duration,
    episode_flag,
    episodes,
    on_nights,
    returns,
)
from twitchwatch.flags.finding import Confidence, Finding, Urgency
from twitchwatch.flags.lasting import lasting

# Rhythm worth reporting: one long bout (the detector needs nearly 4 s to see any), or repeated ones.
LASTING_S = 5.0
RETURNING_BOUTS = 3
# Half a minute of rhythm, or bouts confirmed by their waveforms, leave little doubt.
SURE_S = 30.0
# Four weeks without a bout, a week of them with enough rest, resolve a tremor.
TREMOR_ENDS_DAYS = 28
TREMOR_ENDS_NIGHTS = 7


def tremor_flags(nights: Sequence[Night], remembered: Remembered) -> list[Finding]:
    """One finding for each episode of tremor of one sensor; nights in chronological order."""

    def look(night: Night) -> TremorEvidence | None:
        found = tremor_of(night)
        if found is None or (found.longest_s < LASTING_S and found.bouts < RETURNING_BOUTS):
            return None
        return found

    reported = episodes(
        "tremor",
        nights,
        look,
        remembered,
        quiet_nights=TREMOR_ENDS_NIGHTS,
        quiet_days=TREMOR_ENDS_DAYS,
    )
    return [remembered.made("tremor", one, partial(_lasting, _tremor, one, nights)) for one in reported]


def train_flags(nights: Sequence[Night], remembered: Remembered) -> list[Finding]:
    """One finding for each episode of nights with rhythmic trains; one sensor, in chronological order."""
    reported = episodes(
        "trains",
        nights,
        lambda night: remembered.looks(night).trains or None,
        remembered,
        quiet_nights=TREMOR_ENDS_NIGHTS,
        quiet_days=TREMOR_ENDS_DAYS,
    )
    return [remembered.made("trains", one, partial(_lasting, _train, one, nights)) for one in reported]


def _lasting(
    flag: Callable[[Episode[FoundT]], Finding], episode: Episode[FoundT], nights: Sequence[Night]
) -> Finding:
    """The flag of an episode, which changes only with the nights that it may last into."""
    return lasting(flag(episode), nights, [night.date for night in episode.nights])


def _train(episode: Episode[tuple[NightTrain, ...]]) -> Finding:
    trains = [
        (night, train) for night, found in zip(episode.nights, episode.found, strict=True) for train in found
    ]
    night, longest = max(trains, key=lambda one: one[1].rhythm.duration_s)
    rhythm = longest.rhythm
    events = [event for _, train in trains for event in train.events]
    count = "one train" if len(trains) == 1 else f"{len(trains)} trains"
    return episode_flag(
        episode,
        kind="rhythm",
        since_utc_us=events[0].utc_us,
        urgency="finding" if returns(episode.nights) else "note",
        confidence="moderate",
        words=(
            f"Single twitches followed one another in a rhythm, {rhythm.frequency_hz:.1f} a second, in "
            f"{count}, the longest of {duration(rhythm.duration_s)}{on_nights(len(episode.nights))}. This "
            f"rate fits: {' and '.join(rhythm.bands) or 'no named band'}."
        ),
        may_mean=words.RHYTHM_MEANING,
        to_try=words.TREMOR_TRY,
        see_doctor=words.TREMOR_DOCTOR,
        resolved_when="Four weeks pass without such a train.",
        evidence={
            "nights": len(episode.nights),
            "trains": len(trains),
            "twitches": len(events),
            "longest_s": rhythm.duration_s,
            "frequency_hz": rhythm.frequency_hz,
            "spread_hz": rhythm.spread_hz,
            "amplitude_mg": longest.amplitude_mg,
            "cycles": rhythm.cycles,
            "bands": rhythm.bands,
            "awake": int(night.awake_at(longest.events[0].utc_us)),
            "first_utc": clock(events[0].utc_us),
            "last_utc": clock(events[-1].utc_us),
        },
        statistics={
            "p_value": rhythm.p_value,
            "limit": longest.limit,
            "local_variation": rhythm.local_variation,
            "interval_cv": rhythm.interval_cv,
        },
        records=tuple(event.seq for event in events),
        waveforms=tuple(event.snippet_seq for event in events if event.snippet_seq is not None),
    )


def _tremor(episode: Episode[TremorEvidence]) -> Finding:
    found = pooled(episode.found)
    bouts = "one bout" if found.bouts == 1 else f"{found.bouts} bouts"
    main = found.rates[0]
    snippets = {bout.seq: bout.snippet_seq for night in episode.nights for bout in night.bouts}
    return episode_flag(
        episode,
        kind="tremor",
        since_utc_us=found.first_utc_us,
        urgency=_urgency(episode),
        confidence=_confidence(found),
        words=(
            f"The hand shook rhythmically, {_listed(found.rates)} times a second, in {bouts} of "
            f"{duration(found.total_s)} in all{on_nights(len(episode.nights))}. {_fits(found.rates)}"
        ),
        may_mean=words.TREMOR_MEANING,
        to_try=words.TREMOR_TRY,
        see_doctor=words.TREMOR_DOCTOR,
        resolved_when="Waveforms show no rhythm at this rate, or four weeks pass without a bout.",
        evidence={
            "nights": len(episode.nights),
            "bouts": found.bouts,
            "total_s": found.total_s,
            "longest_s": found.longest_s,
            "frequency_hz": main.frequency_hz,
            "spread_hz": main.spread_hz,
            "amplitude_mg": main.amplitude_mg,
            "peak_mg": found.peak_mg,
            "cycles": found.cycles,
            "bands": main.bands,
            **_apart(found.rates),
            "awake_bouts": found.awake,
            "first_utc": clock(found.first_utc_us),
            "last_utc": clock(found.last_utc_us),
        },
        statistics={"bouts_confirmed": found.confirmed, "bouts_contradicted": found.contradicted},
        records=found.seqs,
        waveforms=tuple(seq for bout in found.seqs if (seq := snippets.get(bout)) is not None),
    )


def _urgency(episode: Episode[TremorEvidence]) -> Urgency:
    """Fingers drummed for some seconds look the same, so only what lasts or returns is for a doctor."""
    long = any(night.total_s >= SURE_S for night in episode.found)
    return "doctor" if long or returns(episode.nights) else "note"


def _confidence(found: TremorEvidence) -> Confidence:
    if found.confirmed or found.total_s >= SURE_S:
        return "high"
    return "moderate" if found.longest_s >= 2 * LASTING_S or found.bouts > 1 else "low"


def _apart(rates: Sequence[TremorRate]) -> dict[str, tuple[str, ...]]:
    if len(rates) == 1:
        return {}
    return {
        "rates": tuple(f"{rate.frequency_hz:.1f} a second for {duration(rate.total_s)}" for rate in rates)
    }


def _listed(rates: Sequence[TremorRate]) -> str:
    return " and ".join(f"{rate.frequency_hz:.1f}" for rate in rates)


def _fits(rates: Sequence[TremorRate]) -> str:
    """Which bands the rates fit; several rates are never averaged, because the mean would fit neither."""
    if len(rates) == 1:
        return f"This rate fits: {_bands(rates[0])}."
    fits = "; ".join(f"{rate.frequency_hz:.1f}: {_bands(rate)}" for rate in rates)
    return f"These are {len(rates)} different rates, so each is stated separately. They fit: {fits}."


def _bands(rate: TremorRate) -> str:
    return " and ".join(rate.bands) or "no named band"
