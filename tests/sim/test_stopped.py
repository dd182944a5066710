"""A program with a simulated ring that is ended by a signal: the ring is off, and nothing is printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_WEARING = """
import asyncio, os, signal, sys
from pathlib import Path
from twitchwatch import start
from twitchwatch.sim.air import Air
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.ring import worn
import numpy as np

def stop(number, frame):
    raise SystemExit(start.stopped_by(number))

signal.signal(signal.SIGTERM, stop)
folder = Path(sys.argv[1])
samples = folder / "samples.i16"
write_samples(samples, np.zeros((104 * 60 * 60, 3), np.int16))

async def wear():
    loop = asyncio.get_running_loop()
    kill = lambda: os.killpg(os.getpgrp(), signal.SIGTERM)
    hear = (lambda _: kill()) if sys.argv[2] == "task" else (lambda _: loop.call_soon(kill))
    async with worn(Air(), samples, [], flash=folder / "flash", on_report=hear) as ring:
        print(ring._process.pid, flush=True)
        await ring.wait()

asyncio.run(wear())
"""


@pytest.mark.parametrize("within", ["task", "loop"])
def test_a_signal_ends_it_and_its_ring(within: str, tmp_path: Path) -> None:
    """The ring gets it too, as from a terminal that is closed; a task runs then, or the event loop itself."""
    done = subprocess.run(
        [sys.executable, "-c", _WEARING, str(tmp_path), within],
        capture_output=True,
        text=True,
        timeout=120,
        start_new_session=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (128 + 15, "")
    assert not Path("/proc", done.stdout.strip()).exists()
