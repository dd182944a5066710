"""Twitchwatch's own CSV, as `twitchwatch capture` writes it: `t_s,ax_g,ay_g,az_g`, and a gyroscope."""

from __future__ import annotations

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout
from twitchwatch.recording.naming import named

NAME = "Twitchwatch CSV"


def recognise(head: Head) -> Layout | None:
    """By its column names; other columns are left out."""
    return named(head, head.first(), NAME, time="t_s", acc="a{}_g", gyro="g{}_dps", unit_g=1.0, unit_s=1.0)
