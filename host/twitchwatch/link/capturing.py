"""Capturing: a daemon that runs until a sensor has sent the requested raw samples."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path

from twitchwatch.errors import DeviceError
from twitchwatch.link.capture import Capture
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.host_clock import SystemClock
from twitchwatch.link.host_identity import host_id
from twitchwatch.link.keys import Keys
from twitchwatch.link.sync_session import TakeRaw
from twitchwatch.shared.protocol.actions import Captured
from twitchwatch.store import Device, Store

# The end of a session takes a commit and two round trips.
GOODBYE_S = 3.0


class Asked:
    """A capture that waits for its sensor; `done` is set when it has enough."""

    def __init__(self, capture: Capture, wanted: str | None) -> None:
        self.capture = capture
        self.done = asyncio.Event()
        self._wanted = None if wanted is None else wanted.lower()
        self._from: int | None = None

    def take_from(self, device: Device) -> TakeRaw | None:
        """Select the first sensor that matches, and from then on only that one."""
        if self._wanted not in (None, device.name.lower(), device.hardware_id.lower(), str(device.id)):
            return None
        if self._from not in (None, device.id) or self.done.is_set():
            return None
        self._from = device.id
        self.capture.device = device.name
        return self._take

    def _take(self, captured: object) -> bool:
        assert isinstance(captured, Captured)
        more = self.capture.take(captured)
        if not more:
            self.done.set()
        return more


def record(database: Path, seconds: float, sensor: str | None, wait_s: float) -> Capture:
    """Raw samples of a sensor, by its name, hardware id or number (any when None), until stopped.

    Its records are stored in the database meanwhile. Raises DeviceError if no sample arrives within wait_s,
    and the store's errors.
    """
    link_faults: list[DeviceError] = []
    with Store.open(database) as store:
        asked = Asked(Capture(seconds), sensor)
        daemon = Daemon(
            store,
            SystemClock(),
            host_id(database.with_name("host-id")),
            Keys.beside(database),
            on_link_fault=link_faults.append,
            capture_from=asked.take_from,
        )
        asyncio.run(until_done(daemon, asked, wait_s))
    if asked.capture.samples:
        return asked.capture
    if link_faults:
        raise link_faults[-1]
    raise DeviceError(
        f"No samples from {sensor or 'any sensor'} arrived within {wait_s:.0f} s. Press its button, bring it"
        " near, and stop any other `twitchwatch run` that may be connected to it."
    )


async def until_done(daemon: Daemon, asked: Asked, wait_s: float) -> None:
    """Run the daemon until the capture has enough, nothing has arrived in `wait_s`, or it is stopped."""
    collecting = asyncio.create_task(daemon.run())
    done = asyncio.create_task(asked.done.wait())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.cancel)
    patience_s = time.monotonic() + wait_s
    seen = 0
    try:
        while not done.done() and not collecting.done():
            await asyncio.wait({done, collecting}, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            if asked.capture.samples > seen:
                seen = asked.capture.samples
                patience_s = time.monotonic() + wait_s
            elif time.monotonic() >= patience_s:
                break
        if not done.cancelled() and done.done():
            # The sensor is asked to stop, and is released.
            async with asyncio.timeout(GOODBYE_S):
                while not daemon.idle:
                    await asyncio.sleep(0.05)
    except TimeoutError:
        pass
    finally:
        done.cancel()
        collecting.cancel()
        with suppress(asyncio.CancelledError):
            await collecting
