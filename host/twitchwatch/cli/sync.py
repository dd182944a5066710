"""`twitchwatch sync`: one sync session, then an exit code for its result."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option
from twitchwatch.errors import DeviceError, DeviceReason

# Time to press a ring's button, and for a board on a cable to boot.
WAIT_S = 60.0


@click.command("sync")
@click.option(
    "--port",
    metavar="PORT",
    help="Use the cable at this serial port, such as /dev/ttyACM0, instead of Bluetooth.",
)
@click.option(
    "--adapter",
    "adapters",
    multiple=True,
    metavar="NAME",
    help="Only this Bluetooth adapter (Linux), such as hci1. Can be given several times.",
)
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=1),
    default=WAIT_S,
    show_default=True,
    metavar="SECONDS",
    help="How long to look for a sensor.",
)
@database_option
@json_option
def command(
    port: str | None, adapters: tuple[str, ...], wait_s: float, database: Path, as_json: bool
) -> None:
    """Sync one sensor once, and exit when all its records have been stored.

    On battery a sensor advertises every ten minutes; press its button to sync at once. Exits with 0 if all
    records are here, and with 4 if no sensor was found or the session was interrupted (records that arrived
    are kept).
    """
    from twitchwatch.archive.keeping import keep
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.link.host_identity import host_id
    from twitchwatch.link.keys import Keys
    from twitchwatch.link.meet_once import meet_once
    from twitchwatch.service.lock import only_one
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.reporter import TerminalReporter

    reporter = TerminalReporter(None if as_json else Page())
    with only_one(database), Store.open(database) as store:
        reporter.report_search(port)
        report = asyncio.run(
            meet_once(
                store,
                host_id(database.with_name("host-id")),
                Keys.beside(database),
                port=port,
                adapters=adapters,
                wait_s=wait_s,
                on_sync_session=reporter.report_meeting,
                on_link_fault=reporter.report_link_fault,
            )
        )
        if report.stored:
            keep(store, LOCAL, int(time.time()) * 1_000_000)
    if report.outcome != "complete":
        raise DeviceError(
            f"The sync session ended early: {report.outcome}. Records that arrived are kept; sync again.",
            DeviceReason.LINK_LOST,
        )
