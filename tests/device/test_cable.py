"""The session over USB serial: the real firmware on a pseudo-terminal, beside Python's prompt."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.errors import DeviceError
from twitchwatch.link.host_clock import SystemClock
from twitchwatch.link.keys import Keys
from twitchwatch.link.sync_session import SyncSession
from twitchwatch.shared.protocol import records
from twitchwatch.shared.protocol.cable import Unescape, escape
from twitchwatch.sim.air import Air
from twitchwatch.sim.cable import plugged
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import paired, worn
from twitchwatch.store import Store

PATIENCE_S = 40
HOST_ID = 7


class Serial:
    """The computer's end of the cable: a Transport, without what pyserial adds to it."""

    def __init__(self, port: str) -> None:
        self._descriptor = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.heard = b""
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)

    def _read(self) -> None:
        data = os.read(self._descriptor, 4096)
        self.heard += data
        self.arrived.put_nowait(data)

    async def send(self, data: bytes) -> None:
        self.type(escape(data))

    def type(self, data: bytes) -> None:
        os.write(self._descriptor, data)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)


@pytest.fixture
def samples(tmp_path):
    """A still hand that twitches once after five seconds."""
    night = modelled_night(5, hours=0.3).samples
    path = tmp_path / "samples.i16"
    write_samples(path, night[27141 - 520 :])
    return path


@pytest.fixture
async def cabled(samples, tmp_path):
    """A paired ring on a cable; gives its process, the cable's end and the host's keys."""
    keys = Keys(tmp_path / "keys.json")
    brought = paired(keys, HOST_ID)
    reports = []
    async with (
        plugged() as cable,
        worn(
            Air(),
            samples,
            [],
            flash=tmp_path / "flash",
            on_report=reports.append,
            keys=brought,
            cable=cable,
            usb=True,
        ) as ring,
    ):
        serial = Serial(cable.port)
        serial.ring, serial.keys, serial.reports = ring, keys, reports
        yield serial
        serial.close()


async def test_a_host_meets_the_board_over_the_cable(cabled, tmp_path):
    kept = []
    seen = asyncio.Event()

    def on_commit(_, raws):
        kept.extend(records.decode(raw) for raw in raws)
        if any(record.type == records.EVENT for record in kept):
            seen.set()

    with Store.open(tmp_path / "t.db") as store:
        sync_session = SyncSession(
            cabled, store, SystemClock(), HOST_ID, cabled.keys, kind="usb", on_commit=on_commit
        )
        holding = asyncio.create_task(sync_session.run())
        async with asyncio.timeout(PATIENCE_S):
            # The twitch comes after the handshake: the cable is live.
            await seen.wait()
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        report = sync_session.report
        assert report.live
        assert (report.damaged, report.damaged_frames, report.missing) == (0, 0, 0)
    assert [record.seq for record in kept] == list(range(len(kept)))
    assert {records.BOOT, records.ANCHOR, records.EVENT} <= {record.type for record in kept}
    # Who is at the cable needs no radio.
    assert not any(report["radio"] for report in cabled.reports[-1:])


@asynccontextmanager
async def meeting_until_first_commit(cabled, store):
    met = asyncio.Event()
    sync_session = SyncSession(
        cabled, store, SystemClock(), HOST_ID, cabled.keys, kind="usb", on_commit=lambda *_: met.set()
    )
    holding = asyncio.create_task(sync_session.run())
    async with asyncio.timeout(PATIENCE_S):
        await met.wait()
    yield
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)


async def test_ctrl_c_gives_the_prompt_in_the_midst_of_a_session(cabled, tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        async with meeting_until_first_commit(cabled, store):
            cabled.type(b"\r\x03")
            # The Unix port's prompt is its end: 128 and SIGINT.
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(DeviceError, match="code 130"):
                    await cabled.ring.wait()
                while b"KeyboardInterrupt" not in cabled.heard:
                    await asyncio.sleep(0)


async def test_whoever_types_hears_nothing_of_the_session(cabled, tmp_path):
    cabled.type(b"help()\r\n\0\0hello\0" + bytes(range(4, 60)) + b"\0")
    # By now the application has long been there.
    async with asyncio.timeout(PATIENCE_S):
        while not cabled.reports:
            await asyncio.sleep(0)
    assert cabled.heard == b""
    with Store.open(tmp_path / "t.db") as store:
        async with meeting_until_first_commit(cabled, store):
            assert cabled.heard[:1] == b"\0"


async def test_a_host_that_was_killed_is_followed_by_another(cabled, tmp_path):
    for _ in range(2):
        with Store.open(tmp_path / "t.db") as store:
            async with meeting_until_first_commit(cabled, store):
                pass


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_no_byte_of_the_host_is_ctrl_c_and_every_one_arrives(data, cuts):
    stuffed = escape(data)
    assert b"\x03" not in stuffed
    assert stuffed.count(0) == data.count(0)
    unescape = Unescape()
    whole = b""
    at = 0
    for cut in sorted(cuts):
        whole += unescape.feed(stuffed[at:cut])
        at = max(at, cut)
    assert whole + unescape.feed(stuffed[at:]) == data
