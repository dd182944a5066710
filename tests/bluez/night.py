"""Lets a ring wear a modelled night with nobody near, and keeps its flash memory.

    python -m tests.bluez.night HOURS FLASH RECORDS

RECORDS becomes a list of the records in it, as hex strings in JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from twitchwatch.sim.air import Air
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import micropython, worn

ROOT = Path(__file__).parents[2]
FLASH_BLOCKS = 512
# Nobody listens, so the time with the radio on is kept short; quicker than this, and the FIFO would run over.
ALONE: dict[str, Any] = {"pace": 20, "settings": {"rendezvous_s": 3600, "listen_s": 10}}


async def wear(hours: float, flash: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="twitchwatch-night-") as folder:
        samples = Path(folder) / "night.samples"
        holes = write_samples(samples, modelled_night(1, hours).samples)
        async with worn(
            Air(), samples, holes, flash=flash, on_report=lambda _: None, flash_blocks=FLASH_BLOCKS, **ALONE
        ) as ring:
            await ring.wait()


def records_in(flash: Path) -> list[str]:
    """Every record in a flash memory, as the firmware's own log reads it."""
    done = subprocess.run(
        [micropython(), ROOT / "tests" / "device" / "dump.py", flash, str(FLASH_BLOCKS)],
        env={**os.environ, "MICROPYPATH": f"{ROOT}:{ROOT / 'firmware'}:.frozen"},
        check=True,
        capture_output=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [line["raw"] for line in lines if "raw" in line]


if __name__ == "__main__":
    asyncio.run(wear(float(sys.argv[1]), Path(sys.argv[2])))
    Path(sys.argv[3]).write_text(json.dumps(records_in(Path(sys.argv[2]))))
