"""Kill the collecting process repeatedly, at any moment of a sync: nothing may be lost or stored twice.

    python -m bench.killed [--kills N] [--seed S] [--over cable|air] [--write]

cable: `twitchwatch run`, a separate process, is killed by SIGKILL at a random moment while it takes in a
long backlog over a (pseudo) serial port; the ring, the real firmware in another process, lives on. air: the
house of tests/air (daemon, virtual air and ring) is killed at a random moment of a session, and the ring's
power goes with it. Only kills that cut a sync short count. In the end one more sync takes the rest; then each
number must be there once, with the bytes that were first kept for it. Exit 1 where anything is lost or twice.
"""

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.page import insert
from tests.air.house import FIRST
from twitchwatch.link.host_identity import host_id
from twitchwatch.link.keys import Keys
from twitchwatch.sim.air import Air
from twitchwatch.sim.cable import UsbCable, plugged
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import paired, worn
from twitchwatch.store import Store

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "tests" / "air" / "collect.py"
PROGRAM = [sys.executable, "-m", "twitchwatch"]
HOURS = 12.0
# A part of what the backlog takes over the cable, and most of a meeting on the air.
SYNC_S = 0.3
MEETING_S = 0.2
# Fewer new records than this, and few left: that session had nothing to be cut in.
LITTLE = 100


class Count:
    """What was found, over all kills."""

    def __init__(self, until_s: float) -> None:
        self.kills = self.idle = self.lost = self.twice = self.rounds = 0
        self.backlog = 0
        self.until_s = until_s

    def wants(self, kills: int) -> bool:
        """Whether more are to follow."""
        return self.kills < kills and time.perf_counter() < self.until_s

    def check(self, database: Path, expected: dict[int, bytes], *, whole: bool) -> dict[int, bytes]:
        """What is kept now: everything of `expected`, byte for byte, and each seq once; whole: no holes."""
        if not database.exists():
            self.lost += len(expected)
            return {}
        with Store.open(database) as store:
            kept: dict[int, bytes] = {}
            for device in store.devices():
                for record in store.records(device.id):
                    self.twice += record.seq in kept
                    kept[record.seq] = record.raw
                self.twice += len(store.conflicts(device.id))
                self.lost += sum(run.count for run in store.missing(device.id))
        self.lost += sum(kept.get(seq) != raw for seq, raw in expected.items())
        if whole and kept:
            self.lost += max(kept) + 1 - len(kept)
        return kept


def syncing(database: Path) -> bool:
    """Whether the last sync into it was cut short."""
    if not database.exists():
        return False
    with Store.open(database) as store:
        newest = [sync for device in store.devices() for sync in store.syncs(device.id, limit=1)]
    return any(sync.outcome is None for sync in newest)


async def finished(port: str, database: Path) -> None:
    command = [*PROGRAM, "sync", "--port", port, "--json", "--database", str(database)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    if await process.wait() != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")


async def over_the_cable(kills: int, chance: random.Random, folder: Path, count: Count) -> None:
    samples = folder / "samples.bin"
    holes = write_samples(samples, modelled_night(1, HOURS).samples)
    night = folder / "night.flash"
    # Worn with nobody in reach. `pace` would also run while the firmware computes: at 500 the watchdog bites.
    async with worn(
        Air(), samples, holes, flash=night, on_report=lambda _: None, hardware_id=FIRST, alone=True
    ) as ring:
        await ring.wait()
    still = folder / "still.bin"
    write_samples(still, modelled_night(2, 0.5).samples)
    while count.wants(kills):
        home = folder / f"round{count.rounds}"
        home.mkdir()
        database, flash = home / "t.db", home / "flash"
        for suffix in ("", ".nvs"):
            if Path(f"{night}{suffix}").exists():
                shutil.copy(f"{night}{suffix}", f"{flash}{suffix}")
        brought = paired(Keys.beside(database), host_id(database.with_name("host-id")), FIRST)
        async with (
            plugged() as cable,
            worn(
                Air(),
                still,
                [],
                flash=flash,
                on_report=lambda _: None,
                hardware_id=FIRST,
                keys=brought,
                cable=cable,
                usb=True,
            ),
        ):
            await round_of_kills(kills, chance, cable, database, count)
        count.rounds += 1
        shutil.rmtree(home)


async def round_of_kills(
    kills: int, chance: random.Random, cable: UsbCable, database: Path, count: Count
) -> None:
    """Kill syncs of this ring until everything has come in spite of it."""
    kept: dict[int, bytes] = {}
    command = [*PROGRAM, "run", "--port", cable.port, "--json", "--database", str(database)]
    command += ["--log", str(database.with_name("t.log"))]
    while count.wants(kills):
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        while b'"syncing"' not in (line := await process.stdout.readline()):
            if not line:
                raise SystemExit("the daemon ended by itself")
        # From before the first record to after the last of what is left, most times.
        await asyncio.sleep(chance.uniform(0, SYNC_S))
        process.kill()
        await process.wait()
        before, kept = kept, count.check(database, kept, whole=False)
        tell(count)
        if len(kept) + LITTLE >= (count.backlog or len(kept)) and len(kept) - len(before) < LITTLE:
            # The backlog is in: that kill cut nothing.
            count.idle += 1
            break
        count.kills += 1
    await finished(cable.port, database)
    count.backlog = max(count.backlog, len(count.check(database, kept, whole=True)))


async def over_the_air(kills: int, chance: random.Random, folder: Path, count: Count) -> None:
    samples = folder / "samples.bin"
    write_samples(samples, modelled_night(7, 0.15).samples)
    database, flash = folder / "data" / "t.db", folder / "flash.bin"
    command = [sys.executable, str(HOUSE), str(database), str(flash), str(samples)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "host"), str(ROOT)))}
    kept: dict[int, bytes] = {}
    while count.wants(kills):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as house:
            assert house.stdout is not None
            for _ in range(chance.randint(1, 3)):
                while house.stdout.readline() not in ("syncing\n", ""):
                    pass
            await asyncio.sleep(chance.uniform(0, MEETING_S))
            house.kill()
        if syncing(database):
            count.kills += 1
        else:
            count.idle += 1
        kept = count.check(database, kept, whole=False) or kept
        tell(count)
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    count.check(database, kept, whole=True)
    count.rounds += 1


def tell(count: Count) -> None:
    if sys.stderr.isatty():
        print(f"\r{count.kills} kills", end="", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="that cut a sync short, of each kind")
    parser.add_argument("--minutes", type=float, default=60.0, help="at most, for each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--over", choices=("cable", "air"), action="append")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    arguments = parser.parse_args()
    lines = [
        "| killed, over | kills during a sync | outside one | lost | stored twice |",
        "| --- | --- | --- | --- | --- |",
    ]
    print("\n".join(lines), flush=True)
    bad = 0
    for name, kind in (("cable", over_the_cable), ("air", over_the_air)):
        if arguments.over and name not in arguments.over:
            continue
        began = time.perf_counter()
        count = Count(began + 60 * arguments.minutes)
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(kind(arguments.kills, random.Random(arguments.seed), Path(folder), count))
        took_s = time.perf_counter() - began
        lines.append(f"| {name} | {count.kills} | {count.idle} | {count.lost} | {count.twice} |")
        print(lines[-1], flush=True)
        print(f"{count.rounds} backlogs of {count.backlog} records, {took_s:.0f} s", file=sys.stderr)
        bad += count.lost + count.twice
    if arguments.write:
        insert("killed", "\n".join(lines))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
