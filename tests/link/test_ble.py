"""One connection at the edge to bleak, over a backend that does what its script says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from bleak.args.winrt import WinRTClientArgs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDBusError, BleakError

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link import ble
from twitchwatch.shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID

RING = BLEDevice("24:0A:C4:00:00:01", "ring", None)


def services(*uuids: str) -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    service = BleakGATTService(None, 1, SERVICE_UUID)
    found.add_service(service)
    for handle, uuid in enumerate(uuids, 2):
        found.add_characteristic(
            BleakGATTCharacteristic(None, handle, uuid, ["write", "notify"], lambda: 20, service)
        )
    return found


async def well() -> None:
    pass


class ScriptedClient(BaseBleakClient):
    """bleak's client interface; `connecting` is what a connection attempt does."""

    connecting: Callable[[], Awaitable[None]] = staticmethod(well)
    uuids = (RX_UUID, TX_UUID)
    hanging_up: Callable[[], Awaitable[None]] = staticmethod(well)

    def __init__(self, device: Any, *, disconnected_callback: Any, timeout: float, **options: Any) -> None:
        super().__init__(device, disconnected_callback=disconnected_callback, timeout=timeout)
        self.options = options
        self.lost = disconnected_callback
        self.written: list[bytes] = []
        made.append(self)

    async def connect(self, pair: bool, **options: Any) -> None:
        self.options.update(options)
        await self.connecting()
        self.services = services(*self.uuids)

    async def disconnect(self) -> None:
        await self.hanging_up()

    async def start_notify(self, characteristic: Any, callback: Any, **_: Any) -> None:
        self.notify = callback

    async def write_gatt_char(self, characteristic: Any, data: Any, response: bool) -> None:
        if self.written and self.written[-1] == b"last":
            raise BleakError("Not connected")
        self.written.append(bytes(data))

    name = "ring"
    is_connected = True
    mtu_size = 23

    async def _never(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    pair = unpair = read_gatt_char = read_gatt_descriptor = write_gatt_descriptor = stop_notify = _never


made: list[ScriptedClient] = []


@pytest.fixture
def script() -> type[ScriptedClient]:
    made.clear()
    return type("Scripted", (ScriptedClient,), {})


def adapter(script: type[ScriptedClient]) -> ble.Adapter:
    return ble.Adapter("hci0", client=script)


async def test_what_comes_in_is_what_was_notified(script: type[ScriptedClient]) -> None:
    async with ble.connected(RING, adapter(script)) as pipe:
        made[0].notify(bytearray(b"one"))
        made[0].notify(bytearray(b"two"))
        await pipe.send(b"x" * 45)
        assert [pipe.arrived.get_nowait(), pipe.arrived.get_nowait()] == [b"one", b"two"]
        assert [len(piece) for piece in made[0].written] == [20, 20, 5]
        made[0].lost()
        assert pipe.arrived.get_nowait() is None


async def test_no_system_is_let_use_services_that_it_remembers(script: type[ScriptedClient]) -> None:
    async with ble.connected(RING, adapter(script)):
        pass
    options = made[0].options
    # What bleak's backends for Windows and for BlueZ read.
    assert "use_cached_services" in WinRTClientArgs.__annotations__
    assert options["winrt"] == {"use_cached_services": False}
    assert options["dangerous_use_bleak_cache"] is False


async def test_late_and_doubled_callbacks_of_an_old_connection_find_nobody(
    script: type[ScriptedClient],
) -> None:
    async with ble.connected(RING, adapter(script)) as first:
        pass
    async with ble.connected(RING, adapter(script)) as second:
        made[0].notify(bytearray(b"late"))
        made[0].lost()
        made[1].notify(bytearray(b"new"))
        assert second.arrived.get_nowait() == b"new"
        assert second.arrived.empty()
        made[1].lost()
        made[1].notify(bytearray(b"after its end"))
        assert second.arrived.get_nowait() is None
        assert second.arrived.empty()
    assert first.arrived.get_nowait() is None
    assert first.arrived.empty()


@pytest.mark.parametrize("uuids", [(), (RX_UUID,), (TX_UUID,)])
async def test_services_of_an_older_firmware_are_told_as_stale(
    script: type[ScriptedClient], uuids: tuple[str, ...]
) -> None:
    script.uuids = uuids
    with pytest.raises(DeviceError, match="older firmware") as caught:
        async with ble.connected(RING, adapter(script)):
            pass
    assert caught.value.reason is DeviceReason.STALE


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BleakDBusError("org.bluez.Error.InProgress", ["In Progress"]), DeviceReason.BUSY),
        (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), DeviceReason.ADAPTER_OFF),
        (TimeoutError(), DeviceReason.NO_ANSWER),
        (KeyError("org.bluez.GattService1"), DeviceReason.OTHER),
    ],
)
async def test_an_attempt_that_fails_is_told_with_its_reason(
    script: type[ScriptedClient], error: Exception, reason: DeviceReason
) -> None:
    async def fail() -> None:
        raise error

    script.connecting = staticmethod(fail)
    hci0 = adapter(script)
    with pytest.raises(DeviceError) as caught:
        async with ble.connected(RING, hci0):
            pass
    assert caught.value.reason is reason
    assert not hci0.connecting.locked()
    assert str(RING.name) in str(caught.value)


async def test_a_service_that_hangs_holds_nothing_up(
    script: type[ScriptedClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang() -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(ble, "CONNECT_TIMEOUT_S", 0.01)
    monkeypatch.setattr(ble, "HANG_UP_TIMEOUT_S", 0.01)
    script.connecting = staticmethod(hang)
    with pytest.raises(DeviceError) as caught:
        async with ble.connected(RING, adapter(script)):
            pass
    assert caught.value.reason is DeviceReason.NO_ANSWER
    script.connecting = staticmethod(well)
    script.hanging_up = staticmethod(hang)
    async with ble.connected(RING, adapter(script)):
        pass


async def test_one_connection_is_set_up_at_a_time(script: type[ScriptedClient]) -> None:
    under_way = most = 0
    go = asyncio.Event()

    async def connect() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await go.wait()
        under_way -= 1

    script.connecting = staticmethod(connect)
    hci0 = adapter(script)

    async def meet() -> None:
        async with ble.connected(RING, hci0):
            pass

    both = asyncio.gather(meet(), meet())
    await asyncio.sleep(0)
    go.set()
    await both
    assert most == 1


async def test_a_write_on_a_lost_link_is_reported(script: type[ScriptedClient]) -> None:
    async with ble.connected(RING, adapter(script)) as pipe:
        await pipe.send(b"last")
        with pytest.raises(DeviceError) as caught:
            await pipe.send(b"too late")
    assert caught.value.reason is DeviceReason.LINK_LOST
