"""The radio of a simulated board: a peripheral that behaves like MicroPython's NimBLE port.

Modelled on MicroPython 1.29, extmod/modbluetooth.c and extmod/nimble/modbluetooth_nimble.c, as
built for the ESP32 (events are delivered synchronously: the peer's next read or write waits until
the handler of the last one has returned).
"""

from __future__ import annotations

import asyncio
import errno
import struct
from collections.abc import Callable, Sequence

from bumble import att, hci
from bumble.device import AdvertisingType, Connection, Device

from twitchwatch.sim.air import Air
from twitchwatch.sim.controller import RadioController
from twitchwatch.sim.database import Attribute, Database, Declared

IRQ_CENTRAL_CONNECT = 1
IRQ_CENTRAL_DISCONNECT = 2
IRQ_GATTS_WRITE = 3
IRQ_GATTS_READ_REQUEST = 4
IRQ_GATTS_INDICATE_DONE = 20
IRQ_MTU_EXCHANGED = 21
IRQ_CONNECTION_UPDATE = 27

_DEFAULT_NAME = b"MPY ESP32"
_DEFAULT_MTU = 256
_MTU_RANGE = range(23, 528)
_NAME_BYTES = 31  # BLE_SVC_GAP_DEVICE_NAME_MAX_LENGTH
_ADVERTISING_BYTES = 31
_ADVERTISING_INTERVAL_US = range(20_000, 10_240_001)
_PACKET_BUFFERS = 12  # CONFIG_BT_NIMBLE_MSYS_1_BLOCK_COUNT of ESP-IDF
_NOTIFICATION = struct.Struct("<BH")
_INVALID_HCI_PARAMETERS = 18  # BLE_ERR_INV_HCI_CMD_PARMS, which MicroPython passes through negated
_TIMED_OUT = 13  # BLE_HS_ETIMEOUT
_DISCONNECTED = 7  # BLE_HS_ENOTCONN

EventSink = Callable[[int, int, bytes], None]
"""Takes (IRQ number, connection handle, the remaining fields packed little-endian)."""


class Radio:
    """Radio and GATT server; a call that the board's would refuse raises OSError with the same number."""

    def __init__(self, air: Air, address: str, emit: EventSink) -> None:
        self._air = air
        self._emit = emit
        self._controller = RadioController("board", air, address)
        self._device = Device(name="board", host=self._controller.host_on_top())
        self._device.on(Device.EVENT_CONNECTION, self._connected)
        self._active = False
        self._name = _DEFAULT_NAME
        self._connections: dict[int, Connection] = {}
        self._database = Database(self._device.gatt_server, self._read, self._write, lambda: self._name)
        self._indications: dict[asyncio.Task[None], int] = {}
        self._turn = asyncio.Lock()
        self._answer: asyncio.Future[int] | None = None

    async def power_on(self) -> None:
        """Power the controller; it sends nothing until it is switched on."""
        await self._device.power_on()

    async def switch(self, on: bool) -> None:
        """`BLE.active(on)`: on starts with an empty database; off disconnects without an event."""
        if on == self._active:
            return
        self._active = on
        if on:
            self._name = _DEFAULT_NAME
            self.set_mtu(_DEFAULT_MTU)
            self._database.clear()
            return
        await self._device.stop_advertising()
        self.answer(0)
        for connection in list(self._connections.values()):
            await connection.disconnect()

    def vanish(self) -> None:
        """Lose power: peers notice by supervision timeout."""
        self._active = False
        self._controller.le_legacy_advertiser.stop()
        self._air.leave(self._controller)
        self._controller.lose_links()
        self.answer(0)

    def set_name(self, name: bytes) -> None:
        """`BLE.config(gap_name=)`."""
        if len(name) > _NAME_BYTES:
            raise OSError(errno.EINVAL, "name too long")
        self._name = name

    def set_mtu(self, mtu: int) -> None:
        """`BLE.config(mtu=)`: the largest MTU that an exchange will agree to."""
        self._need_active()
        if mtu not in _MTU_RANGE:
            raise OSError(errno.EINVAL, "no such MTU")
        self._device.gatt_server.max_mtu = mtu

    async def advertise(self, interval_us: int, data: bytes, response: bytes, connectable: bool) -> None:
        """`BLE.gap_advertise()`; an interval of 0 stops. Ends by itself when a central connects."""
        if interval_us == 0:
            await self._device.stop_advertising()
            return
        self._need_active()
        if max(len(data), len(response)) > _ADVERTISING_BYTES:
            raise OSError(-_INVALID_HCI_PARAMETERS, "advertising data too long")
        if interval_us not in _ADVERTISING_INTERVAL_US:
            raise OSError(errno.EINVAL, "advertising interval out of range")
        kind = AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE if connectable else AdvertisingType.UNDIRECTED
        await self._device.start_advertising(
            advertising_type=kind,
            own_address_type=hci.OwnAddressType.PUBLIC,
            advertising_data=data,
            scan_response_data=response,
            advertising_interval_min=interval_us / 1000,
            advertising_interval_max=interval_us / 1000,
        )

    async def disconnect(self, handle: int) -> None:
        """`BLE.gap_disconnect()`."""
        await self._connection(handle).disconnect()

    def register(self, services: Sequence[tuple[bytes, Sequence[Declared]]]) -> list[int]:
        """`BLE.gatts_register_services()`: replaces the database, returns the value handles flat."""
        self._need_active()
        if self._connections or self._device.is_advertising:
            raise OSError(errno.EBUSY, "the database is frozen while connected or advertising")
        self._database.clear()
        return self._database.add(services)

    def read(self, handle: int) -> bytes:
        """`BLE.gatts_read()`: the value, which append mode removes."""
        attribute = self._attribute(handle)
        value = attribute.value
        if attribute.append:
            attribute.value = b""
        return value

    def write(self, handle: int, value: bytes, send_update: bool) -> None:
        """`BLE.gatts_write()`: the firmware's own write grows the buffer as needed."""
        attribute = self._attribute(handle)
        attribute.value = value
        attribute.size = max(attribute.size, len(value))
        if send_update:
            for connection in list(self._connections.values()):
                subscribed = self._device.gatt_server.read_cccd(connection, attribute.bumble)[0]
                if subscribed:
                    self.send(connection.handle, handle, value, indicate=subscribed & 1 == 0)

    def set_buffer(self, handle: int, size: int, append: bool) -> None:
        """`BLE.gatts_set_buffer()`: a new, empty buffer."""
        attribute = self._attribute(handle)
        attribute.size, attribute.append, attribute.value = size, append, b""

    def send(self, connection_handle: int, handle: int, value: bytes | None, indicate: bool) -> None:
        """`BLE.gatts_notify()` and `BLE.gatts_indicate()`; ENOMEM while all packet buffers wait."""
        attribute = self._attribute(handle)
        connection = self._connection(connection_handle)
        queue = self._device.host.le_acl_packet_queue
        if queue is not None and queue.pending >= _PACKET_BUFFERS:
            raise OSError(errno.ENOMEM, "packet buffers full")
        value = (attribute.value if value is None else value)[: connection.att_mtu - _NOTIFICATION.size]
        if indicate:
            task = asyncio.create_task(self._indicate(connection, attribute, value))
            self._indications[task] = connection_handle
            task.add_done_callback(self._indications.pop)
        else:
            header = _NOTIFICATION.pack(att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION, handle)
            self._device.send_l2cap_pdu(connection_handle, att.ATT_CID, header + value)

    def answer(self, status: int) -> None:
        """The handler of the last read or write has returned; `status` is its ATT error or 0."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)

    def _need_active(self) -> None:
        if not self._active:
            raise OSError(errno.ENODEV, "radio is off")

    def _attribute(self, handle: int) -> Attribute:
        self._need_active()
        attribute = self._database.attributes.get(handle)
        if attribute is None:
            raise OSError(errno.EINVAL, "no such value handle")
        return attribute

    def _connection(self, handle: int) -> Connection:
        self._need_active()
        if handle not in self._connections:
            raise OSError(errno.ENOTCONN, "no such connection")
        return self._connections[handle]

    async def _read(self, connection: Connection, attribute: Attribute) -> bytes:
        async with self._turn:
            status = await self._ask(IRQ_GATTS_READ_REQUEST, connection, attribute)
            if status:
                raise att.ATT_Error(error_code=status)
            return attribute.value

    async def _write(self, connection: Connection, attribute: Attribute, value: bytes) -> None:
        async with self._turn:
            attribute.take(value)
            await self._ask(IRQ_GATTS_WRITE, connection, attribute)

    async def _ask(self, irq: int, connection: Connection, attribute: Attribute) -> int:
        if connection.handle not in self._connections or not self._active:
            return 0
        self._answer = asyncio.get_running_loop().create_future()
        self._emit(irq, connection.handle, struct.pack("<H", attribute.bumble.handle))
        return await self._answer

    async def _indicate(self, connection: Connection, attribute: Attribute, value: bytes) -> None:
        try:
            await self._device.gatt_server.indicate_subscriber(connection, attribute.bumble, value, True)
            status = 0
        except TimeoutError:
            status = _TIMED_OUT
        except asyncio.CancelledError:
            status = _DISCONNECTED
        fields = struct.pack("<HB", attribute.bumble.handle, status)
        self._event(IRQ_GATTS_INDICATE_DONE, connection.handle, fields)

    def _event(self, irq: int, handle: int, fields: bytes) -> None:
        if self._active:
            self._emit(irq, handle, fields)

    def _connected(self, connection: Connection) -> None:
        handle = connection.handle
        peer = connection.peer_address
        fields = bytes([peer.address_type]) + bytes(peer)[::-1]
        self._connections[handle] = connection

        def lost(_reason: int) -> None:
            del self._connections[handle]
            for task, indicated in list(self._indications.items()):
                if indicated == handle:
                    task.cancel()
            self._event(IRQ_CENTRAL_DISCONNECT, handle, fields)

        def updated() -> None:
            now = connection.parameters
            units = (int(now.connection_interval / 1.25), now.peripheral_latency)
            fields = struct.pack("<4H", *units, int(now.supervision_timeout / 10), 0)
            self._event(IRQ_CONNECTION_UPDATE, handle, fields)

        def exchanged() -> None:
            self._event(IRQ_MTU_EXCHANGED, handle, struct.pack("<H", connection.att_mtu))

        connection.on(Connection.EVENT_DISCONNECTION, lost)
        connection.on(Connection.EVENT_CONNECTION_ATT_MTU_UPDATE, exchanged)
        connection.on(Connection.EVENT_CONNECTION_PARAMETERS_UPDATE, updated)
        self._event(IRQ_CENTRAL_CONNECT, handle, fields)
