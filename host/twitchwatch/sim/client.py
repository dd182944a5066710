"""bleak's client interface over a Bumble central."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any, ClassVar

from bleak import BleakScanner
from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic, GattCharacteristicsFlags
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import att, core, gatt
from bumble.device import Connection, Peer

from twitchwatch.sim.central import Central

_MTU_OFFERED = 517
_WRITE_HEADER_BYTES = 3
_HIDDEN_SERVICES = (gatt.GATT_GENERIC_ACCESS_SERVICE, gatt.GATT_GENERIC_ATTRIBUTE_SERVICE)


def uuid_text(uuid: core.UUID) -> str:
    """A UUID as bleak writes it: 128 bits, lower case, dashed."""
    return normalize_uuid_str(uuid.to_hex_str("-"))


class AirClient(BaseBleakClient):
    """bleak's client interface."""

    adapter: ClassVar[Central]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        services: Iterable[str] | None = None,
        disconnected_callback: Any,
        timeout: float,
        **_: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._device = address_or_ble_device if isinstance(address_or_ble_device, BLEDevice) else None
        self._wanted_services = None if services is None else set(services)
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._one_at_a_time = asyncio.Lock()
        self._gone = asyncio.Event()
        self._subscribers: dict[int, NotifyCallback] = {}

    @property
    def name(self) -> str:
        """The advertised name, else the address with dashes."""
        return (self._device and self._device.name) or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """ATT MTU in bytes."""
        return self._connection.att_mtu if self._connection else att.ATT_DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        """Connect, exchange the MTU and discover; TimeoutError when the device does not answer."""
        if self._connection is not None:
            raise BleakError("Client is already connected")
        if self._device is None:
            self._device = await BleakScanner.find_device_by_address(
                self.address, self._timeout, backend=self.adapter.Scanner
            )
            if self._device is None:
                raise BleakDeviceNotFoundError(
                    self.address, f"Device with address {self.address} was not found."
                )
        connection = await self.adapter.connect(self._device.details, self._timeout)
        self._connection, self._peer = connection, Peer(connection)
        self._gone.clear()
        connection.on(Connection.EVENT_DISCONNECTION, self._lost)
        try:
            await self._exchange(self._peer.request_mtu, _MTU_OFFERED)
            self.services = await self._exchange(self._discover, self._peer, connection)
        except BaseException:
            await self.disconnect()
            raise

    async def disconnect(self) -> None:
        """Disconnect, and wait until it is done; does nothing for a lost link."""
        if self._connection is not None:
            with contextlib.suppress(core.ConnectionError):  # lost while we disconnected
                await self._connection.disconnect()
            await self._gone.wait()

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Not on this air."""
        raise NotImplementedError("the virtual air does not pair")

    async def unpair(self) -> None:
        """Not on this air."""
        raise NotImplementedError("the virtual air does not pair")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """Read a value, in as many parts as the MTU needs."""
        return bytearray(await self._exchange(characteristic.obj.read_value))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """Read a descriptor."""
        return bytearray(await self._exchange(descriptor.obj.read_value))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Write a value; with a response also in parts, when it is longer than the MTU allows."""
        value = bytes(data)
        fits = len(value) <= self.mtu_size - _WRITE_HEADER_BYTES
        if not response and not fits:
            raise BleakError(f"{len(value)} bytes are too many for a write without response")
        if fits:
            await self._exchange(characteristic.obj.write_value, value, response)
        elif self._peer is not None:
            await self._exchange(self._peer.gatt_client.write_long_value, characteristic.handle, value)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor."""
        await self._exchange(descriptor.obj.write_value, bytes(data), True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any
    ) -> None:
        """Subscribe, to notifications rather than indications where both are offered."""
        if characteristic.handle in self._subscribers:
            raise BleakError("Characteristic notifications already started")

        def notified(value: bytes) -> None:
            callback(bytearray(value))

        await self._exchange(characteristic.obj.subscribe, notified)
        self._subscribers[characteristic.handle] = notified  # type: ignore[assignment]

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        subscriber = self._subscribers.pop(characteristic.handle, None)
        if subscriber is not None:
            await self._exchange(characteristic.obj.unsubscribe, subscriber)

    def _lost(self, _reason: int) -> None:
        self._connection = self._peer = self.services = None
        self._subscribers.clear()
        self._gone.set()
        if self._disconnected_callback:
            self._disconnected_callback()

    async def _discover(self, peer: Peer, connection: Connection) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            uuid = uuid_text(service.uuid)
            if service.uuid in _HIDDEN_SERVICES or uuid not in (self._wanted_services or (uuid,)):
                continue
            bleak_service = BleakGATTService(service, service.handle, uuid)
            found.add_service(bleak_service)
            for characteristic in await service.discover_characteristics():
                bleak_characteristic = BleakGATTCharacteristic(
                    characteristic,
                    characteristic.handle,
                    uuid_text(characteristic.uuid),
                    [
                        flag.name.replace("_", "-")  # type: ignore[misc]
                        for flag in GattCharacteristicsFlags
                        if flag.value & int(characteristic.properties)
                    ],
                    lambda: connection.att_mtu - _WRITE_HEADER_BYTES,
                    bleak_service,
                )
                found.add_characteristic(bleak_characteristic)
                for descriptor in await characteristic.discover_descriptors():
                    found.add_descriptor(
                        BleakGATTDescriptor(
                            descriptor, descriptor.handle, uuid_text(descriptor.type), bleak_characteristic
                        )
                    )
        return found

    async def _exchange(self, operation: Any, *arguments: Any) -> Any:
        """One ATT transaction at a time; ATT's errors and a lost link become bleak's."""
        async with self._one_at_a_time:
            if self._connection is None:
                raise BleakError("Not connected")
            task = asyncio.current_task()
            cancels = 0 if task is None else task.cancelling()
            try:
                answer = await operation(*arguments)
                if task is not None and task.cancelling() > cancels:
                    # Bumble waits with wait_for, which before Python 3.12 swallows a cancellation that comes
                    # with the answer.
                    raise asyncio.CancelledError
                return answer
            except att.ATT_Error as error:
                raise BleakGATTProtocolError(error.error_code) from error
            except core.BaseBumbleError as error:
                raise BleakError(str(error)) from error
            except asyncio.CancelledError:
                # Bumble cancels what waits for an answer over a lost link; distinguish that from a real
                # cancellation.
                if task is not None and task.cancelling():
                    raise
                raise BleakError("Not connected: the link was lost") from None
