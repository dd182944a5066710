"""What goes wrong on a real air, and that both sides notice."""

from __future__ import annotations

import asyncio

import pytest
from bleak.exc import BleakError

from twitchwatch.sim.air import Air


@pytest.fixture
def lost():
    return asyncio.Event()


@pytest.fixture
async def client(rig, board, lost):
    client = rig.client(board, lambda _: lost.set())
    await client.connect()
    return client


async def test_link_loss_is_noticed_on_both_sides(rig, client, lost):
    await rig.report("connected")
    rig.air.drop_links()
    await rig.report("disconnected")
    async with asyncio.timeout(10):
        await lost.wait()
    assert not client.is_connected
    with pytest.raises(BleakError):
        await client.read_gatt_char(rig.answers)
    await client.disconnect()


async def test_link_loss_ends_a_pending_request(rig, client):
    rig.air.packet_gap_s = 3600.0
    reading = asyncio.gather(
        client.read_gatt_char(rig.answers), client.read_gatt_char(rig.answers), return_exceptions=True
    )
    await asyncio.sleep(0)
    rig.air.drop_links()
    async with asyncio.timeout(10):
        assert [type(error) for error in await reading] == [BleakError, BleakError]


async def test_board_can_be_connected_again_after_a_loss(rig, client, lost, notified):
    rig.air.drop_links()
    async with asyncio.timeout(10):
        await lost.wait()
    async with rig.client(await rig.find()) as again:
        await again.start_notify(rig.answers, notified)
        await again.write_gatt_char(rig.orders, b"echo once more", response=True)
        assert await notified.take() == [b"once more"]


async def test_killed_board_is_noticed_and_its_successor_found(rig, client, lost):
    rig.boards[0].kill()
    async with asyncio.timeout(10):
        await lost.wait()
    await rig.spawn()
    async with rig.client(await rig.find()) as again:
        assert await again.read_gatt_char(rig.answers) == b"hello"


async def test_radio_out_of_range_and_back(rig, client, lost, board):
    rig.air.unplug(board.address)
    await rig.report("disconnected")
    async with asyncio.timeout(10):
        await lost.wait()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(rig.client(board).connect(), 0.05)
    rig.air.plug(board.address)
    async with rig.client(board) as again:
        assert again.is_connected


async def test_failing_connects_are_bleak_errors(rig, board):
    rig.air.fail_connects(2)
    for _ in range(2):
        with pytest.raises(BleakError, match="failed"):
            await rig.client(board).connect()
    async with rig.client(board) as client:
        assert client.is_connected


async def test_connect_times_out_and_the_adapter_stays_usable(rig, board):
    rig.air.unplug(board.address)
    with pytest.raises(TimeoutError):
        await type(rig.client(board))(board, timeout=0.05, backend=rig.adapter.Client).connect()
    rig.air.plug(board.address)
    async with rig.client(board) as client:
        assert client.is_connected


async def test_notifications_can_be_lost_and_garbled(rig, client, notified):
    await client.start_notify(rig.answers, notified)
    values = iter((None, b"garbled"))
    rig.air.tamper = lambda value: next(values, value)
    for order in (b"echo lost", b"echo changed", b"echo whole"):
        await client.write_gatt_char(rig.orders, order, response=True)
    assert await notified.take(2) == [b"garbled", b"whole"]
    await client.disconnect()


def test_throughput_follows_from_the_air_time():
    air = Air(packet_gap_s=0.0025)
    assert air.notifications_per_s() == pytest.approx(400)
    assert air.payload_bytes_per_s(247) == pytest.approx(400 * 244)
    assert air.payload_bytes_per_s(517) == pytest.approx(400 / 3 * 514)
    assert Air(packet_gap_s=0).notifications_per_s() == float("inf")
