"""What was wrong with a sensor's samples: names for programs, words for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from shared.protocol import records


class InputFault(NamedTuple):
    """One bit of an epoch's `input`: its name, and what it means to whoever wears the sensor."""

    bit: int
    name: str
    words: str


INPUT_FAULTS = (
    InputFault(
        records.INPUT_CLIPPED,
        "clipped",
        "motion beyond the sensor's range: what it did there is not counted",
    ),
    InputFault(
        records.INPUT_STUCK,
        "stuck",
        "an axis stood still: a broken sensor or wire, and no rest",
    ),
    InputFault(
        records.INPUT_GRAVITY,
        "gravity",
        "gravity was not 1 g: another range is set than the program believes, or gravity was taken out",
    ),
    InputFault(
        records.INPUT_HUM,
        "hum",
        "a hum of 50 or 60 Hz: only what is well above it is counted",
    ),
    InputFault(records.INPUT_LOST, "lost", "samples were lost"),
    InputFault(
        records.INPUT_TURNED,
        "turned",
        "the hand, or the sensor on it, was turned over",
    ),
    InputFault(
        records.INPUT_REMOUNTED,
        "remounted",
        "the sensor was put on again: its axes may lie otherwise",
    ),
)

# Of these the wearer or the sensor's maker can do something about; the others are what a night has.
TO_MEND = records.INPUT_STUCK | records.INPUT_GRAVITY | records.INPUT_HUM


def input_faults(value: int) -> tuple[InputFault, ...]:
    """The faults in an epoch's `input`, in the order of their bits."""
    return tuple(fault for fault in INPUT_FAULTS if value & fault.bit)


def input_names(values: Iterable[int]) -> tuple[str, ...]:
    """Names of all the faults in several epochs."""
    together = 0
    for value in values:
        together |= value
    return tuple(fault.name for fault in input_faults(together))
