"""Physics Toolbox Sensor Suite, G-force meter: `time,gFx,gFy,gFz,TgF`, in g; time in seconds or of the clock.

Names as its CSV files in public repositories have them; some versions write `gFTotal`, some a semicolon.
"""

from __future__ import annotations

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout
from twitchwatch.recording.naming import named

NAME = "Physics Toolbox"


def recognise(head: Head) -> Layout | None:
    """By its column names."""
    return named(head, head.first(), NAME, time="time", acc="gf{}", unit_g=1.0)
