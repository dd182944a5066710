"""The rig, on the host: the virtual air, the boards that tests power on, and the line that steers them.

The guest writes orders, one JSON object per line, {"order": NAME, ...}. Each is answered by one line,
{"result": ...} or {"error": TEXT}. The orders are the public methods of Orders.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bench.false_rings import FalseRing
from tests.bluez.adapter import Adapter
from twitchwatch.sim.air import Air
from twitchwatch.sim.bridge import Bridge
from twitchwatch.sim.ring import micropython, worn

ROOT = Path(__file__).parents[2]
ADAPTERS = ("00:1A:7D:DA:71:01", "00:1A:7D:DA:71:02")
ENDLESS = 1 << 50


class Orders:
    """What the guest may order. Boards go by their address."""

    def __init__(self, folder: Path, hours: float) -> None:
        self._folder = folder
        self._air = Air()
        self._adapters: list[Adapter] = []
        self._boards: dict[str, AsyncExitStack] = {}
        self._false_rings: list[FalseRing] = []
        self._reports: dict[str, list[dict[str, Any]]] = {}
        self._night = asyncio.create_task(_worn_night(folder, hours))
        self._notified_s = 0.0
        self._lost, self._of = 0, 1
        self._left = ENDLESS
        self._count = 0
        self._air.tamper = self._overhear
        self.exit_code: int | None = None

    async def plug_in(self, lines: list[socket.socket]) -> None:
        """Give each serial line an adapter."""
        for address, line in zip(ADAPTERS, lines, strict=True):
            self._adapters.append(await Adapter.create(self._air, address, line))

    async def close(self) -> None:
        """The guest has ended."""
        self._night.cancel()
        await self.clear_away()

    async def clear_away(self) -> None:
        """Power the boards off, mend the air."""
        for board in list(self._boards):
            await self.power_off(board)
        for ring in self._false_rings:
            ring.stop()
        self._false_rings.clear()
        await self.speak()
        await self.lose_runs(0, 1)
        for adapter in self._adapters:
            adapter.insert()

    async def exit(self, code: int) -> None:
        """The guest's command has ended."""
        self.exit_code = code

    async def night(self) -> dict[str, str]:
        """The worn night: the flash that holds it, and its records as JSON, a list of hex strings."""
        flash, records = await asyncio.shield(self._night)
        return {"flash": str(flash), "records": str(records)}

    async def power_on(self, address: str, flash: str | None = None, **config: Any) -> None:
        """Power a ring on: with a copy of `flash`, with the flash that it had, or with a blank one.

        It is not worn but on its charger, so it is live, unless `config` says otherwise.
        """
        own = self._folder / f"{address.replace(':', '')}.flash"
        if flash is not None:
            shutil.copyfile(flash, own)
        samples = self._folder / "nothing.samples"
        samples.touch()
        config = {"usb": True, "empty_us": ENDLESS, **config}
        await self._power_on(
            address,
            lambda hear: worn(
                self._air,
                Path(config.pop("samples", samples)),
                [],
                flash=own,
                on_report=hear,
                hardware_id=address,
                **config,
            ),
        )

    async def run(self, address: str, script: str) -> None:
        """Power a board on that runs a MicroPython script of the tests."""
        await self._power_on(address, lambda hear: self._running(address, hear, script))

    async def power_off(self, address: str) -> None:
        """Take the board's battery out."""
        if self._air.is_away(address):
            self._air.plug(address)
        await self._boards.pop(address).aclose()

    async def surround(self, kinds: list[str]) -> None:
        """Radios with our service that prove nothing, one of each of these kinds (bench/false_rings.py)."""
        for number, kind in enumerate(kinds):
            ring = FalseRing(self._air, kind, number, random.Random(number))
            await ring.start()
            self._false_rings.append(ring)

    async def reports(self, address: str) -> list[dict[str, Any]]:
        """What the board has reported to the rig since it was powered on."""
        return self._reports[address]

    async def take_away(self, address: str) -> None:
        """Carry a board out of range: the link times out."""
        self._air.unplug(address)

    async def bring_back(self, address: str) -> None:
        """Carry it back."""
        self._notified_s = 0.0
        self._back_s = time.monotonic()
        self._air.plug(address)

    async def heard_after_s(self) -> float | None:
        """Seconds from bring_back to the first notification since, None while there was none."""
        return self._notified_s - self._back_s if self._notified_s else None

    async def drop_links(self) -> None:
        """Lose every link, as by interference."""
        self._air.drop_links()

    async def lose_runs(self, lost: int, of: int) -> None:
        """Lose the last `lost` of each `of` notifications, as a kernel does whose bluetoothd is late."""
        self._lost, self._of = lost, of

    async def fall_silent(self, after: int) -> None:
        """Let this many more notifications through, and then none."""
        self._left = after

    async def speak(self) -> None:
        """Let notifications through again."""
        self._left = ENDLESS

    async def pull(self, adapter: int) -> None:
        """Pull an adapter out; the guest's serial line goes dead."""
        self._adapters[adapter].pull()

    async def insert(self, adapter: int) -> None:
        """Put it back in."""
        self._adapters[adapter].insert()

    def _overhear(self, value: bytes) -> bytes | None:
        self._notified_s = self._notified_s or time.monotonic()
        self._count += 1
        self._left -= 1
        lost = self._left < 0 or self._count % self._of >= self._of - self._lost
        return None if lost else value

    async def _power_on(self, address: str, powered: Callable[[Any], Any]) -> None:
        reported = self._reports[address] = []
        stack = AsyncExitStack()
        await stack.enter_async_context(powered(reported.append))
        self._boards[address] = stack

    @asynccontextmanager
    async def _running(
        self, address: str, hear: Callable[[dict[str, Any]], None], script: str
    ) -> AsyncIterator[None]:
        bridge = Bridge(self._air, hear)
        port = await bridge.start()
        board = await asyncio.create_subprocess_exec(
            micropython(),
            script,
            str(ROOT / "firmware" / "boards" / "sim"),
            env={
                **os.environ,
                "TWITCHWATCH_AIR": f"127.0.0.1:{port}",
                "TWITCHWATCH_MAC": address,
                "MICROPYPATH": f"{ROOT}:.frozen",
            },
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            board.kill()
            await board.wait()
            await bridge.stop()


async def obey(orders: Orders, line: socket.socket) -> None:
    """Carry out the orders that come over the control line, one after another."""
    reader, writer = await asyncio.open_connection(sock=line)
    while text := await reader.readline():
        order = json.loads(text)
        try:
            answer = {"result": await getattr(orders, order.pop("order"))(**order)}
        except Exception as error:  # noqa: BLE001 the guest's test fails with it
            answer = {"error": repr(error)}
        writer.write(json.dumps(answer).encode() + b"\n")


async def _worn_night(folder: Path, hours: float) -> tuple[Path, Path]:
    # A process of its own: it computes for a quarter of a minute, and the air must not stand still.
    flash, records = folder / "night.flash", folder / "night.json"
    command = (sys.executable, "-m", "tests.bluez.night", str(hours), str(flash), str(records))
    wearing = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    try:
        if await wearing.wait():
            raise ChildProcessError("the night could not be worn; see above")
    except asyncio.CancelledError:
        wearing.kill()
        await wearing.wait()
        raise
    return flash, records
