"""OmGui and cwa-convert (Axivity AX3, AX6): a stamp, three axes in g, with or without a line of names.

`Time,Accel-X (g), Accel-Y (g), Accel-Z (g)` and `Gyro-X (d/s)` as in openmovement, omsynth's README; stamps
are YYYY-MM-DD hh:mm:ss.fff.
"""

from __future__ import annotations

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout, TimeColumn
from twitchwatch.recording.naming import is_number, named, stamp_of

NAME = "Open Movement"


def recognise(head: Head) -> Layout | None:
    """By its names, or by a row that begins with a date and goes on with three numbers."""
    header = head.first()
    found = named(head, header, NAME, time="time", acc=r"accel-{} \(g\)", gyro=r"gyro-{} \(d(eg)?/s\)")
    if found is not None or header >= len(head.lines):
        return found
    delimiter, decimal = head.dialect(header)
    values = head.cells(header, delimiter)
    if len(values) < 4 or stamp_of(values[0]) != "iso" or not all(map(is_number, values[1:4])):
        return None
    return Layout(
        NAME, header, delimiter, decimal, len(values), ((1,), (2,), (3,)), TimeColumn(0, "iso"), 1.0
    )
