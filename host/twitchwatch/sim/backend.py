"""A bleak 3 backend over the virtual air: `BleakScanner` and `BleakClient` without an operating system.

    adapter = await Adapter.create(air)
    BleakScanner(backend=adapter.Scanner); BleakClient(device, backend=adapter.Client)

It connects as BlueZ does (one attempt at a time, ATT MTU 517 offered, the access services hidden),
but has none of BlueZ's moods: no two-second disconnects, no errors of a hurried reconnect, no
notifications for reads. Nothing is paired: the product proves its key in its own session.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError
from bumble import core, hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, Device

from twitchwatch.link import ble
from twitchwatch.sim.air import Air
from twitchwatch.sim.client import AirClient, uuid_text
from twitchwatch.sim.controller import RadioController

_UUID_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
)
_NAMES = (AdvertisingData.COMPLETE_LOCAL_NAME, AdvertisingData.SHORTENED_LOCAL_NAME)


class Adapter:
    """A central on the air; `Scanner` and `Client` are the bleak backend classes bound to it."""

    Scanner: type[AirScanner]
    Client: type[AirClient]

    def __init__(self, controller: RadioController, device: Device) -> None:
        self.controller = controller
        self.device = device
        self.connecting = asyncio.Lock()
        self._off = False
        self._scanners: set[AirScanner] = set()
        device.on(Device.EVENT_ADVERTISEMENT, self._heard)
        self.Scanner = type("AirScanner", (AirScanner,), {"adapter": self})
        self.Client = type("AirClient", (AirClient,), {"adapter": self})

    @classmethod
    async def create(cls, air: Air, address: str = "00:1A:7D:DA:71:02") -> Adapter:
        """Plug an adapter with this public address into the air."""
        controller = RadioController("adapter", air, address)
        device = Device(name="adapter", host=controller.host_on_top())
        await device.power_on()
        return cls(controller, device)

    @property
    def for_daemon(self) -> ble.Adapter:
        """The adapter as the daemon takes one."""
        return ble.Adapter(self.controller.public_address.to_string(False), self.Scanner, self.Client)

    async def close(self) -> None:
        """End scans and links, and leave the air."""
        self._scanners.clear()
        await self.device.stop_scanning()
        for connection in list(self.device.connections.values()):
            await connection.disconnect()
        self.controller.link.leave(self.controller)

    def switch(self, on: bool) -> None:
        """Switch the adapter off or on: links end, and scans without a word, as with BlueZ."""
        if on == (not self._off):
            return
        self._off = not on
        if on:
            self.controller.link.add_controller(self.controller)
        else:
            self._scanners.clear()
            self.controller.link.leave(self.controller)
            self.controller.lose_links()

    def _check_power(self) -> None:
        if self._off:
            raise BleakBluetoothNotAvailableError(
                "No powered Bluetooth adapters found.", BleakBluetoothNotAvailableReason.POWERED_OFF
            )

    # A command that is cancelled half way leaves Bumble's host with an answer that nobody waits for.

    async def scan(self, scanner: AirScanner) -> None:
        """Hear advertising for this scanner too."""
        self._check_power()
        self._scanners.add(scanner)
        if not self.device.is_scanning:
            await asyncio.shield(self.device.start_scanning())

    async def stop_scan(self, scanner: AirScanner) -> None:
        """Hear no more for this scanner."""
        if scanner in self._scanners:
            self._scanners.remove(scanner)
            if not self._scanners and self.device.is_scanning:
                await asyncio.shield(self.device.stop_scanning())

    async def connect(self, peer: hci.Address, timeout_s: float) -> Connection:
        """Connect to an advertising peer; raises TimeoutError and BleakError as bleak's backends do."""
        async with self.connecting:
            self._check_power()
            try:
                return await self.device.connect(
                    peer, own_address_type=hci.OwnAddressType.PUBLIC, timeout=timeout_s
                )
            except core.TimeoutError as error:
                raise TimeoutError(f"{peer} did not answer within {timeout_s} s") from error
            except core.ConnectionError as error:
                raise BleakError(f"connection to {peer} failed: {error}") from error
            except asyncio.CancelledError:
                await self._abandon(peer)
                raise

    async def _abandon(self, peer: hci.Address) -> None:
        if self.controller.pending_le_connection is not None:
            await self.device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        connection = self.device.find_connection_by_bd_addr(peer)
        if connection is not None:
            await connection.disconnect()

    def _heard(self, advertisement: Advertisement) -> None:
        for scanner in list(self._scanners):
            scanner.heard(advertisement)


class AirScanner(BaseBleakScanner):
    """bleak's scanner interface."""

    adapter: ClassVar[Adapter]

    def __init__(
        self, detection_callback: Any, service_uuids: list[str] | None, scanning_mode: str, **_: Any
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        """Start scanning, actively, as bleak does by default."""
        self.seen_devices = {}
        await self.adapter.scan(self)

    async def stop(self) -> None:
        """Stop scanning."""
        await self.adapter.stop_scan(self)

    def heard(self, advertisement: Advertisement) -> None:
        """Pass an advertisement with its scan response on, if its services are wanted."""
        fields: Any = advertisement.data
        uuids = [uuid_text(uuid) for kind in _UUID_LISTS for found in fields.get_all(kind) for uuid in found]
        if not self.is_allowed_uuid(uuids):
            return
        name = next((name for kind in _NAMES for name in fields.get_all(kind)), None)
        manufacturer = {
            int(company): bytes(data)
            for company, data in fields.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA)
        }
        service_data = {
            uuid_text(uuid): bytes(data)
            for kind in (AdvertisingData.SERVICE_DATA_16_BIT_UUID, AdvertisingData.SERVICE_DATA_128_BIT_UUID)
            for uuid, data in fields.get_all(kind)
        }
        seen = AdvertisementData(
            name, manufacturer, service_data, uuids, None, advertisement.rssi, (advertisement,)
        )
        address = advertisement.address.to_string(False)
        device = self.create_or_update_device(address, address, name, advertisement.address, seen)
        self.call_detection_callbacks(device, seen)
