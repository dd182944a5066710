"""The `bluetooth` module of the simulated board: the radio lives in the rig, at TWITCHWATCH_AIR.

It offers what a peripheral uses of the real module, with the same errors. What the real board does behind the
program's back happens here in `pump`, which the simulated `time.sleep_ms` and `machine.idle` call while the
radio is on.
"""

import errno
import struct
import sys

from air import (
    ADVERTISE,
    ANSWER,
    BUFFER,
    DISCONNECT,
    FRAME_BYTES,
    MTU,
    NAME,
    READ,
    REGISTER,
    SEND,
    SWITCH,
    WRITE,
    connect,
    mac,
)
from gatt import UUID, declaration  # noqa: F401
from micropython import const

FLAG_READ = const(0x0002)
FLAG_WRITE_NO_RESPONSE = const(0x0004)
FLAG_WRITE = const(0x0008)
FLAG_NOTIFY = const(0x0010)
FLAG_INDICATE = const(0x0020)

_IRQ_CENTRAL_CONNECT = const(1)
_IRQ_CENTRAL_DISCONNECT = const(2)
_IRQ_GATTS_WRITE = const(3)
_IRQ_GATTS_READ_REQUEST = const(4)
_IRQ_GATTS_INDICATE_DONE = const(20)
_IRQ_CONNECTION_UPDATE = const(27)

_INDICATE = const(1)
_WITH_VALUE = const(2)
_DEFAULT_NAME = b"MPY ESP32"
_DEFAULT_MTU = const(256)
# What the simulated chip adds: called before the radio is switched on, it may raise OSError or end the run;
# called after it is off; and whether the end of a connection is kept from the program.
before_start = None
after_stop = None
loses_end = None
# Accepted and without effect: nothing pairs on this air.
_SECURITY = ("addr_mode", "bond", "mitm", "io", "le_secure")


class BLE:
    """The radio; there is one."""

    _only = None

    def __new__(cls):
        if cls._only is None:
            cls._only = self = super().__new__(cls)
            self._active = False
            self._handler = None
            self._name = _DEFAULT_NAME
            self._mtu = _DEFAULT_MTU
            self._data = self._response = b""
            self._address = bytearray(6)
            self._address_view = memoryview(self._address)
        return cls._only

    def active(self, on=None):
        if on is not None and bool(on) != self._active:
            if on and before_start is not None:
                before_start()
            wire = connect()
            wire.call(SWITCH, 1 if on else 0)
            wire.events.clear()
            self._active = bool(on)
            if not on and after_stop is not None:
                after_stop()
            self._name = _DEFAULT_NAME
            self._mtu = _DEFAULT_MTU
            self._data = self._response = b""
        return self._active

    def config(self, *names, **values):
        if names:
            return self._configured(names[0])
        for name, value in values.items():
            if name == "gap_name":
                connect().call_with(NAME, 0, _bytes(value))
                self._name = bytes(_bytes(value))
            elif name == "mtu":
                self._on().call(MTU, value)
                self._mtu = value
            elif name not in _SECURITY:
                raise ValueError("unknown config param")
        return None

    def irq(self, handler):
        if handler is not None and not callable(handler):
            raise ValueError("invalid handler")
        self._handler = handler

    def gap_advertise(self, interval_us=500000, adv_data=None, *, resp_data=None, connectable=True):
        if interval_us is None:
            if self._active:
                self._advertise(0, connectable)
            return
        self._on()
        if adv_data is not None:
            self._data = bytes(_bytes(adv_data))
        if resp_data is not None:
            self._response = bytes(_bytes(resp_data))
        self._advertise(interval_us, connectable)

    def gap_disconnect(self, conn_handle):
        self._on().call(DISCONNECT, conn_handle)
        return True

    def gatts_register_services(self, services):
        wire = self._on()
        reported = wire.result(wire.call_with(REGISTER, 0, declaration(services)))
        at = 0
        registered = []
        for _, characteristics in services:
            handles = []
            for characteristic in characteristics:
                for _ in range(1 + (len(characteristic[2]) if len(characteristic) > 2 else 0)):
                    handles.append(struct.unpack_from("<H", reported, at)[0])
                    at += 2
            registered.append(tuple(handles))
        return tuple(registered)

    def gatts_read(self, value_handle):
        wire = self._on()
        return wire.result(wire.call(READ, value_handle))

    def gatts_write(self, value_handle, data, send_update=False):
        wire = self._on()
        data = _bytes(data)
        length = len(data)
        out = wire.room(1 + length)
        out[FRAME_BYTES] = 1 if send_update else 0
        out[FRAME_BYTES + 1 : FRAME_BYTES + 1 + length] = data
        wire.call(WRITE, value_handle, 1 + length)
        return length

    def gatts_notify(self, conn_handle, value_handle, data=None):
        self._send(conn_handle, value_handle, data, 0)

    def gatts_indicate(self, conn_handle, value_handle, data=None):
        self._send(conn_handle, value_handle, data, _INDICATE)

    def gatts_set_buffer(self, value_handle, length, append=False):
        self._on().call_with(BUFFER, value_handle, struct.pack("<HB", length, 1 if append else 0))

    def _on(self):
        if not self._active:
            raise OSError(errno.ENODEV)
        return connect()

    def _configured(self, name):
        if name == "gap_name":
            return self._name
        if name == "mac":
            self._on()
            return (0, mac())
        if name == "mtu":
            self._on()
            return self._mtu
        raise ValueError("unknown config param")

    def _advertise(self, interval_us, connectable):
        head = struct.pack("<IB", interval_us, len(self._data))
        connect().call_with(ADVERTISE, 1 if connectable else 0, head + self._data + self._response)

    def _send(self, conn_handle, value_handle, data, bits):
        wire = self._on()
        length = 3
        if data is not None:
            data = _bytes(data)
            bits |= _WITH_VALUE
            length += len(data)
        out = wire.room(length)
        struct.pack_into("<HB", out, FRAME_BYTES, value_handle, bits)
        if data is not None:
            out[FRAME_BYTES + 3 : FRAME_BYTES + length] = data
        wire.call(SEND, conn_handle, length)

    def _deliver(self, irq, word, fields):
        result = None
        if irq == _IRQ_CENTRAL_DISCONNECT and loses_end is not None and loses_end():
            return
        if self._handler is not None:
            try:
                result = self._handler(irq, self._arguments(irq, word, fields))
            except Exception as error:  # noqa: BLE001
                # As on the board: say it, and never call that handler again.
                print("Unhandled exception in IRQ callback handler", file=sys.stderr)
                sys.print_exception(error, sys.stderr)
                self._handler = None
            for at in range(6):
                self._address[at] = 0xEE  # whoever kept the view shall see that it died
        if irq in (_IRQ_GATTS_WRITE, _IRQ_GATTS_READ_REQUEST):
            connect().post(ANSWER, int(result) if isinstance(result, int) else 0)

    def _arguments(self, irq, word, fields):
        if irq in (_IRQ_CENTRAL_CONNECT, _IRQ_CENTRAL_DISCONNECT):
            self._address[:] = fields[1:]
            return (word, fields[0], self._address_view)
        if irq == _IRQ_GATTS_INDICATE_DONE:
            handle, status = struct.unpack("<HB", fields)
            return (word, handle, status)
        if irq == _IRQ_CONNECTION_UPDATE:
            interval, latency, timeout, status = struct.unpack("<4H", fields)
            return (word, interval, latency, timeout, status)
        return (word, struct.unpack("<H", fields)[0])


def radio_on():
    """Whether the radio is on, so that virtual time must keep step with real time."""
    return BLE._only is not None and BLE._only._active


def pump(timeout_ms=0):
    """Wait up to this long, in real time, for the radio; deliver its events, return how many."""
    if not radio_on():
        return 0
    delivered = 0
    wire = connect()
    events = wire.events
    wire.listen(0 if events else timeout_ms)
    while events:
        BLE._only._deliver(*events.pop(0))
        delivered += 1
        if not radio_on():
            break
        wire.listen(0)
    return delivered


def _bytes(data):
    return data.encode() if isinstance(data, str) else data
