"""Who has no key gets nothing; a firmware that is no longer there confuses nobody."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from tests.bluez.stack import PATIENCE_S
from twitchwatch.link.keys import Keys
from twitchwatch.shared.protocol import messages
from twitchwatch.shared.protocol.framing import encode_frame, open_frame
from twitchwatch.shared.protocol.service import RX_UUID, TX_UUID

OLDER_FIRMWARE = Path(__file__).with_name("older_firmware.py")
FROM_HOST = sorted(kind for kind in messages.FORMS if kind < 0x80)


async def found(address: str) -> BLEDevice:
    device = await BleakScanner.find_device_by_address(address, timeout=PATIENCE_S)
    assert device is not None
    return device


async def test_without_the_key_nothing_is_told_and_nothing_done(rig, address, night, collector):
    flash, records = night
    rig.power_on(address=address, flash=flash, keys=collector.pair(address))
    heard = bytearray()
    for kind in FROM_HOST:
        # The ring hangs up on who talks nonsense: each message gets a connection, after a proper handshake.
        with suppress(BleakError):
            async with BleakClient(await found(address), timeout=PATIENCE_S) as client:
                await client.start_notify(TX_UUID, lambda _, value: heard.extend(value))
                hello = messages.pack(messages.HELLO, messages.PROTOCOL, 0xBAD)
                await client.write_gatt_char(RX_UUID, encode_frame(messages.HELLO, hello), response=True)
                made_up = bytes(range(1, 64))
                await client.write_gatt_char(RX_UUID, encode_frame(kind, made_up), response=True)
    frames = [open_frame(bytes(part)) for part in heard.split(b"\0") if part]
    assert frames
    assert {frame[0] for frame in frames if frame} <= {messages.CHALLENGE, messages.REFUSED}
    assert max(len(frame[1]) for frame in frames if frame) < 64
    # Nothing was acknowledged or changed either: the ring's own computer still gets all there was.
    await collector.start()
    await collector.has_all(address, records)


async def test_a_wrong_key_is_told_once_and_gets_nothing(rig, address, night, collector):
    flash, _ = night
    rig.power_on(address=address, flash=flash, keys=collector.pair(address))
    own = Keys.beside(collector.database)
    own.forget(address)
    own.make(address)
    await collector.start()
    await collector.has_link_fault("not paired")
    assert collector.records(address) == []
    assert await collector.stop() == 0
    # A slow guest may first have found no answer in time.
    assert sum(reported.get("reason") == "not paired" for reported in collector.reported) == 1


async def test_bluez_remembers_an_older_firmware(rig, address, night, collector):
    flash, records = night
    rig.run(address=address, script=str(OLDER_FIRMWARE))
    async with BleakClient(await found(address), timeout=PATIENCE_S) as client:
        old = {client.services.get_characteristic(uuid).handle for uuid in (RX_UUID, TX_UUID)}
    rig.power_off(address=address)
    rig.power_on(address=address, flash=flash, keys=collector.pair(address))
    await collector.start()
    await collector.has_all(address, records)
    await collector.stop()
    async with BleakClient(await found(address), timeout=PATIENCE_S) as client:
        new = {client.services.get_characteristic(uuid).handle for uuid in (RX_UUID, TX_UUID)}
    # Else this test has proved nothing.
    assert old != new


async def test_among_false_rings_the_own_one_is_met(rig, address, night, collector):
    """Nine of them advertise before it does, and the daemon is busy with the first when it appears.

    Which of them comes first, and how it fails, is a matter of chance; its answers are not waited for.
    """
    flash, records = night
    rig.surround(kinds=3 * ["holds", "handshake", "name"])
    key = collector.pair(address)
    await collector.start()
    await collector.has_state("connecting", 1)
    assert address not in {reported.get("address") for reported in collector.reported}
    rig.power_on(address=address, flash=flash, keys=key)
    await collector.has_all(address, records)
