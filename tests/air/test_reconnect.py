"""The daemon and real rings where things come and go: each ring is met again, and nothing is lost."""

from __future__ import annotations

import uuid

import pytest

from tests.air.house import FIRST, OTHER_ADAPTER, SECOND, House, running
from twitchwatch.errors import DeviceReason
from twitchwatch.link import scanning
from twitchwatch.link.reconnect import State
from twitchwatch.shared.protocol.service import SERVICE_UUID
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.radio import Radio
from twitchwatch.sim.ring import paired


async def test_two_rings_are_met_at_the_same_time(house: House) -> None:
    async with house.ring(FIRST), house.ring(SECOND), running(house.daemon()):
        await house.met(FIRST, SECOND)
        await house.more_records(FIRST)
        await house.more_records(SECOND)
    house.check_nothing_lost()
    assert {device.hardware_id for device in house.store.devices()} == {FIRST, SECOND}


async def test_a_ring_that_goes_away_is_met_again_and_the_other_never_left(house: House) -> None:
    async with house.ring(FIRST), house.ring(SECOND), running(house.daemon()):
        await house.met(FIRST, SECOND)
        await house.more_records(FIRST)
        for _ in range(3):
            before = house.kept(FIRST)
            house.air.unplug(FIRST)
            await house.until(lambda: house.states[FIRST] is not State.SYNCING)
            assert house.states[SECOND] is State.SYNCING
            house.air.plug(FIRST)
            await house.met(FIRST, SECOND)
            await house.more_records(FIRST, than=before)
    house.check_nothing_lost()


async def test_an_adapter_that_is_switched_off_is_told_and_used_again(house: House) -> None:
    (adapter,) = house.adapters
    async with house.ring(FIRST), running(house.daemon()):
        await house.met(FIRST)
        await house.more_records(FIRST)
        before = house.kept(FIRST)
        adapter.switch(False)
        await house.until(lambda: DeviceReason.ADAPTER_OFF in house.link_faults)
        adapter.switch(True)
        await house.met(FIRST)
        await house.until(lambda: house.well)
        await house.more_records(FIRST, than=before)
    house.check_nothing_lost()
    (link_fault,) = (one for one in house.store.link_faults.all() if one.reason == DeviceReason.ADAPTER_OFF)
    assert link_fault.ended_utc_us is not None


async def test_a_scan_that_ended_without_a_word_is_begun_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SCAN_RENEW_S", 0.0)
    monkeypatch.setattr("twitchwatch.link.daemon.ASK_EVERY_S", 0.05)
    (adapter,) = house.adapters
    async with running(house.daemon()):
        adapter.switch(False)
        adapter.switch(True)
        async with house.ring(FIRST):
            await house.met(FIRST)


async def test_two_adapters_where_one_fails(house: House) -> None:
    house.adapters.append(await Adapter.create(house.air, OTHER_ADAPTER))
    async with house.ring(FIRST), running(house.daemon()):
        await house.met(FIRST)
        await house.more_records(FIRST)
        for adapter in house.adapters:
            adapter.switch(False)
            # Whichever it was met by: over the other one it is met now.
            await house.met(FIRST)
            adapter.switch(True)
            await house.until(lambda: len(house.well) == len(house.link_faults))
        await house.until(lambda: house.kept(FIRST) >= 3)
    house.check_nothing_lost()


async def test_attempts_that_fail_are_made_again(house: House) -> None:
    house.air.fail_connects(3)
    async with house.ring(FIRST), running(house.daemon()):
        await house.met(FIRST)


async def test_a_ring_flashed_anew_is_another_log_of_the_same_hardware(house: House) -> None:
    async with running(house.daemon()):
        async with house.ring(FIRST):
            await house.met(FIRST)
            await house.until(lambda: house.kept(FIRST) > 1)
        # Erased whole: the flash, and what its chip keeps beside it.
        for file in house.folder.glob(f"{FIRST.replace(':', '')}*"):
            file.unlink()
        async with house.ring(FIRST):
            await house.until(lambda: len(house.store.devices()) == 2)
            await house.until(lambda: all(status.records for status in house.store.status()))
    old, new = house.store.devices()
    assert (old.hardware_id, new.hardware_id) == (FIRST, FIRST)
    assert old.log_id != new.log_id
    house.check_nothing_lost()


async def test_a_stranger_is_told_once_and_keeps_nobody_waiting(house: House) -> None:
    async with house.ring(SECOND, keys={}), running(house.daemon()):
        await house.until(lambda: DeviceReason.NOT_PAIRED in house.link_faults)
        await house.until(lambda: house.states[SECOND] is State.PAUSING)
        async with house.ring(FIRST):
            await house.more_records(FIRST)
    assert house.link_faults == [DeviceReason.NOT_PAIRED]
    assert [device.hardware_id for device in house.store.devices()] == [FIRST]


async def test_a_key_that_is_put_right_opens_the_door(house: House) -> None:
    right = paired(house.keys, 1, FIRST)
    good = house.keys.path.read_bytes()
    house.keys.forget(FIRST)
    house.keys.make(FIRST)
    async with house.ring(FIRST, keys=right):
        async with running(house.daemon()):
            await house.until(lambda: DeviceReason.NOT_PAIRED in house.link_faults)
        house.keys.path.write_bytes(good)
        async with running(house.daemon()):
            await house.more_records(FIRST)
    house.check_nothing_lost()


async def test_whoever_calls_under_ever_new_addresses_does_not_fill_the_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twitchwatch.link.radios.MAX_PEERS", 2)
    daemon = house.daemon()
    async with running(daemon):
        for last in range(1, 5):
            ring = f"24:0A:C4:00:00:1{last}"
            async with house.ring(ring):
                await house.met(ring)
            await house.until(lambda ring=ring: house.states[ring] is State.AWAY)
    assert len(daemon._radios._peers) == 2


@pytest.mark.parametrize(("strangers", "new"), [(8, False), (40, False), (40, True)])
async def test_false_rings_get_one_slot_and_the_ring_its_turn(
    house: House, strangers: int, new: bool
) -> None:
    service = b"\x02\x01\x06\x11\x07" + uuid.UUID(SERVICE_UUID).bytes[::-1]
    radios = []
    busiest = 0

    def count(address: str, state: State) -> None:
        nonlocal busiest
        house._note(address, state)
        busy = [one for one, now in house.states.items() if now in (State.CONNECTING, State.SYNCING)]
        busiest = max(busiest, len([one for one in busy if one != FIRST]))

    for number in range(strangers):
        radio = Radio(house.air, f"66:00:00:00:00:{number:02X}", lambda *_: None)
        await radio.power_on()
        await radio.switch(True)
        await radio.advertise(100_000, service, b"\x0b\x09Twitchband", True)
        radios.append(radio)
    if not new:
        paired(house.keys, 1, FIRST)
    daemon = house.daemon()
    daemon._radios._on_state = count
    async with running(daemon):
        await house.until(lambda: busiest)
        # A new ring is paired by cable while they advertise and the daemon runs.
        async with house.ring(FIRST):
            await house.more_records(FIRST)
    for radio in radios:
        radio.vanish()
    assert busiest == 1
    # What is never admitted takes no memory either.
    assert len(daemon._radios._peers) < 8
    house.check_nothing_lost()
