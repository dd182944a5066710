"""The simulated board on USB power, with a real daemon in reach: live mode."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError

from twitchwatch.link.cipher import aes_ctr
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.shared.protocol import messages, records
from twitchwatch.shared.protocol.framing import FrameReader, encode_frame
from twitchwatch.shared.protocol.host_handshake import HostHandshake
from twitchwatch.shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import HARDWARE_ID, WorldClock, paired, worn
from twitchwatch.store import Store

GRACE_US = 4_000_000
PATIENCE_S = 30


@pytest.fixture
def samples(tmp_path):
    """A still hand that twitches once after five seconds."""
    night = modelled_night(5, hours=0.3).samples
    path = tmp_path / "samples.i16"
    write_samples(path, night[27141 - 520 :])
    return path


async def test_an_event_reaches_the_database_within_seconds_of_its_end(air, samples, tmp_path):
    virtual = WorldClock(0)
    reports = []
    late_us = asyncio.get_running_loop().create_future()

    def on_report(report):
        virtual.hear(report)
        reports.append(report)

    def on_commit(_, raws):
        now_us = virtual.utc_us(time.monotonic()) - GRACE_US
        for record in map(records.decode, raws):
            if record.type == records.EVENT and not late_us.done():
                late_us.set_result(now_us - record.time_us - record.body.duration_ms * 1000)

    with Store.open(tmp_path / "live.db") as store:
        keys = Keys(tmp_path / "keys.json")
        brought = paired(keys, 1)
        daemon = Daemon(store, virtual, 1, keys, adapters=[air[1].for_daemon], on_commit=on_commit)
        ring = worn(
            air[0], samples, [], flash=tmp_path / "flash", on_report=on_report, keys=brought, usb=True
        )
        async with ring:
            running = asyncio.create_task(daemon.run())
            async with asyncio.timeout(PATIENCE_S):
                assert 0 < await late_us < 1_000_000
            assert all(report["radio"] for report in reports)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_with_power_the_board_can_be_met_again_after_a_goodbye(air, samples, tmp_path):
    keys = Keys(tmp_path / "keys.json")
    brought = paired(keys, 1)
    ring = worn(
        air[0], samples, [], flash=tmp_path / "flash", on_report=lambda _: None, keys=brought, usb=True
    )
    async with (
        ring,
        asyncio.timeout(PATIENCE_S),
    ):
        for _ in range(3):
            device = await BleakScanner.find_device_by_filter(
                lambda _, seen: SERVICE_UUID in seen.service_uuids, timeout=10, backend=air[1].Scanner
            )
            assert device is not None
            gone = asyncio.Event()
            heard = asyncio.Queue()
            reader = FrameReader()
            host_handshake = HostHandshake(1, os.urandom(16), aes_ctr)

            def on_bytes(_, data, reader=reader, heard=heard):
                for frame in reader.feed(bytes(data)):
                    heard.put_nowait(frame)

            client = BleakClient(device, lambda _, gone=gone: gone.set(), timeout=10, backend=air[1].Client)
            async with client:
                await client.start_notify(TX_UUID, on_bytes)
                hello = encode_frame(messages.HELLO, host_handshake.hello())
                await client.write_gatt_char(RX_UUID, hello, response=True)
                assert host_handshake.hear((await heard.get())[1][1:])
                assert host_handshake.prove(keys.load()[HARDWARE_ID])
                proof = encode_frame(messages.PROVE, host_handshake.proof)
                await client.write_gatt_char(RX_UUID, proof, response=True)
                assert host_handshake.opener.open((await heard.get())[1])[0] == messages.WELCOME
                bye = encode_frame(messages.HOST_SEALED, host_handshake.sealer.seal(messages.BYE))
                with suppress(BleakError):
                    # The board hangs up as soon as it has read this.
                    await client.write_gatt_char(RX_UUID, bye, response=True)
                await gone.wait()


async def test_a_link_on_which_nobody_speaks_is_let_go(air, samples, tmp_path):
    """As a computer leaves it behind that was killed: the next one must find the board."""
    pace = 10
    config = {"flash": tmp_path / "flash", "usb": True, "pace": pace}
    async with worn(air[0], samples, [], on_report=lambda _: None, **config), asyncio.timeout(PATIENCE_S):

        async def found():
            return await BleakScanner.find_device_by_filter(
                lambda _, seen: SERVICE_UUID in seen.service_uuids, timeout=10, backend=air[1].Scanner
            )

        gone = asyncio.Event()
        device = await found()
        begun_s = time.monotonic()
        async with BleakClient(device, lambda _: gone.set(), timeout=10, backend=air[1].Client):
            await gone.wait()
        assert (time.monotonic() - begun_s) * pace > 55
        assert await found() is not None
