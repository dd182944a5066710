"""`twitchwatch detect`: the sensor's own detector over a recording."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import json_option
from twitchwatch.cli.output import write_json


@click.command("detect")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def command(file: Path, as_json: bool) -> None:
    """Find twitches, tremor, jerks, spasms and movement in a recording.

    FILE is CSV (or .csv.gz) with the header t_s,ax_g,ay_g,az_g and, where there is a gyroscope,
    gx_dps,gy_dps,gz_dps: seconds, g with gravity left in, 20 to 1000 Hz. It is brought to the sensor's
    104 Hz, and goes through the very detector that runs on the sensor.
    """
    from twitchwatch.cli.detection_page import show, summary, timeline
    from twitchwatch.detection import detect
    from twitchwatch.recording import read_recording

    found = detect(read_recording(file))
    if as_json:
        for line in (*timeline(found), summary(found)):
            write_json(line)
    else:
        show(found)
