"""Sleep across noon: if nights end during sleep, their zone is not the one where the sensor was worn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from twitchwatch.analysis.night import Night

HOUR_US = 3_600_000_000
# The latest nights, and of how many of them: now and then anyone sleeps late, or falls ill.
LATEST = 14
MIN_NOONS = 3
SHARE = 0.5
# Of an hour on either side of noon, so much must have been at rest.
RESTING_H = 0.5


@dataclass(frozen=True, slots=True)
class AcrossNoon:
    """Of `noons` between worn nights, `asleep` were during sleep; zone: the zone that defines noon."""

    asleep: int
    noons: int
    zone: str


def across_noon(nights: Sequence[Night]) -> AcrossNoon | None:
    """Whether one sensor's latest nights, given in order, ended during sleep; None if they did not."""
    latest = [night for night in nights if night.rest_h > 0][-LATEST:]
    if len(latest) < 2:
        return None
    asleep = sum(_asleep(before, after) for before, after in pairwise(latest))
    noons = len(latest) - 1
    if asleep < MIN_NOONS or asleep < SHARE * noons:
        return None
    return AcrossNoon(asleep, noons, latest[-1].zone)


def _asleep(before: Night, after: Night) -> bool:
    if before.end_utc_us != after.start_utc_us or not before.hours or not after.hours:
        return False
    last, first = before.hours[-1], after.hours[0]
    noon_us = after.start_utc_us
    near = last.start_utc_us >= noon_us - HOUR_US and first.start_utc_us < noon_us + HOUR_US
    awake = before.awake_at(noon_us - 1) or after.awake_at(noon_us)
    return near and not awake and min(last.rest_h, first.rest_h) >= RESTING_H
