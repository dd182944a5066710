"""A house for tests: rings, an air, adapters, and the daemon, with what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from twitchwatch.errors import DeviceReason
from twitchwatch.link import usb
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.link.reconnect import State
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.ring import WorldClock, paired, worn
from twitchwatch.store import Store

FIRST, SECOND = "24:0A:C4:00:00:01", "24:0A:C4:00:00:02"
OTHER_ADAPTER = "00:1A:7D:DA:71:03"


class House:
    """A daemon on one or two adapters, and what it says."""

    def __init__(self, air: Air, adapters: list[Adapter], store: Store, samples: Path, folder: Path) -> None:
        self.air = air
        self.adapters = adapters
        self.store = store
        self.states: dict[str, State] = {}
        self.link_faults: list[DeviceReason] = []
        self.well: list[str] = []
        self.keys = Keys(folder / "keys.json")
        self.ports: list[usb.Port] = []
        self.folder = folder
        self._samples = samples
        self._changed = asyncio.Event()

    def daemon(self, **more: Any) -> Daemon:
        return Daemon(
            self.store,
            WorldClock(1_800_000_000_000_000),
            1,
            self.keys,
            adapters=[adapter.for_daemon for adapter in self.adapters],
            list_ports=lambda: self.ports,
            on_state=self._note,
            on_link_fault=lambda error: self._hear(self.link_faults, error.reason),
            on_well=lambda subject: self._hear(self.well, subject),
            on_commit=lambda _, __: self._changed.set(),
            **more,
        )

    def ring(self, hardware_id: str, *, keys: dict[str, str] | None = None, **more: Any) -> Any:
        """A ring on USB power: it stays connected as long as it can. Paired unless `keys` says otherwise."""
        flash = self.folder / hardware_id.replace(":", "")
        return worn(
            self.air,
            self._samples,
            [],
            flash=flash,
            hardware_id=hardware_id,
            on_report=lambda _: None,
            usb=True,
            keys=paired(self.keys, 1, hardware_id) if keys is None else keys,
            **more,
        )

    async def until(self, said: Any) -> None:
        async with asyncio.timeout(30):
            while not said():
                self._changed.clear()
                await self._changed.wait()

    async def met(self, *rings: str) -> None:
        await self.until(lambda: all(self.states.get(ring) is State.SYNCING for ring in rings))

    async def more_records(self, ring: str, than: int = 0) -> None:
        """Each sync session brings its anchor, if nothing else."""
        await self.until(lambda: self.kept(ring) > than)

    def kept(self, ring: str) -> int:
        return sum(status.records for status in self.store.status() if status.device.hardware_id == ring)

    def check_nothing_lost(self) -> None:
        for device in self.store.devices():
            records = list(self.store.records(device.id))
            assert [record.seq for record in records] == list(range(len(records)))
            assert not self.store.missing(device.id)
            assert not self.store.conflicts(device.id)
            assert protocol.BOOT in {record.type for record in records}

    def _note(self, address: str, state: State) -> None:
        self.states[address] = state
        self._changed.set()

    def _hear(self, reported: list[Any], what: Any) -> None:
        reported.append(what)
        self._changed.set()


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[None]:
    task = asyncio.create_task(daemon.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
