"""Faults of a sensor's samples, as names and in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from twitchwatch.shared.protocol import records


class InputFault(NamedTuple):
    """One bit of an epoch's `input`: its name, and what it means to the wearer."""

    bit: int
    name: str
    words: str


INPUT_FAULTS = (
    InputFault(
        records.INPUT_CLIPPED,
        "clipped",
        "the motion exceeded the sensor's range, and that part is not counted",
    ),
    InputFault(
        records.INPUT_STUCK,
        "stuck",
        "an axis did not change: a broken sensor or wire",
    ),
    InputFault(
        records.INPUT_GRAVITY,
        "gravity",
        "gravity was not 1 g: the range is not the expected one, or gravity was removed",
    ),
    InputFault(
        records.INPUT_HUM,
        "hum",
        "there was a hum at 50 or 60 Hz: only twitches well above the noise are counted",
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
        "the sensor was put on again, perhaps with a different orientation",
    ),
    InputFault(
        records.INPUT_SETTINGS,
        "settings",
        "the sensor had lost its settings, which were restored: nothing in these minutes is counted; check "
        "its wires and its power",
    ),
    InputFault(
        records.INPUT_RATE,
        "rate",
        "the sensor's sample rate was wrong: nothing in these minutes is counted; disconnect its power for "
        "a moment, and replace it if that does not help",
    ),
)

# Those reported for a night; the others are reported elsewhere (lost) or occur every night (turned).
TO_TELL = (
    records.INPUT_CLIPPED
    | records.INPUT_STUCK
    | records.INPUT_GRAVITY
    | records.INPUT_HUM
    | records.INPUT_REMOUNTED
    | records.INPUT_SETTINGS
    | records.INPUT_RATE
)
# With one of these range or rate were not what they should be: nothing in the minute is usable.
UNUSABLE = records.INPUT_SETTINGS | records.INPUT_RATE


def input_faults(value: int) -> tuple[InputFault, ...]:
    """The faults in an epoch's `input`, in the order of their bits."""
    return tuple(fault for fault in INPUT_FAULTS if value & fault.bit)


def input_counts(values: Iterable[int]) -> tuple[tuple[str, int], ...]:
    """For several epochs' `input`: the name of each fault that occurred, and in how many epochs."""
    seen = list(values)
    counted = ((fault.name, sum(bool(value & fault.bit) for value in seen)) for fault in INPUT_FAULTS)
    return tuple((name, count) for name, count in counted if count)


def input_names(values: Iterable[int]) -> tuple[str, ...]:
    """Names of all the faults in several epochs."""
    return tuple(name for name, _ in input_counts(values))
