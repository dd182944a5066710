"""Was the sensor on a hand? Undecided minutes are decided from known ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from twitchwatch.shared.protocol.records import NOT_WORN, WORN

Wear = Literal["worn", "not worn", "unknown"]

# A sleeper changes posture two to four times an hour (De Koninck et al. 1992, Sleep 15:143): a minute that
# noise hides is taken as worn between two minutes that are known as worn and no further apart than this.
NEAR_US = 3_600_000_000
# If more of the rest than this is unknown, so is the night.
MAX_UNKNOWN = 0.5


class Minute(Protocol):
    """What a minute must provide."""

    @property
    def start_us(self) -> int:
        """UTC, microseconds."""

    @property
    def wear(self) -> int:
        """WORN, NOT_WORN of `records`, or 0 if noise hides the difference."""

    @property
    def still_ms(self) -> int:
        """Time at rest, tremor included."""


def unknown_minutes(minutes: Sequence[Minute]) -> list[bool]:
    """For each minute, in chronological order, whether there is no evidence that the sensor was worn."""
    judged = [False] * len(minutes)
    waiting: list[int] = []
    worn_us: int | None = None
    for at, minute in enumerate(minutes):
        if minute.wear == WORN:
            if worn_us is None or minute.start_us - worn_us > NEAR_US:
                for each in waiting:
                    judged[each] = True
            waiting, worn_us = [], minute.start_us
        elif minute.wear == NOT_WORN:
            for each in waiting:
                judged[each] = True
            waiting, worn_us = [], None
        else:
            waiting.append(at)
    for each in waiting:
        judged[each] = True
    return judged


def wear_of(minutes: Sequence[Minute]) -> tuple[Wear, float]:
    """The night's verdict, and hours of its rest in which the sensor may not have been worn."""
    unknown_ms = sum(
        minute.still_ms for minute, unknown in zip(minutes, unknown_minutes(minutes), strict=True) if unknown
    )
    still_ms = sum(minute.still_ms for minute in minutes)
    hours = unknown_ms / 3_600_000
    if unknown_ms > MAX_UNKNOWN * still_ms:
        return "unknown", hours
    off = any(minute.wear == NOT_WORN for minute in minutes)
    on = any(minute.wear != NOT_WORN for minute in minutes)
    return ("not worn" if off and not on else "worn"), hours
