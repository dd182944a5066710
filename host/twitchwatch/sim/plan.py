"""What happens when in a modelled night: turns, one tremor bout, twitches, and an hour with many more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FULL_NIGHT_H = 8.0
"""The night that the counts below are for; a shorter one has proportionally fewer."""

TURNS = (12, 25)
"""Posture changes in eight hours: 1.6 an hour, SD 0.7 (Skarpsno 2017, Nat Sci Sleep 9:267), rounded up
since a hand also moves by itself."""

TURN_S = (2.0, 6.0)
TREMOR_S = (20.0, 40.0)
SHORTEST_WITH_TREMOR_H = 0.1

TWITCHES_PER_H = (6.5, 8.5)
"""Base rate of the night; 13.8 to 18.1/h with the rise. Assumption, modest beside the 90th percentile of
healthy sleepers' fragmentary myoclonus, 144/h of EMG bursts, most of which do not move the finger."""

RISE = 10.0
"""Times the base rate, for the eighth part of the night that begins somewhere between its 65th and 80th
percent. Assumption: so steep that a statistic which allows for clustering finds it in two nights of three."""

RISE_PART = 1 / 8

CLUSTER_S = 600.0
CLUSTER_SHAPE = 2.0
"""The rate of every ten minutes is drawn from a gamma distribution of this shape: hourly counts come out
with a variance of 1.7 times their mean at 8/h (a Poisson process would have 1). Assumption: real twitching
is clustered."""

TWITCHES_APART_S = 1.5
"""Least distance of two onsets: a waveform lasts up to 0.6 s."""

SETTLE_S = 5.0
"""No twitch so soon before or after a turn or the tremor bout, nor at either end of the night: truth there
would be disputable."""

CALM_AROUND_TREMOR_S = 15.0
TURNS_APART_S = 120.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start_s` on, for `duration_s`."""

    start_s: float
    duration_s: float

    @property
    def end_s(self) -> float:
        """First moment after it."""
        return self.start_s + self.duration_s

    def near(self, start_s: float, end_s: float, margin_s: float) -> bool:
        """Whether [start_s, end_s] comes closer than `margin_s`."""
        return start_s < self.end_s + margin_s and end_s > self.start_s - margin_s


@dataclass(frozen=True, slots=True)
class Plan:
    """Turns and twitch onsets in chronological order, none at the same time as another or as the tremor."""

    turns: tuple[Stretch, ...]
    twitches_s: tuple[float, ...]
    rise: Stretch
    tremor: Stretch | None


def plan_night(
    rng: np.random.Generator, hours: float, *, times: float = 1.0, rise: bool = True, tremor: bool = True
) -> Plan:
    """Draw the plan of a night of `hours`; below 0.1 h it has neither tremor nor turns.

    times: the base rate over the usual one. rise, tremor: whether there is an hour with many more twitches,
    and a tremor bout.
    """
    night_s = hours * 3600
    lively = Stretch(night_s * rng.uniform(0.65, 0.8), night_s * RISE_PART)
    if not rise:
        lively = Stretch(night_s, 0.0)
    bout = None
    turns: list[Stretch] = []
    if hours >= SHORTEST_WITH_TREMOR_H:
        bout = Stretch(night_s * rng.uniform(0.2, 0.5), rng.uniform(*TREMOR_S))
        turns = _turns(rng, hours, bout)
    if not tremor:
        bout = None
    calm_breakers = [*turns, *([bout] if bout else [])]
    onsets_s: list[float] = []
    for onset_s in _onsets(rng, night_s, lively, times):
        crowded = bool(onsets_s) and onset_s - onsets_s[-1] < TWITCHES_APART_S
        if not crowded and not any(each.near(onset_s, onset_s, SETTLE_S) for each in calm_breakers):
            onsets_s.append(onset_s)
    return Plan(tuple(turns), tuple(onsets_s), lively, bout)


def _turns(rng: np.random.Generator, hours: float, tremor: Stretch) -> list[Stretch]:
    wanted = max(1, round(rng.integers(*TURNS, endpoint=True) * hours / FULL_NIGHT_H))
    turns: list[Stretch] = []
    while len(turns) < wanted:
        turn = Stretch(rng.uniform(SETTLE_S, hours * 3600 - 2 * SETTLE_S), rng.uniform(*TURN_S))
        if not tremor.near(turn.start_s, turn.end_s, CALM_AROUND_TREMOR_S) and not any(
            other.near(turn.start_s, turn.end_s, TURNS_APART_S) for other in turns
        ):
            turns.append(turn)
    return sorted(turns, key=lambda turn: turn.start_s)


def _onsets(rng: np.random.Generator, night_s: float, rise: Stretch, times: float) -> list[float]:
    """Onsets of a Poisson process with gamma-distributed rates (a Cox process), and of the rise, in order."""
    base_per_s = times * rng.uniform(*TWITCHES_PER_H) / 3600
    onsets_s: list[float] = []
    for start_s in np.arange(0, night_s, CLUSTER_S):
        length_s = min(CLUSTER_S, night_s - start_s)
        expected = base_per_s * length_s * rng.gamma(CLUSTER_SHAPE, 1 / CLUSTER_SHAPE)
        drawn_s = start_s + rng.uniform(0, length_s, rng.poisson(expected))
        onsets_s += [onset_s for onset_s in drawn_s.tolist() if not rise.near(onset_s, onset_s, 0)]
    onsets_s += rng.uniform(
        rise.start_s, rise.end_s, rng.poisson(base_per_s * RISE * rise.duration_s)
    ).tolist()
    return sorted(onset_s for onset_s in onsets_s if SETTLE_S < onset_s < night_s - SETTLE_S)
