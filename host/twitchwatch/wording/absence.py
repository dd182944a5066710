"""Nights that are not there, in words: how many, and why as far as it is known."""

from __future__ import annotations

from twitchwatch.analysis.board_faults import PARTS, restarts_reported
from twitchwatch.archive.absence import NOT_FETCHED, OFF, RESTARTED, UNKNOWN, Absence
from twitchwatch.wording.units import evening, plural

_CAUSES = {
    OFF: "the sensor was off, and was switched on again after them",
    UNKNOWN: "the sensor was off, or its records of them were lost",
    NOT_FETCHED: "they have not been fetched from the sensor yet",
    # What a silent sensor was last known to be.
    "battery": "the sensor's cell was nearly empty before them",
    "not worn": "the sensor was not worn when it was last seen",
    "no records": "the sensor is in reach, but sends no records",
    "out of reach": "the sensor has not been in reach since",
    "never seen": "the sensor has never been in reach",
    "adapter down": "Bluetooth on this computer is down",
}


def absence_words(absence: Absence) -> str:
    """An absence in a sentence."""
    when = evening(absence.first)
    if absence.nights > 1:
        when += f" to {evening(absence.last)}"
    return f"{when}: {plural(absence.nights, 'night')} without records; {_cause(absence)}."


def _cause(absence: Absence) -> str:
    if absence.cause == RESTARTED:
        return f"the sensor restarted after them ({restarts_reported(absence.restarts.items())})"
    broken = next((part.words for part in PARTS if part.stops and part.name == absence.cause), None)
    return broken or _CAUSES[absence.cause]
