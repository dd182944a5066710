"""The daemon: looks for sensors, meets each that calls, and goes on for ever.

SEARCHING -> MEETING -> SEARCHING; after a failure PAUSING, longer each time, until a meeting succeeds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from enum import Enum

from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner

from twitchwatch.errors import DeviceError
from twitchwatch.link import ble
from twitchwatch.link.host_clock import HostClock
from twitchwatch.link.meeting import COMPLETE, Meeting, MeetingReport
from twitchwatch.store import Device, Store

# A band listens for 15 s at a rendezvous: the first tries must come quickly, and none later than this.
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 10.0


class State(Enum):
    """What the daemon is doing."""

    SEARCHING = "searching"
    MEETING = "meeting"
    PAUSING = "pausing"


class Daemon:
    """Collects from every sensor in reach.

    Backends are bleak's; None means the platform's own. `on_meeting` hears of each meeting's end,
    `on_trouble` of what went wrong between meetings, `on_commit` of each batch on disk, `on_state` of each
    change of state.
    """

    def __init__(
        self,
        store: Store,
        clock: HostClock,
        host_id: int,
        *,
        scanner: type[BaseBleakScanner] | None = None,
        client: type[BaseBleakClient] | None = None,
        on_meeting: Callable[[MeetingReport], None] = lambda _: None,
        on_trouble: Callable[[DeviceError], None] = lambda _: None,
        on_commit: Callable[[Device, Sequence[bytes]], None] | None = None,
        on_state: Callable[[State], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._host_id = host_id
        self._scanner = scanner
        self._client = client
        self._on_meeting = on_meeting
        self._on_trouble = on_trouble
        self._on_commit = on_commit
        self._on_state = on_state
        self._pause_s = FIRST_PAUSE_S

    async def run(self) -> None:
        """Run until cancelled.

        Raises DeviceError when the very first search fails, as it does without an adapter: later on the
        same is waited out. Raises the store's errors: without a database nothing may be acknowledged.
        """
        searched = False
        while True:
            try:
                self._on_state(State.SEARCHING)
                device = await ble.find(self._scanner)
                searched = True
                self._on_state(State.MEETING)
                report = await self.meet(device)
            except DeviceError as error:
                if not searched:
                    raise
                self._on_trouble(error)
                await self._pause()
                continue
            self._on_meeting(report)
            if report.outcome == COMPLETE:
                self._pause_s = FIRST_PAUSE_S
            else:
                await self._pause()

    async def meet(self, device: BLEDevice) -> MeetingReport:
        """Connect to one sensor and collect what it has. Raises DeviceError where that fails."""
        async with ble.connected(device, self._client) as pipe:
            meeting = Meeting(
                pipe, self._store, self._clock, self._host_id, kind="ble", on_commit=self._on_commit
            )
            return await meeting.hold()

    async def _pause(self) -> None:
        self._on_state(State.PAUSING)
        await asyncio.sleep(self._pause_s)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
