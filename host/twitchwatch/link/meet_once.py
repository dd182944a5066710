"""One sync session with one sensor, then an end: with its report, or with why no sensor came."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link import usb
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.host_clock import SystemClock
from twitchwatch.link.keys import Keys
from twitchwatch.link.sync_session import SyncReport
from twitchwatch.store import Store


async def meet_once(
    store: Store,
    host: int,
    keys: Keys,
    *,
    port: str | None,
    adapters: Sequence[str],
    wait_s: float,
    on_sync_session: Callable[[SyncReport], None],
    on_link_fault: Callable[[DeviceError], None],
) -> SyncReport:
    """Meet the first sensor that comes: over the cable at `port`, else over Bluetooth by these adapters.

    Raises DeviceError if none came, or nothing more, within `wait_s`.
    """
    loop = asyncio.get_running_loop()
    met: asyncio.Future[SyncReport] = loop.create_future()
    link_faults: list[DeviceError] = []

    def take(report: SyncReport) -> None:
        on_sync_session(report)
        if not met.done():
            met.set_result(report)

    def link_fault(error: DeviceError) -> None:
        # Said at once: there may be time to put it right.
        on_link_fault(error)
        link_faults.append(error)

    looking = asyncio.timeout(wait_s)
    daemon = Daemon(
        store,
        SystemClock(),
        host,
        keys,
        adapters=None if port is None else [],
        only=adapters,
        ports=() if port is None else (port,),
        list_ports=lambda: [one for one in usb.listed() if port in (None, one.device)],
        stay=False,
        on_sync_session=take,
        on_link_fault=link_fault,
        # What brings something may take as long as it needs.
        on_commit=lambda _, __: looking.reschedule(loop.time() + wait_s),
    )
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
        raise link_faults[-1] if link_faults else _nobody(port, wait_s) from None
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
