"""The radio half of a simulated adapter: scanning and connecting over the virtual air."""

from __future__ import annotations

import asyncio
from typing import Protocol, Self

from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError
from bumble import core, hci
from bumble.device import Advertisement, Connection, Device

from twitchwatch.sim.air import Air
from twitchwatch.sim.controller import RadioController


class Listener(Protocol):
    """A listener for advertising."""

    def heard(self, advertisement: Advertisement) -> None:
        """Take an advertisement, with its scan response."""


class Central:
    """A Bluetooth adapter on the air: one host stack, several listeners, one attempt to connect at a time."""

    Scanner: type[BaseBleakScanner]

    def __init__(self, controller: RadioController, device: Device) -> None:
        self.controller = controller
        self.device = device
        self.connecting = asyncio.Lock()
        self._off = False
        self._listeners: set[Listener] = set()
        device.on(Device.EVENT_ADVERTISEMENT, self._heard)

    @classmethod
    async def create(cls, air: Air, address: str = "00:1A:7D:DA:71:02") -> Self:
        """Plug an adapter with this public address into the air."""
        controller = RadioController("adapter", air, address)
        device = Device(name="adapter", host=controller.host_on_top())
        await device.power_on()
        return cls(controller, device)

    async def close(self) -> None:
        """End scans and links, and leave the air."""
        self._listeners.clear()
        await self.device.stop_scanning()
        for connection in list(self.device.connections.values()):
            await connection.disconnect()
        self.controller.link.leave(self.controller)

    def switch(self, on: bool) -> None:
        """Switch the adapter off or on: links end, and scans stop silently, as with BlueZ."""
        if on == (not self._off):
            return
        self._off = not on
        if on:
            self.controller.link.add_controller(self.controller)
        else:
            self._listeners.clear()
            self.controller.link.leave(self.controller)
            self.controller.lose_links()

    def _check_power(self) -> None:
        if self._off:
            raise BleakBluetoothNotAvailableError(
                "No powered Bluetooth adapters found.", BleakBluetoothNotAvailableReason.POWERED_OFF
            )

    # A command that is cancelled half way leaves Bumble's host with an unexpected answer.

    async def scan(self, listener: Listener) -> None:
        """Receive advertising for this listener too."""
        self._check_power()
        self._listeners.add(listener)
        if not self.device.is_scanning:
            await asyncio.shield(self.device.start_scanning())

    async def stop_scan(self, listener: Listener) -> None:
        """Receive no more for this listener."""
        if listener in self._listeners:
            self._listeners.remove(listener)
            if not self._listeners and self.device.is_scanning:
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
        for listener in list(self._listeners):
            listener.heard(advertisement)
