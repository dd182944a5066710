"""`twitchwatch run` collects a worn night through BlueZ, whatever befalls the Bluetooth below it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.bluez.stack import until
from twitchwatch.shared.protocol import records as protocol

# A night takes some three hundred notifications: here its ring falls silent, and the fault is made.
MIDDLE = 150


async def test_a_night_arrives_whole_and_once(rig, address, night, collector):
    flash, records = night
    rig.power_on(address=address, flash=flash, keys=collector.pair(address))
    await collector.start()
    await collector.has_all(address, records)
    assert await collector.stop() == 0
    assert collector.errors() == ""


async def test_lost_notifications_cost_time_only(rig, address, night, collector):
    flash, records = night
    rig.lose_runs(lost=10, of=150)
    rig.power_on(address=address, flash=flash, keys=collector.pair(address))
    await collector.start()
    await collector.has_all(address, records)


async def test_two_rings_are_both_collected(rig, address, other_address, night, collector):
    flash, records = night
    await collector.start()
    for ring in (address, other_address):
        rig.power_on(address=ring, flash=flash, keys=collector.pair(ring))
    await collector.has_all(address, records)
    await collector.has_all(other_address, records)


async def test_a_mark_of_a_living_ring_arrives_at_once(rig, address, collector):
    rig.power_on(address=address, button_us=[6_000_000], keys=collector.pair(address))
    await collector.start()
    await collector.has_type(protocol.MARK, address)


class Middle:
    """A daemon in the middle of collecting a night from a ring."""

    def __init__(self, rig: Any, address: str, records: list[str], collector: Any) -> None:
        self.address = address
        self.collector = collector
        self._rig = rig
        self._records = records

    async def finish(self) -> None:
        """The fault has been made, and mended: the rest comes, and every record is there once."""
        await self.collector.has_all(self.address, self._records)
        assert await self.collector.stop() == 0
        assert self.collector.errors() == ""

    def broken(self) -> None:
        """The fault has been made in the middle; the ring speaks again."""
        kept = len(self.collector.records(self.address))
        assert 0 < kept < len(self._records)
        self._rig.speak()


@pytest.fixture
async def middle(rig, address, night, collector) -> Middle:
    flash, records = night
    rig.fall_silent(after=MIDDLE)
    rig.power_on(address=address, flash=flash, keys=collector.pair(address))
    await collector.start()
    await collector.has(1, address)
    return Middle(rig, address, records, collector)


async def test_the_ring_goes_out_of_range_and_comes_back(rig, middle):
    rig.take_away(address=middle.address)
    middle.broken()
    rig.bring_back(address=middle.address)
    await middle.finish()


async def test_the_ring_s_battery_is_changed(rig, middle):
    rig.power_off(address=middle.address)
    middle.broken()
    rig.power_on(address=middle.address)
    await middle.finish()


async def bluetoothctl(*words: str) -> None:
    """Another program with something to do to the ring; whether it succeeds is its own affair."""
    other = await asyncio.create_subprocess_exec(
        "bluetoothctl", "--timeout", "5", *words, stdout=asyncio.subprocess.DEVNULL
    )
    await other.wait()


async def test_another_program_connects_and_disconnects_the_ring_again_and_again(rig, middle):
    for sync_sessions in (1, 2, 3):
        await middle.collector.has_state("syncing", sync_sessions)
        # A link of BlueZ belongs to all programs: this ends the daemon's too.
        for command in ("disconnect", "connect", "disconnect"):
            await bluetoothctl(command, middle.address)
    middle.broken()
    await middle.finish()


async def test_interference_breaks_the_link_again_and_again(rig, middle):
    for sync_sessions in (1, 2, 3):
        await middle.collector.has_state("syncing", sync_sessions)
        rig.drop_links()
    middle.broken()
    await middle.finish()


async def test_bluetoothd_is_killed_and_started_again(stack, middle):
    stack.kill_bluetoothd()
    middle.broken()
    await middle.collector.has_link_fault("bluetooth service down")
    stack.start_bluetoothd()
    await middle.finish()


async def test_bluetooth_is_switched_off_and_on(stack, middle):
    await stack.set_powered("hci0", False)
    middle.broken()
    await middle.collector.has_link_fault("adapter off")
    await stack.set_powered("hci0", True)
    await middle.finish()


async def test_the_adapter_is_pulled_out_and_put_back(rig, stack, middle):
    rig.pull(adapter=0)
    stack.detach(0)
    middle.broken()
    await middle.collector.has_link_fault("no adapter")
    rig.insert(adapter=0)
    stack.attach(0)
    await middle.finish()


async def test_a_second_adapter_takes_over(rig, stack, middle):
    stack.attach(1)
    await until(lambda: stack.is_powered("hci1"), "the second adapter to be on")
    rig.pull(adapter=0)
    stack.detach(0)
    middle.broken()
    await middle.finish()


async def test_the_daemon_is_killed_and_started_again(middle):
    await middle.collector.kill()
    middle.broken()
    await middle.collector.start()
    await middle.finish()
