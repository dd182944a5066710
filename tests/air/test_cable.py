"""The daemon and a ring on a cable: it takes over from Bluetooth, and waits for a port that is in use."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest
import serial

from tests.air.house import FIRST, House, running
from tests.damaging import damage
from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link import usb
from twitchwatch.link.host_identity import host_id
from twitchwatch.link.host_zone import computer_zone
from twitchwatch.link.keys import Keys
from twitchwatch.link.reconnect import State
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.cable import plugged
from twitchwatch.sim.ring import paired
from twitchwatch.store import Store, UsbPort

# A chip with native USB gives its hardware id as the port's serial number.
NATIVE = UsbPort(0x303A, 0x1001, FIRST)
BRIDGE = UsbPort(0x1A86, 0x55D4, "5A2C")


def transports(store: Store) -> Counter[str]:
    return Counter(sync.transport for device in store.devices() for sync in store.syncs(device.id))


async def test_a_ring_on_a_cable_is_met_over_the_cable(house: House) -> None:
    async with plugged() as cable, house.ring(FIRST, cable=cable), running(house.daemon(ports=[cable.port])):
        await house.until(lambda: house.states.get(cable.port) is State.SYNCING)
        await house.more_records(FIRST)
    house.check_nothing_lost()
    assert "usb" in transports(house.store)


async def test_a_damaged_database_loses_nothing_over_the_cable(house: House) -> None:
    def raws() -> list[bytes]:
        return [record.raw for device in house.store.devices() for record in house.store.records(device.id)]

    async with plugged() as cable, house.ring(FIRST, cable=cable):
        async with running(house.daemon(ports=[cable.port])):
            await house.more_records(FIRST, than=3)
        before = raws()
        # It claims all that the ring will ever have, and of one record it has only the number.
        gap = len(before), 2**32 - 1 - len(before)
        damage(house.store.path, "INSERT INTO missing VALUES (1, ?, ?, 1, NULL)", *gap)
        damage(house.store.path, "UPDATE record SET seq = 2147483648 WHERE seq = 2")
        async with running(house.daemon(ports=[cable.port])):
            await house.until(lambda: len(set(raws())) > len(before))
    assert house.store.missing(1) == []
    assert set(before) <= {record.raw for record in house.store.records(1, upto_seq=2**31)}
    assert set(transports(house.store)) == {"usb"}


@pytest.mark.parametrize("chip", [NATIVE, BRIDGE])
async def test_the_cable_takes_over_when_it_is_plugged_in(house: House, chip: UsbPort) -> None:
    house.store.ports.note(BRIDGE, FIRST)
    async with plugged() as cable, house.ring(FIRST, cable=cable), running(house.daemon()):
        await house.met(FIRST)
        await house.more_records(FIRST)
        before = house.kept(FIRST)
        house.ports.append(usb.Port(cable.port, chip))
        await house.until(lambda: house.states[FIRST] is State.CABLED)
        await house.more_records(FIRST, than=before)
        # Pulled out, it is looked for on the air again.
        house.ports.clear()
        await house.until(lambda: house.states[FIRST] is not State.CABLED)
    house.check_nothing_lost()
    assert set(transports(house.store)) == {"ble", "usb"}
    assert house.store.ports.all()[chip] == FIRST


async def test_a_port_of_nobody_we_know_is_left_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[usb.Port] = []
    monkeypatch.setattr(usb, "_open", opened.append)
    async with house.ring(FIRST), running(house.daemon()):
        house.ports.append(usb.Port("/dev/ttyUSB0", UsbPort(0x0403, 0x6001, "A50285BI")))
        house.ports.append(usb.Port("/dev/ttyS0"))
        await house.met(FIRST)
        await house.more_records(FIRST)
    assert opened == []


async def test_a_port_that_is_in_use_is_waited_for_and_said_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twitchwatch.link.cables.BUSY_PAUSE_S", 0.0)
    tries: asyncio.Queue[None] = asyncio.Queue()
    loop, opening = asyncio.get_running_loop(), usb._open

    def open_port(port: usb.Port) -> serial.Serial:
        loop.call_soon_threadsafe(tries.put_nowait, None)
        return opening(port)

    monkeypatch.setattr(usb, "_open", open_port)
    async with plugged() as cable, house.ring(FIRST, cable=cable):
        # As mpremote holds it.
        descriptor = os.open(cable.port, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        async with running(house.daemon(ports=[cable.port])):
            await house.until(lambda: house.link_faults)
            for _ in range(4):
                await asyncio.wait_for(tries.get(), 30)
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            await house.until(lambda: house.states.get(cable.port) is State.SYNCING)
        os.close(descriptor)
    assert house.link_faults == [DeviceReason.PORT_BUSY]
    assert house.well == [cable.port]


async def test_a_port_that_is_not_there_has_its_reason(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="Plug in the cable") as caught:
        async with usb.connected(usb.Port(str(tmp_path / "ttyACM9"))):
            pass
    assert caught.value.reason is DeviceReason.NO_PORT


async def test_sync_meets_once_over_the_cable(house: House, tmp_path: Path) -> None:
    database = tmp_path / "home" / "t.db"
    Store.open(database).close()
    keys = paired(Keys.beside(database), host_id(database.with_name("host-id")), FIRST)
    async with plugged() as cable, house.ring(FIRST, cable=cable, keys=keys):
        for _ in range(2):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(
                    "-c",
                    "from twitchwatch.cli.main import main; main()",
                    "sync",
                    "--port",
                    cable.port,
                    "--json",
                ),
                *("--database", str(database)),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            said, complained = await asyncio.wait_for(process.communicate(), 60)
            assert process.returncode == 0, complained
            (reported,) = [json.loads(line) for line in said.splitlines()]
            assert (reported["kind"], reported["outcome"], reported["hardware_id"]) == (
                "sync",
                "complete",
                FIRST,
            )
            assert reported["stored"] > 0
    with Store.open_existing(database) as store:
        records = list(store.records(1))
        assert [record.seq for record in records] == list(range(len(records)))
        anchors = [record for record in records if record.type == protocol.ANCHOR]
        # The ring has logged the zone of the computer that sent it.
        assert [anchor.tail.decode() for anchor in anchors] == [computer_zone()] * 2
        assert transports(store) == {"usb": 2}
