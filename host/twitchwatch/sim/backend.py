"""A bleak 3 backend over the virtual air: `BleakScanner` and `BleakClient` without an operating system.

    adapter = await Adapter.create(air)
    BleakScanner(backend=adapter.Scanner); BleakClient(device, backend=adapter.Client)

It connects as BlueZ does (one attempt at a time, ATT MTU 517 offered, the access services hidden), but has
none of BlueZ's peculiarities: no two-second disconnects, no errors after a fast reconnect, no notifications
for reads. There is no Bluetooth pairing: the product proves its key in its own session.
"""

from __future__ import annotations

from typing import Any, ClassVar

from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Device

from twitchwatch.link import ble
from twitchwatch.sim.central import Central
from twitchwatch.sim.client import AirClient, uuid_text
from twitchwatch.sim.controller import RadioController

_UUID_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
)
_NAMES = (AdvertisingData.COMPLETE_LOCAL_NAME, AdvertisingData.SHORTENED_LOCAL_NAME)


class Adapter(Central):
    """A central on the air; `Scanner` and `Client` are the bleak backend classes bound to it."""

    Scanner: type[AirScanner]
    Client: type[AirClient]

    def __init__(self, controller: RadioController, device: Device) -> None:
        super().__init__(controller, device)
        self.Scanner = type("AirScanner", (AirScanner,), {"adapter": self})
        self.Client = type("AirClient", (AirClient,), {"adapter": self})

    @property
    def for_daemon(self) -> ble.Adapter:
        """The adapter in the form that the daemon expects."""
        return ble.Adapter(self.controller.public_address.to_string(False), self.Scanner, self.Client)


class AirScanner(BaseBleakScanner):
    """bleak's scanner interface."""

    adapter: ClassVar[Central]

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
