"""Unpaired computers at the real firmware: what they write costs neither battery nor the next session."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError

from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol import settings as device
from twitchwatch.shared.protocol.framing import encode_frame
from twitchwatch.shared.protocol.messages import pack
from twitchwatch.shared.protocol.service import RX_UUID, SERVICE_UUID
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import WorldClock, paired, worn
from twitchwatch.store import Store

HOST_ID = 1
PATIENCE_S = 60
# The shortest that may be set: the radio is on for so long if no device proves its key.
LISTEN_S = {row[0]: row[2] for row in device.TABLE}["listen_s"]
# rendezvous.py: no meeting on a battery lasts longer.
MEETING_S = 60


class Night:
    """A ring on a battery, its radio's switching in virtual seconds, and the unpaired computers around it."""

    def __init__(self, folder: Path, air: Air, adapter: Adapter) -> None:
        self.folder = folder
        self.air = air
        self.adapter = adapter
        self.clock = WorldClock(0)
        self.keys = Keys(folder / "keys.json")
        self.switched: list[tuple[bool, float]] = []
        self._chance = random.Random(1)

    def ring(self, **config: Any) -> Any:
        path = self.folder / "samples.i16"
        write_samples(path, modelled_night(5, hours=0.1).samples)
        return worn(
            self.air,
            path,
            [],
            flash=self.folder / "flash.bin",
            on_report=self._hear,
            keys=paired(self.keys, HOST_ID),
            settings={"listen_s": LISTEN_S, "rendezvous_s": 120},
            **config,
        )

    def garbage(self) -> bytes:
        """Bytes of no meaning, or a whole frame of it."""
        data = self._chance.randbytes(self._chance.randrange(1, 200))
        return data if self._chance.randrange(2) else encode_frame(self._chance.randrange(256), data)

    def guess(self) -> bytes:
        """A handshake in the owner's name, and a proof that is none."""
        hello = pack(m.HELLO, m.PROTOCOL, HOST_ID) + self._chance.randbytes(16)
        return encode_frame(m.HELLO, hello) + encode_frame(m.PROVE, self._chance.randbytes(16))

    async def unpaired(self, says: Callable[[], bytes]) -> None:
        """Connect whenever that is possible, and write without an end."""
        while True:
            with suppress(BleakError, TimeoutError):
                found = await BleakScanner.find_device_by_filter(
                    lambda _, seen: SERVICE_UUID in seen.service_uuids, 10, backend=self.adapter.Scanner
                )
                if found is not None:
                    async with BleakClient(found, timeout=5, backend=self.adapter.Client) as client:
                        while True:
                            async with asyncio.timeout(5):
                                await client.write_gatt_char(RX_UUID, says(), response=True)

    def _hear(self, report: dict[str, Any]) -> None:
        self.clock.hear(report)
        if not self.switched or self.switched[-1][0] != report["radio"]:
            self.switched.append((bool(report["radio"]), self.clock.virtual_us / 1e6))

    async def until_off(self) -> float:
        """Wait for a whole rendezvous to pass, and give its length."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for (was_on, on_s), (is_on, off_s) in zip(self.switched, self.switched[1:], strict=False):
                    if was_on and not is_on:
                        return off_s - on_s
                await asyncio.sleep(0.05)


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Night]:
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    air = Air(packet_gap_s=0.0005)
    adapter = await Adapter.create(air)
    yield Night(tmp_path, air, adapter)
    await adapter.close()


async def ended(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=1)


@pytest.mark.parametrize("kind", ["garbage", "guess"])
async def test_a_stranger_who_writes_all_the_time_does_not_keep_the_radio_on(night: Night, kind: str) -> None:
    async with night.ring(pace=2):
        unpaired = asyncio.create_task(night.unpaired(getattr(night, kind)))
        on_s = await night.until_off()
        await ended(unpaired)
    # The ring reports the radio at its next look at the clock.
    assert LISTEN_S - 0.5 <= on_s < MEETING_S - 5


async def test_the_owner_gets_in_after_a_stranger_who_guessed_as_often_as_he_could(
    night: Night, tmp_path: Path
) -> None:
    async with night.ring():
        unpaired = asyncio.create_task(night.unpaired(night.guess))
        await night.until_off()
        await ended(unpaired)
        with Store.open(tmp_path / "t.db") as store:
            daemon = Daemon(store, night.clock, HOST_ID, night.keys, adapters=[night.adapter.for_daemon])
            owner = asyncio.create_task(daemon.run())
            async with asyncio.timeout(PATIENCE_S):
                while not store.devices():
                    await asyncio.sleep(0.05)
            await ended(owner)
