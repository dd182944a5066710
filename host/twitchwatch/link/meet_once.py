"""One sync session with one sensor; returns its report, or raises the reason why no sensor was found."""

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
    """Sync the first sensor found: over the cable at `port`, otherwise over Bluetooth with these adapters.

    Raises DeviceError if none was found, or nothing more arrived, within `wait_s`.
    """
    loop = asyncio.get_running_loop()
    met: asyncio.Future[SyncReport] = loop.create_future()
    link_faults: list[DeviceError] = []

    def take(report: SyncReport) -> None:
        on_sync_session(report)
        if not met.done():
            met.set_result(report)

    def link_fault(error: DeviceError) -> None:
        # Reported at once: there may be time to correct it.
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
        # A session that makes progress may take as long as it needs.
        on_commit=lambda _, __: looking.reschedule(loop.time() + wait_s),
    )
    collecting = asyncio.create_task(daemon.run())
    try:
        async with looking:
            # The daemon itself ends only with an error.
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
            f"There is no port {port}. Plug in the cable (many only charge), and find its name with `ls "
            "/dev/tty*` before and after.",
            DeviceReason.NO_PORT,
        )
    if port is not None:
        return DeviceError(
            f"No sensor answered at {port} within {wait_s:.0f} s. Check the cable (many only charge), and "
            "that the board has our firmware (`twitchwatch flash`).",
            DeviceReason.NO_ANSWER,
        )
    return DeviceError(
        f"No sensor was found within {wait_s:.0f} s. Press its button, bring it near, and try again.",
        DeviceReason.OUT_OF_REACH,
    )
