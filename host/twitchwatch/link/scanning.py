"""One adapter that keeps scanning, whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bleak.backends.device import BLEDevice

from twitchwatch.errors import DeviceError
from twitchwatch.link import ble
from twitchwatch.link.reconnect import SCAN, SCAN_RENEW_S, Machine, Pauses, ScanAction, ScanEvent, ScanState


class Scan:
    """Drives the scan machine of one adapter; `group` carries its tasks.

    `on_heard` gets every advertisement of a sensor, `on_lost` is called when links over this adapter are
    gone, `on_link_fault` if it cannot scan, `on_well` when it scans again.
    """

    def __init__(
        self,
        adapter: ble.Adapter,
        group: asyncio.TaskGroup,
        *,
        on_heard: Callable[[ble.Adapter, BLEDevice], None],
        on_lost: Callable[[ble.Adapter], None],
        on_link_fault: Callable[[ble.Adapter, DeviceError], None],
        on_well: Callable[[ble.Adapter], None],
    ) -> None:
        self.adapter = adapter
        self._group = group
        self._on_heard = on_heard
        self._on_lost = on_lost
        self._on_link_fault = on_link_fault
        self._on_well = on_well
        self._machine: Machine[ScanState, ScanEvent, ScanAction] = Machine(SCAN, ScanState.DOWN)
        self._pauses = Pauses()
        self._work: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard_s = 0.0
        self._error = DeviceError("")
        self._closed = False

    @property
    def state(self) -> ScanState:
        """The state of its machine."""
        return self._machine.state

    def feed(self, event: ScanEvent) -> None:
        """An event has occurred; carry out the action in the table."""
        if self._closed:
            return
        action = self._machine.feed(event)
        if event is ScanEvent.STARTED:
            self._pauses.settle()
            self._on_well(self.adapter)
        if action is ScanAction.START:
            self._start()
        elif action is ScanAction.HOLD:
            self._stop()
        elif action in (ScanAction.STOP, ScanAction.STOP_AND_PAUSE):
            self._stop()
            self._on_lost(self.adapter)
            if action is ScanAction.STOP_AND_PAUSE:
                loop = asyncio.get_running_loop()
                pause_s = self._pauses.after(self._error.reason)
                self._timer = loop.call_later(pause_s, self.feed, ScanEvent.PAUSE_OVER)

    def fail(self, error: DeviceError) -> None:
        """It cannot scan, or a connection over it has shown that it cannot."""
        self._error = error
        self._on_link_fault(self.adapter, error)
        self.feed(ScanEvent.FAILED)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Stop scanning while inside."""
        self.feed(ScanEvent.HOLD)
        try:
            if self._stopping is not None:
                await asyncio.wait({self._stopping})
            yield
        finally:
            self.feed(ScanEvent.RELEASE)

    def look_after(self) -> None:
        """Restart a scan that has had no results for long; called regularly."""
        if self._now_s() - self._heard_s >= SCAN_RENEW_S:
            self.feed(ScanEvent.QUIET)

    def close(self) -> None:
        """Stop; its machine no longer reacts to anything."""
        self._closed = True
        self._stop()

    def _start(self) -> None:
        self._stop()
        self._heard_s = self._now_s()
        self._work = self._group.create_task(self._scan(self._stopping))

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._work is not None:
            self._work.cancel()
            self._stopping, self._work = self._work, None

    async def _scan(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            # BlueZ refuses a second discovery of one client.
            await asyncio.wait({before})
        try:
            async with ble.listening(self.adapter, self._heard):
                self.feed(ScanEvent.STARTED)
                await asyncio.get_running_loop().create_future()
        except DeviceError as error:
            self.fail(error)

    def _heard(self, device: BLEDevice) -> None:
        if self._closed:
            return
        self._heard_s = self._now_s()
        self._on_heard(self.adapter, device)

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
