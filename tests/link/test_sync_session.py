"""A sync session: the daemon's code with a real store, and a device's session at the other end of a pipe."""

import asyncio
import json
import os
import struct
import time
from binascii import crc32
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY, KeyRing
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.link.host_clock import SystemClock
from twitchwatch.link.keys import Keys
from twitchwatch.link.sync_session import COMPLETE, LINK_LOST, NO_PROOF, PROOF_S, SyncReport, SyncSession
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.device_handshake import DeviceHandshake
from twitchwatch.shared.protocol.session import DeviceSession
from twitchwatch.store import Store

pytestmark = pytest.mark.usefixtures("promptly")

UTC_US = 1_800_000_000_000_000


class Clock:
    """Time that passes only when asked."""

    def __init__(self) -> None:
        self.s = 0.0

    def now_s(self) -> float:
        self.s += 0.001
        return self.s

    def utc_us(self, at_s: float) -> int:
        return UTC_US + int(at_s * 1e6)


class Log:
    """A device's log in memory."""

    log_id = 77

    def __init__(self, records: list[bytes]) -> None:
        self.records = records
        self.first_seq = 0

    @property
    def next_seq(self) -> int:
        return len(self.records)

    def read(self, from_seq: int, limit: int) -> tuple[bytes, int]:
        data = b""
        seq = max(from_seq, self.first_seq)
        while seq < len(self.records) and len(data) + len(self.records[seq]) <= limit:
            data += self.records[seq]
            seq += 1
        return data, seq

    def trim(self, upto_seq: int) -> None:
        self.first_seq = max(self.first_seq, upto_seq)


class Pipe:
    """A transport whose other end is a device's session; `lose_after` pieces the link is gone."""

    def __init__(self, log: Log, lose_after: int | None = None) -> None:
        self.arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.log = log
        self.lose_after = lose_after
        self.time_us = 5_000_000 + 1000 * log.next_seq
        self.hosts = KeyRing()
        handshake = DeviceHandshake(self.hosts, HARDWARE_ID.encode(), aes_ctr, os.urandom)
        self.session = DeviceSession(log, (HARDWARE_ID, "ring"), 1, lambda: self.time_us, handshake, self)

    def acknowledge(self, _: int, upto_seq: int) -> None:
        self.log.trim(upto_seq)

    def keep_anchor(self, time_us: int, utc_us: int, uncertainty_us: int, zone: bytes) -> None:
        seq, body = len(self.log.records), (utc_us, uncertainty_us)
        self.log.records.append(protocol.encode(protocol.ANCHOR, seq, 1, time_us, body, zone))

    def listen(self, _: DeviceSession) -> None:
        """Where raw samples go to."""

    async def send(self, data: bytes) -> None:
        self.session.receive(data)
        while (piece := self.session.next_piece(244)) is not None:
            if self.lose_after is not None:
                self.lose_after -= 1
                if self.lose_after < 0:
                    self.arrived.put_nowait(None)
                    return
            self.arrived.put_nowait(bytes(piece))
            self.session.sent(len(piece))


def marks(count: int) -> list[bytes]:
    return [protocol.encode(protocol.MARK, seq, 1, seq * 1000, (0,)) for seq in range(count)]


def sealed(kind: int, version: int, seq: int, body: bytes) -> bytes:
    whole = struct.pack(protocol.HEADER, kind, version, 24 + len(body), seq, 1, seq * 1000) + body
    return whole + struct.pack("<I", crc32(whole))


async def met(session: SyncSession) -> SyncReport:
    """Run it. All takes milliseconds; one that waits for what never comes fails here."""
    async with asyncio.timeout(30.0):
        return await session.run()


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({HARDWARE_ID: [KEY.hex()]}))
    return Keys(path)


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "data" / "t.db") as opened:
        yield opened


async def test_everything_arrives_once_and_is_acknowledged(store: Store, keys: Keys) -> None:
    pipe = Pipe(Log(marks(700)))
    report = await met(SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test"))
    assert report.outcome == COMPLETE
    # With the anchor that the meeting itself made.
    assert report.stored == 701
    assert pipe.log.first_seq == 701
    assert [record.seq for record in store.records(1)] == list(range(701))
    (session,) = store.syncs(1)
    assert (session.outcome, session.records) == (COMPLETE, 701)


async def test_a_device_that_never_proves_itself_is_not_waited_for(store: Store, keys: Keys) -> None:
    class Silent(Pipe):
        async def send(self, data: bytes) -> None:
            # It takes what it is sent, and sends bytes that are no answer.
            self.arrived.put_nowait(b"\x01")

    clock = Clock()
    sync_session = SyncSession(
        Silent(Log([])), store, clock, HOST_ID, keys, kind="test", proof_within_s=PROOF_S
    )
    clock.s, piece = 0.0, sync_session._transport.arrived.get

    async def a_second_later() -> bytes | None:
        clock.s += 1.0
        if sync_session._transport.arrived.empty():
            raise TimeoutError
        return await piece()

    sync_session._transport.arrived.get = a_second_later
    report = await met(sync_session)
    assert report.outcome == NO_PROOF
    assert report.device is None
    assert PROOF_S <= clock.s < PROOF_S + 2


async def test_a_silent_device_is_waited_for_by_the_computer_s_clock(
    store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Pipe):
        async def send(self, data: bytes) -> None:
            """It is not there."""

    sync_session = SyncSession(
        Silent(Log([])), store, SystemClock(), HOST_ID, keys, kind="test", proof_within_s=0.05
    )
    waits: list[float] = []
    timeout = asyncio.timeout

    def noted(wait_s: float) -> asyncio.Timeout:
        waits.append(wait_s)
        return timeout(wait_s)

    async with timeout(30.0):
        monkeypatch.setattr(asyncio, "timeout", noted)
        assert (await sync_session.run()).outcome == NO_PROOF
    # No longer than until something is due.
    assert waits
    assert all(0 <= wait_s <= 0.05 for wait_s in waits)


async def test_the_anchor_ties_the_clocks(store: Store, keys: Keys) -> None:
    await met(SyncSession(Pipe(Log(marks(3))), store, Clock(), HOST_ID, keys, kind="test"))
    (anchor,) = store.records(1, types=[protocol.ANCHOR])
    assert anchor.time_us == 5_003_000
    assert abs(anchor.body.utc_us - UTC_US) < 1_000_000


async def test_the_computer_sends_its_zone_along(
    store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Anywhere but where this test may run.
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        await met(SyncSession(Pipe(Log(marks(3))), store, Clock(), HOST_ID, keys, kind="test"))
    finally:
        monkeypatch.undo()
        time.tzset()
    (anchor,) = store.records(1, types=[protocol.ANCHOR])
    assert anchor.tail == b"Pacific/Kiritimati"
    assert {row.name for row in store.zones.all()} == {"Pacific/Kiritimati"}


async def test_strange_records_are_kept_counted_and_do_not_stop_the_sync(store: Store, keys: Keys) -> None:
    records = marks(6)
    records[1] = sealed(200, 1, 1, b"from the future")
    records[3] = sealed(protocol.MARK, 9, 3, b"\x00 and more")
    records[4] = records[4][:-1] + bytes([records[4][-1] ^ 1])
    report = await met(SyncSession(Pipe(Log(records)), store, Clock(), HOST_ID, keys, kind="test"))
    assert report.outcome == COMPLETE
    assert (report.unread, report.damaged, report.missing) == (2, 1, 1)
    kept = {record.seq: record for record in store.records(1)}
    assert sorted(kept) == [0, 1, 2, 3, 5, 6]
    assert kept[1].body is None
    assert kept[1].raw == records[1]
    assert kept[3].raw == records[3]


@pytest.mark.parametrize("lose_after", [0, 1, 5, 20, 40])
async def test_a_lost_link_loses_nothing(store: Store, keys: Keys, lose_after: int) -> None:
    log = Log(marks(500))
    report = await met(SyncSession(Pipe(log, lose_after), store, Clock(), HOST_ID, keys, kind="test"))
    assert report.outcome == LINK_LOST
    # What was trimmed is on disk.
    assert log.first_seq <= sum(1 for _ in store.records(1)) if store.devices() else log.first_seq == 0
    report = await met(SyncSession(Pipe(log), store, Clock(), HOST_ID, keys, kind="test"))
    assert report.outcome == COMPLETE
    seqs = [record.seq for record in store.records(1)]
    assert seqs == list(range(len(log.records)))
    assert not store.missing(1)


async def test_raw_samples_start_and_stop_while_the_link_stays(store: Store, keys: Keys) -> None:
    pipe = Pipe(Log(marks(3)))
    pipe.session.live = True
    heads: list[int] = []
    wanted = False

    def take(captured: Any) -> bool:
        heads.append(captured.head[0])
        return True

    session = SyncSession(
        pipe,
        store,
        SystemClock(),
        HOST_ID,
        keys,
        kind="test",
        capture_from=lambda _: take if wanted else None,
    )
    running = asyncio.create_task(session.run())
    async with asyncio.timeout(60):
        for wish in (True, False, True):
            wanted = wish
            while pipe.session.capturing is not wish:
                await asyncio.sleep(0.01)
            before = len(heads)
            pipe.session.captured((before, 5, 104_000, 122_000, 0, 3), bytes(6))
            await pipe.send(b"")
            while wish and len(heads) == before:
                await asyncio.sleep(0.01)
            assert len(heads) == before + wish
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
