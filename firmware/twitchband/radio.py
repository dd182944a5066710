"""The device's Bluetooth: one service with a pipe each way, for the link session, and two standard ones.

The interrupt handler only records events; `poll` does the work in the main loop. Whatever the
`bluetooth` module does, nothing here raises: a radio that fails is switched off and tried again later.
"""

import gc

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
_MAX_NAME_BYTES = 29
_MAKER = "Twitchwatch"
_MODEL = "Twitchband"
# Pieces sent in one poll, so that sampling is never kept waiting by a fast host.
_BURST = 32
# After a failure the radio rests for a minute; twice as long after each further one, up to an hour.
_REST_US = 60000000
_LONGEST_REST_US = 3600000000
_MAX_IN_ROW = 7
# To look whether there is memory again costs nothing.
_STARVED_US = 600000000
# A link that was told to end ends within its supervision time-out, some seconds with every common host. If no
# event says so by then, none will.
_ENDING_US = 10000000


class Radio:
    """Off until `start`; carries `session` while a host is connected.

    `revisions`: serial number, firmware and hardware, for Device Information. `failures`: how often the radio
    failed, including the starts that reset the chip (mark `radio_failures`). `retry_us`: no start before.
    `starved`: it was not tried, because memory is short.
    """

    def __init__(self, session, name: str, revisions: "tuple[str, str, str]", marks, memory) -> None:  # type: ignore[no-untyped-def]
        self._session = session
        self.name = name
        self._revisions = revisions
        self._marks = marks
        self._memory = memory
        self._state = 0
        self._battery = BATTERY_UNKNOWN
        self._stale = False
        self._ble = None
        self._rx = 0
        self._tx = 0
        self._level = 0
        self._connection = -1
        self._mtu = _DEFAULT_MTU
        self._opened = False
        self._closed = False
        self._written = False
        self._ending_us = -1
        self._error = None
        self.faults = 0
        self.heard = False
        self.on = self.starved = self._left_on = False
        self.retry_us = 0
        self.failures = killed = marks.get("radio_failures")
        self._in_row = 0
        if killed:
            self._error = "its start reset the chip"
            # Such a start costs a minute of the recording: twice as soon as any other it is tried rarely.
            self._rest(0, 2 * killed)

    @property
    def connected(self) -> bool:
        """Whether a host is connected."""
        return self._connection >= 0

    @property
    def fault(self) -> str:
        """What is wrong with the radio, in words; "" if nothing is."""
        return "" if self._error is None else "Bluetooth fails: " + str(self._error)

    def start(self, now_us: int) -> bool:
        """Switch on and advertise; False if that failed, or if the last failure is too recent."""
        if now_us < self.retry_us:
            return False
        # One that could not be switched off has its memory still, and lets go of it at the next start.
        self.starved = not (self._left_on or self._memory.fits_radio())
        if self.starved:
            self._error = "too little memory is left for it"
            self.retry_us = now_us + _STARVED_US
            return False
        # Still set after a reset: then the start caused it.
        self._marks.set("radio", 1)
        try:
            self._switch_on()
        except Exception as error:  # noqa: BLE001
            self._failed(now_us, error)
        self._marks.set("radio", 0)
        if self.on:
            self._error = None
            self._marks.set("radio_failures", 0)
        return self.on

    def stop(self) -> None:
        """Disconnect and switch off."""
        self.hang_up(0)
        free = self._memory.idf_free_now()
        if self._switch_off():
            self._in_row = 0
            self._memory.radio_gave(free)

    def hang_up(self, now_us: int) -> None:
        """Drop the connection, if there is one."""
        if self._connection < 0 or self._ending_us >= 0:
            return
        self._ending_us = now_us
        try:
            self._ble.gap_disconnect(self._connection)
        except Exception:  # noqa: BLE001, S110
            # The link may be gone already, its event on the way; if none comes, `poll` ends it otherwise.
            pass

    def show(self, state: int, battery_percent: int) -> None:
        """What to advertise (see `advertisement`), and the battery's level for a connected host."""
        if state != self._state or battery_percent != self._battery:
            self._state = state
            self._battery = battery_percent
            self._stale = True

    def poll(self, now_us: int) -> bool:
        """Move bytes both ways; True while there may be more to do at once."""
        try:
            if 0 <= self._ending_us < now_us - _ENDING_US:
                self._unended(now_us)
            return self.on and self._move()
        except Exception as error:  # noqa: BLE001
            self._failed(now_us, error)
            return False

    def _move(self) -> bool:
        busy = False
        session = self._session
        if self._opened:
            self._opened = False
            session.open()
        if self._written:
            # Also what was written just before the host hung up: it may have been the goodbye.
            self._written = False
            data = self._ble.gatts_read(self._rx)
            if data:
                self.heard = True
                session.receive(data)
                busy = True
        if self._closed:
            self._closed = False
            self._error = None
            if self._connection < 0 and not session.finished:
                # What the lost host had asked for goes with it.
                session.open()
                self._stale = True
        if self._stale:
            self._stale = False
            self._report_level()
            if self._connection < 0:
                self._advertise()
        if self._connection < 0:
            return busy
        for _ in range(_BURST):
            piece = session.next_piece(self._mtu - _HEADER_BYTES)
            if piece is None:
                return busy
            try:
                self._ble.gatts_notify(self._connection, self._tx, piece)
            except OSError:
                # Out of buffers: the same piece again once the radio has had time to empty some; to ask it
                # without a pause would keep it from that. Anything else is a lost link, which the disconnect
                # event will tell.
                return False
            session.sent(len(piece))
            busy = True
        return busy

    def _switch_on(self) -> None:
        self._ble = ble = bluetooth.BLE()
        ble.active(True)
        ble.config(gap_name=self.name, mtu=_MTU)
        self._connection = self._ending_us = -1
        self._opened = self._closed = self._written = self._stale = False
        # Bound once here: the handler must not allocate.
        ble.irq(self._irq)
        self._register()
        self._advertise()
        self.on = True

    def _switch_off(self) -> bool:
        self.on = False
        self._connection = self._ending_us = -1
        try:
            if self._ble is not None:
                self._ble.active(False)
            # What the host had asked for goes with it.
            self._session.open()
        except Exception as error:  # noqa: BLE001
            # The next start switches it off first (`mp_bluetooth_init` in MicroPython's NimBLE bindings).
            self._left_on = True
            self._error = error
            self.failures += 1
            return False
        self._left_on = False
        return True

    def _failed(self, now_us: int, error: Exception) -> None:
        gc.collect()
        if self._switch_off():
            self.failures += 1
        self._error = error
        self._rest(now_us, self._in_row + 1)

    def _rest(self, now_us: int, in_row: int) -> None:
        self._in_row = min(in_row, _MAX_IN_ROW)
        self.retry_us = now_us + min(_REST_US << (self._in_row - 1), _LONGEST_REST_US)

    def _unended(self, now_us: int) -> None:
        # The stack has lost track of the link: only a new one forgets it.
        self.failures += 1
        self._switch_off()
        if self.start(now_us):
            self._error = "a link did not end"

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
        ours, reported, battery = self._ble.gatts_register_services(
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
            self._ble.gatts_write(reported[i], text.encode())
        self._report_level()

    def _report_level(self) -> None:
        # An unknown level is told as a full one: the field has no word for it.
        level = 100 if self._battery == BATTERY_UNKNOWN else self._battery
        try:
            self._ble.gatts_write(self._level, bytes((level,)), True)
        except OSError:
            # Out of buffers for the notification; a read gets the new value all the same.
            pass

    def _advertise(self) -> None:
        uuid = bytes(bluetooth.UUID(SERVICE_UUID))
        said = COMPANY.to_bytes(2, "little") + pack(self._state, self._battery)
        self._ble.gap_advertise(
            _ADVERTISE_US,
            adv_data=_AD_FLAGS + _field(_AD_UUIDS, uuid) + _field(_AD_MANUFACTURER, said),
            resp_data=_field(_AD_NAME, self.name.encode()[:_MAX_NAME_BYTES]),
        )

    def _irq(self, event: int, data: tuple) -> None:  # type: ignore[type-arg]
        # An exception here would make MicroPython drop the handler for good, in silence.
        try:
            if event == _CONNECT:
                self._connection = data[0]
                self._mtu = _DEFAULT_MTU
                self._opened = True
            elif event == _DISCONNECT:
                self._connection = self._ending_us = -1
                self._closed = True
            elif event == _WRITE:
                self._written = True
            elif event == _MTU_EXCHANGED:
                self._mtu = max(data[1], _DEFAULT_MTU)
        except Exception:  # noqa: BLE001
            self.faults += 1


def _field(kind: int, data: bytes) -> bytes:
    return bytes((len(data) + 1, kind)) + data
