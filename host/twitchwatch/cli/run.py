"""`twitchwatch run`: the daemon, in the foreground or under a supervisor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import backup_options, database_option, json_option, log_option

if TYPE_CHECKING:
    from twitchwatch.service.upkeep import Keeping


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
    help="Also use a sensor at this serial port. Ports used before are found automatically.",
)
@click.option(
    "--keep-awake",
    is_flag=True,
    help="Keep this computer awake while a sensor is near; without it, data arrives later but none is lost.",
)
@backup_options
@log_option
@database_option
@json_option
def command(
    adapters: tuple[str, ...],
    ports: tuple[str, ...],
    keep_awake: bool,
    keeping: Keeping,
    log: Path,
    database: Path,
    as_json: bool,
) -> None:
    """Look for sensors and collect their records, until stopped by Ctrl-C or SIGTERM.

    The sensor deletes a record only once it is on this computer's disk. You can stop at any time: nothing
    is lost, and the next run continues where this one ended. If the adapter is missing or off, this is
    reported, and collecting starts once it is back. A sensor connected by cable is synced over the cable.

    The database is checked and backed up at the start and once a day.

    `twitchwatch service install` makes the system start this at login.
    """
    from twitchwatch.service.collecting import collect
    from twitchwatch.service.lock import only_one
    from twitchwatch.service.logfile import begin_log
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.reporter import TerminalReporter

    begin_log(log)
    with only_one(database):
        collect(
            database,
            TerminalReporter(None if as_json else Page()),
            adapters=adapters,
            ports=ports,
            keep_awake=keep_awake,
            keeping=keeping,
        )
