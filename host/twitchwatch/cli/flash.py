"""`twitchwatch flash`: install the firmware on a connected board."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.errors import Exit
from twitchwatch.terminal.output import write_json, write_text


@click.command("flash")
@click.option("--port", help="Serial port of the board, such as /dev/ttyACM0 or COM3; found by default.")
@click.option("--board", help="The board, or a folder with its board.py; by default identified by its chip.")
@click.option("--name", help="The name of the sensor.")
@click.option(
    "--image",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A MicroPython image, written if the board has none or an old version.",
)
@click.option(
    "--erase", is_flag=True, help="Always write the image; erases everything on the board, even its log."
)
@click.option(
    "--check", "only_check", is_flag=True, help="Compare the board with this package; change nothing."
)
@click.option("--test/--no-test", default=True, show_default=True, help="Test every part afterwards.")
@click.option(
    "--taps/--no-taps",
    default=None,
    help="Also wait for taps on the ring; the default in a terminal.",
)
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, 3600),
    help="Seconds to wait for a board to appear; 10 if no --port is given, otherwise none.",
)
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about what was done.")
def command(
    port: str | None,
    board: str | None,
    name: str | None,
    image: Path | None,
    erase: bool,
    only_check: bool,
    test: bool,
    taps: bool | None,
    wait_s: float | None,
    database: Path,
    as_json: bool,
) -> int:
    """Put the firmware on a connected board, and test it.

    Compiles it for the board's processor, copies the files that differ, verifies every file, gives the sensor
    a key that is kept next to the database, tests sensor, flash, radio and battery, and starts the board. You
    can interrupt it at any time and run it again. Exits with 6 if a part does not work, or if --check finds a
    difference.
    """
    from twitchwatch.flash import Host, Order, check, flash
    from twitchwatch.terminal.boards import BACK_S, found_port
    from twitchwatch.terminal.progress import flash_progress
    from twitchwatch.views.collecting import flash_check_view, flash_view
    from twitchwatch.wording.flash import compared_words, flashed_words

    if only_check and (name or image or erase or taps):
        raise click.UsageError("--check changes nothing: use it only with --port and --board.")

    if taps is None:
        taps = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
    order = Order(board=board, name=name, image=image, erase=erase, test=test, taps=taps)
    order.checked()

    with flash_progress() as progress:
        chosen = found_port(port, wait_s, progress)
        if only_check:
            compared = check(chosen, board, progress)
        else:
            host = Host.beside(database)
            flashed = flash(chosen, order, host, progress, lambda: found_port(port, BACK_S, progress))
    if as_json:
        write_json(flash_check_view(compared) if only_check else flash_view(flashed))
    else:
        for line in compared_words(compared) if only_check else flashed_words(flashed):
            write_text(line)
    good = compared.current if only_check else flashed.works
    return Exit.OK if good else Exit.ATTENTION
