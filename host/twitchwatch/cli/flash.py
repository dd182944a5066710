"""`twitchwatch flash`: the firmware on a connected board."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.output import write_json, write_line

if TYPE_CHECKING:
    from twitchwatch.flash import Flashed


@click.command("flash")
@click.option("--port", help="Serial port of the board, such as /dev/ttyACM0 or COM3; found if not given.")
@click.option(
    "--board", help="Which board it is, or a folder with its board.py; told by its chip if not given."
)
@click.option("--name", help="What the band shall be called.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, 3600),
    default=10.0,
    show_default=True,
    help="Seconds to wait for a board to appear.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object that says what was done.")
def command(port: str | None, board: str | None, name: str | None, wait_s: float, as_json: bool) -> None:
    """Put the firmware on a connected board; MicroPython has to be on it already.

    Builds it for the board's processor, copies what differs, checks every file, and starts it. Broken off at
    any moment, it can be run again.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    from twitchwatch.flash import choose_port, flash

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=as_json, transient=True) as progress:
        bar = progress.add_task("Looking for a board", total=None)
        chosen = choose_port(port, wait_s=wait_s, clock_s=time.monotonic, sleep_s=time.sleep)
        flashed = flash(
            chosen,
            board=board,
            name=name,
            on_step=lambda step: progress.update(bar, description=step),
            on_bytes=lambda done, total: progress.update(bar, completed=done, total=total),
        )
    _tell(flashed, as_json)


def _tell(flashed: Flashed, as_json: bool) -> None:
    if as_json:
        write_json({"kind": "flash", **asdict(flashed)})
        return
    write_line(f"{flashed.board} at {flashed.port} ({flashed.machine}, MicroPython {flashed.micropython})")
    if flashed.copied:
        files = "file" if len(flashed.copied) == 1 else "files"
        write_line(
            f"Copied {len(flashed.copied)} {files}, {flashed.copied_bytes / 1024:.0f} KiB; all checked."
        )
    else:
        write_line(f"Nothing to copy: all {flashed.kept} files are up to date.")
    if flashed.removed:
        write_line(f"Removed {', '.join(flashed.removed)}")
    if flashed.name is not None:
        write_line(f"It is called {flashed.name}.")
    write_line("It has been started. `twitchwatch run` collects what it finds.")
