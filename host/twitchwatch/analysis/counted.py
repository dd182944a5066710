"""Nights for comparison: counts, hours, and the journal entries of their evenings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CountedNight:
    """One night: its twitches and the hours in which they could be seen."""

    date: date
    twitches: int
    rest_h: float


@dataclass(frozen=True, slots=True)
class FactorNight:
    """One night: its twitches, the hours in which they could be seen, and the journal entries of its evening.

    factors: name -> amount; a missing factor was not noted.
    """

    date: date
    twitches: int
    rest_h: float
    factors: Mapping[str, float]
