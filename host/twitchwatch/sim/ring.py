"""A virtual ring: the real firmware in a real MicroPython, fed with a recording or a modelled night."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import sys
import tempfile
import termios
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from twitchwatch.errors import DeviceError, MissingExtraError
from twitchwatch.flash.package import firmware_folder
from twitchwatch.link.keys import Keys, with_host
from twitchwatch.sim.air import Air
from twitchwatch.sim.bridge import Bridge
from twitchwatch.sim.cable import UsbCable

# Of 4-byte words, so that the 64-bit build has the memory of a board: 100 KiB, as an ESP32-C3 leaves at
# least, and 80 KiB for the modules that only the simulator has, for the names that a board's build leaves out
# (of each module its path, which is long if the program is installed: 4 KiB more than in a checkout), and for
# bytecode that replaced machine code, which lies outside of the heap here and in the same memory on a board.
HEAP_KIB = 180
HEAP = f"{HEAP_KIB}wK"
HARDWARE_ID = "24:0A:C4:00:00:01"
# Exit code of a board that restarts; the plan for its next start is beside its plan (boards/sim/world.py).
RESET_EXIT = 80


def micropython() -> Path:
    """The MicroPython interpreter. Raises MissingExtraError if it is not installed."""
    found = shutil.which("micropython", path=os.pathsep.join((str(Path(sys.executable).parent), os.defpath)))
    if found is None:
        raise MissingExtraError("MicroPython, which runs the simulated sensor, is", "sim")
    return Path(found)


def paired(keys: Keys, host_id: int, hardware_id: str = HARDWARE_ID) -> dict[str, str]:
    """Pair a computer with a ring that has not started yet; returns what a cable would write to the ring."""
    brought: dict[str, str] = json.loads(with_host("", host_id, keys.make(hardware_id)))
    return brought


class WorldClock:
    """The host's clocks in a virtual night: UTC follows the ring's time.

    `start_utc_us`: UTC at the ring's power-on. Between sessions the night is ahead of what is known here, but
    then the time is not read.
    """

    def __init__(self, start_utc_us: int) -> None:
        self._start_utc_us = start_utc_us
        self.virtual_us = 0
        self._in_step = False
        self._at_s = time.monotonic()

    def hear(self, report: Mapping[str, Any]) -> None:
        """Take a report from the simulated board."""
        self.virtual_us = int(report["virtual_us"])
        self._in_step = bool(report["in_step"])
        self._at_s = time.monotonic()

    def now_s(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def utc_us(self, at_s: float) -> int:
        """UTC of the virtual night at monotonic time `at_s`."""
        since_us = int((at_s - self._at_s) * 1e6) if self._in_step else 0
        return self._start_utc_us + self.virtual_us + since_us


def after_reset(plan: Path) -> bool:
    """Write the plan for the next start of a board that has ended; returns whether there is one.

    It restarts if the rig has given the length of the run (`until_us`), and that time is not over.
    """
    config = json.loads(plan.read_text())
    end = json.loads(plan.with_name(plan.name + ".end").read_text())
    if end["why"] != "reset" or "until_us" not in config:
        return False
    for once in ("settings", "keys", "ticks_start_us"):
        config.pop(once, None)
    plan.write_text(json.dumps({**config, **end["next"]}))
    return True


class Ring:
    """A running simulated board, over its restarts."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        start: Callable[[], Awaitable[asyncio.subprocess.Process]],
        plan: Path,
    ) -> None:
        self._process = process
        self._start = start
        self._plan = plan
        self._output: list[bytes] = []
        self._alive = True
        self._living = asyncio.create_task(self._live())

    async def wait(self) -> None:
        """Wait until the ring has switched itself off. Raises DeviceError if its firmware failed."""
        code = await asyncio.shield(self._living)
        if code != 0:
            said = b"".join(self._output).decode(errors="replace").strip()
            raise DeviceError(f"The simulated ring's firmware stopped with code {code}:\n{said}")

    async def kill(self) -> None:
        """Take the battery out."""
        self._alive = False
        if self._process.returncode is None:
            _kill(self._process)
        # At the end of the program that task was cancelled, too; the process must be over before the loop is.
        await asyncio.wait({self._living})
        await self._process.communicate()

    async def _live(self) -> int:
        while True:
            await _listen(self._process, self._output)
            code = await self._process.wait()
            if code != RESET_EXIT or not self._alive or not after_reset(self._plan):
                return code
            self._process = await self._start()
            if not self._alive:
                _kill(self._process)


def _kill(process: asyncio.subprocess.Process) -> None:
    # Its own method asks first whether it has ended; asyncio, which waits for that, would miss the answer.
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


@asynccontextmanager
async def worn(
    air: Air,
    samples: Path,
    holes: Sequence[Sequence[int]],
    *,
    flash: Path,
    on_report: Callable[[dict[str, Any]], None],
    keys: Mapping[str, str] | None = None,
    hardware_id: str = HARDWARE_ID,
    cable: UsbCable | None = None,
    **config: Any,
) -> AsyncIterator[Ring]:
    """Power a ring on over `air`, fed from `samples` (int16 x y z); off at the end.

    `holes`: [start_sample, count] of what the recording lacks; `flash`: the file of its flash memory; `keys`:
    what the cable would have written, {host_id: key} in hex, see `paired`; `cable`: plugged into the ring,
    whose time then follows real time; `config`: more for the simulated board, see docs/testing.md.
    """
    bridge = Bridge(air, on_report)
    port = await bridge.start()
    with tempfile.TemporaryDirectory(prefix="twitchwatch-ring-") as folder:
        plan = Path(folder) / "sim.json"
        plan.write_text(
            json.dumps(
                {
                    "samples": str(samples),
                    "holes": [list(hole) for hole in holes],
                    "flash": str(flash),
                    "hardware_id": hardware_id,
                    "keys": keys,
                    "cable": cable is not None,
                    **config,
                }
            )
        )

        async def start() -> asyncio.subprocess.Process:
            return await asyncio.create_subprocess_exec(
                micropython(),
                "-X",
                f"heapsize={HEAP}",
                str(firmware_folder() / "boards" / "sim" / "start.py"),
                stdin=asyncio.subprocess.DEVNULL if cable is None else cable.board,
                stdout=asyncio.subprocess.PIPE if cable is None else cable.board,
                stderr=asyncio.subprocess.STDOUT if cable is None else asyncio.subprocess.PIPE,
                start_new_session=cable is not None,
                preexec_fn=None if cable is None else _own_terminal,
                env={
                    **os.environ,
                    "TWITCHWATCH_SIM": str(plan),
                    "TWITCHWATCH_AIR": f"127.0.0.1:{port}",
                    "TWITCHWATCH_MAC": hardware_id,
                    "MICROPYPATH": ".frozen",
                },
            )

        ring = Ring(await start(), start, plan)
        try:
            yield ring
        finally:
            await ring.kill()
            await bridge.stop()


def _own_terminal() -> None:
    # Ctrl-C reaches the process that owns this terminal.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


async def _listen(process: asyncio.subprocess.Process, output: list[bytes]) -> None:
    said = process.stdout or process.stderr
    assert said is not None
    async for line in said:
        output.append(line)
        del output[:-50]
