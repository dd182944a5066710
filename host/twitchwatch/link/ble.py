"""The Bluetooth transport: bleak's client as a pipe of bytes, and a continuous scan.

Tested on Linux. On macOS and Windows the same calls rely on bleak's documented behaviour: addresses are
random numbers (macOS), `bluez` arguments are ignored, and there is one adapter, the system's own.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak_retry_connector import clear_cache, establish_connection

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.foreign import one_line
from twitchwatch.link.ble_faults import FAILURES, device_error
from twitchwatch.shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID

# A ring that listens advertises every 100 ms and is connected within a second (0.5 to 0.7 s through BlueZ,
# with its services); these take up to two more at slow intervals. Eight leave room for a lost attempt, and
# for as many again within the 15 s for which a second ring listens while this one occupies the adapter.
CONNECT_TIMEOUT_S = 8.0
# bluetoothd takes two seconds to disconnect (its DISCONNECT_TIMER); one that does not answer must not delay
# the daemon's stop, which may take three.
HANG_UP_TIMEOUT_S = 2.5
# A scan starts or stops within milliseconds, on a slow computer within a second. More means that the service
# behind the bus hangs.
SCAN_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Adapter:
    """One radio of this computer. `name` as in BlueZ ("hci0"), empty for the system's own choice.

    scanner, client: bleak's backends; None means the platform's own.
    """

    name: str = ""
    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None
    connecting: asyncio.Lock = field(default_factory=asyncio.Lock, compare=False)
    """A controller sets up one connection at a time (LE Create Connection, Bluetooth Core Vol 4 Part E,
    7.8.12); BlueZ answers a second attempt with InProgress."""


class BlePipe:
    """A connected sensor's two characteristics as a Transport."""

    def __init__(self, client: BleakClient, name: str, arrived: asyncio.Queue[bytes | None]) -> None:
        self._client = client
        self._name = name
        self._arrived = arrived
        rx = client.services.get_characteristic(RX_UUID)
        if rx is None or client.services.get_characteristic(TX_UUID) is None:
            raise DeviceError(
                f"{name} shows the service but not its characteristics: the computer has cached an older "
                "firmware. The cache is deleted; if this happens again, remove the device in the "
                "system's Bluetooth settings.",
                DeviceReason.STALE,
            )
        self._rx = rx

    @property
    def arrived(self) -> asyncio.Queue[bytes | None]:
        """Pieces as they arrive; None once the connection is gone."""
        return self._arrived

    async def send(self, data: bytes) -> None:
        """Write all of `data`, each piece confirmed by the device's stack."""
        most = self._rx.max_write_without_response_size
        try:
            for at in range(0, len(data), most):
                await self._client.write_gatt_char(self._rx, data[at : at + most], response=True)
        except FAILURES as error:
            raise device_error(f"The link to {self._name} was lost while sending", error) from error


@asynccontextmanager
async def connected(
    device: BLEDevice,
    adapter: Adapter,
    setting_up: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
) -> AsyncIterator[BlePipe]:
    """Connect, subscribe, and disconnect at the end. Raises DeviceError if that fails.

    `setting_up` surrounds the attempt and clears the adapter for it.

    Every connection has its own client and queue, closed with it, so late or duplicate callbacks are ignored
    (a subscription can outlive its connection).
    """
    name = one_line(device.name or device.address)
    arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
    closed = False

    def take(_: BleakGATTCharacteristic, data: bytearray) -> None:
        if not closed:
            arrived.put_nowait(bytes(data))

    def lost(_: BleakClient) -> None:
        nonlocal closed
        closed = True
        arrived.put_nowait(None)

    # What a computer remembers of a ring's services may be older than its firmware. Windows uses its cached
    # services by default; only its backend reads `winrt`.
    options: dict[str, Any] = {"services": [SERVICE_UUID], "winrt": {"use_cached_services": False}}
    if adapter.client is not None:
        options["backend"] = adapter.client
    client: BleakClient | None = None
    try:
        async with adapter.connecting, setting_up(), asyncio.timeout(CONNECT_TIMEOUT_S):
            # One attempt: `reconnect` decides how often and when to try again.
            # bleak's own cache (BlueZ) is off too.
            client = await establish_connection(
                BleakClient, device, name, lost, max_attempts=1, use_services_cache=False, **options
            )
            pipe = BlePipe(client, name, arrived)
            await client.start_notify(TX_UUID, take)
    except FAILURES as error:
        if client is not None:
            await _hang_up(client)
        raise device_error(f"Could not connect to {name}", error) from error
    except BaseException:
        if client is not None:
            await _hang_up(client)
        raise
    try:
        yield pipe
    finally:
        closed = True
        await _hang_up(client)


async def forget_services(device: BLEDevice) -> None:
    """Clear the system's cache of this device's services, if it allows that (Linux)."""
    with suppress(*FAILURES):
        async with asyncio.timeout(HANG_UP_TIMEOUT_S):
            await clear_cache(device.address)


@asynccontextmanager
async def listening(adapter: Adapter, on_heard: Callable[[BLEDevice], None]) -> AsyncIterator[None]:
    """Scan while inside; every advertisement of a sensor is reported. Raises DeviceError if that fails."""

    def heard(device: BLEDevice, _: AdvertisementData) -> None:
        on_heard(device)

    options: dict[str, Any] = {}
    if adapter.scanner is not None:
        options["backend"] = adapter.scanner
    if sys.platform == "linux":
        # Each advertisement counts, not only the first: a ring that comes back sends what it sent before.
        bluez: dict[str, Any] = {"filters": {"DuplicateData": True}}
        if adapter.name:
            bluez["adapter"] = adapter.name
        options["bluez"] = bluez
    scanner = BleakScanner(heard, service_uuids=[SERVICE_UUID], **options)
    try:
        async with asyncio.timeout(SCAN_TIMEOUT_S):
            await scanner.start()
    except FAILURES as error:
        raise device_error(f"Bluetooth{_which(adapter)} cannot scan", error) from error
    try:
        yield
    finally:
        # It may have ended already, with the adapter or with bluetoothd.
        with suppress(*FAILURES):
            async with asyncio.timeout(HANG_UP_TIMEOUT_S):
                await scanner.stop()


def _which(adapter: Adapter) -> str:
    return f" ({adapter.name})" if adapter.name else ""


async def _hang_up(client: BleakClient) -> None:
    # The link may already be gone, which is the aim.
    with suppress(*FAILURES):
        async with asyncio.timeout(HANG_UP_TIMEOUT_S):
            await client.disconnect()
