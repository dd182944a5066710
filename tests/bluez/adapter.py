"""A Bluetooth adapter for the guest: a controller on the virtual air, at the end of a serial line."""

from __future__ import annotations

import asyncio
import socket

from bumble.transport.common import PacketParser

from twitchwatch.sim.air import Air
from twitchwatch.sim.controller import RadioController


class Adapter(asyncio.Protocol):
    """Speaks HCI over H4 (Bluetooth Core Vol 4 Part A), as an adapter on a UART does."""

    def __init__(self, air: Air, controller: RadioController) -> None:
        self._air = air
        self._controller = controller
        self._packets = PacketParser(controller)

    @classmethod
    async def create(cls, air: Air, address: str, line: socket.socket) -> Adapter:
        """An adapter with this public address; the other end of `line` is a serial line of the guest."""
        controller = RadioController(f"adapter {address}", air, address)
        _, adapter = await asyncio.get_running_loop().create_connection(
            lambda: cls(air, controller), sock=line
        )
        return adapter

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Packets of the controller go into the line from now on."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._controller.host = self

    def data_received(self, data: bytes) -> None:
        """Packets of the kernel, in any pieces."""
        self._packets.feed_data(data)

    def on_packet(self, packet: bytes) -> None:
        """A packet of the controller for the kernel."""
        self._transport.write(packet)

    def pull(self) -> None:
        """Pull it out of the computer: the kernel receives nothing more, and peers notice in time."""
        self._controller.host = None
        self._air.leave(self._controller)
        self._controller.le_connections.clear()

    def insert(self) -> None:
        """Put it back in, as if new; nothing happens where it is in."""
        if self._controller.host is not None:
            return
        self._packets.reset()
        self._controller.on_hci_reset_command(None)
        self._air.add_controller(self._controller)
        self._controller.host = self
