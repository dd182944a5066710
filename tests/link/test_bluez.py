"""The watch on BlueZ's adapters, over a real D-Bus of its own, with a stand-in for bluetoothd on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link import bluez


def shown(name: str, powered: bool, roles: tuple[str, ...] = ("central",)) -> dict[str, dict[str, Variant]]:
    properties = {
        "Address": Variant("s", f"00:00:00:00:00:0{name[-1]}"),
        "Powered": Variant("b", powered),
        "Roles": Variant("as", list(roles)),
    }
    return {bluez.ADAPTER: properties}


class Bluetoothd:
    """Answers and signals what bluetoothd does of its adapters."""

    def __init__(self, address: str, **adapters: bool) -> None:
        self._address = address
        self.adapters = {name: shown(name, powered) for name, powered in adapters.items()}
        self.devices: dict[str, dict[str, dict[str, Variant]]] = {}

    async def __aenter__(self) -> Bluetoothd:
        self._bus = await MessageBus(self._address).connect()
        self._bus.add_message_handler(self._answer)
        await self._bus.request_name(bluez.SERVICE)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    def _answer(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        if message.member == "Disconnect":
            assert message.path is not None
            self.devices[message.path][bluez.DEVICE]["Connected"] = Variant("b", False)
            return Message.new_method_return(message)
        if message.member != "GetManagedObjects":
            return False
        objects = {f"/org/bluez/{name}": shown for name, shown in self.adapters.items()} | self.devices
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])

    async def power(self, name: str, *states: bool) -> None:
        for state in states:
            self.adapters[name][bluez.ADAPTER]["Powered"] = Variant("b", state)
            body = [bluez.ADAPTER, {"Powered": Variant("b", state)}, []]
            await self._signal(
                f"/org/bluez/{name}", "org.freedesktop.DBus.Properties", "PropertiesChanged", body
            )

    async def unplug(self, name: str) -> None:
        del self.adapters[name]
        body = [f"/org/bluez/{name}", [bluez.ADAPTER]]
        await self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", body)

    async def plug(self, name: str) -> None:
        self.adapters[name] = shown(name, True)
        body = [f"/org/bluez/{name}", self.adapters[name]]
        await self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", body)

    async def _signal(self, path: str, interface: str, member: str, body: list[object]) -> None:
        signature = {
            "PropertiesChanged": "sa{sv}as",
            "InterfacesRemoved": "oas",
            "InterfacesAdded": "oa{sa{sv}}",
        }
        await self._bus.send(
            Message(
                message_type=MessageType.SIGNAL,
                path=path,
                interface=interface,
                member=member,
                signature=signature[member],
                body=body,
            )
        )


class Watch:
    """The names of usable adapters, change by change."""

    def __init__(self, changes: AsyncIterator[list[bluez.AdapterState] | None]) -> None:
        self._changes = changes

    async def next(self) -> list[str] | None:
        async with asyncio.timeout(10):
            found = await anext(self._changes)
        return None if found is None else [one.name for one in found if one.powered and one.central]


async def test_adapters_are_listed(bus_address: str) -> None:
    async with Bluetoothd(bus_address, hci0=True, hci1=False) as daemon:
        daemon.adapters["hci2"] = shown("hci2", True, roles=("peripheral",))
        found = await bluez.adapters(bus_address)
    assert [(one.name, one.powered, one.central) for one in found] == [
        ("hci0", True, True),
        ("hci1", False, True),
        ("hci2", True, False),
    ]


async def test_every_change_is_reported(bus_address: str) -> None:
    async with Bluetoothd(bus_address, hci0=True) as daemon, aclosing(bluez.changes(bus_address)) as changes:
        watch = Watch(changes)
        assert await watch.next() == ["hci0"]
        await daemon.plug("hci1")
        assert await watch.next() == ["hci0", "hci1"]
        await daemon.power("hci0", False)
        assert await watch.next() == ["hci1"]
        await daemon.power("hci0", True)
        while await watch.next() != ["hci0", "hci1"]:
            pass
        await daemon.unplug("hci1")
        while await watch.next() != ["hci0"]:
            pass


async def test_gone_and_back_between_two_looks_is_told_as_gone(bus_address: str) -> None:
    async with Bluetoothd(bus_address, hci0=True) as daemon, aclosing(bluez.changes(bus_address)) as changes:
        watch = Watch(changes)
        assert await watch.next() == ["hci0"]
        await daemon.power("hci0", False, True)
        assert await watch.next() == []
        assert await watch.next() == ["hci0"]


async def test_a_restarted_bluetoothd_is_told_as_gone(bus_address: str) -> None:
    async with aclosing(bluez.changes(bus_address)) as changes:
        watch = Watch(changes)
        assert await watch.next() is None
        for _ in range(2):
            async with Bluetoothd(bus_address, hci0=True):
                while await watch.next() != ["hci0"]:
                    pass
            # Its objects go first; that is no computer without adapters.
            assert await watch.next() is None


async def test_no_bus_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="D-Bus") as caught:
        await bluez.adapters(f"unix:path={tmp_path / 'nothing'}")
    assert caught.value.reason is DeviceReason.SERVICE_DOWN


async def test_a_bus_without_bluetoothd_is_an_error_with_its_reason(bus_address: str) -> None:
    with pytest.raises(DeviceError, match="bluetoothd") as caught:
        await bluez.adapters(bus_address)
    assert caught.value.reason is DeviceReason.SERVICE_DOWN


async def test_links_that_a_killed_daemon_left_are_let_go(bus_address: str) -> None:
    async with Bluetoothd(bus_address, hci0=True) as daemon:
        for number, (connected, uuid) in enumerate([(True, "ours"), (True, "a mouse"), (False, "ours")]):
            properties = {"Connected": Variant("b", connected), "UUIDs": Variant("as", [uuid])}
            daemon.devices[f"/org/bluez/hci0/dev_{number}"] = {bluez.DEVICE: properties}
        assert await bluez.let_go("ours", bus_address) == 1
        still = [device[bluez.DEVICE]["Connected"].value for device in daemon.devices.values()]
        assert still == [False, True, False]
        assert await bluez.let_go("ours", bus_address) == 0
