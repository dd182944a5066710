"""`twitchwatch capture`: raw samples of a sensor, for calibration and research."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option
from twitchwatch.cli.output import write_json, write_message, write_text
from twitchwatch.errors import ConfigurationError, DeviceError

if TYPE_CHECKING:
    from twitchwatch.link.capture import Capture


@click.command("capture")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86400),
    default=60.0,
    show_default=True,
    help="How much to record.",
)
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The CSV file; a name that ends in .gz is compressed.",
)
@click.option("--sensor", metavar="NAME", help="Only this sensor, by its name or hardware id.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(1, 86400),
    default=660.0,
    show_default=True,
    help="Seconds to wait for the sensor's first sample; its button makes it connect at once.",
)
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about the recording.")
def command(
    seconds: float, path: Path, sensor: str | None, wait_s: float, database: Path, as_json: bool
) -> None:
    """Record raw samples of a sensor: three axes of acceleration, and of rotation if it has a gyroscope.

    The sensor continues to detect and log, and its records are collected as by `run`. If the radio is too
    slow, samples are dropped and counted, and the times have a gap. `twitchwatch detect` reads the file.
    Ctrl-C ends it early; what has arrived is kept.
    """
    from twitchwatch.link.capture import Capture
    from twitchwatch.link.capturing import Asked, until_done
    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.host_clock import SystemClock
    from twitchwatch.link.host_identity import host_id
    from twitchwatch.link.keys import Keys
    from twitchwatch.recording.csv_file import write_csv
    from twitchwatch.store import Store

    link_faults: list[DeviceError] = []
    with Store.open(database) as store:
        asked = Asked(Capture(seconds), sensor)
        daemon = Daemon(
            store,
            SystemClock(),
            host_id(database.with_name("host-id")),
            Keys.beside(database),
            on_link_fault=link_faults.append,
            capture_from=asked.take_from,
        )
        if not as_json:
            write_message(f"Waiting for {sensor or 'a sensor'}; press its button to connect now.")
        asyncio.run(until_done(daemon, asked, wait_s))
    capture = asked.capture
    if not capture.samples:
        if link_faults:
            raise link_faults[-1]
        raise DeviceError(
            f"No sample of {sensor or 'any sensor'} arrived within {wait_s:.0f} s. Press its button, bring it"
            " near, and stop any other `twitchwatch run` that may be connected to it."
        )
    try:
        write_csv(path, *capture.columns())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    tell(capture, path, as_json)


def tell(capture: Capture, path: Path, as_json: bool) -> None:
    """Report what was recorded."""
    from twitchwatch.views.recordings import CaptureView

    if as_json:
        write_json(
            CaptureView(
                "capture",
                sensor=capture.device,
                path=str(path),
                samples=capture.samples,
                lost=capture.lost,
                duration_s=round(capture.seconds, 3),
                axes=capture.axes,
            )
        )
        return
    lost = f", {capture.lost} lost in transit" if capture.lost else ", none lost"
    write_text(
        f"{capture.device}: {capture.samples} samples of {capture.axes} axes in {capture.seconds:.1f} s"
        f"{lost}, in {path}."
    )
