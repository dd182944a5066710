"""Sensor Logger (iOS, Android): TotalAcceleration.csv, AccelerometerUncalibrated.csv, WristMotion.csv.

Columns and units: tszheichoi/awesome-sensor-logger, UNITS.md at 085a7bc. `time` is in ns since 1970. Values
are in m/s2, or in g on iOS for the last two, and their size shows which. WristMotion keeps gravity apart.
"""

from __future__ import annotations

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import UNITS_DPS, Layout
from twitchwatch.recording.naming import named, place_of

NAME = "Sensor Logger"


def recognise(head: Head) -> Layout | None:
    """By the two columns of time with which each of its files begins."""
    header = head.first()
    names = head.cells(header, head.dialect(header)[0])
    if place_of(names[:2], "time") is None or place_of(names[:2], "seconds_elapsed") is None:
        return None
    return named(head, header, NAME, time="time", acc="{}", unit_s=1e-9) or named(
        head,
        header,
        NAME,
        time="time",
        acc="acceleration{}",
        added="gravity{}",
        gyro="rotationrate{}",
        unit_s=1e-9,
        gyro_unit_dps=UNITS_DPS["rad/s"],
    )
