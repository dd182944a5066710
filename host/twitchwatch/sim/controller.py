"""The Bluetooth controller of a simulated radio, on the virtual air."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from bumble import hci, ll
from bumble.controller import Connection, Controller, LegacyAdvertiser
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from twitchwatch.sim.lane import PACKET_BYTES, Lane, Medium

_ADVERTISING_UNIT_S = 0.625e-3
_RSSI_DBM = -50

_Report = hci.HCI_LE_Advertising_Report_Event.Report
_Event = hci.HCI_LE_Advertising_Report_Event.EventType
_CONNECTABLE = hci.HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType.ADV_IND


@dataclasses.dataclass
class _Advertisement(ll.AdvInd):
    """One advertising event, with what the advertiser would answer to a scan request."""

    response: bytes
    connectable: bool


class _Advertiser(LegacyAdvertiser):
    def _on_timer_fired(self) -> None:
        self.send_advertising_data()
        interval_s = self.advertising_interval_min * _ADVERTISING_UNIT_S
        self.timer_handle = asyncio.get_running_loop().call_later(interval_s, self._on_timer_fired)

    def send_advertising_data(self) -> None:
        connectable = self.advertising_type == _CONNECTABLE
        self.controller.send_advertising_pdu(
            _Advertisement(self.address, self.advertising_data, self.scan_response_data, connectable)
        )


class RadioController(Controller):
    """A BLE 4.2 controller: legacy advertising, scanning and connecting."""

    hci_version = hci.HCI_VERSION_BLUETOOTH_CORE_4_2
    lmp_version = hci.HCI_VERSION_BLUETOOTH_CORE_4_2
    le_features = hci.LeFeatureMask.PERIPHERAL_INITIATED_FEATURE_EXCHANGE | hci.LeFeatureMask.LE_PING
    le_acl_data_packet_length = PACKET_BYTES
    link: Medium

    def __init__(self, name: str, air: Medium, address: str) -> None:
        super().__init__(name, link=air, public_address=address)
        self.le_legacy_advertiser = _Advertiser(self)
        self._lanes: dict[hci.Address, Lane] = {}
        self._reported: set[tuple[hci.Address, bytes, bytes]] = set()

    def host_on_top(self) -> Host:
        """A Bumble host stack that controls this controller."""
        return _QuietHost(self, AsyncPipeSink(self))

    @property
    def listens(self) -> bool:
        """Whether it scans, or waits for a peer's advertisement to connect."""
        return bool(self.le_scan_enable) or self.pending_le_connection is not None

    def advertises_as(self, address: hci.Address) -> bool:
        """Whether it advertises under this address now."""
        return bool(self.le_legacy_advertiser.enabled and self.le_legacy_advertiser.address == address)

    def lose_links(self) -> None:
        """Report to the host that every link has timed out."""
        for connection in list(self.le_connections.values()):
            self.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def lane_to(self, peer: hci.Address) -> Lane:
        """The outgoing direction of the link to a peer."""
        lane = self._lanes.get(peer)
        if lane is None:
            lane = self._lanes[peer] = self.link.lane(self, self.le_connections[peer])
        return lane

    def complete(self, connection: Connection, packets: int) -> None:
        """Return to the host the buffers of packets that have been sent."""
        self.send_hci_packet(
            hci.HCI_Number_Of_Completed_Packets_Event(
                connection_handles=[connection.handle], num_completed_packets=[packets]
            )
        )

    def hear_control(self, sender: hci.Address, packet: ll.ControlPdu) -> None:
        """Take a control PDU, unless its link was lost meanwhile."""
        if sender in self.le_connections:
            self.on_ll_control_pdu(sender, packet)

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """Forget a link and what was crossing it."""
        if lane := self._lanes.pop(connection.peer_address, None):
            lane.close()
        super().on_le_disconnected(connection, reason)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """As in Bumble, but without describing each packet for an unused log."""
        if self.host:
            asyncio.get_running_loop().call_soon(self.host.on_packet, bytes(packet))

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Take a packet of the host; data completes when it has been sent, not when it is handed over."""
        if not isinstance(packet, hci.HCI_AclDataPacket):
            super().on_hci_packet(packet)
        elif connection := self.find_le_connection_by_handle(packet.connection_handle):
            connection.assembler.feed_packet(packet)

    def on_hci_reset_command(self, command: Any) -> hci.HCI_StatusReturnParameters:
        """Drop advertising, scans and connections; peers are notified that the link has ended."""
        self.le_legacy_advertiser.stop()
        self.le_scan_enable = False
        self.pending_le_connection = None
        for connection in self.le_connections.values():
            connection.send_ll_control_pdu(
                ll.TerminateInd(hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)
            )
        self.le_connections.clear()
        for lane in self._lanes.values():
            lane.close()
        self._lanes.clear()
        return super().on_hci_reset_command(command)

    def on_hci_le_set_scan_enable_command(self, command: Any) -> hci.HCI_StatusReturnParameters:
        """Start or stop scanning; each scan reports every advertiser again."""
        self._reported.clear()
        return super().on_hci_le_set_scan_enable_command(command)

    def on_advertising_pdu(self, pdu: Any) -> None:
        """Report advertising to a scanning host, and connect if this is the awaited peer."""
        if self.le_scan_enable:
            self._report(pdu)
        awaited = self.pending_le_connection
        if awaited and pdu.connectable and awaited.peer_address == pdu.advertiser_address:
            if self.link.connect_fails():
                self.pending_le_connection = None
                self._give_up(awaited, hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)
            else:
                self.create_le_connection(pdu.advertiser_address)

    def on_hci_le_create_connection_cancel_command(self, command: Any) -> hci.HCI_StatusReturnParameters:
        """End the pending attempt, and report it to the host."""
        attempt = self.pending_le_connection
        if attempt is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        # The command completes first, then the attempt (Bluetooth Core Vol 4 Part E, 7.8.13).
        status = hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        asyncio.get_running_loop().call_soon(self._give_up, attempt, status)
        self.pending_le_connection = None
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def _report(self, pdu: _Advertisement) -> None:
        key = (pdu.advertiser_address, pdu.data, pdu.response)
        if self.filter_duplicates and key in self._reported:
            return
        self._reported.add(key)
        kind = _Event.ADV_IND if pdu.connectable else _Event.ADV_SCAN_IND
        heard = [(kind, pdu.data)]
        if self.le_scan_type == hci.HCI_LE_Set_Scan_Parameters_Command.ACTIVE_SCANNING:
            heard.append((_Event.SCAN_RSP, pdu.response))
        address = pdu.advertiser_address
        for event_type, data in heard:
            report = _Report(event_type, address.address_type, address, data, _RSSI_DBM)
            self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    def _give_up(self, attempt: Any, status: int) -> None:
        peer = attempt.peer_address
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=status,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )


class _QuietHost(Host):
    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """As in Bumble, but without describing each data packet for an unused log."""
        if isinstance(packet, hci.HCI_AclDataPacket):
            self.on_hci_acl_data_packet(packet)
        else:
            super().on_hci_packet(packet)
