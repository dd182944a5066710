"""actipy (OxWearables): `time,x,y,z` and more, ISO stamps, in g, as its README shows what it writes."""

from __future__ import annotations

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout
from twitchwatch.recording.naming import named

NAME = "actipy"


def recognise(head: Head) -> Layout | None:
    """By its first four columns and a stamp that is text."""
    header = head.first()
    names = [name.lower() for name in head.cells(header, ",")[:4]] if header < len(head.lines) else []
    if names != ["time", "x", "y", "z"]:
        return None
    found = named(head, header, NAME, time="time", acc="{}", unit_g=1.0)
    return found if found is not None and found.time is not None and found.time.stamp == "iso" else None
