"""Unmodified bleak, bluetoothd and the kernel's Bluetooth, with the firmware at the other end of the air."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from tests.bluez.stack import PATIENCE_S, until
from twitchwatch.shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID

ECHO_BOARD = Path(__file__).parents[1] / "air" / "echo_board.py"
ECHO_SERVICE, ORDERS, ANSWERS = (f"7c0e000{n}-2f5a-4b1e-9d6b-6f1f2a3b4c5d" for n in (1, 2, 3))


async def found(service: str) -> BLEDevice:
    device = await BleakScanner.find_device_by_filter(
        lambda _, seen: service in seen.service_uuids, timeout=PATIENCE_S
    )
    assert device is not None
    return device


async def test_a_scan_finds_the_ring_by_its_service_and_tells_its_name(rig, address):
    rig.power_on(address=address, settings={"name": "Ring of the left hand"})
    device = await found(SERVICE_UUID)
    assert device.address == address
    assert device.name == "Ring of the left hand"


async def test_connecting_agrees_on_an_mtu_for_whole_packets(rig, address):
    rig.power_on(address=address)
    async with BleakClient(await found(SERVICE_UUID), timeout=PATIENCE_S) as client:
        assert client.services.get_characteristic(RX_UUID).max_write_without_response_size == 244
        await client.start_notify(TX_UUID, lambda *_: None)
        assert client.is_connected


async def test_a_burst_arrives_whole_and_in_order(rig, address):
    heard = await burst(rig, address, 100)
    assert heard == list(range(100))


async def test_a_flood_keeps_its_order(rig, address):
    # A kernel whose bluetoothd does not come to read keeps some 150 notifications, and drops more in silence:
    # the session has to bear that.
    heard = await burst(rig, address, 500)
    assert heard == sorted({*heard})
    assert len(heard) >= 100
    # The board's buffers ran full, and it waited: it is the air that sets the pace.
    assert any(report.get("waits") for report in rig.reports(address=address))


async def burst(rig, address: str, count: int) -> list[int]:
    """The numbers of the notifications that arrive when a board sends `count` as fast as it can."""
    rig.run(address=address, script=str(ECHO_BOARD))
    heard: list[bytes] = []
    ended = asyncio.Event()

    def hear(_: object, value: bytearray) -> None:
        if bytes(value) == b"end":
            ended.set()
        else:
            heard.append(bytes(value))

    async with BleakClient(await found(ECHO_SERVICE), timeout=PATIENCE_S) as client:
        await client.start_notify(ANSWERS, hear)
        await client.write_gatt_char(ORDERS, b"burst %d 244" % count, response=True)
        await until(
            lambda: any("waits" in reported for reported in rig.reports(address=address)), "the burst's end"
        )
        await client.write_gatt_char(ORDERS, b"echo end", response=True)
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()
    assert {len(value) for value in heard} == {244}
    return [int.from_bytes(value[:4], "little") for value in heard]


async def test_a_lost_link_is_noticed_and_made_again(rig, address):
    rig.power_on(address=address)
    device = await found(SERVICE_UUID)
    gone = asyncio.Event()
    async with BleakClient(device, lambda _: gone.set(), timeout=PATIENCE_S) as client:
        rig.drop_links()
        async with asyncio.timeout(PATIENCE_S):
            await gone.wait()
        assert not client.is_connected
        with pytest.raises(BleakError):
            await client.write_gatt_char(RX_UUID, b"\0", response=True)
    async with BleakClient(await found(SERVICE_UUID), timeout=PATIENCE_S) as client:
        assert client.is_connected
