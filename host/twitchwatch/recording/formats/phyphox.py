"""phyphox, "Acceleration (with g)": CSV with comma, semicolon or tab, and decimal point or comma.

Names as in the experiment's export set (phyphox/phyphox-experiments, accelerometer.phyphox); the units are
in them, m/s^2.
"""

from __future__ import annotations

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout
from twitchwatch.recording.naming import named

NAME = "phyphox"


def recognise(head: Head) -> Layout | None:
    """By its column names, with or without gravity in them."""
    header = head.first()
    return named(head, header, NAME, time=r"time \(s\)", acc=r"(linear )?acceleration {} \(m/s\^?[2²]\)")
