from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from tests.air.house import House
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.bridge import Bridge
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.store import Store

HERE = Path(__file__).parent
SHIM = HERE.parents[1] / "firmware" / "boards" / "sim"
MICROPYTHON = Path(sys.executable).with_name("micropython")


def uuid(number: int) -> str:
    return f"7c0e{number:04x}-2f5a-4b1e-9d6b-6f1f2a3b4c5d"


class Rig:
    """An air with an adapter and echo boards on it."""

    service, orders, answers, small = (uuid(number) for number in (1, 2, 3, 4))

    def __init__(self, air: Air, adapter: Adapter, port: int, reports: asyncio.Queue[dict[str, Any]]) -> None:
        self.air = air
        self.adapter = adapter
        self.port = port
        self.reports = reports
        self.boards: list[asyncio.subprocess.Process] = []

    async def spawn(self, mac: str = "24:0A:C4:00:00:01") -> asyncio.subprocess.Process:
        board = await asyncio.create_subprocess_exec(
            MICROPYTHON,
            "-X",
            "heapsize=160wK",
            HERE / "echo_board.py",
            SHIM,
            env={**os.environ, "TWITCHWATCH_AIR": f"127.0.0.1:{self.port}", "TWITCHWATCH_MAC": mac},
            stderr=asyncio.subprocess.PIPE,
        )
        self.boards.append(board)
        return board

    async def find(self) -> BLEDevice:
        device = await BleakScanner.find_device_by_filter(
            lambda _, seen: self.service in seen.service_uuids, timeout=10, backend=self.adapter.Scanner
        )
        assert device is not None
        return device

    def client(
        self, device: BLEDevice | str, lost: Callable[[BleakClient], None] | None = None
    ) -> BleakClient:
        return BleakClient(device, lost, timeout=10, backend=self.adapter.Client)

    async def report(self, key: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while key not in (report := await self.reports.get()):
                pass
            return report


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    air = Air(packet_gap_s=0.0005)
    adapter = await Adapter.create(air)
    reports: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    bridge = Bridge(air, reports.put_nowait)
    rig = Rig(air, adapter, await bridge.start(), reports)
    yield rig
    await bridge.stop()
    await adapter.close()
    for board in rig.boards:
        await board.communicate()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.fixture
async def board(rig: Rig) -> BLEDevice:
    """An advertising echo board."""
    await rig.spawn()
    return await rig.find()


class Notified:
    """Values that a client was notified of."""

    def __init__(self) -> None:
        self._values: asyncio.Queue[bytes] = asyncio.Queue()

    def __call__(self, _: object, value: bytearray) -> None:
        self._values.put_nowait(bytes(value))

    async def take(self, count: int = 1) -> list[bytes]:
        async with asyncio.timeout(20):
            return [await self._values.get() for _ in range(count)]


@pytest.fixture
def notified() -> Notified:
    return Notified()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("samples") / "samples.bin"
    write_samples(path, modelled_night(4, 0.5).samples)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t.db") as opened:
        yield opened


@pytest.fixture
def air() -> Air:
    return Air()


@pytest.fixture
async def house(air: Air, store: Store, samples: Path, tmp_path: Path) -> AsyncIterator[House]:
    logging.getLogger("bumble").setLevel(logging.ERROR)
    house = House(air, [await Adapter.create(air)], store, samples, tmp_path)
    yield house
    for adapter in house.adapters:
        await adapter.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
