"""`twitchwatch detect`: run the sensor's own detector on a recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import json_option
from twitchwatch.cli.output import write_json

if TYPE_CHECKING:
    from twitchwatch.recording.detection import Detection
    from twitchwatch.views.recordings import Found


@click.command("detect")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rate", "rate_hz", type=float, metavar="HZ", help="Samples a second, instead of its times.")
@click.option("--units", metavar="UNIT", help="g, mg, m/s2, or counts to 1 g: 8192/g.")
@click.option("--start", metavar="TIME", help="When it begins: 2026-03-01T23:00:00+01:00.")
@click.option("--columns", metavar="T,X,Y,Z", help="Names or numbers: t=1,x=2,y=3,z=4.")
@json_option
def command(
    file: Path,
    rate_hz: float | None,
    units: str | None,
    start: str | None,
    columns: str | None,
    as_json: bool,
) -> None:
    """Find twitches, tremor, jerks, spasms and movement in a recording.

    FILE is the export of another program or sensor, 20 to 1000 Hz with gravity: phyphox, Sensor Logger,
    SensorLog, ActiGraph, GENEActiv, Axivity, Empatica and others (docs/recordings.md), or any CSV with a
    time and three axes; gzip and zip too; - is standard input. It is resampled to the sensor's 104 Hz and
    processed by the same detector that runs on the sensor.
    """
    from twitchwatch.recording import read_recording
    from twitchwatch.recording.detection import detect
    from twitchwatch.recording.stated import stated
    from twitchwatch.views.recordings import summary, timeline

    found = detect(read_recording(file, stated(rate_hz, units, start, columns)))
    if as_json:
        for line in (*timeline(found), summary(found)):
            write_json(line)
    else:
        _show(found)


def _show(found: Detection) -> None:
    from twitchwatch.analysis.input import TO_TELL, input_faults
    from twitchwatch.cli.page import Page
    from twitchwatch.views.recordings import timeline
    from twitchwatch.wording.recording import gap_sentences, recognised, sentences
    from twitchwatch.wording.units import NO_DIAGNOSIS, span

    page = Page()
    page.heading(f"{found.source}: {span(found.duration_s)} at {found.rate_hz:.4g} Hz")
    page.say(recognised(found))
    page.gap()
    lines = timeline(found)
    if lines:
        page.table(
            ("Start", "What", "Lasts", "Peak", "Details"),
            [_row(line) for line in lines],
            right=("Start", "Lasts", "Peak"),
            titles=2,
            styles=["bold" if line.kind == "tremor" else "" for line in lines],
        )
        page.gap()
    for sentence in sentences(found):
        page.say(sentence)
    for fault in input_faults(found.totals.input):
        if fault.bit & TO_TELL:
            page.say(f"{fault.words[0].upper()}{fault.words[1:]}.")
    for sentence in gap_sentences(found):
        page.say(sentence)
    page.gap()
    page.say(NO_DIAGNOSIS)


def _row(line: Found) -> tuple[str, ...]:
    from twitchwatch.wording.recording import clock, found_details
    from twitchwatch.wording.units import magnitude, span

    peak_mg = getattr(line, "peak_mg", None)
    peak = "-" if peak_mg is None else magnitude(peak_mg, "mg")
    return clock(line.start_s), line.kind, span(line.duration_s), peak, found_details(line)
