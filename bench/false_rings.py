"""How many rendezvous of a paired ring are kept while false rings advertise, of each kind and number.

    python -m bench.false_rings [--rendezvous N] [--kind KIND] [--count N] [--write]

The real daemon and firmware over the virtual air. The ring listens for 15 s of real time at each rendezvous;
the time between is virtual and passes at once, so the daemon spends as large a share of its radio's time on
the false rings as in the worst minutes of a night. A rendezvous is kept if it ends in a complete sync. Exit 1
if less than 90 % are kept against a kind for which that is the target.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from bumble import hci

from bench.page import insert
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.link.sync_session import COMPLETE
from twitchwatch.shared.protocol import messages
from twitchwatch.shared.protocol.framing import encode_frame
from twitchwatch.shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.database import Declared
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.radio import IRQ_CENTRAL_DISCONNECT, IRQ_GATTS_WRITE, Radio
from twitchwatch.sim.ring import HARDWARE_ID, WorldClock, paired, worn
from twitchwatch.store import Store

HOST_ID = 1
BAR = 0.9
COUNTS = (1, 8, 40, 100)
# The shortest that may be set.
RENDEZVOUS_S = 60
INTERVAL_US = 100_000
# What the ring is called if its owner has given it no name (firmware/twitchband/radio.py).
NAME = b"Twitchband"
# Kinds, and what each does. A copied address has no target: both radios are the same to the adapter.
KINDS = {
    "holds": "holds the connection, answers nothing",
    "handshake": "never finishes the handshake",
    "name": "copies the ring's name, refuses",
    "changing": "changes its address on each advertisement",
    "address": "copies the ring's address, refuses",
}
WITHOUT_TARGET = ("address",)
_NOTIFY, _WRITE = 0x10, 0x0C


def little(text: str) -> bytes:
    """A UUID as the radio takes it."""
    return uuid.UUID(text).bytes[::-1]


class FalseRing:
    """A radio with our service that proves nothing."""

    def __init__(self, air: Air, kind: str, number: int, chance: random.Random) -> None:
        self.kind = kind
        self._chance = chance
        address = HARDWARE_ID if kind == "address" else f"66:00:00:00:00:{number:02X}"
        self._radio = Radio(air, address, self._happens)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._rx = self._tx = 0

    async def start(self) -> None:
        """Power on and advertise."""
        radio = self._radio
        await radio.power_on()
        await radio.switch(True)
        declared = (Declared(little(RX_UUID), _WRITE), Declared(little(TX_UUID), _NOTIFY))
        self._rx, self._tx = radio.register([(little(SERVICE_UUID), declared)])
        radio.set_buffer(self._rx, 512, True)
        if self.kind == "holds":
            radio._device.gatt_server.on_gatt_pdu = lambda *_: None  # type: ignore[method-assign]
        await self._advertise()
        if self.kind == "changing":
            self._spawn(self._change())

    def stop(self) -> None:
        """Lose power."""
        for task in self._tasks:
            task.cancel()
        self._radio.vanish()

    async def _advertise(self) -> None:
        data = b"\x02\x01\x06\x11\x07" + little(SERVICE_UUID)
        name = NAME if self.kind in ("name", "address") else b"Ring"
        await self._radio.advertise(INTERVAL_US, data, bytes([len(name) + 1, 9]) + name, True)

    async def _change(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_US / 1e6)
            address = bytes([0x66, *self._chance.randbytes(5)]).hex(":").upper()
            self._radio._controller.public_address = hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS)

    def _happens(self, irq: int, connection: int, _: bytes) -> None:
        if irq == IRQ_CENTRAL_DISCONNECT:
            self._spawn(self._advertise())
        elif irq == IRQ_GATTS_WRITE:
            self._spawn(self._written(connection))

    async def _written(self, connection: int) -> None:
        self._radio.answer(0)
        if self.kind in ("name", "address"):
            self._radio.read(self._rx)
            refused = encode_frame(messages.REFUSED, messages.pack(messages.REFUSED, messages.NOT_PAIRED))
            self._radio.send(connection, self._tx, refused, False)

    def _spawn(self, what: Any) -> None:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def kept(kind: str, count: int, rendezvous: int, folder: Path) -> tuple[int, int]:
    """Rendezvous kept, and all."""
    samples = folder / "samples.bin"
    write_samples(samples, modelled_night(4, rendezvous * 2 * RENDEZVOUS_S / 3600).samples)
    air = Air()
    adapter = await Adapter.create(air)
    clock = WorldClock(1_800_000_000_000_000)
    keys = Keys(folder / "keys.json")
    ended = asyncio.Event()
    listened, was_on = 0, False

    def hear(report: dict[str, Any]) -> None:
        nonlocal listened, was_on
        clock.hear(report)
        if was_on and not report["radio"]:
            listened += 1
            if listened >= rendezvous:
                ended.set()
        was_on = bool(report["radio"])

    chance = random.Random(count)
    false_rings = [FalseRing(air, kind, number, chance) for number in range(count)]
    for one in false_rings:
        await one.start()
    with Store.open(folder / "t.db") as store:
        daemon = Daemon(store, clock, HOST_ID, keys, adapters=[adapter.for_daemon])
        brought = paired(keys, HOST_ID)
        running = asyncio.create_task(daemon.run())
        settings = {"rendezvous_s": RENDEZVOUS_S}
        flash = folder / "flash.bin"
        async with worn(
            air, samples, [], flash=flash, on_report=hear, keys=brought, settings=settings
        ) as ring:
            first = [asyncio.create_task(one) for one in (ended.wait(), ring.wait())]
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            for task in first:
                task.cancel()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        syncs = [one for device in store.devices() for one in store.syncs(device.id)]
    for one in false_rings:
        one.stop()
    await adapter.close()
    complete = sum(one.outcome == COMPLETE for one in syncs)
    return min(complete, listened), listened


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rendezvous", type=int, default=20, help="of each kind and number")
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--count", type=int, action="append")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    given = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    counts = given.count or COUNTS
    lines = [f"| a false ring | {' | '.join(f'{count} of them' for count in counts)} |"]
    lines.append("| --- |" + " ---: |" * len(counts))
    missed = False

    def cell(kind: str, count: int) -> str:
        nonlocal missed
        with tempfile.TemporaryDirectory(prefix="twitchwatch-false-rings-") as folder:
            met, all_ = asyncio.run(kept(kind, count, given.rendezvous, Path(folder)))
        missed |= met < BAR * all_ and kind not in WITHOUT_TARGET
        print(f"{count} x {kind}: {met} of {all_}", file=sys.stderr, flush=True)
        return f"{met} of {all_}"

    none = cell("holds", 0)
    for kind in given.kind or KINDS:
        lines.append(f"| {KINDS[kind]} | {' | '.join(cell(kind, count) for count in counts)} |")
    lines.append(f"\nRendezvous kept. Without any false ring: {none}.")
    print("\n".join(lines))
    if given.write:
        insert("false rings", "\n".join(lines))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
