"""Hostile peers: a million frames that are random, garbled, cut short, repeated or too long.

    python -m bench.hostile [--cases 1000000] [--air 2000] [--write]

Each goes to a parser, to a device's session (before and after a handshake) or to a host's engine; with --air
that many more are written to the real firmware over the virtual air. Nothing may raise; no record, setting or
count may come out; nothing may be accepted; memory may not grow. Exit 1 where anything did not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.page import insert
from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY, Device, Host, Ring
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.shared.protocol import actions
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol.framing import (
    MAX_PAYLOAD_BYTES,
    MAX_STUFFED_BYTES,
    FrameReader,
    encode_frame,
)
from twitchwatch.shared.protocol.host_states import DONE, FAILED
from twitchwatch.shared.protocol.messages import FORMS, pack
from twitchwatch.shared.protocol.session import MAX_REPLIES
from twitchwatch.shared.protocol.sync import SyncEngine

KINDS = ("random bytes", "bit flips", "cut short", "repeated", "too long", "forged")
# A device is renewed after this many cases, as a connection would be.
PER_CONNECTION = 500
# A write that the ring's hanging up overtook is never answered.
ANSWER_S = 2.0
# What a connection holds, and what Python keeps for itself.
MAX_GROWN = 1000


class BrokenError(Exception):
    """Something held not."""


def require(holds: bool, what: str) -> None:
    if not holds:
        raise BrokenError(what)


class Malice:
    """Makes a hostile piece of bytes out of good ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def kind(self) -> str:
        return self._random.choice(KINDS)

    def spoil(self, kind: str, good: bytes) -> bytes:
        """`good` is a whole frame with its zero."""
        draw = self._random
        if kind == "random bytes":
            return draw.randbytes(draw.randrange(1, 300)) + b"\0" * draw.randrange(2)
        if kind == "bit flips":
            spoilt = bytearray(good)
            for _ in range(draw.randrange(1, 4)):
                spoilt[draw.randrange(len(spoilt))] ^= 1 << draw.randrange(8)
            return bytes(spoilt)
        if kind == "cut short":
            return good[: draw.randrange(len(good))] + b"\0"
        if kind == "too long":
            return draw.randbytes(draw.choice((MAX_STUFFED_BYTES + 1, 5000))).replace(b"\0", b"x") + b"\0"
        if kind == "repeated":
            return good
        # A whole frame of some type, with a right CRC and nothing behind it.
        size = draw.choice((0, 3, 21, 60, MAX_PAYLOAD_BYTES))
        payload = draw.randbytes(size)
        if draw.randrange(2):
            payload = draw.randrange(2**32).to_bytes(4, "little") + payload[4:]
        return encode_frame(draw.choice((*FORMS, draw.randrange(256))), payload)


def parser(malice: Malice) -> Iterator[str]:
    """A frame reader: nothing raises, memory is bounded, a good frame is found after any bad one."""
    good = encode_frame(m.PING, pack(m.PING, 7))
    while True:
        reader = FrameReader()
        for _ in range(PER_CONNECTION):
            kind = malice.kind()
            reader.feed(malice.spoil(kind, good))
            require(len(reader._part) <= MAX_STUFFED_BYTES, "a reader that keeps more than a frame")
            yield kind
        require(reader.feed(b"\0" + good)[-1:] == [(m.PING, pack(m.PING, 7))], "a good frame was not found")


def unpaired(malice: Malice) -> Iterator[str]:
    """A device without a handshake: it sends CHALLENGE and REFUSED, and changes nothing."""
    seed = 0
    while True:
        seed += 1
        device = Device(seed=seed)
        host = Host(device, seed=seed)
        for i in range(PER_CONNECTION):
            kind = malice.kind()
            good = host.hello() if i % 2 else encode_frame(m.PROVE, bytes(16))
            device.session.receive(malice.spoil(kind, good))
            device.now_us += 50_000
            for said, payload in device.sent(4):
                require(said in (m.CHALLENGE, m.REFUSED), "an unpaired computer was answered")
                require(said == m.CHALLENGE or len(payload) == 1, "a refusal that tells more than its reason")
            require(not device.session.proven, "an unpaired peer was accepted")
            unchanged(device)
            yield kind


def guest(malice: Malice) -> Iterator[str]:
    """A device in a session: whatever is not the host's next frame is refused."""
    seed = 0
    while True:
        seed += 1
        device = Device(seed=seed)
        host = Host(device, seed=seed).authenticate()
        good = host.frame(m.PING, pack(m.PING, 0))
        device.session.receive(good)
        require([said for said, _ in host.heard()] == [m.PONG], "the host was not answered")
        for _ in range(PER_CONNECTION):
            kind = malice.kind()
            device.session.receive(malice.spoil(kind, good))
            require(len(device.session._replies) <= MAX_REPLIES, "a device that keeps every answer")
            if not device.session.proven:
                break
            require(device.sent(4) == [], "an answer to what nobody said")
            unchanged(device)
            yield kind


def unchanged(device: Device) -> None:
    require(device.log.first_seq == 0, "the log was trimmed")
    require(device.log.next_seq == 20, "something was logged")
    require(not device.owner.changes and not device.owner.anchors, "a setting or a clock was changed")
    require(not device.session.capturing and not device.session.live_asked, "a mode was changed")


def engine(malice: Malice) -> Iterator[str]:
    """A host that has proved itself: nothing but the device's own frames brings a record or an action."""
    while True:
        host, ring = SyncEngine(HOST_ID, {HARDWARE_ID: [KEY]}, aes_ctr, bytes(16)), Ring()
        (hello,) = host.start(0.0)
        back, _ = ring.answer(hello[0])  # type: ignore[arg-type]
        (prove,) = host.receive(back, 0.0)
        ring.answer(prove[0])  # type: ignore[arg-type]
        good = ring.frame(m.WELCOME, pack(m.WELCOME, m.PROTOCOL, 0, 77, 1, 5, 0, 9, 2) + b"idring")
        host.receive(good, 0.0)
        host.resume(0, 0.0)
        for i in range(PER_CONNECTION):
            kind = malice.kind()
            for action in host.receive(malice.spoil(kind, good), i / 1000):
                require(isinstance(action, actions.Fail), "an action for what nobody said")
            require(host.expected == 0 and not host._batch, "a record that nobody sent")
            yield kind
            if host.state in (DONE, FAILED):
                break


TARGETS: dict[str, Callable[[Malice], Iterator[str]]] = {
    "frame reader": parser,
    "device, no session": unpaired,
    "device, in a session": guest,
    "host, in a session": engine,
}


def attack(cases: int, seed: int) -> tuple[Counter[tuple[str, str]], int]:
    """Run `cases` over all targets; counts by target and kind, and by how many objects memory has grown."""
    counts: Counter[tuple[str, str]] = Counter()
    malices = {name: make(Malice(seed + i)) for i, (name, make) in enumerate(TARGETS.items())}

    def run(number: int) -> None:
        for name, target in malices.items():
            for _ in range(number // len(TARGETS)):
                counts[name, next(target)] += 1

    run(cases // 10)
    gc.collect()
    before = sys.getallocatedblocks()
    run(cases - cases // 10)
    gc.collect()
    return counts, sys.getallocatedblocks() - before


async def attack_over_the_air(cases: int, folder: Path) -> int:
    """Write hostile values to a ring's characteristic; then its own host syncs. How many were written."""
    from bleak import BleakClient, BleakScanner
    from bleak.exc import BleakError

    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.keys import Keys
    from twitchwatch.shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID
    from twitchwatch.sim.air import Air
    from twitchwatch.sim.backend import Adapter
    from twitchwatch.sim.feed import write_samples
    from twitchwatch.sim.night import modelled_night
    from twitchwatch.sim.ring import WorldClock, paired, worn
    from twitchwatch.store import Store

    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    air = Air(packet_gap_s=0)
    adapter = await Adapter.create(air)
    clock, keys = WorldClock(0), Keys(folder / "keys.json")
    brought = paired(keys, HOST_ID)
    samples = folder / "samples.i16"
    write_samples(samples, modelled_night(1, 0.2).samples)
    malice, done = Malice(5), 0
    good = encode_frame(m.HELLO, pack(m.HELLO, m.PROTOCOL, HOST_ID) + bytes(16))
    heard = FrameReader()

    def take(_: object, value: bytearray) -> None:
        for said, payload in heard.feed(bytes(value)):
            require(said in (m.CHALLENGE, m.REFUSED), "an unpaired computer was answered")
            require(said == m.CHALLENGE or len(payload) == 1, "a refusal that tells more than its reason")

    ring = worn(air, samples, [], flash=folder / "flash.bin", on_report=clock.hear, keys=brought, usb=True)
    async with ring:
        while done < cases:
            device = await BleakScanner.find_device_by_filter(
                lambda _, seen: SERVICE_UUID in seen.service_uuids, timeout=20, backend=adapter.Scanner
            )
            require(device is not None, "the ring stopped answering")
            assert device is not None
            try:
                async with BleakClient(device, backend=adapter.Client) as client:
                    await client.start_notify(TX_UUID, take)
                    while done < cases:
                        value = malice.spoil(malice.kind(), good)[:244]
                        async with asyncio.timeout(ANSWER_S):
                            await client.write_gatt_char(RX_UUID, value, response=True)
                        done += 1
            except (BleakError, TimeoutError):
                # The ring hangs up on who does not prove himself; the next connection goes on.
                continue
        with Store.open(folder / "after.db") as store:
            daemon = Daemon(store, clock, HOST_ID, keys, adapters=[adapter.for_daemon])
            running = asyncio.create_task(daemon.run())
            async with asyncio.timeout(60):
                while not (store.devices() and list(store.records(1))):
                    await asyncio.sleep(0.05)
            while not running.done():
                running.cancel()
                await asyncio.wait({running}, timeout=1)
    await adapter.close()
    return done


def main() -> int:
    parser_ = argparse.ArgumentParser(description=__doc__)
    parser_.add_argument("--cases", type=int, default=1_000_000)
    parser_.add_argument("--air", type=int, default=2000)
    parser_.add_argument("--seed", type=int, default=1)
    parser_.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    asked = parser_.parse_args()
    began = time.perf_counter()
    try:
        counts, grown = attack(asked.cases, asked.seed)
        over_air = 0
        if asked.air:
            with tempfile.TemporaryDirectory() as folder:
                over_air = asyncio.run(attack_over_the_air(asked.air, Path(folder)))
    except BrokenError as error:
        print(f"BROKEN: {error}")
        return 1
    lines = [f"| {'what':<21} | " + " | ".join(KINDS) + " |", "| --- |" + " ---: |" * len(KINDS)]
    for name in TARGETS:
        lines.append(f"| {name:<21} | " + " | ".join(f"{counts[name, kind]:,}" for kind in KINDS) + " |")
    lines.append(
        f"\n{counts.total():,} hostile pieces, and {over_air:,} over the virtual air to the real firmware, in"
        f" {time.perf_counter() - began:.0f} s: no exception, no record sent, nothing accepted; {grown} more"
        " objects in memory after the last nine tenths"
    )
    print("\n".join(lines))
    if asked.write:
        insert("hostile", "\n".join(lines))
    return 0 if grown < MAX_GROWN else 1


if __name__ == "__main__":
    sys.exit(main())
