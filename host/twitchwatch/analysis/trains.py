"""Trains: do single twitches, counted separately, follow each other in a rhythm?

A rhythm must be distinguished from what only looks like one: many twitches in a short time, flurries, a rate
that drifts, and a detector that cannot separate two close twitches. So the test asks whether the twitches are
more regular than if every few of them had been placed at random in the time that they took together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twitchwatch.analysis.night import NightEvent, WholeNight
from twitchwatch.analysis.rhythm import bands_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Each surrogate keeps every so-manieth twitch and places those between again: whatever is slower stays.
BLOCK = 4
# Twitches that a train must have, and the most that one test looks at.
MIN_EVENTS = 16
MAX_EVENTS = 400
# Surrogates are made in lots; once this many of them look as regular, more would not change the answer (Besag
# and Clifford 1991, Biometrika 78:301).
LOT = 199
MAX_LOTS = 20
ENOUGH = 10
# A train that stands this many standard deviations off its first surrogates needs no more of them.
FAR_OFF = 8.0
# The frequencies that are scanned reach from this share of the mean rate up to what the detector can tell,
# over five octaves at most.
LOWEST_SHARE = 0.7
HIGHEST_HZ = 13.0
WIDEST = 32
FREQUENCIES = 32
# Twitches this many cycles apart are looked at; nearer ones count more.
CYCLES = 3.5
BINS_A_CYCLE = 10
# An interval belongs to the rhythm if it is one cycle long, give or take this share.
ONE_CYCLE = 0.5
# A pause this long separates two trains of one night.
PAUSE_S = 4.0
# The detector needs 8 samples of quiet between two bursts (parameter `release` of the detector).
RELEASE_S = 8 / 104
# How often a night without any rhythm may give a finding.
FALSE_PER_NIGHT = 1 / 365
# More regular than chance is not yet a rhythm; below this local variation it is.
RHYTHMIC_LV = 0.7


@dataclass(frozen=True, slots=True)
class TrainRhythm:
    """What a train of events shows.

    p_value: chance of so much regularity, in interval or in spectrum, if there is none; corrected for both
    having been tried and for every frequency scanned. local_variation: of Shinomoto et al. 2003 (Neural
    Comput 15:2823), 1 for chance, 0 for a clock, above 1 in flurries. frequency_hz, spread_hz: of the
    intervals that are one cycle long, mean and standard deviation; interval_cv: their spread over their mean.
    cycles: duration_s times frequency.
    """

    events: int
    duration_s: float
    p_value: float
    local_variation: float
    frequency_hz: float
    spread_hz: float
    interval_cv: float
    cycles: int
    bands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NightTrain:
    """A rhythmic train of one night's twitches. limit: what its p_value had to stay below."""

    events: tuple[NightEvent, ...]
    rhythm: TrainRhythm
    limit: float

    @property
    def amplitude_mg(self) -> float:
        """Median of the twitches' peaks."""
        from statistics import median

        return median(event.peak_mg for event in self.events)


def trains_of(night: WholeNight) -> list[NightTrain]:
    """The trains of a night's twitches that are rhythmic, in chronological order; others are not reported.

    Every train of enough twitches is tested, and the limit is shared among them (Bonferroni), so that a night
    without rhythm gives a finding no more often than FALSE_PER_NIGHT.
    """
    trains = [train for train in _trains(night) if len(train) >= MIN_EVENTS]
    found = []
    for train in trains:
        limit = FALSE_PER_NIGHT / len(trains)
        start_us = train[0].utc_us
        rhythm = rhythm_of(
            [(event.utc_us - start_us) / 1_000_000 for event in train],
            dead_s=[event.duration_ms / 1000 + RELEASE_S for event in train],
            seed=train[0].seq,
        )
        if rhythm is not None and rhythm.p_value <= limit and rhythm.local_variation <= RHYTHMIC_LV:
            found.append(NightTrain(tuple(train), rhythm, limit))
    return found


def _trains(night: WholeNight) -> list[list[NightEvent]]:
    trains: list[list[NightEvent]] = []
    for event in night.events:
        if event.kind != "twitch":
            continue
        near = trains and event.utc_us - trains[-1][-1].utc_us <= PAUSE_S * 1_000_000
        if near and len(trains[-1]) < MAX_EVENTS:
            trains[-1].append(event)
        else:
            trains.append([event])
    return trains


def rhythm_of(
    times_s: Sequence[float],
    *,
    dead_s: float | Sequence[float] = 0.0,
    highest_hz: float = HIGHEST_HZ,
    seed: int = 0,
    max_assignments: int = MAX_LOTS,
) -> TrainRhythm | None:
    """Test one train of events for rhythm; None with fewer than LEAST_EVENTS.

    times_s: onsets in order, in seconds. dead_s: the time after each onset in which no other could be
    detected, one for all or one for each. highest_hz: where the scan ends. seed: of the surrogates, so that
    the same train gives the same answer. most_lots: how closely a small p_value is determined: it is at least
    1 / (199 most_lots + 1).

    The null is exact for any rate that is constant over BLOCK intervals: given the first and the last of them
    the others are uniform between (Amarasingham et al. 2012, J Neurophysiol 107:517, on interval jitter), in
    time freed of the dead time.
    """
    import numpy as np

    times = np.asarray(times_s, dtype=np.float64)[:MAX_EVENTS]
    if len(times) < MIN_EVENTS:
        return None
    intervals = np.diff(times)
    dead = np.broadcast_to(np.asarray(dead_s, dtype=np.float64), (len(times_s),))[: len(times)]
    dead = np.minimum(dead[:-1], intervals)
    scan = _Scan(len(times) / max(float(times[-1] - times[0]), 1e-3), highest_hz)
    chance = np.random.default_rng(seed)
    free = np.concatenate(([0.0], np.cumsum(intervals - dead)))
    shift = np.concatenate(([0.0], np.cumsum(dead)))
    own_lv, own_power = local_variations(intervals[None, :]), scan.power((times - times[0])[None, :])
    lvs, powers = [own_lv], [own_power]
    p_value = 1.0
    for _ in range(max_assignments):
        surrogates = _surrogates(free, LOT, chance) + shift
        lvs.append(local_variations(np.diff(surrogates, axis=1)))
        powers.append(scan.power(surrogates))
        p_value, beaten, best, far = _p_value(np.concatenate(lvs), np.concatenate(powers))
        if far:
            p_value = 1 / (LOT * max_assignments + 1)
        if beaten >= ENOUGH or far:
            break
    return _reported(times, p_value, float(own_lv[0]), float(scan.hz[best]))


class _Scan:
    """Short-window autocorrelation at a grid of frequencies from about `rate_hz` to `highest_hz`."""

    def __init__(self, rate_hz: float, highest_hz: float) -> None:
        import numpy as np

        low = min(max(LOWEST_SHARE * rate_hz, highest_hz / WIDEST), highest_hz / 2)
        self.hz = np.geomspace(low, highest_hz, FREQUENCIES)
        self.bin_s = 1 / (BINS_A_CYCLE * highest_hz)
        self.bins = round(CYCLES / low / self.bin_s)
        lag_s = (np.arange(self.bins) + 0.5) * self.bin_s
        cycles = lag_s[:, None] * self.hz[None, :]
        taper = np.where(cycles < CYCLES, np.cos(np.pi * cycles / CYCLES / 2) ** 2, 0.0)
        self.kernel = np.cos(2 * np.pi * cycles) * taper

    def power(self, trains: Floats) -> Floats:
        """For each train (a row of times), the excess of pairs that lie whole cycles apart, by frequency."""
        import numpy as np

        rows, events = trains.shape
        histogram = np.zeros((rows, self.bins))
        row = np.arange(rows)[:, None] * self.bins
        for apart in range(1, events):
            lag = ((trains[:, apart:] - trains[:, :-apart]) / self.bin_s).astype(np.int64)
            near = lag < self.bins
            if not near.any():
                break
            flat = (lag + row)[near]
            histogram += np.bincount(flat, minlength=rows * self.bins).reshape(rows, self.bins)
        power: Floats = histogram @ self.kernel
        return power


def _surrogates(free: Floats, count: int, chance: np.random.Generator) -> Floats:
    """Trains that keep every BLOCK-th time and have the others anywhere between, in rows."""
    import numpy as np

    rows = np.broadcast_to(free, (count, len(free))).copy()
    for start in range(0, len(free) - 1, BLOCK):
        end = min(start + BLOCK, len(free) - 1)
        inside = chance.random((count, end - start - 1))
        rows[:, start + 1 : end] = free[start] + np.sort(inside, axis=1) * (free[end] - free[start])
    return rows


def local_variations(intervals: Floats) -> Floats:
    """Lv of each row of intervals: 3 times the mean of ((a - b) / (a + b)) squared, a and b successive."""
    import numpy as np

    first, second = intervals[:, :-1], intervals[:, 1:]
    lv: Floats = 3 * np.mean(((first - second) / np.maximum(first + second, 1e-9)) ** 2, axis=1)
    return lv


def _p_value(lv: Floats, power: Floats) -> tuple[float, int, int, bool]:
    """Of row 0 among all rows: its p, how many others are as regular, where it peaks, whether it is far off.

    Every row is treated alike, row 0 included, so that under the null each place in the order is as likely.
    """
    import numpy as np

    spread = power.std(axis=0)
    excess = (power - power.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    peak = excess.max(axis=1)
    ranks = np.stack((_ranks(lv), _ranks(-peak)))
    # The better of the two; the other one breaks ties.
    score = ranks.min(axis=0) + ranks.max(axis=0) / (2 * len(lv))
    beaten = int(np.count_nonzero(score[1:] <= score[0]))
    far = any(
        own < others.mean() - FAR_OFF * others.std()
        for own, others in ((lv[0], lv[1:]), (-peak[0], -peak[1:]))
    )
    return (beaten + 1) / len(lv), beaten, int(np.argmax(excess[0])), far


def _ranks(values: Floats) -> Floats:
    """1 for the smallest; equal values share the greatest of their ranks."""
    import numpy as np

    ranks: Floats = np.searchsorted(np.sort(values), values, side="right").astype(np.float64)
    return ranks


def _reported(times: Floats, p_value: float, lv: float, scanned_hz: float) -> TrainRhythm:
    import numpy as np

    intervals = np.diff(times)
    cycle_s = 1 / scanned_hz
    # The grid is coarse: settle on the intervals themselves.
    for _ in range(10):
        ones = intervals[np.abs(intervals - cycle_s) < ONE_CYCLE * cycle_s]
        if len(ones):
            cycle_s = float(ones.mean())
    ones = ones if len(ones) > 1 else np.array([cycle_s, cycle_s])
    frequency_hz = 1 / cycle_s
    duration_s = float(times[-1] - times[0])
    cv = float(ones.std() / ones.mean())
    return TrainRhythm(
        events=len(times),
        duration_s=duration_s,
        p_value=p_value,
        local_variation=lv,
        frequency_hz=frequency_hz,
        spread_hz=float((1 / ones).std()),
        interval_cv=cv,
        cycles=round(duration_s * frequency_hz),
        bands=bands_of(frequency_hz),
    )
