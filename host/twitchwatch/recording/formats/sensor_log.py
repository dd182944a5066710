"""SensorLog (iPhone, Apple Watch): `accelerometerAccelerationX(G)`, or user acceleration and gravity.

Names as its CSV files in public repositories have them, for example the canonical header of ML4SCS:
`loggingTime(txt)` has the zone; `accelerometerTimestamp_sinceReboot(s)` is the sensor's own clock.
"""

from __future__ import annotations

from dataclasses import replace

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout
from twitchwatch.recording.naming import named, place_of, stamp_of

NAME = "SensorLog"
_WRITTEN = r"loggingtime(\(txt\))?"
_GYRO = r"motionrotationrate{}(\(rad/s\))?"


def recognise(head: Head) -> Layout | None:
    """The sensor's own clock gives the steps if it is there; the time of writing gives the date."""
    header = head.first()
    found = (
        named(
            head,
            header,
            NAME,
            time=r"accelerometertimestamp_sincereboot(\(s\))?",
            acc=r"accelerometeracceleration{}(\(g\))?",
            gyro=_GYRO,
            unit_g=1.0,
            unit_s=1.0,
        )
        or named(
            head,
            header,
            NAME,
            time=rf"motiontimestamp_sincereboot(\(s\))?|{_WRITTEN}",
            acc=r"motionuseracceleration{}(\(g\))?",
            added=r"motiongravity{}(\(g\))?",
            gyro=_GYRO,
            unit_g=1.0,
            unit_s=1.0,
        )
        or named(head, header, NAME, time=_WRITTEN, acc=r"accelerometeracceleration{}(\(g\))?", unit_g=1.0)
    )
    if found is None or found.time is None or found.time.stamp != "number":
        return found
    names, values = head.cells(header, found.delimiter), head.cells(found.skip, found.delimiter)
    at = place_of(names, _WRITTEN)
    written = at is not None and stamp_of(values[at]) == "iso"
    return replace(found, start=values[at] if written and at is not None else None)
