"""A board's program under the real MicroPython, seen by bleak through the virtual air."""

from __future__ import annotations

import asyncio
import errno

import pytest
from bleak import BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError


async def test_scan_finds_the_board_by_its_service(rig, board):
    assert board.name == "ECHO"
    assert board.address == "24:0A:C4:00:00:01"
    heard = asyncio.Queue()
    async with BleakScanner(
        lambda device, seen: heard.put_nowait(seen), [rig.service], backend=rig.adapter.Scanner
    ) as scanner:
        async with asyncio.timeout(10):
            assert rig.service in (await heard.get()).service_uuids
            async for device, _ in scanner.advertisement_data():
                assert device.address == board.address
                break
    other = await BleakScanner.discover(0.1, service_uuids=[rig.small], backend=rig.adapter.Scanner)
    assert other == []


async def test_two_boards_have_their_own_addresses(rig, board):
    await rig.spawn(mac="24:0A:C4:00:00:02")
    second = await BleakScanner.find_device_by_address(
        "24:0A:C4:00:00:02", timeout=10, backend=rig.adapter.Scanner
    )
    assert second is not None
    async with rig.client(board), rig.client(second) as client:
        assert await client.read_gatt_char(rig.answers) == b"hello"


async def test_connect_negotiates_the_mtu_that_the_board_prefers(rig, board):
    async with rig.client(board) as client:
        assert client.is_connected
        assert client.mtu_size == 247
        assert client.services.get_characteristic(rig.orders).max_write_without_response_size == 244
        assert [service.uuid for service in client.services] == [rig.service]
        assert (await rig.report("event"))["data"][1] == 247
        assert await client.read_gatt_char(rig.answers) == b"hello"
    assert not client.is_connected


async def test_connect_by_address_alone(rig, board):
    async with rig.client(board.address) as client:
        assert client.name == "ECHO"


@pytest.mark.parametrize("response", [True, False])
async def test_write_is_echoed_by_a_notification(rig, board, notified, response):
    async with rig.client(board) as client:
        await client.start_notify(rig.answers, notified)
        rest = bytes(range(200))
        await client.write_gatt_char(rig.orders, b"echo " + rest, response=response)
        assert await notified.take() == [rest]


async def test_every_quick_write_reaches_the_handler(rig, board, notified):
    async with rig.client(board) as client:
        await client.start_notify(rig.answers, notified)
        for number in range(20):
            await client.write_gatt_char(rig.orders, b"echo %d" % number, response=False)
        assert await notified.take(20) == [b"%d" % number for number in range(20)]


async def test_burst_backs_off_and_arrives_complete_and_in_order(rig, board, notified):
    async with rig.client(board) as client:
        await client.start_notify(rig.answers, notified)
        # Slower than any board, on a busy computer too.
        rig.air.packet_gap_s = 0.02
        await client.write_gatt_char(rig.orders, b"burst 300 244", response=True)
        values = await notified.take(300)
        assert [int.from_bytes(value[:4], "little") for value in values] == list(range(300))
        assert {len(value) for value in values} == {244}
        assert (await rig.report("waits"))["waits"] > 0


async def test_oversize_write_is_cut_to_the_default_buffer(rig, board):
    async with rig.client(board) as client:
        await client.write_gatt_char(rig.small, b"0123456789" * 5, response=True)
        assert (await rig.report("small"))["small"] == "0123456789" * 2
        assert await client.read_gatt_char(rig.small) == b"0123456789" * 2


async def test_append_buffer_is_emptied_by_the_board_reading_it(rig, board):
    async with rig.client(board) as client:
        await client.write_gatt_char(rig.orders, b"append", response=True)
        await client.write_gatt_char(rig.small, b"abc", response=True)
        assert (await rig.report("small"))["small"] == "abc"
        await client.write_gatt_char(rig.small, b"0123456789", response=True)
        assert (await rig.report("small"))["small"] == "01234567"


async def test_indication_is_confirmed(rig, board, notified):
    async with rig.client(board) as client:
        await client.start_notify(rig.answers, notified, force_indicate=True)
        await client.write_gatt_char(rig.orders, b"indicate it", response=True)
        assert (await rig.report("status"))["status"] == 0


async def test_handler_can_deny_a_read(rig, board):
    async with rig.client(board) as client:
        await client.write_gatt_char(rig.orders, b"deny", response=True)
        with pytest.raises(BleakGATTProtocolError) as denied:
            await client.read_gatt_char(rig.answers)
        assert denied.value.code == 0x80


async def test_board_meets_the_errors_of_the_real_one(rig, board):
    async with rig.client(board) as client:
        await client.write_gatt_char(rig.orders, b"errors", response=True)
        assert await rig.report("gone") == {
            # newlib's ENOTCONN in a signed byte (models/esp32_port.json, gap_disconnect.unknown).
            "gone": -128,
            "handle": errno.EINVAL,
            "frozen": errno.EBUSY,
            "long": -18,
            "address": "ee" * 6,
            "name": "ECHO",
            "mac": "240ac4000001",
        }
        await client.write_gatt_char(rig.orders, b"off", response=False)
        assert await rig.report("off") == {"off": errno.ENODEV, "on": False}


async def test_radio_can_be_cycled(rig, board, notified):
    lost = asyncio.Event()
    client = rig.client(board, lambda _: lost.set())
    await client.connect()
    await client.write_gatt_char(rig.orders, b"cycle 20", response=False)
    await rig.report("cycled")
    async with asyncio.timeout(10):
        await lost.wait()
    async with rig.client(await rig.find()) as client:
        await client.start_notify(rig.answers, notified)
        await client.write_gatt_char(rig.orders, b"echo again", response=True)
        assert await notified.take() == [b"again"]


async def test_handler_that_raises_is_removed(rig, board, notified):
    async with rig.client(board) as client:
        await client.start_notify(rig.answers, notified)
        await client.write_gatt_char(rig.orders, b"raise", response=True)
        await client.write_gatt_char(rig.orders, b"echo unheard", response=True)
        rig.boards[0].kill()
    _, said = await rig.boards[0].communicate()
    assert b"Unhandled exception in IRQ callback handler" in said
    assert b"a handler that does not catch" in said
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(notified.take(), 0)


async def test_connection_parameters_reach_the_board(rig, board):
    async with rig.client(board):
        await rig.report("event")
        link = next(iter(rig.adapter.device.connections.values()))
        await link.update_parameters(30, 60, 0, 5000)
        assert (await rig.report("event")) == {"event": 27, "data": [1, 48, 0, 500, 0]}


async def test_write_without_response_longer_than_the_mtu_is_refused(rig, board):
    async with rig.client(board) as client:
        with pytest.raises(BleakError, match="too many"):
            await client.write_gatt_char(rig.orders, bytes(245), response=False)
