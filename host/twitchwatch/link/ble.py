"""The Bluetooth transport: bleak's client as a pipe of bytes, and the search for sensors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakError

from shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID
from twitchwatch.errors import DeviceError

# BlueZ gives up a page after 20 s; a band listens for 15 s, so a longer wait cannot succeed.
CONNECT_TIMEOUT_S = 15.0


class BlePipe:
    """A connected sensor's two characteristics as a Transport."""

    def __init__(self, client: BleakClient, arrived: asyncio.Queue[bytes | None]) -> None:
        self._client = client
        self._arrived = arrived
        rx = client.services.get_characteristic(RX_UUID)
        if rx is None:
            raise DeviceError(
                f"{client.name} shows the service but not its characteristics: the computer remembers an"
                " older firmware. Remove the device from the system's Bluetooth settings and try again."
            )
        self._rx = rx

    @property
    def arrived(self) -> asyncio.Queue[bytes | None]:
        """Pieces as they come; None once the connection is gone."""
        return self._arrived

    async def send(self, data: bytes) -> None:
        """Write all of `data`, each piece confirmed by the device's stack."""
        most = self._rx.max_write_without_response_size
        try:
            for at in range(0, len(data), most):
                await self._client.write_gatt_char(self._rx, data[at : at + most], response=True)
        except (BleakError, OSError) as error:
            raise DeviceError(f"The link to {self._client.name} broke while sending: {error}") from error


@asynccontextmanager
async def connected(
    device: BLEDevice, backend: type[BaseBleakClient] | None = None
) -> AsyncIterator[BlePipe]:
    """Connect, subscribe, and hang up at the end. Raises DeviceError where that fails."""
    arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
    options: dict[str, Any] = {} if backend is None else {"backend": backend}
    client = BleakClient(
        device,
        disconnected_callback=lambda _: arrived.put_nowait(None),
        services=[SERVICE_UUID],
        timeout=CONNECT_TIMEOUT_S,
        **options,
    )

    def take(_: BleakGATTCharacteristic, data: bytearray) -> None:
        arrived.put_nowait(bytes(data))

    try:
        await client.connect()
        pipe = BlePipe(client, arrived)
        await client.start_notify(TX_UUID, take)
    except (BleakError, OSError, TimeoutError) as error:
        await _hang_up(client)
        raise DeviceError(f"Could not connect to {device.name or device.address}: {_words(error)}") from error
    try:
        yield pipe
    finally:
        await _hang_up(client)


async def find(backend: type[BaseBleakScanner] | None = None) -> BLEDevice:
    """The next sensor that advertises. Raises DeviceError where there is no adapter, or it is off."""
    options: dict[str, Any] = {} if backend is None else {"backend": backend}
    try:
        async with BleakScanner(service_uuids=[SERVICE_UUID], **options) as scanner:
            async for device, _ in scanner.advertisement_data():
                return device
    except (BleakError, OSError) as error:
        raise DeviceError(
            f"Bluetooth cannot scan: {_words(error)}. Check that an adapter is plugged in and switched on"
            " (`bluetoothctl show`), and that the bluetooth service runs."
        ) from error
    raise DeviceError("Bluetooth stopped scanning without a reason; try again.")


async def _hang_up(client: BleakClient) -> None:
    try:
        await client.disconnect()
    except (BleakError, OSError, EOFError):
        # The link is gone already, which is what was wanted.
        return


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
