"""The virtual air: Bumble's link and controllers, with the properties of a real radio that theirs lack.

Bumble's own (0.0.236) uses no air time, sends no scan response, counts advertising intervals in the wrong
unit, loses the data of a central with a public address, never drops a cancelled connection attempt, and
cannot lose a peer. This one is a BLE 4.2 air: legacy advertising, 251-byte packets, LE 1M.

Every packet occupies its direction of its link for `packet_gap_s`, so a burst is paced and the
sender's buffers fill, as on a real link. The default of 1 ms keeps tests quick; a full packet on
LE 1M takes 2.5 ms with its acknowledgement (2120 us + 80 us + two 150 us pauses, Bluetooth Core
5.4, Vol 6 Part B, 2.4 and 4.1), and shared connection intervals make real links slower still.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from bumble import hci, ll
from bumble.controller import Connection
from bumble.core import PhysicalTransport

from twitchwatch.sim.controller import RadioController
from twitchwatch.sim.lane import PACKET_BYTES, Lane, Medium

_L2CAP_HEADER_BYTES = 4
_ATT_CHANNEL = b"\x04\x00"
_ATT_NOTIFICATION = 0x1B
_ATT_NOTIFICATION_HEADER_BYTES = 3


class Air(Medium):
    """The medium that simulated radios share; faults are made here."""

    controllers: set[RadioController]  # type: ignore[assignment]

    def __init__(self, packet_gap_s: float = 0.001) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.packet_gap_s = packet_gap_s
        self.tamper: Callable[[bytes], bytes | None] | None = None
        """Sees the value of every notification; what it returns arrives, None is lost.

        A radio neither loses nor garbles inside a link, but a host under load drops silently.
        """
        self._connects_to_fail = 0
        self._chance = random.Random(0)
        self._away: dict[str, RadioController] = {}

    def notifications_per_s(self) -> float:
        """Maximum notifications a second on one link (infinite without air time)."""
        return 1 / self.packet_gap_s if self.packet_gap_s else float("inf")

    def payload_bytes_per_s(self, mtu: int = 247) -> float:
        """Maximum bytes of notified values a second on one link at this ATT MTU."""
        packets = -(-(mtu + _L2CAP_HEADER_BYTES) // PACKET_BYTES)
        return (mtu - _ATT_NOTIFICATION_HEADER_BYTES) * self.notifications_per_s() / packets

    def drop_links(self) -> None:
        """Lose every link as if by supervision timeout (0x08), without waiting for it."""
        for controller in list(self.controllers):
            controller.lose_links()

    def unplug(self, address: str) -> None:
        """Take the radio with this address out of range: its links time out, and nothing receives it."""
        controller = next(c for c in self.controllers if c.public_address.to_string(False) == address)
        self._away[address] = controller
        self.leave(controller)
        controller.lose_links()

    def plug(self, address: str) -> None:
        """Bring an unplugged radio back; it continues with what its host requested."""
        self.add_controller(self._away.pop(address))

    def is_away(self, address: str) -> bool:
        """Whether the radio with this address is out of range."""
        return address in self._away

    def leave(self, controller: RadioController) -> None:
        """The radio has no power any more: peers see a supervision timeout, it sees nothing."""
        self.controllers.discard(controller)
        for connection in controller.le_connections.values():
            peer = self.peer_of(connection)
            if peer is not None:
                peer.controller.on_le_disconnected(peer, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def fail_connects(self, count: int) -> None:
        """Let the next connection attempts fail to be established (0x3E)."""
        self._connects_to_fail = count

    def connect_fails(self) -> bool:
        """Whether this attempt is one of those that fail; counts it."""
        if self._connects_to_fail == 0:
            return False
        self._connects_to_fail -= 1
        return True

    def peer_of(self, connection: Connection) -> Connection | None:
        """The other end of a link; None if it is gone."""
        for controller in self.controllers:
            other = controller.le_connections.get(connection.self_address)
            if other is not None and other.self_address == connection.peer_address:
                return other
        return None

    def lane(self, sender: RadioController, connection: Connection) -> Lane:
        """The way from a sender to the other end of its link."""

        def deliver(pdu: bytes, packets: int) -> None:
            sender.complete(connection, packets)
            heard = self._tampered(pdu) if self.tamper else pdu
            peer = self.peer_of(connection)
            if peer is not None and heard is not None:
                peer.controller.on_link_acl_data(connection.self_address, PhysicalTransport.LE, heard)

        return Lane(lambda: self.packet_gap_s, deliver)

    def _tampered(self, pdu: bytes) -> bytes | None:
        start = _L2CAP_HEADER_BYTES + _ATT_NOTIFICATION_HEADER_BYTES
        if pdu[2:4] != _ATT_CHANNEL or pdu[4] != _ATT_NOTIFICATION or self.tamper is None:
            return pdu
        value = self.tamper(pdu[start:])
        if value is None:
            return None
        length = _ATT_NOTIFICATION_HEADER_BYTES + len(value)
        return length.to_bytes(2, "little") + pdu[2:start] + value

    def send_acl_data(
        self, sender_controller: Any, destination_address: Any, transport: PhysicalTransport, data: bytes
    ) -> None:
        """Put an L2CAP PDU into its lane (called by Bumble's controller)."""
        sender_controller.lane_to(destination_address).send(data)

    def send_advertising_pdu(self, sender_controller: Any, packet: ll.AdvertisingPdu) -> None:
        """Deliver it to all who listen, unless the sender is out of range (called by Bumble).

        A request to connect reaches one radio, even if several claim its address: the one that happens to
        advertise next.
        """
        if sender_controller not in self.controllers:
            return
        others = [one for one in self.controllers if one is not sender_controller]
        if isinstance(packet, ll.ConnectInd):
            others = [one for one in others if one.advertises_as(packet.advertiser_address)]
            others = others and [self._chance.choice(others)]
        else:
            others = [one for one in others if one.listens]
        for one in others:
            asyncio.get_running_loop().call_soon(one.on_ll_advertising_pdu, packet)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Carry a control PDU to the other end; a peer that is gone receives nothing (called by Bumble)."""
        for controller in self.controllers:
            connection = controller.le_connections.get(sender_address)
            if connection is not None and connection.self_address == receiver_address:
                asyncio.get_running_loop().call_soon(controller.hear_control, sender_address, packet)
