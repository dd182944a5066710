"""The device's Bluetooth: one service with a pipe each way, for the link session, and two standard ones.

The interrupt handler only notes what happened; `poll` does the work in the main loop.
"""

import bluetooth

from shared.protocol.advertisement import BATTERY_UNKNOWN, COMPANY, pack
from shared.protocol.service import (
    BATTERY,
    BATTERY_LEVEL,
    DEVICE_INFORMATION,
    FIRMWARE_REVISION,
    HARDWARE_REVISION,
    MANUFACTURER_NAME,
    MODEL_NUMBER,
    RX_UUID,
    SERIAL_NUMBER,
    SERVICE_UUID,
    TX_UUID,
)

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
# Flags: general discoverable, no classic Bluetooth. Types of the Core Specification Supplement, part A.
_AD_FLAGS = b"\x02\x01\x06"
_AD_UUIDS = 0x07
_AD_NAME = 0x09
_AD_MANUFACTURER = 0xFF
_MOST_NAME_BYTES = 29
_MAKER = "Twitchwatch"
_MODEL = "Twitchband"
# Pieces sent in one poll, so that sampling is never kept waiting by a fast host.
_BURST = 32


class Radio:
    """Off until `start`; carries `session` while a host is connected.

    `revisions`: serial number, firmware and hardware, for Device Information.
    """

    def __init__(self, session, name: str, revisions: "tuple[str, str, str]") -> None:  # type: ignore[no-untyped-def]
        self._session = session
        self.name = name
        self._revisions = revisions
        self._state = 0
        self._battery = BATTERY_UNKNOWN
        self._ble = bluetooth.BLE()
        self._rx = 0
        self._tx = 0
        self._level = 0
        self._connection = -1
        self._mtu = _DEFAULT_MTU
        self._opened = False
        self._closed = False
        self._written = False
        self.faults = 0
        self.heard = False
        self.on = False

    @property
    def connected(self) -> bool:
        """A host is there."""
        return self._connection >= 0

    def start(self) -> None:
        """Switch on and advertise."""
        ble = self._ble
        ble.active(True)
        ble.config(gap_name=self.name, mtu=_MTU)
        self._connection = -1
        self._opened = self._closed = self._written = False
        # Bound once here: the handler must not allocate.
        ble.irq(self._irq)
        self._register()
        self.on = True
        self._advertise()

    def stop(self) -> None:
        """Hang up and switch off."""
        self.on = False
        self.hang_up()
        self._connection = -1
        self._ble.active(False)

    def hang_up(self) -> None:
        """Let go of whoever is connected."""
        if self._connection >= 0:
            try:
                self._ble.gap_disconnect(self._connection)
            except OSError:
                # The link is gone already; its event is on the way.
                pass

    def show(self, state: int, battery_percent: int) -> None:
        """What to advertise (see `advertisement`), and the battery's level for whoever is connected."""
        if (state, battery_percent) == (self._state, self._battery):
            return
        changed = battery_percent != self._battery
        self._state = state
        self._battery = battery_percent
        if not self.on:
            return
        if changed:
            self._tell_level()
        if self._connection < 0:
            self._advertise()

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
                self.heard = True
                self._session.receive(data)
                busy = True
        if self._closed:
            self._closed = False
            if self._connection < 0 and not self._session.finished:
                # What the lost host had asked for goes with it.
                self._session.open()
                self._advertise()
        if self._connection < 0:
            return busy
        for _ in range(_BURST):
            piece = self._session.next_piece(self._mtu - _HEADER_BYTES)
            if piece is None:
                return busy
            try:
                self._ble.gatts_notify(self._connection, self._tx, piece)
            except OSError:
                # Out of buffers: the same piece again once the radio has had time to empty some; to ask it
                # without a pause would keep it from that. Anything else is a lost link, which the disconnect
                # event will tell.
                return False
            self._session.sent(len(piece))
            busy = True
        return busy

    def _register(self) -> None:
        read = bluetooth.FLAG_READ
        information = (
            (MANUFACTURER_NAME, _MAKER),
            (MODEL_NUMBER, _MODEL),
            (SERIAL_NUMBER, self._revisions[0]),
            (FIRMWARE_REVISION, self._revisions[1]),
            (HARDWARE_REVISION, self._revisions[2]),
        )
        uuid = bluetooth.UUID
        flags_rx = bluetooth.FLAG_WRITE | bluetooth.FLAG_WRITE_NO_RESPONSE
        ours, told, battery = self._ble.gatts_register_services(
            (
                (uuid(SERVICE_UUID), ((uuid(RX_UUID), flags_rx), (uuid(TX_UUID), bluetooth.FLAG_NOTIFY))),
                (uuid(DEVICE_INFORMATION), tuple([(uuid(number), read) for number, _ in information])),
                (uuid(BATTERY), ((uuid(BATTERY_LEVEL), read | bluetooth.FLAG_NOTIFY),)),
            )
        )
        self._rx, self._tx = ours
        self._level = battery[0]
        self._ble.gatts_set_buffer(self._rx, _RX_BYTES, True)
        for i, (_, text) in enumerate(information):
            self._ble.gatts_write(told[i], text.encode())
        self._tell_level()

    def _tell_level(self) -> None:
        # An unknown level is told as a full one: the field has no word for it.
        level = 100 if self._battery == BATTERY_UNKNOWN else self._battery
        try:
            self._ble.gatts_write(self._level, bytes((level,)), True)
        except OSError:
            # Out of buffers for the notification; whoever reads gets the new value all the same.
            pass

    def _advertise(self) -> None:
        uuid = bytes(bluetooth.UUID(SERVICE_UUID))
        said = COMPANY.to_bytes(2, "little") + pack(self._state, self._battery)
        self._ble.gap_advertise(
            _ADVERTISE_US,
            adv_data=_AD_FLAGS + _field(_AD_UUIDS, uuid) + _field(_AD_MANUFACTURER, said),
            resp_data=_field(_AD_NAME, self.name.encode()[:_MOST_NAME_BYTES]),
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


def _field(kind: int, data: bytes) -> bytes:
    return bytes((len(data) + 1, kind)) + data
