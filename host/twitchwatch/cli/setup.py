"""`twitchwatch setup`: from the box to the first night, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import backup_options, database_option, log_option

if TYPE_CHECKING:
    from twitchwatch.service.upkeep import Keeping


@click.command("setup")
@click.option("--port", help="Serial port of the board, such as /dev/ttyACM0 or COM3; found by default.")
@click.option("--board", help="The board, or a folder with its board.py; by default identified by its chip.")
@click.option(
    "--image",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A MicroPython image, written if the board has none or an old version.",
)
@click.option("--list", "only_list", is_flag=True, help="Only show which steps are done; ask nothing.")
@backup_options
@log_option
@database_option
def command(
    port: str | None,
    board: str | None,
    image: Path | None,
    only_list: bool,
    keeping: Keeping,
    log: Path,
    database: Path,
) -> None:
    """Set everything up, from the box to the first night: firmware, key, tap test, place, service, alerts.

    Each step explains what it does and why. You can skip any of them, and leave at any time with Ctrl-C: the
    next `twitchwatch setup` continues with the first step that is not done. Without a ring, it offers a month
    of modelled nights to look at.
    """
    from twitchwatch.flash import Order
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.setup_page import Place, list_steps, walk

    order = Order(board=board, image=image)
    order.checked()
    place = Place(database, log, keeping, port, order)
    (list_steps if only_list else walk)(Page(), place)
