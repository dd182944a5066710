"""`twitchwatch run`: the daemon, in the foreground."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option

if TYPE_CHECKING:
    from twitchwatch.link.daemon import Daemon


@click.command("run")
@click.option(
    "--adapter",
    "adapters",
    multiple=True,
    metavar="NAME",
    help="Only this Bluetooth adapter (Linux), such as hci1. Can be given several times.",
)
@click.option(
    "--port",
    "ports",
    multiple=True,
    metavar="PORT",
    help="Speak to a sensor at this serial port, too. Ports at which one was met or paired need no naming.",
)
@database_option
@json_option
def command(adapters: tuple[str, ...], ports: tuple[str, ...], database: Path, as_json: bool) -> None:
    """Look for sensors and collect their records, until stopped by Ctrl-C or SIGTERM.

    Each record is on this computer's disk before the sensor hears that it may forget it. Stop at any time:
    nothing is lost, the next run goes on where this one ended. An adapter that is missing or off is said, and
    waited for. A sensor on a cable is met over the cable.
    """
    from twitchwatch.cli.page import Page
    from twitchwatch.cli.teller import Teller
    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.host_clock import SystemClock
    from twitchwatch.link.host_identity import host_id
    from twitchwatch.link.keys import Keys
    from twitchwatch.service.lock import only_one
    from twitchwatch.store import Store

    teller = Teller(None if as_json else Page())
    with only_one(database), Store.open(database) as store:
        daemon = Daemon(
            store,
            SystemClock(),
            host_id(database.with_name("host-id")),
            Keys.beside(database),
            only=adapters,
            ports=ports,
            on_meeting=teller.tell_meeting,
            on_trouble=teller.tell_trouble,
            on_well=teller.tell_well,
            on_state=teller.tell_state,
        )
        teller.tell_start(database)
        asyncio.run(_until_stopped(daemon))


async def _until_stopped(daemon: Daemon) -> None:
    collecting = asyncio.create_task(daemon.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, collecting.cancel)
    try:
        await collecting
    except asyncio.CancelledError:
        # Stopped as asked; a cancellation of this very task is somebody else's and goes on.
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
