"""`twitchwatch sync`: one meeting, then an exit code that says how it went."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option
from twitchwatch.errors import DeviceError, DeviceReason

if TYPE_CHECKING:
    from twitchwatch.cli.teller import Teller
    from twitchwatch.link.meeting import MeetingReport

# Time to press a ring's button, and for a board on a cable to boot.
WAIT_S = 60.0


@click.command("sync")
@click.option(
    "--port",
    metavar="PORT",
    help="Over the cable at this serial port, such as /dev/ttyACM0, and not over Bluetooth.",
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
    """Meet one sensor once, and end when everything it has is here.

    A sensor on battery calls every ten minutes: press its button to be met at once. Exit code 0: everything
    is here; 4: no sensor came, or the meeting was cut short (what came is kept).
    """
    from twitchwatch.cli.page import Page
    from twitchwatch.cli.teller import Teller
    from twitchwatch.service.lock import only_one

    teller = Teller(None if as_json else Page())
    with only_one(database):
        report = asyncio.run(_meet_once(teller, port, adapters, wait_s, database))
    if report.outcome != "complete":
        raise DeviceError(
            f"The meeting ended early: {report.outcome}. What came is kept; sync again for the rest.",
            DeviceReason.LINK_LOST,
        )


async def _meet_once(
    teller: Teller, port: str | None, adapters: tuple[str, ...], wait_s: float, database: Path
) -> MeetingReport:
    from twitchwatch.link import usb
    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.host_clock import SystemClock
    from twitchwatch.link.host_identity import host_id
    from twitchwatch.link.keys import Keys
    from twitchwatch.store import Store

    loop = asyncio.get_running_loop()
    met: asyncio.Future[MeetingReport] = loop.create_future()
    troubles: list[DeviceError] = []

    def take(report: MeetingReport) -> None:
        teller.tell_meeting(report)
        if not met.done():
            met.set_result(report)

    def trouble(error: DeviceError) -> None:
        # Said at once: there may be time to put it right.
        teller.tell_trouble(error)
        troubles.append(error)

    with Store.open(database) as store:
        looking = asyncio.timeout(wait_s)
        daemon = Daemon(
            store,
            SystemClock(),
            host_id(database.with_name("host-id")),
            Keys.beside(database),
            adapters=None if port is None else [],
            only=adapters,
            ports=() if port is None else (port,),
            list_ports=lambda: [one for one in usb.listed() if port in (None, one.device)],
            stay=False,
            on_meeting=take,
            on_trouble=trouble,
            # What brings something may take as long as it needs.
            on_commit=lambda _, __: looking.reschedule(loop.time() + wait_s),
        )
        teller.tell_search(port)
        collecting = asyncio.create_task(daemon.run())
        try:
            async with looking:
                # The daemon itself ends by an error only.
                collecting.add_done_callback(lambda _: met.cancel())
                return await met
        except asyncio.CancelledError:
            if collecting.done() and not collecting.cancelled():
                await collecting
            raise
        except TimeoutError:
            raise troubles[-1] if troubles else _nobody(port, wait_s) from None
        finally:
            collecting.cancel()
            await asyncio.gather(collecting, return_exceptions=True)


def _nobody(port: str | None, wait_s: float) -> DeviceError:
    if port is not None and os.name == "posix" and not Path(port).exists():
        return DeviceError(
            f"There is no port {port}. Plug the cable in (many only charge), and look at its name:"
            " `ls /dev/tty*` before and after.",
            DeviceReason.NO_PORT,
        )
    if port is not None:
        return DeviceError(
            f"No sensor answered at {port} within {wait_s:.0f} s. Check the cable (many only charge) and that"
            " the board has our firmware (`twitchwatch flash`).",
            DeviceReason.NO_ANSWER,
        )
    return DeviceError(
        f"No sensor was heard within {wait_s:.0f} s. Press its button, bring it near, and try again.",
        DeviceReason.OUT_OF_REACH,
    )
