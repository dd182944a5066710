from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def device() -> Run:
    """Runs a script of this folder under real MicroPython and gives the lines of JSON it prints.

    `heap`: an ESP32's 100 KiB in machine words, unless the script itself plays the flash chip. `within_s` of
    processor time it must have ended.
    """

    def run(
        script: str, *arguments: object, heap: str = "100wK", within_s: int = 120
    ) -> list[dict[str, Any]]:
        limited = ["sh", "-c", f'ulimit -t {within_s}; exec "$@"', "sh"]
        done = subprocess.run(
            [*limited, MICROPYTHON, "-X", f"heapsize={heap}", HERE / script, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "MICROPYPATH": f"{ROOT}:{ROOT / 'firmware'}:.frozen"},
        )
        assert done.stderr == ""
        assert done.returncode == 0, done.stdout
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


@pytest.fixture
async def air() -> AsyncIterator[tuple[Air, Adapter]]:
    """The virtual air, and a computer's adapter in it."""
    air = Air(packet_gap_s=0.0005)
    adapter = await Adapter.create(air)
    yield air, adapter
    await adapter.close()
