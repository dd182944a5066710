"""`twitchwatch run`: the daemon, in the foreground."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option
from twitchwatch.cli.output import write_json
from twitchwatch.errors import DeviceError

if TYPE_CHECKING:
    from twitchwatch.cli.page import Page
    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.meeting import MeetingReport
    from twitchwatch.link.reconnect import State


@click.command("run")
@click.option(
    "--adapter",
    "adapters",
    multiple=True,
    metavar="NAME",
    help="Only this Bluetooth adapter (Linux), such as hci1. Can be given several times.",
)
@database_option
@json_option
def command(adapters: tuple[str, ...], database: Path, as_json: bool) -> None:
    """Look for sensors and collect their records, until stopped by Ctrl-C or SIGTERM.

    Each record is on this computer's disk before the sensor hears that it may forget it. Stop at any time:
    nothing is lost, the next run goes on where this one ended. An adapter that is missing or off is said, and
    waited for.
    """
    from twitchwatch.cli.page import Page
    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.host_clock import SystemClock
    from twitchwatch.link.host_identity import host_id
    from twitchwatch.link.keys import Keys
    from twitchwatch.store import Store

    teller = Teller(None if as_json else Page())
    with Store.open(database) as store:
        daemon = Daemon(
            store,
            SystemClock(),
            host_id(database.with_name("host-id")),
            Keys.beside(database),
            only=adapters,
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


class Teller:
    """Says what the daemon does: lines for people on `page`, JSON without one."""

    def __init__(self, page: Page | None) -> None:
        self._page = page

    def tell_start(self, database: Path) -> None:
        """The daemon looks for sensors."""
        if self._page is not None:
            self._page.say(f"Looking for sensors. Records go to {database}. Ctrl-C stops.")

    def tell_meeting(self, report: MeetingReport) -> None:
        """A meeting has ended."""
        name = report.device.name if report.device is not None else None
        if self._page is None:
            write_json(
                {
                    "kind": "sync",
                    "device": name,
                    "outcome": report.outcome,
                    "live": report.live,
                    "stored": report.stored,
                    "repeated": report.repeated,
                    "unread": report.unread,
                    "conflicts": report.conflicts,
                    "damaged": report.damaged,
                    "missing": report.missing,
                    "damaged_frames": report.damaged_frames,
                    "asked_again": report.asked_again,
                    "warnings": list(report.warnings),
                }
            )
            return
        from datetime import datetime

        from twitchwatch.cli.page import plural

        oddities = [
            f"{count} {word}"
            for count, word in (
                (report.unread, "of a kind that this version cannot read (kept)"),
                (report.damaged, "damaged on the sensor"),
                (report.missing, "no longer on the sensor"),
                (report.conflicts, "in conflict with what was here"),
            )
            if count
        ]
        told = "; ".join((f"{plural(report.stored, 'new record')}", *oddities))
        self._page.say(f"{datetime.now():%H:%M:%S}  {name or 'sensor'}: {told} ({report.outcome})")
        for warning in report.warnings:
            self._page.say(warning, indent=10)

    def tell_trouble(self, error: DeviceError) -> None:
        """Something goes wrong besides meetings."""
        if self._page is None:
            write_json({"kind": "trouble", "reason": error.reason.value, "message": str(error)})
        else:
            self._page.say(str(error))

    def tell_well(self, subject: str) -> None:
        """What went wrong with `subject` is over."""
        if self._page is None:
            write_json({"kind": "well", "subject": subject})
        else:
            self._page.say(f"{subject} works again.")

    def tell_state(self, address: str, state: State) -> None:
        """What is being done about a sensor; for programs only."""
        if self._page is None:
            write_json({"kind": "state", "address": address, "state": state.value})
