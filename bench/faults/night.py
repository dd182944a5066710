"""One run: two virtual hours with faults, then some without, on a simulated board; and what it logged."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.faults.table import BEGINS_US, MINUTE_US, Fault
from twitchwatch.shared.protocol.record_types import PART_MEMORY, PART_RADIO
from twitchwatch.shared.protocol.records import Record, decode
from twitchwatch.sim.air import Air
from twitchwatch.sim.bridge import Bridge
from twitchwatch.sim.ring import HEAP, after_reset, micropython

ROOT = Path(__file__).parents[2]
# Long enough for three rendezvous after all has healed; a radio that rests for an hour is asked later, and so
# is one that meets each hour: a status says how the time since the last one was spent.
_END_US = 160 * MINUTE_US
_LATE_END_US = 210 * MINUTE_US
_SELDOM_S = 900
_PRESSED_US = [(k - 10) * MINUTE_US + k * 1_700_000 for k in range(3)]
# 128 blocks: a log of 384 KiB and room for littlefs.
_BLOCKS = 128
# With nobody near, time with the radio on passes so much faster than the firmware waits.
_PACE = 40
_MINUTES = 10
_RATE_HZ = 125
_STARTS = 400


@dataclass(frozen=True)
class Column:
    """A board with one release of MicroPython."""

    board: str
    release: str


@dataclass(frozen=True)
class Start:
    """One start of the board: its number in the log, if it got that far, and when its device time began."""

    boot_id: int
    began_us: int
    cause: str


@dataclass(frozen=True)
class Night:
    """What a run left behind: the log, the starts, when the radio was on, and what was said on the cable."""

    records: list[Record]
    starts: list[Start]
    radio_us: list[int]
    said: str
    ended: str

    def at_us(self, record: Record) -> int:
        """When it was, since the first power-on."""
        for start in reversed(self.starts):
            if start.boot_id == record.boot_id:
                return start.began_us + record.time_us
        raise LookupError(f"no start is number {record.boot_id}")


def end_us(faults: Sequence[Fault]) -> int:
    """How long a run with these faults lasts."""
    late = any(
        fault.part & (PART_RADIO | PART_MEMORY)
        or fault.config.get("settings", {}).get("rendezvous_s", 0) > _SELDOM_S
        for fault in faults
    )
    return _LATE_END_US if late else _END_US


def presses_us(faults: Sequence[Fault]) -> list[int]:
    """When the button is pressed, once all has healed."""
    return [end_us(faults) + before_us for before_us in _PRESSED_US]


def quiet(folder: Path) -> Path:
    """Ten minutes of a hand that lies still, which are worn again and again."""
    path = folder / "quiet.i16"
    if not path.exists():
        noise = np.random.default_rng(10).normal(0, 8, (_MINUTES * 60 * _RATE_HZ, 3))
        path.write_bytes((np.array([0, 0, 8192]) + noise).astype("<i2").tobytes())
    return path


async def spend(
    faults: Sequence[Fault], column: Column, firmware: Path, folder: Path, *, late: Sequence[bool] = ()
) -> Night:
    """Run `firmware` through the faults; `late`: which begin in the night. Raises RuntimeError."""
    config: dict[str, Any] = {}
    plans: list[dict[str, Any]] = []
    for place, fault in enumerate(faults):
        begins = fault.late or (place < len(late) and late[place] and not fault.early)
        # At power-on the flash is formatted first: that is no fault's business.
        plans += fault.faults(column.board, BEGINS_US if begins else 0)
        for key, value in fault.config.items():
            config[key] = {**config.get(key, {}), **value} if isinstance(value, dict) else value
    samples = await asyncio.to_thread(quiet, folder)
    flash = folder / "flash"
    config["settings"] = {"listen_s": 10, "log_kib": 384, **config.get("settings", {})}
    whole = {
        "board": column.board,
        "release": column.release,
        "samples": str(samples),
        "times": 1000,
        "flash": str(flash),
        "flash_blocks": _BLOCKS,
        "battery_mv": 4000,
        "button_us": presses_us(faults),
        "alone": True,
        "pace": _PACE,
        "until_us": end_us(faults),
        **config,
        "faults": plans,
    }
    plan = folder / "sim.json"
    plan.write_text(json.dumps(whole))
    if any(fault.forgotten for fault in faults):
        await asyncio.to_thread(_forget, plan)
    starts, radio_us, said, ended = await _live(plan, firmware)
    known = {start.boot_id for start in starts}
    records = [record for record in _records(flash, folder) if record.boot_id in known]
    return Night(records, starts, radio_us, said, ended)


def _forget(plan: Path) -> None:
    subprocess.run(
        [micropython(), "-X", "heapsize=4M", Path(__file__).with_name("forgotten.py")],
        env={**os.environ, "TWITCHWATCH_SIM": str(plan)},
        stdout=subprocess.DEVNULL,
        check=True,
    )


async def _live(plan: Path, firmware: Path) -> tuple[list[Start], list[int], str, str]:
    radio_us: list[int] = []

    def hear(report: dict[str, Any]) -> None:
        if report["radio"]:
            radio_us.append(int(report["virtual_us"]))

    bridge = Bridge(Air(), hear)
    port = await bridge.start()
    starts: list[Start] = []
    said = ""
    environment = {**os.environ, "TWITCHWATCH_SIM": str(plan), "TWITCHWATCH_AIR": f"127.0.0.1:{port}"}
    try:
        while len(starts) < _STARTS:
            process = await asyncio.create_subprocess_exec(
                micropython(),
                "-X",
                f"heapsize={HEAP}",
                str(Path(__file__).with_name("device.py")),
                str(firmware),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=environment,
            )
            output, _ = await process.communicate()
            words, _, last = output.decode(errors="replace").rstrip().rpartition("\n")
            said += words
            if process.returncode or not last.startswith("{"):
                raise RuntimeError(
                    f"the simulated board stopped with code {process.returncode}:\n{words}\n{last}"
                )
            end = json.loads(last)
            starts.append(Start(end["boot_id"], end["began_us"], end["cause"]))
            if not after_reset(plan):
                return starts, radio_us, said, end["ended"]
        return starts, radio_us, said, "restarts without end"
    finally:
        await bridge.stop()


def _records(flash: Path, folder: Path) -> list[Record]:
    copy = Path(shutil.copy(flash, folder / "copy"))
    done = subprocess.run(
        [micropython(), "-X", "heapsize=4M", ROOT / "tests" / "device" / "dump.py", copy, str(_BLOCKS)],
        capture_output=True,
        text=True,
        env={**os.environ, "MICROPYPATH": f"{ROOT}:{ROOT / 'firmware'}:.frozen"},
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the log cannot be read:\n{done.stdout}{done.stderr}")
    return [decode(bytes.fromhex(json.loads(line)["raw"])) for line in done.stdout.splitlines()[1:]]
