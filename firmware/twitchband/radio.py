"""The device's Bluetooth: one service with a pipe each way, for the link session.

The interrupt handler only notes what happened; `poll` does the work in the main loop.
"""

import bluetooth

from shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID

_CONNECT = 1
_DISCONNECT = 2
_WRITE = 3
_MTU_EXCHANGED = 21

# 247 lets a packet of LE data length extension carry one notification whole.
_MTU = 247
_HEADER_BYTES = 3
_DEFAULT_MTU = 23
# Seven acknowledgements or one long question may wait between two polls.
_RX_BYTES = 512
# Found within a second by a host that scans half the time.
_ADVERTISE_US = 100000
_ENOMEM = 12
# Pieces sent in one poll, so that sampling is never kept waiting by a fast host.
_BURST = 32


class Radio:
    """Off until `start`; carries `session` while a host is connected."""

    def __init__(self, session, name: str) -> None:  # type: ignore[no-untyped-def]
        self._session = session
        self._name = name
        self._ble = bluetooth.BLE()
        self._rx = 0
        self._tx = 0
        self._connection = -1
        self._mtu = _DEFAULT_MTU
        self._opened = False
        self._closed = False
        self._written = False
        self.faults = 0
        self.on = False

    @property
    def connected(self) -> bool:
        """A host is there."""
        return self._connection >= 0

    def start(self) -> None:
        """Switch on and advertise."""
        ble = self._ble
        ble.active(True)
        ble.config(gap_name=self._name, mtu=_MTU)
        self._connection = -1
        self._opened = self._closed = self._written = False
        # Bound once here: the handler must not allocate.
        ble.irq(self._irq)
        flags_rx = bluetooth.FLAG_WRITE | bluetooth.FLAG_WRITE_NO_RESPONSE
        service = (
            bluetooth.UUID(SERVICE_UUID),
            ((bluetooth.UUID(RX_UUID), flags_rx), (bluetooth.UUID(TX_UUID), bluetooth.FLAG_NOTIFY)),
        )
        ((self._rx, self._tx),) = ble.gatts_register_services((service,))
        ble.gatts_set_buffer(self._rx, _RX_BYTES, True)
        self.on = True
        self._advertise()

    def stop(self) -> None:
        """Hang up and switch off."""
        self.on = False
        if self._connection >= 0:
            try:
                self._ble.gap_disconnect(self._connection)
            except OSError:
                pass
            self._connection = -1
        self._ble.active(False)

    def poll(self) -> bool:
        """Move bytes both ways; True while there may be more to do at once."""
        busy = False
        if self._opened:
            self._opened = False
            self._session.open()
        if self._written:
            # Also what was written just before the host hung up: it may have been the goodbye.
            self._written = False
            data = self._ble.gatts_read(self._rx)
            if data:
                self._session.receive(data)
                busy = True
        if self._closed:
            self._closed = False
            if self._connection < 0 and not self._session.finished:
                self._advertise()
        if self._connection < 0:
            return busy
        for _ in range(_BURST):
            piece = self._session.next_piece(self._mtu - _HEADER_BYTES)
            if piece is None:
                return busy
            try:
                self._ble.gatts_notify(self._connection, self._tx, piece)
            except OSError as error:
                # Out of buffers: the same piece again at the next poll. Anything else is a lost link,
                # which the disconnect event will tell.
                return error.errno == _ENOMEM
            self._session.sent(len(piece))
            busy = True
        return busy

    def _advertise(self) -> None:
        uuid = bytes(bluetooth.UUID(SERVICE_UUID))
        name = self._name.encode()[:29]
        self._ble.gap_advertise(
            _ADVERTISE_US,
            adv_data=b"\x02\x01\x06" + bytes((len(uuid) + 1, 0x07)) + uuid,
            resp_data=bytes((len(name) + 1, 0x09)) + name,
        )

    def _irq(self, event: int, data: tuple) -> None:  # type: ignore[type-arg]
        # An exception here would make MicroPython drop the handler for good, in silence.
        try:
            if event == _CONNECT:
                self._connection = data[0]
                self._mtu = _DEFAULT_MTU
                self._opened = True
            elif event == _DISCONNECT:
                self._connection = -1
                self._closed = True
            elif event == _WRITE:
                self._written = True
            elif event == _MTU_EXCHANGED:
                self._mtu = data[1]
        except Exception:  # noqa: BLE001
            self.faults += 1
