"""`twitchwatch capture`: raw samples of a sensor, for calibration and research."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option
from twitchwatch.cli.output import write_json, write_line
from twitchwatch.errors import ConfigurationError, DeviceError

if TYPE_CHECKING:
    from twitchwatch.link.capture import Capture
    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.meeting import TakeRaw
    from twitchwatch.store import Device


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
@click.option("--device", metavar="NAME", help="Only this sensor, by its name or hardware id.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(1, 86400),
    default=660.0,
    show_default=True,
    help="Seconds to wait for the sensor's first sample; its button calls at once.",
)
@database_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object that says what was recorded.")
def command(
    seconds: float, path: Path, device: str | None, wait_s: float, database: Path, as_json: bool
) -> None:
    """Record what a sensor measures, as it is: three axes of acceleration, and turning where it can.

    The sensor goes on detecting and logging meanwhile, and its records are collected as `run` would. What the
    radio is too slow for is lost, counted, and a hole in the times. `twitchwatch detect` reads the file.
    Ctrl-C ends it early; what has come is kept.
    """
    from twitchwatch.link.capture import Capture
    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.host_clock import SystemClock
    from twitchwatch.link.host_identity import host_id
    from twitchwatch.link.keys import Keys
    from twitchwatch.recording.csv_file import write_csv
    from twitchwatch.store import Store

    troubles: list[DeviceError] = []
    with Store.open(database) as store:
        asked = Asked(Capture(seconds), device)
        daemon = Daemon(
            store,
            SystemClock(),
            host_id(database.with_name("host-id")),
            Keys.beside(database),
            on_trouble=troubles.append,
            capture_from=asked.take_from,
        )
        if not as_json:
            click.echo(f"Waiting for {device or 'a sensor'}; press its button to call it.", err=True)
        asyncio.run(until_done(daemon, asked, wait_s))
    capture = asked.capture
    if not capture.samples:
        if troubles:
            raise troubles[-1]
        raise DeviceError(
            f"No sample of {device or 'any sensor'} came within {wait_s:.0f} s. Press its button, bring it"
            " near, and stop another `twitchwatch run` that may hold it."
        )
    try:
        write_csv(path, *capture.columns())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    tell(capture, path, as_json)


class Asked:
    """A capture that waits for its sensor; `done` is set when it has enough."""

    def __init__(self, capture: Capture, wanted: str | None) -> None:
        self.capture = capture
        self.done = asyncio.Event()
        self._wanted = None if wanted is None else wanted.lower()
        self._from: int | None = None

    def take_from(self, device: Device) -> TakeRaw | None:
        """The first sensor that fits, and later only that one."""
        if self._wanted not in (None, device.name.lower(), device.hardware_id.lower(), str(device.id)):
            return None
        if self._from not in (None, device.id) or self.done.is_set():
            return None
        self._from = device.id
        self.capture.device = device.name
        return self._take

    def _take(self, captured: object) -> bool:
        from shared.protocol.actions import Captured

        assert isinstance(captured, Captured)
        more = self.capture.take(captured)
        if not more:
            self.done.set()
        return more


async def until_done(daemon: Daemon, asked: Asked, wait_s: float) -> None:
    """Run the daemon until the capture has enough, nothing has come in `wait_s`, or somebody stops it."""
    collecting = asyncio.create_task(daemon.run())
    done = asyncio.create_task(asked.done.wait())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.cancel)
    patience_s = time.monotonic() + wait_s
    seen = 0
    try:
        while not done.done() and not collecting.done():
            await asyncio.wait({done, collecting}, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            if asked.capture.samples > seen:
                seen = asked.capture.samples
                patience_s = time.monotonic() + wait_s
            elif time.monotonic() >= patience_s:
                break
        if not done.cancelled() and done.done():
            # The sensor hears that it may stop, and is let go.
            async with asyncio.timeout(GOODBYE_S):
                while not daemon.idle:
                    await asyncio.sleep(0.05)
    except TimeoutError:
        pass
    finally:
        done.cancel()
        collecting.cancel()
        with suppress(asyncio.CancelledError):
            await collecting


# A goodbye takes a commit and two trips.
GOODBYE_S = 3.0


def tell(capture: Capture, path: Path, as_json: bool) -> None:
    """Say what was recorded."""
    if as_json:
        write_json(
            {
                "kind": "capture",
                "device": capture.device,
                "path": str(path),
                "samples": capture.samples,
                "lost": capture.lost,
                "duration_s": round(capture.seconds, 3),
                "axes": capture.axes,
            }
        )
        return
    lost = f", {capture.lost} lost on the way" if capture.lost else ", none lost"
    write_line(
        f"{capture.device}: {capture.samples} samples of {capture.axes} axes in {capture.seconds:.1f} s"
        f"{lost}, in {path}."
    )
