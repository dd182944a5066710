"""Series that sleep medicine has names for: periodic movements, fragmentary myoclonus, hypnic jerks.

The rules are those for electrodes on the legs or under the chin. A ring sees a finger, and no sleep stages:
what follows them here is "like" what they were made for, and is never called by the bare name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from twitchwatch.analysis.night import NightEvent, WholeNight
from twitchwatch.analysis.trains import MIN_EVENTS, rhythm_of

# World Association of Sleep Medicine 2016 (Ferri et al., Sleep Med 26:86): movements of 0.5 to 10 s, at least
# four in a row, their onsets 10 to 90 s apart; a shorter or a longer interval ends the series.
PLM_SHORTEST_S, PLM_LONGEST_S = 0.5, 10.0
PLM_INTERVAL_S = (10.0, 90.0)
PLM_IN_A_ROW = 4
# International Classification of Sleep Disorders, 3rd edition: above 15 an hour in adults.
PLM_PER_HOUR = 15.0
# Movements at random fall into such series too: their order must be more regular than chance.
PLM_CHANCE = 0.01
PLM_HIGHEST_HZ = 1 / PLM_INTERVAL_S[0]

# American Academy of Sleep Medicine, scoring manual: EMG bursts of up to 150 ms, 5 a minute and more, for at
# least 20 minutes of the night. Single minutes of a night with steady frequent twitching reach that by
# chance; five in a row do not.
# A finger swings on for a moment after a burst. Of modelled bursts of motor units within 150 ms 95 % move it
# for at most this long at half of the peak (python -m validation.findings half_widths).
EFM_LONGEST_S = 0.165
# Only some events have a waveform if the log was full. The others count too if at least this many are known,
# and this share of them is brief.
EFM_KNOWN = 20
EFM_BRIEF_SHARE = 0.9
EFM_PER_MINUTE = 5
EFM_MINUTES = 20
EFM_PIECE_MINUTES = 5

# A hypnic jerk occurs while falling asleep: from this long before sleep begins to this long after it.
HYPNIC_BEFORE_US = 10 * 60_000_000
HYPNIC_AFTER_US = 20 * 60_000_000

_PIECE_US = EFM_PIECE_MINUTES * 60_000_000


@dataclass(frozen=True, slots=True)
class PeriodicMovements:
    """Movements in periodic series; per_hour over the time at rest or moving; p_value: of the regularity."""

    movements: int
    series: int
    per_hour: float
    median_interval_s: float
    p_value: float
    first_utc_us: int
    last_utc_us: int
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FragmentaryMyoclonus:
    """Time asleep with many brief twitches, and the twitches in it."""

    minutes: int
    twitches: int
    first_utc_us: int
    last_utc_us: int
    seqs: tuple[int, ...]


def periodic_movements(night: WholeNight) -> PeriodicMovements | None:
    """Series of movements like periodic limb movements, if there are enough of them to report."""
    moves = [
        event
        for event in night.events
        if event.kind in ("spasm", "movement")
        and event.duration_ms >= 1000 * PLM_SHORTEST_S
        and not night.awake_at(event.utc_us)
    ]
    runs = [run for run in _runs(moves) if len(run) >= PLM_IN_A_ROW]
    inside = [event for run in runs for event in run]
    observed_h = night.rest_h + night.tremor_h + night.moving_h
    if len(inside) < MIN_EVENTS or not observed_h or len(inside) / observed_h < PLM_PER_HOUR:
        return None
    start_us = moves[0].utc_us
    rhythm = rhythm_of(
        [(event.utc_us - start_us) / 1_000_000 for event in moves],
        dead_s=[event.duration_ms / 1000 for event in moves],
        highest_hz=PLM_HIGHEST_HZ,
        seed=inside[0].seq,
    )
    if rhythm is None or rhythm.p_value > PLM_CHANCE:
        return None
    intervals = sorted(
        (after.utc_us - before.utc_us) / 1_000_000 for run in runs for before, after in pairwise(run)
    )
    return PeriodicMovements(
        movements=len(inside),
        series=len(runs),
        per_hour=len(inside) / observed_h,
        median_interval_s=intervals[len(intervals) // 2],
        p_value=rhythm.p_value,
        first_utc_us=inside[0].utc_us,
        last_utc_us=inside[-1].utc_us,
        seqs=tuple(event.seq for event in inside),
    )


def _runs(moves: Sequence[NightEvent]) -> list[list[NightEvent]]:
    runs: list[list[NightEvent]] = []
    last_us: int | None = None
    for event in moves:
        apart_s = None if last_us is None else (event.utc_us - last_us) / 1_000_000
        last_us = event.utc_us
        if event.duration_ms > 1000 * PLM_LONGEST_S:
            # Too long to be one of them: it ends the series.
            runs.append([])
        elif runs and runs[-1] and apart_s is not None and PLM_INTERVAL_S[0] <= apart_s <= PLM_INTERVAL_S[1]:
            runs[-1].append(event)
        else:
            runs.append([event])
    return runs


def fragmentary_myoclonus(night: WholeNight) -> FragmentaryMyoclonus | None:
    """Excessive fragmentary myoclonus, as far as a finger shows it."""
    twitches = [
        event for event in night.events if event.kind == "twitch" and not night.awake_at(event.utc_us)
    ]
    shown = [event for event in twitches if event.half_s is not None]
    brief = [event for event in shown if event.half_s is not None and event.half_s <= EFM_LONGEST_S]
    if len(shown) >= EFM_KNOWN and len(brief) >= EFM_BRIEF_SHARE * len(shown):
        brief = [event for event in twitches if event.half_s is None or event.half_s <= EFM_LONGEST_S]
    by_piece = Counter(event.utc_us // _PIECE_US for event in brief)
    busy = {piece for piece, count in by_piece.items() if count >= EFM_PER_MINUTE * EFM_PIECE_MINUTES}
    if len(busy) * EFM_PIECE_MINUTES < EFM_MINUTES:
        return None
    inside = [event for event in brief if event.utc_us // _PIECE_US in busy]
    return FragmentaryMyoclonus(
        minutes=len(busy) * EFM_PIECE_MINUTES,
        twitches=len(inside),
        first_utc_us=inside[0].utc_us,
        last_utc_us=inside[-1].utc_us,
        seqs=tuple(event.seq for event in inside),
    )


def hypnic_jerks(night: WholeNight) -> tuple[NightEvent, ...]:
    """The jerks around the beginning of sleep; none if no sleep was seen."""
    if night.onset is None:
        return ()
    start_us = night.onset.start_utc_us - HYPNIC_BEFORE_US
    end_us = night.onset.start_utc_us + HYPNIC_AFTER_US
    return tuple(
        event for event in night.events if event.kind == "jerk" and start_us <= event.utc_us < end_us
    )
