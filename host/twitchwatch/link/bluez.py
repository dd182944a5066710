"""BlueZ's adapters over D-Bus: their names, whether they are on, and every change (Linux only).

bleak does not notify a scanner that its adapter is gone, so this listens on the bus itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, DBusError

from twitchwatch.errors import DeviceError, DeviceReason

SERVICE = "org.bluez"
ADAPTER = "org.bluez.Adapter1"
DEVICE = "org.bluez.Device1"
_MANAGER = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_RULES = (
    f"type='signal',interface='{_MANAGER}',sender='{SERVICE}'",
    f"type='signal',interface='{_PROPERTIES}',sender='{SERVICE}',member='PropertiesChanged',arg0='{ADAPTER}'",
    f"type='signal',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{SERVICE}'",
)
# Signals are the rule; asking again from time to time makes up for a lost one.
_ASK_AGAIN_S = 30.0
_EVERY_ADAPTER = "*"
# bluetoothd removes its objects one by one before it stops, and adds them one by one when it starts.
_SETTLE_S = 0.3
# bluetoothd answers within milliseconds.
_REPLY_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class AdapterState:
    """One adapter as reported by BlueZ; `central`: it can connect to Low Energy sensors."""

    name: str
    address: str
    powered: bool
    central: bool


async def adapters(bus_address: str | None = None) -> list[AdapterState]:
    """The adapters now, by name. Raises DeviceError if bluetoothd or the bus does not answer."""
    bus = await _connect(bus_address)
    try:
        return await _adapters(bus)
    finally:
        await _disconnect(bus)


async def changes(bus_address: str | None = None) -> AsyncGenerator[list[AdapterState] | None]:
    """The adapters now, and again after every change of them; None while bluetoothd is away.

    Raises DeviceError if there is no bus, or when it closes.
    """
    bus = await _connect(bus_address)
    changed = asyncio.Event()
    lost: set[str] = set()

    def note(message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            lost.update(_lost(message))
            changed.set()

    try:
        bus.add_message_handler(note)
        for rule in _RULES:
            await _call(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "AddMatch", rule)
        last: list[AdapterState] | None = []
        reported = False
        while True:
            changed.clear()
            try:
                now: list[AdapterState] | None = await _adapters(bus)
            except DeviceError:
                if not bus.connected:
                    raise
                now = None
            if last and lost and now:
                # Gone and back between two checks: its users have lost it nevertheless.
                yield [one for one in now if one.name not in lost and _EVERY_ADAPTER not in lost]
                reported = False
            lost.clear()
            if now != last or not reported:
                last, reported = now, True
                yield now
            with suppress(TimeoutError):
                async with asyncio.timeout(_ASK_AGAIN_S):
                    await changed.wait()
            await asyncio.sleep(_SETTLE_S)
    finally:
        await _disconnect(bus)


def _lost(message: Message) -> set[str]:
    """Names of the adapters that this signal removes."""
    name = message.path.rpartition("/")[2] if message.path else ""
    match message.member, message.body:
        case "NameOwnerChanged", [_, str(before), _] if before:
            return {_EVERY_ADAPTER}
        case "InterfacesRemoved", [str(path), list(interfaces)] if ADAPTER in interfaces:
            return {path.rpartition("/")[2]}
        case "PropertiesChanged", [_, dict(now), _] if "Powered" in now and not now["Powered"].value:
            return {name}
    return set()


async def let_go(service: str, bus_address: str | None = None) -> int:
    """Disconnect every device with this service; returns how many there were.

    BlueZ keeps the links of a killed program, and a connected sensor does not advertise, so it would not be
    found until it disconnects by itself. Raises DeviceError if BlueZ does not answer.
    """
    bus = await _connect(bus_address)
    try:
        objects = await _call(bus, SERVICE, "/", "GetManagedObjects")
        left = [
            path
            for path, interfaces in objects.items()
            if (shown := interfaces.get(DEVICE)) is not None
            and shown["Connected"].value
            and service in shown["UUIDs"].value
        ]
        for path in left:
            await _call(bus, SERVICE, path, "Disconnect", interface=DEVICE)
        return len(left)
    finally:
        await _disconnect(bus)


async def _connect(bus_address: str | None) -> MessageBus:
    bus = MessageBus(bus_address, bus_type=BusType.SYSTEM)
    try:
        return await bus.connect()
    except (OSError, AuthError, DBusError, EOFError) as error:
        bus.disconnect()
        raise DeviceError(
            f"The system's message bus cannot be reached ({error}). Bluetooth on Linux needs D-Bus and"
            " bluetoothd: install and start them (`apt install bluez`, `systemctl start bluetooth`).",
            DeviceReason.SERVICE_DOWN,
        ) from error


async def _disconnect(bus: MessageBus) -> None:
    bus.disconnect()
    # The end of the bus is reported where it occurred; here it is simply over.
    with suppress(OSError, DBusError, EOFError):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


async def _adapters(bus: MessageBus) -> list[AdapterState]:
    objects = await _call(bus, SERVICE, "/", "GetManagedObjects")
    found = []
    for path, interfaces in objects.items():
        shown = interfaces.get(ADAPTER)
        if shown is None:
            continue
        # BlueZ before 5.52 has no Roles; there every adapter that it shows may be a central.
        roles = shown["Roles"].value if "Roles" in shown else ["central"]
        found.append(
            AdapterState(
                path.rpartition("/")[2],
                str(shown["Address"].value),
                bool(shown["Powered"].value),
                "central" in roles,
            )
        )
    return sorted(found, key=lambda adapter: adapter.name)


async def _call(
    bus: MessageBus, to: str, path: str, member: str, *body: str, interface: str | None = None
) -> Any:
    interface = interface or (_MANAGER if to == SERVICE else to)
    message = Message(
        destination=to,
        path=path,
        interface=interface,
        member=member,
        signature="s" * len(body),
        body=list(body),
    )
    try:
        async with asyncio.timeout(_REPLY_TIMEOUT_S):
            reply = await bus.call(message)
    except (OSError, DBusError, EOFError, TimeoutError) as error:
        raise service_down(type(error).__name__) from error
    if reply is None or reply.message_type is MessageType.ERROR:
        raise service_down("" if reply is None else str(reply.error_name))
    return reply.body[0] if reply.body else None


def service_down(why: str) -> DeviceError:
    """The error for a bluetoothd that does not answer, with the reason."""
    return DeviceError(
        f"bluetoothd does not answer ({why}). Start it: `sudo systemctl start bluetooth`.",
        DeviceReason.SERVICE_DOWN,
    )
