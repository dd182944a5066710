"""Missing nights in words: how many, and why if it is known."""

from __future__ import annotations

from twitchwatch.analysis.board_faults import PARTS, restarts_reported
from twitchwatch.archive.absence import NOT_FETCHED, OFF, RESTARTED, UNKNOWN, Absence
from twitchwatch.clock.dates import evening
from twitchwatch.wording.units import plural

_CAUSES = {
    OFF: "the sensor was off, and was switched on again later",
    UNKNOWN: "the sensor was off, or its records were lost",
    NOT_FETCHED: "they have not been fetched from the sensor yet",
    # Last known causes of a sensor that sends nothing.
    "battery": "the sensor's battery was nearly empty beforehand",
    "not worn": "the sensor was not worn when it was last seen",
    "no records": "the sensor is in reach, but sends no records",
    "out of reach": "the sensor has not been in reach since",
    "never seen": "the sensor has never been in reach",
    "adapter down": "Bluetooth on this computer is down",
}


def absence_words(absence: Absence) -> str:
    """One sentence that describes an absence."""
    when = evening(absence.first)
    if absence.nights > 1:
        when += f" to {evening(absence.last)}"
    return f"{when}: {plural(absence.nights, 'night')} without records; {cause_words(absence)}."


def cause_words(absence: Absence) -> str:
    """Why the records are missing, as far as it is known: a clause."""
    if absence.cause == RESTARTED:
        return f"the sensor restarted afterwards ({restarts_reported(absence.restarts.items())})"
    broken = next((part.words for part in PARTS if part.stops and part.name == absence.cause), None)
    return broken or _CAUSES[absence.cause]
