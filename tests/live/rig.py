"""A ring on a cable, and `twitchwatch run` as a process of its own that collects from it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np

from twitchwatch.link.host_identity import host_id
from twitchwatch.link.keys import Keys
from twitchwatch.sim.air import Air
from twitchwatch.sim.cable import plugged
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import HARDWARE_ID, paired, worn

NAME = "ring"
# The first twitch of this modelled night.
SEED, FIRST_TWITCH = 5, 27141
# A tap on the ring: 450 mg for two samples, on z.
TAP_MG, TAP_LSB = 450, round(450 / 0.122)


def hand(minutes: float = 30.0) -> np.ndarray:
    """A still hand (n, 3) that twitches every six seconds; two seconds later a finger taps the ring."""
    night = modelled_night(SEED, hours=0.3).samples
    lead = night[FIRST_TWITCH - 780 : FIRST_TWITCH - 260]
    one = night[FIRST_TWITCH - 260 : FIRST_TWITCH + 364].astype(np.int32)
    one[468:470, 2] += TAP_LSB
    return np.concatenate([lead, np.tile(one.astype(np.int16), (round(10 * minutes), 1))])


class Rig:
    """Powers the ring on and off, and starts and stops the daemon."""

    def __init__(self, folder: Path, port: str, cable: Any) -> None:
        self.database = folder / "home" / "t.db"
        self._folder = folder
        self._port = port
        self._cable = cable
        self._keys = Keys.beside(self.database)
        self._stack = AsyncExitStack()
        self.daemon: asyncio.subprocess.Process | None = None

    async def power_on(self, samples: np.ndarray) -> None:
        """The ring starts, and measures these samples."""
        path = self._folder / "samples.i16"
        write_samples(path, samples)
        self.database.parent.mkdir(mode=0o700, exist_ok=True)
        number = host_id(self.database.with_name("host-id"))
        await self._stack.enter_async_context(
            worn(
                Air(),
                path,
                [],
                flash=self._folder / "flash.bin",
                on_report=lambda _: None,
                keys=paired(self._keys, number, HARDWARE_ID),
                cable=self._cable,
                settings={"name": NAME},
            )
        )

    async def power_off(self) -> None:
        """The battery is out."""
        await self._stack.aclose()

    async def start_daemon(self, *, cable: bool = True) -> None:
        """Start `twitchwatch run`, with or without a look at the cable."""
        command = [sys.executable, "-m", "twitchwatch", "run", "--json", "--backups", "0"]
        command += ["--port", self._port] if cable else []
        own = ["--database", str(self.database), "--log", str(self._folder / "t.log")]
        self.daemon = await asyncio.create_subprocess_exec(*command, *own, stdout=asyncio.subprocess.DEVNULL)

    async def stop_daemon(self) -> None:
        """End it, if it runs."""
        if self.daemon is not None and self.daemon.returncode is None:
            self.daemon.terminate()
            await self.daemon.wait()


@asynccontextmanager
async def rig_in(folder: Path) -> AsyncIterator[Rig]:
    """The cable, without anything at its ends yet."""
    async with plugged() as cable:
        rig = Rig(folder, cable.port, cable)
        try:
            yield rig
        finally:
            await rig.stop_daemon()
            await rig.power_off()
