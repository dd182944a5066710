"""Wakefulness, as far as a hand shows it: a sleeping hand is still for many minutes at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Protocol

_MINUTE_US = 60_000_000
# A minute is judged with five before and five after it, as wrist actigraphy does (Cole et al. 1992, Sleep
# 15:461); a hand asleep turns over a few times an hour, which is a few percent of the time.
ABOUT_US = 5 * _MINUTE_US
MOVING_SHARE = 0.15
# Sleep begins with the first ten minutes on end that are not wakeful (the usual rule of actigraphy: Acebo and
# LeBourgeois 2006, Respir Care Clin N Am 12:23).
ONSET_US = 10 * _MINUTE_US
# Minutes further apart than this are not neighbours.
APART_US = 150_000_000


class Minute(Protocol):
    """What a minute must provide; a sensor that is short of space merges five minutes."""

    @property
    def start_us(self) -> int:
        """UTC, microseconds."""

    @property
    def end_us(self) -> int:
        """UTC, microseconds."""

    @property
    def worn(self) -> bool:
        """Whether the sensor was on a hand."""

    @property
    def moving_ms(self) -> int:
        """Time in motion."""

    @property
    def still_ms(self) -> int:
        """Time at rest, tremor included."""


def wakeful_minutes(minutes: Sequence[Minute]) -> list[bool]:
    """For each minute, in order, whether the hand moved like a waking hand; False if not worn."""
    judged: list[bool] = []
    for run in _runs(minutes):
        worn = [minute.worn for minute in run]
        moving = _sums(minute.moving_ms if on else 0 for minute, on in zip(run, worn, strict=True))
        still = _sums(minute.still_ms if on else 0 for minute, on in zip(run, worn, strict=True))
        first = end = 0
        for minute, on in zip(run, worn, strict=True):
            while run[first].end_us <= minute.start_us - ABOUT_US:
                first += 1
            while end < len(run) and run[end].start_us < minute.end_us + ABOUT_US:
                end += 1
            moved, rested = moving[end] - moving[first], still[end] - still[first]
            judged.append(on and moved > MOVING_SHARE * (moved + rested))
    return judged


def _sums(values: Iterable[int]) -> list[int]:
    """Sums of the first none, one, two and so on."""
    return [0, *accumulate(values)]


def stretches(minutes: Sequence[Minute], wakeful: Sequence[bool]) -> tuple[tuple[int, int], ...]:
    """The wakeful time as [start, end) in UTC microseconds, neighbouring minutes joined."""
    found: list[tuple[int, int]] = []
    for minute, awake in zip(minutes, wakeful, strict=True):
        if not awake:
            continue
        if found and minute.start_us - found[-1][1] < APART_US:
            found[-1] = found[-1][0], max(minute.end_us, found[-1][1])
        else:
            found.append((minute.start_us, minute.end_us))
    return tuple(found)


def sleep_onset_us(minutes: Sequence[Minute], wakeful: Sequence[bool]) -> int | None:
    """UTC at which the hand fell asleep, as far as it shows; None if it never did."""
    since_us: int | None = None
    last_us = 0
    for minute, awake in zip(minutes, wakeful, strict=True):
        asleep = minute.worn and not awake and minute.still_ms > 0
        if not asleep:
            since_us = None
        elif since_us is None or minute.start_us - last_us > APART_US:
            since_us = minute.start_us
        last_us = minute.end_us
        if since_us is not None and minute.end_us - since_us >= ONSET_US:
            return since_us
    return None


def _runs(minutes: Sequence[Minute]) -> list[Sequence[Minute]]:
    cuts = [0]
    cuts += [
        at
        for at, (before, after) in enumerate(pairwise(minutes), 1)
        if after.start_us - before.end_us > APART_US
    ]
    return [minutes[start:end] for start, end in zip(cuts, [*cuts[1:], len(minutes)], strict=True)]
