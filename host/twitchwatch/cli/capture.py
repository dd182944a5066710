"""`twitchwatch capture`: raw samples of a sensor, for calibration and research."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.errors import ConfigurationError
from twitchwatch.terminal.output import write_json, write_message, write_text


@click.command("capture")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86400),
    default=60.0,
    show_default=True,
    help="Seconds to record.",
)
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The CSV file; compressed if its name ends in .gz.",
)
@click.option("--sensor", metavar="NAME", help="Only this sensor, by its name or hardware id.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(1, 86400),
    default=660.0,
    show_default=True,
    help="Seconds to wait for the sensor's first sample; press its button to connect at once.",
)
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about the recording.")
def command(
    seconds: float, path: Path, sensor: str | None, wait_s: float, database: Path, as_json: bool
) -> None:
    """Record raw samples of a sensor: three axes of acceleration, and of rotation if it has a gyroscope.

    The sensor continues to detect and log, and its records are collected as by `run`. If the radio is too
    slow, samples are dropped and counted, and the times have a gap. `twitchwatch detect` reads the file.
    Ctrl-C ends the recording early; samples that have arrived are kept.
    """
    from twitchwatch.link.capturing import record
    from twitchwatch.recording.csv_file import write_csv
    from twitchwatch.views.recordings import capture_view
    from twitchwatch.wording.recording import captured_words

    if not as_json:
        write_message(f"Waiting for {sensor or 'a sensor'}; press its button to connect now.")
    capture = record(database, seconds, sensor, wait_s)
    try:
        write_csv(path, *capture.columns())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}. Choose another.") from error
    view = capture_view(capture, path)
    if as_json:
        write_json(view)
    else:
        write_text(captured_words(view))
