"""`twitchwatch detect`: run the sensor's own detector on recordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import json_option, recording_options, to_file
from twitchwatch.errors import Exit
from twitchwatch.terminal.output import write_json, write_message, write_text
from twitchwatch.terminal.progress import ProgressLine

if TYPE_CHECKING:
    from twitchwatch.laboratory.examining import Terms


@click.command("detect")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1)
@recording_options
@to_file("--summary", "Write a row for each recording: .csv or .parquet.")
@to_file("--events", "Write a row for each event: .csv or .parquet.")
@to_file("--plot", "Draw each recording: .svg, .png, or .html for several.")
@to_file("--manifest", "Write everything needed to repeat this run, as JSON.")
@to_file("--repeat", "Repeat the run of this manifest, and compare the results.")
@click.option("--candidates", is_flag=True, help="Also list every burst: how it was classified, and why.")
@json_option
def command(
    files: tuple[Path, ...],
    terms: Terms,
    summary: Path | None,
    events: Path | None,
    plot: Path | None,
    manifest: Path | None,
    repeat: Path | None,
    candidates: bool,
    as_json: bool,
) -> int:
    """Find twitches, tremor, jerks, spasms and movement in recordings.

    FILES are exported by other programs and sensors, 20 to 1000 Hz with gravity: phyphox, Sensor Logger,
    SensorLog, ActiGraph, GENEActiv, Axivity, Empatica and others (docs/recordings.md), or any CSV with a
    time and three axes, also compressed with gzip or zip. A folder means all recordings in it, - means
    standard input. They are resampled to the sensor's 104 Hz and processed by the same detector that runs
    on the sensor.

    A file that cannot be read is reported and does not stop the others; the exit code is then 2.

    --repeat takes files, options and thresholds from a manifest; the exit code is 5 if a file or a result is
    no longer the same.
    """
    from twitchwatch.laboratory.examining import Examined, Terms, examine
    from twitchwatch.laboratory.files import named_files
    from twitchwatch.laboratory.outputs import Outputs
    from twitchwatch.laboratory.repeating import repetition
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.recordings_page import show_recording, show_recordings
    from twitchwatch.views.recordings import summary as summed
    from twitchwatch.views.recordings import timeline
    from twitchwatch.wording.recording import repeated_words

    outputs = Outputs(summary=summary, events=events, manifest=manifest, plot=plot)
    again = None
    if repeat is None:
        if not files:
            raise click.UsageError("Name the recordings, or a manifest with --repeat.")
        terms, found = replace(terms, account=candidates), named_files(files, outputs.paths)
        terms.starts.check(found)
    else:
        if files or candidates or terms != Terms():
            raise click.UsageError("--repeat takes files and options from the manifest: give only outputs.")
        again = repetition(repeat)
        terms, found = again.terms, again.files
    code, several = 0, len(found) > 1
    summaries = []
    progress = ProgressLine("Examining", len(found))
    differences = [] if again is None else list(again.changed)
    with outputs.opened(found, terms) as written:
        for one in examine(found, terms, lambda number, file: progress.move(number, file.label)):
            written.add(one)
            progress.clear()
            if again is not None and (difference := again.difference(one)):
                differences.append(difference)
            if not isinstance(one, Examined):
                code = code or int(one.error.exit_code)
                write_message(f"twitchwatch: {one.error}")
                if as_json and several:
                    write_json(one.view)
            elif as_json:
                for line in (*timeline(one.found), summed(one.found)):
                    write_json(line)
            elif several:
                summaries.append(summed(one.found))
            else:
                show_recording(Page(), one.found)
    if several and not as_json:
        show_recordings(Page(), summaries, len(found))
    if again is None:
        return code
    for difference in differences:
        write_message(f"twitchwatch: {difference}")
    if not differences and not as_json:
        known = sum(result is not None for result in again.results.values())
        write_text(repeated_words(len(found), known, again.others))
    return int(Exit.INTEGRITY) if differences else 0
