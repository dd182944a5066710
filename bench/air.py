"""How fast a night's backlog is synced over the virtual air, as a share of what that link can carry.

    python -m bench.air [--gap-ms 1.0 2.5] [--times 3] [--write]

A ring holds 600 events with waveforms and 480 minutes; the daemon meets it, and all is proved, encrypted,
committed and acknowledged as at night. The link's own maximum is measured in the same run: a board that does
nothing but notify, at the same MTU of 247, over the same air. Both take a real computer's time besides the
air's.
"""

import argparse
import asyncio
import logging
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bleak import BleakClient, BleakScanner

from bench.page import insert
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.link.reconnect import State
from twitchwatch.shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.bridge import Bridge
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import HARDWARE_ID, WorldClock, micropython, paired, worn
from twitchwatch.store import Device, Store

HERE = Path(__file__).parent
START_UTC_US = 1_800_000_000_000_000
FLOOD = 1000
PIECE_BYTES = 244
PATIENCE_S = 60


async def most_bytes_per_s(gap_s: float) -> float:
    """What a link carries of notified values when nothing else is to be done."""
    air = Air(packet_gap_s=gap_s)
    adapter = await Adapter.create(air)
    bridge = Bridge(air)
    port = await bridge.start()
    board = await asyncio.create_subprocess_exec(
        micropython(),
        HERE / "flood_board.py",
        str(FLOOD),
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "TWITCHWATCH_AIR": f"127.0.0.1:{port}", "TWITCHWATCH_MAC": HARDWARE_ID},
    )
    arrived_s: list[float] = []
    whole = asyncio.Event()

    def take(_: object, __: bytearray) -> None:
        arrived_s.append(time.perf_counter())
        if len(arrived_s) == FLOOD:
            whole.set()

    device = await BleakScanner.find_device_by_filter(
        lambda _, seen: SERVICE_UUID in seen.service_uuids, timeout=10, backend=adapter.Scanner
    )
    assert device is not None
    async with asyncio.timeout(PATIENCE_S), BleakClient(device, backend=adapter.Client) as client:
        await client.start_notify(TX_UUID, take)
        await client.write_gatt_char(RX_UUID, b"go", response=True)
        await whole.wait()
    await bridge.stop()
    await board.wait()
    await adapter.close()
    return (FLOOD - 1) * PIECE_BYTES / (arrived_s[-1] - arrived_s[0])


async def sync(folder: Path, gap_s: float) -> tuple[float, float, int, int]:
    """Meet a ring with a night's backlog; give seconds of connecting, of syncing, records and their bytes."""
    air = Air(packet_gap_s=gap_s)
    adapter = await Adapter.create(air)
    clock = WorldClock(START_UTC_US)
    keys = Keys(folder / "keys.json")
    brought = paired(keys, 1)
    samples, flash = folder / "samples.bin", folder / "flash.bin"
    write_samples(samples, modelled_night(1, 0.1).samples)
    count = fill(folder, flash, samples)
    at_s = {State.CONNECTING: 0.0, State.SYNCING: 0.0}
    size = stored = 0
    committed_s = 0.0
    whole = asyncio.Event()

    def kept(_: Device, records: Sequence[bytes]) -> None:
        nonlocal size, stored, committed_s
        size += sum(map(len, records))
        stored += len(records)
        committed_s = time.perf_counter()
        if stored >= count:
            whole.set()

    def note(_: str, state: State) -> None:
        if at_s.get(state) == 0.0:
            at_s[state] = time.perf_counter()

    with Store.open(folder / "air.db") as store:
        daemon = Daemon(store, clock, 1, keys, adapters=[adapter.for_daemon], on_commit=kept, on_state=note)
        async with worn(air, samples, [], flash=flash, on_report=clock.hear, keys=brought, usb=True):
            collecting = asyncio.create_task(daemon.run())
            async with asyncio.timeout(PATIENCE_S):
                await whole.wait()
            while not collecting.done():
                collecting.cancel()
                await asyncio.wait({collecting}, timeout=1)
    await adapter.close()
    met_s = at_s[State.SYNCING]
    return met_s - at_s[State.CONNECTING], committed_s - met_s, stored, size


def fill(folder: Path, flash: Path, samples: Path) -> int:
    """Put the backlog on a flash; how many records it has."""
    import json

    plan = folder / "backlog.json"
    plan.write_text(json.dumps({"flash": str(flash), "samples": str(samples)}))
    ran = subprocess.run(
        [micropython(), "-X", "heapsize=2m", HERE / "backlog.py"],
        env={**os.environ, "TWITCHWATCH_SIM": str(plan)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return int(ran.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gap-ms", type=float, nargs="*", default=[1.0, 2.5])
    parser.add_argument("--times", type=int, default=1, help="the best of this many: other work disturbs")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.ERROR)
    lines = [
        "| a packet takes | link carries | backlog | records a second | of the maximum | with connecting |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for gap_ms in asked.gap_ms:
        lines.append(max(measured(gap_ms) for _ in range(asked.times))[1])
    text = "\n".join(lines)
    print(text)
    if asked.write:
        insert("air", text)


def measured(gap_ms: float) -> tuple[float, str]:
    """One run: the share of the maximum, and its row."""
    most = asyncio.run(most_bytes_per_s(gap_ms / 1000))
    with tempfile.TemporaryDirectory() as folder:
        connecting_s, took_s, records, size = asyncio.run(sync(Path(folder), gap_ms / 1000))
    share, whole = size / took_s / most, size / (took_s + connecting_s) / most
    row = (
        f"| {gap_ms} ms | {most / 1024:.0f} KiB/s | {records:,} records, {size / 1024:.0f} KiB in"
        f" {took_s:.2f} s | {records / took_s:.0f} | {100 * share:.0f} % | {100 * whole:.0f} % |"
    )
    return share, row


if __name__ == "__main__":
    main()
