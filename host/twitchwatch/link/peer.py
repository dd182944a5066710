"""One sensor that is synced over Bluetooth whenever it advertises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

from bleak.backends.device import BLEDevice

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.foreign import one_line
from twitchwatch.link import ble
from twitchwatch.link.reconnect import DEVICE, FRESH_S, Action, Event, Machine, Pauses, State
from twitchwatch.link.sync_session import COMPLETE, LINK_LOST, SyncReport

Sync = Callable[["Peer", ble.BlePipe], Awaitable[SyncReport]]


class Peer:
    """Drives the reconnection machine of one Bluetooth address; `group` carries its tasks.

    paired: there is a key for this address, or it has proved one. `meet` runs the sync session over an open
    pipe; `setting_up` surrounds each attempt to connect; `on_state` is called at each change of state,
    `on_link_fault` with the reason if an attempt failed.
    """

    def __init__(
        self,
        address: str,
        group: asyncio.TaskGroup,
        *,
        meet: Sync,
        setting_up: Callable[[ble.Adapter], AbstractAsyncContextManager[None]],
        on_state: Callable[[Peer, State], None],
        on_link_fault: Callable[[Peer, DeviceError], None],
    ) -> None:
        self.address = address
        self.name = address
        self.hardware_id: str | None = None
        self.paired = False
        self.heard_s = 0.0
        self._paused_s = 0.0
        self._group = group
        self._meet = meet
        self._setting_up = setting_up
        self._on_state = on_state
        self._on_link_fault = on_link_fault
        self._machine: Machine[State, Event, Action] = Machine(DEVICE, State.AWAY)
        self._pauses = Pauses()
        self._device: BLEDevice | None = None
        self._adapter: ble.Adapter | None = None
        self._work: asyncio.Task[None] | None = None
        self._hanging_up: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reason = DeviceReason.OTHER
        self._contested = False
        self._closed = False

    @property
    def state(self) -> State:
        """The state of its machine."""
        return self._machine.state

    @property
    def adapter_name(self) -> str:
        """The adapter that last received it."""
        return "" if self._adapter is None else self._adapter.name

    def heard(self, adapter: ble.Adapter, device: BLEDevice) -> None:
        """An advertisement arrived over this adapter; the last one to receive it is used to connect."""
        self.heard_s = self._now_s()
        if self.state in (State.AWAY, State.PAUSING):
            self._adapter, self._device = adapter, device
            self.name = one_line(device.name or "") or self.name
        self.feed(Event.HEARD)

    def adapter_lost(self, adapter: ble.Adapter) -> None:
        """Its adapter may be gone, and with it the connection."""
        if adapter == self._adapter:
            self.feed(Event.ADAPTER_LOST)

    def feed(self, event: Event) -> None:
        """An event has occurred; carry out the action in the table."""
        if self._closed:
            return
        before = self.state
        action = self._machine.feed(event)
        if before is State.PAUSING and self.state is not State.PAUSING and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if action is Action.CONNECT:
            self._work = self._group.create_task(self._connect(self._hanging_up))
        elif action is Action.HANG_UP and self._work is not None:
            self._work.cancel()
            self._hanging_up, self._work = self._work, None
        elif action is Action.PAUSE:
            self._pause()
        elif action is Action.FORGET:
            self._group.create_task(self._forget())
            self._pause()
        elif action is Action.SETTLED:
            self._pauses.settle()
        if self.state is not before:
            self._on_state(self, self.state)
        if event is Event.PAUSE_OVER and self.heard_s >= max(self._paused_s, self._now_s() - FRESH_S):
            # It advertised during the pause; some systems report an advertiser only once.
            self.feed(Event.HEARD)

    def close(self) -> None:
        """Release it; its machine no longer reacts to anything."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._work is not None:
            self._work.cancel()

    def _pause(self) -> None:
        self._paused_s = self._now_s()
        pause_s = self._pauses.after(self._reason, contested=self._contested)
        self._timer = asyncio.get_running_loop().call_later(pause_s, self.feed, Event.PAUSE_OVER)

    async def _forget(self) -> None:
        if self._device is not None:
            await ble.forget_services(self._device)

    async def _connect(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            # The last connection is still being released.
            await asyncio.wait({before})
        device, adapter = self._device, self._adapter
        assert device is not None
        assert adapter is not None
        event = Event.FAILED
        self._contested = False
        try:
            async with ble.connected(device, adapter, partial(self._setting_up, adapter)) as pipe:
                self._now(Event.CONNECTED)
                report = await self._meet(self, pipe)
            if report.outcome == COMPLETE:
                event = Event.ENDED
            elif report.outcome == LINK_LOST:
                event = Event.LOST
            if report.device is not None:
                # It was authenticated and synced: however a good link ends, the next attempt follows soon.
                self._pauses.settle()
            self._reason = DeviceReason.NOT_PAIRED if report.unpaired else DeviceReason.OTHER
            self._contested = self.paired and report.device is None
        except DeviceError as error:
            self._reason = error.reason
            if error.reason is DeviceReason.STALE:
                event = Event.STALE
            self._on_link_fault(self, error)
        self._now(event)

    def _now(self, event: Event) -> None:
        # Late events of a closed connection are ignored.
        if asyncio.current_task() is self._work:
            self.feed(event)

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
