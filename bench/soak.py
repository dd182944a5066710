"""Many nights in a row: one daemon, two rings, and a virtual air with faults of every kind.

    python -m bench.soak [--nights N] [--hours H] [--seed S] [--write]

Each night both rings (the real firmware) are powered on, wear a modelled night and switch themselves off; the
daemon, the adapters and the database live through all of them. Meanwhile, at random moments, an adapter is
switched off for a while, links are lost, rings go out of reach, connections fail, and notifications are lost
and garbled. The last night is calm. Then everything must be there once. Memory (RSS, after a garbage
collection) and open descriptors are those of this process, which is the daemon and the virtual air; what they
grow by is counted from the third night on, when every path has been walked. Exit 1 where a bar is missed.
"""

import argparse
import asyncio
import gc
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bench.page import insert
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.shared.protocol.records import seq_at, split
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import WorldClock, paired, worn
from twitchwatch.store import Store

RINGS = ("24:0A:C4:00:00:01", "24:0A:C4:00:00:02")
ADAPTERS = ("00:1A:7D:DA:71:02", "00:1A:7D:DA:71:03")
WARM_NIGHTS = 3
MAX_GROWTH_BYTES = 5_000_000
# Ten virtual minutes between two rendezvous are about a second: more faults would leave little else.
FAULT_EVERY_S = (0.3, 3.0)
FAULT_LASTS_S = (0.05, 0.8)


def memory_bytes() -> int:
    """Resident memory of this process now (Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


class House:
    """What lives through all nights."""

    def __init__(
        self, air: Air, adapters: list[Adapter], store: Store, keys: Keys, chance: random.Random
    ) -> None:
        self.air, self.adapters, self.store, self.keys, self.chance = air, adapters, store, keys, chance
        self.clock = WorldClock(1_800_000_000_000_000)
        self.outcomes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.daemon = Daemon(
            store,
            self.clock,
            1,
            keys,
            adapters=[adapter.for_daemon for adapter in adapters],
            list_ports=list,
            on_sync_session=lambda report: self.outcomes.update([report.outcome]),
        )

    async def break_things(self) -> None:
        """One fault after another, until cancelled; then all is well again."""
        kinds = {
            "adapter off": self._adapter_off,
            "links lost": self._links_lost,
            "ring out of reach": self._out_of_reach,
            "connections fail": self._connects_fail,
            "notifications lost and garbled": self._tamper,
        }
        try:
            while True:
                await asyncio.sleep(self.chance.uniform(*FAULT_EVERY_S))
                kind = self.chance.choice(sorted(kinds))
                self.faults[kind] += 1
                await kinds[kind]()
        finally:
            self.air.tamper = None
            for adapter in self.adapters:
                adapter.switch(True)

    async def _while(self) -> None:
        await asyncio.sleep(self.chance.uniform(*FAULT_LASTS_S))

    async def _adapter_off(self) -> None:
        adapter = self.chance.choice(self.adapters)
        adapter.switch(False)
        await self._while()
        adapter.switch(True)

    async def _links_lost(self) -> None:
        self.air.drop_links()

    async def _out_of_reach(self) -> None:
        ring = self.chance.choice(RINGS)
        # It may be off just now, or its radio.
        with suppress(StopIteration):
            self.air.unplug(ring)
            await self._while()
            with suppress(KeyError):
                self.air.plug(ring)

    async def _connects_fail(self) -> None:
        self.air.fail_connects(self.chance.randint(1, 3))

    async def _tamper(self) -> None:
        def tamper(value: bytes) -> bytes | None:
            luck = self.chance.random()
            if luck < 0.1:
                return None
            return value[:-1] + bytes([value[-1] ^ 1]) if luck < 0.2 else value

        self.air.tamper = tamper
        await self._while()
        self.air.tamper = None

    async def wear(self, ring: str, samples: Path, flash: Path) -> None:
        keys = self.brought[ring]
        settings = {"rendezvous_s": 600}
        async with worn(
            self.air,
            samples,
            [],
            flash=flash,
            on_report=self.clock.hear,
            hardware_id=ring,
            keys=keys,
            settings=settings,
        ) as band:
            await band.wait()


async def soak(nights: int, hours: float, seed: int, write: bool, folder: Path) -> int:
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    chance = random.Random(seed)
    air = Air()
    adapters = [await Adapter.create(air, address) for address in ADAPTERS]
    keys = Keys(folder / "keys.json")
    samples = []
    for number, _ in enumerate(RINGS):
        samples.append(folder / f"samples{number}.bin")
        write_samples(samples[-1], modelled_night(seed + number, hours).samples)
    began = time.perf_counter()
    with Store.open(folder / "t.db") as store:
        house = House(air, adapters, store, keys, chance)
        house.brought = {ring: paired(keys, 1, ring) for ring in RINGS}
        flashes = [folder / f"flash{number}" for number, _ in enumerate(RINGS)]
        running = asyncio.create_task(house.daemon.run())
        marks: list[tuple[int, int]] = []
        for night in range(nights):
            breaking = asyncio.create_task(house.break_things()) if night < nights - 1 else None
            await asyncio.gather(*map(house.wear, RINGS, samples, flashes))
            if breaking is not None:
                breaking.cancel()
                await asyncio.gather(breaking, return_exceptions=True)
            marks.append((memory_bytes(), descriptors()))
            if running.done():
                await running
            print(
                f"night {night + 1}: {marks[-1][0] / 1e6:.1f} MB, {marks[-1][1]} descriptors", file=sys.stderr
            )
        async with asyncio.timeout(30):
            while not house.daemon.idle:
                await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        lost, twice, records = reported_once(store, dict(zip(RINGS, flashes, strict=True)))
    for adapter in adapters:
        await adapter.close()
    return table(house, marks, lost, twice, records, nights, hours, time.perf_counter() - began, write)


def reported_once(store: Store, flashes: dict[str, Path]) -> tuple[int, int, int]:
    """(lost, twice, records): against the numbers that are in the rings' flash, and against gaps."""
    lost = twice = count = 0
    for device in store.devices():
        seqs = [record.seq for record in store.records(device.id)]
        count += len(seqs)
        twice += len(seqs) - len(set(seqs)) + len(store.conflicts(device.id))
        in_flash, _ = split(flashes[device.hardware_id].read_bytes())
        ends = max((seq_at(record, 0) for record in in_flash), default=-1) + 1
        lost += max(ends, len(seqs)) - len(set(seqs))
    return lost, twice, count


def table(
    house: House,
    marks: list[tuple[int, int]],
    lost: int,
    twice: int,
    records: int,
    nights: int,
    hours: float,
    took_s: float,
    write: bool,
) -> int:
    warm = marks[min(WARM_NIGHTS, len(marks)) - 1]
    growth, opened = marks[-1][0] - warm[0], marks[-1][1] - warm[1]
    rows = [
        ("nights, of two rings", f"{nights} of {hours:g} h"),
        ("records", f"{records:,}; {lost} lost, {twice} stored twice"),
        ("sync sessions", ", ".join(f"{count} {outcome}" for outcome, count in house.outcomes.most_common())),
        ("faults", ", ".join(f"{count} {kind}" for kind, count in sorted(house.faults.items()))),
        (
            f"memory after night {WARM_NIGHTS} / at the end",
            f"{warm[0] / 1e6:.1f} / {marks[-1][0] / 1e6:.1f} MB",
        ),
        ("grown by", f"{growth / 1e6:.1f} MB, {opened} descriptors"),
        ("took", f"{took_s / 60:.0f} min"),
    ]
    lines = ["| what | measured |", "| --- | --- |", *(f"| {name} | {reported} |" for name, reported in rows)]
    print("\n".join(lines))
    if write:
        insert("soak", "\n".join(lines))
    return 1 if lost or twice or growth >= MAX_GROWTH_BYTES or opened > 0 else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(soak(given.nights, given.hours, given.seed, given.write, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
