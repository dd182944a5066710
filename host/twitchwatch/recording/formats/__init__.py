"""Formats of recordings, each recognised by its header; the first that recognises a file reads it."""

from __future__ import annotations

from collections.abc import Callable

from twitchwatch.recording.formats import (
    actigraph,
    actipy,
    empatica,
    geneactiv,
    named_columns,
    open_movement,
    own,
    phyphox,
    physics_toolbox,
    sensor_log,
    sensor_logger,
)
from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout

Recognise = Callable[[Head], Layout | None]

FORMATS: tuple[tuple[str, str, Recognise], ...] = (
    (own.NAME, "`t_s,ax_g,ay_g,az_g`, with `gx_dps,gy_dps,gz_dps` if there is a gyroscope", own.recognise),
    (phyphox.NAME, '"Acceleration (with g)", any of its separators', phyphox.recognise),
    (
        sensor_logger.NAME,
        "TotalAcceleration, AccelerometerUncalibrated, WristMotion",
        sensor_logger.recognise,
    ),
    (sensor_log.NAME, "iPhone and Apple Watch", sensor_log.recognise),
    (physics_toolbox.NAME, "G-force meter", physics_toolbox.recognise),
    (actigraph.NAME, "ActiLife's RAW export, with and without stamps", actigraph.recognise),
    (geneactiv.NAME, "its CSV export", geneactiv.recognise),
    (empatica.NAME, "`ACC.csv` of the E4", empatica.recognise),
    (empatica.AVRO, "CSV made from its Avro files", empatica.recognise),
    (actipy.NAME, "`time,x,y,z`", actipy.recognise),
    (open_movement.NAME, "OmGui, cwa-convert: Axivity AX3 and AX6", open_movement.recognise),
    (
        named_columns.NAME,
        "a time and three axes, named as usual (`timestamp`, `acc_x`, ..) or not at all",
        named_columns.recognise,
    ),
)
"""Name, what of it, and how it is recognised; in the order in which they are tried."""


def recognise(head: Head) -> Layout | None:
    """How to read the file, or None if no format knows it."""
    if head.first() >= len(head.lines):
        return None
    return next((layout for _, _, tried in FORMATS if (layout := tried(head)) is not None), None)
