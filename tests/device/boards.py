"""The simulated board for these tests: its process, its air, its flash, and what is on it afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.device.conftest import HERE, MICROPYTHON, ROOT, Run
from twitchwatch.shared.protocol.records import Record, decode
from twitchwatch.sim.air import Air
from twitchwatch.sim.bridge import Bridge
from twitchwatch.sim.ring import HEAP, after_reset

BLOCKS = 96
BLOCK_BYTES = 4096


@dataclass
class Board:
    """One board with a flash of its own and its firmware's folder.

    `reports` are what its simulator told, `ends` what board_run.py printed at the end of each start of the
    last run.
    """

    folder: Path
    device: Run
    firmware: Path = ROOT / "firmware"
    reports: list[dict[str, Any]] = field(default_factory=list)
    said: str = ""
    starts: int = 0
    ends: list[dict[str, Any]] = field(default_factory=list)

    @property
    def flash(self) -> Path:
        return self.folder / "flash.bin"

    async def wear(self, samples: Path, expected: str = "", **config: Any) -> dict[str, Any]:
        """Power on and wait until it is off, over its restarts where `until_us` says how long; returns what
        board_run.py prints at the last end. No host, so time runs fast.

        `expected`: what the board says on its cable; nothing, mostly. `config`: see docs/testing.md.
        """
        bridge = Bridge(Air(), self.reports.append)
        port = await bridge.start()
        plan = self.folder / "sim.json"
        whole = {"samples": str(samples), "flash": str(self.flash), "flash_blocks": BLOCKS, **config}
        plan.write_text(json.dumps(whole))
        self.said = ""
        self.starts = 0
        self.ends = []
        try:
            while True:
                end = await self._start(plan, port)
                if end["ended"] == "cut" or not after_reset(plan):
                    break
        finally:
            await bridge.stop()
        assert expected in self.said, self.said
        assert expected or not self.said, self.said
        return end

    async def _start(self, plan: Path, port: int) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            MICROPYTHON,
            "-X",
            f"heapsize={HEAP}",
            HERE / "board_run.py",
            self.firmware,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "TWITCHWATCH_SIM": str(plan), "TWITCHWATCH_AIR": f"127.0.0.1:{port}"},
        )
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, said.decode()
        words, _, line = said.decode().rstrip().rpartition("\n")
        self.said += words
        self.starts += 1
        end: dict[str, Any] = json.loads(line)
        self.ends.append(end)
        return end

    def records(self) -> list[Record]:
        """What is on flash, read as the board would read it; the flash itself stays as it is."""
        copy = Path(shutil.copy(self.flash, self.folder / "copy.bin"))
        _, *lines = self.device("dump.py", copy, self.flash.stat().st_size // BLOCK_BYTES)
        return [decode(bytes.fromhex(line["raw"])) for line in lines]
