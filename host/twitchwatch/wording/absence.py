"""Nights that are not there, in words: how many, and why as far as it is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from twitchwatch.analysis.board_faults import PARTS, restarts_reported
from twitchwatch.analysis.night import Night
from twitchwatch.wording.units import evening, plural


class Absence(NamedTuple):
    """Nights in a row of which there are no records: the first and the last, and the cause in words."""

    first: date
    last: date
    cause: str

    @property
    def nights(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1


def absences(nights: Sequence[Night]) -> Iterator[Absence]:
    """What is missing between these nights, in order of time."""
    for before, after in pairwise(nights):
        if (after.date - before.date).days > 1:
            first, last = before.date + timedelta(days=1), after.date - timedelta(days=1)
            yield Absence(first, last, _cause(before, after))


def absence_words(absence: Absence) -> str:
    """An absence in a sentence."""
    when = evening(absence.first)
    if absence.nights > 1:
        when += f" to {evening(absence.last)}"
    return f"{when}: {plural(absence.nights, 'night')} without records; {absence.cause}."


def _cause(before: Night, after: Night) -> str:
    stopped = next((part.words for part in PARTS if part.stops and part.name in before.broken), None)
    if stopped is not None:
        return stopped
    # A restart in the first night after it ended what was before.
    restarts = dict(after.restarts)
    if restarts.pop("power_ons", 0):
        return "the sensor was off, and was switched on again after them"
    if counted := restarts_reported(restarts.items()):
        return f"the sensor restarted after them ({counted})"
    return "the sensor was off, or its records of them were lost"
