"""The `bluetooth` module of the simulated board: the radio lives in the rig, at TWITCHWATCH_AIR.

It offers what a peripheral uses of the real module, with the same errors. The wire is described in
host/twitchwatch/sim/bridge.py. What the real board does behind the program's back happens here in
`pump`, which the simulated `time.sleep_ms` and `machine.idle` call while the radio is on.
"""

import errno
import json
import os
import select
import socket
import struct
import sys

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

_REPLY = const(0)
_HELLO = const(1)
_SWITCH = const(2)
_NAME = const(3)
_MTU = const(4)
_ADVERTISE = const(5)
_DISCONNECT = const(6)
_REGISTER = const(7)
_READ = const(8)
_WRITE = const(9)
_SEND = const(10)
_BUFFER = const(11)
_ANSWER = const(12)
_REPORT = const(13)

_FRAME = "<BHH"
_FRAME_BYTES = const(5)
_INDICATE = const(1)
_WITH_VALUE = const(2)
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)

_GONE = "the virtual air is gone"
_DEFAULT_NAME = b"MPY ESP32"
_DEFAULT_MTU = const(256)
# Of a connection that is gone: newlib's ENOTCONN, cut to a signed byte (modbluetooth_nimble.c, v1.27.0).
_NOT_CONNECTED = const(-128)
# What the simulated chip adds: called before the radio is switched on, it may raise OSError or end the run;
# called after it is off; and whether the end of a connection is kept from the program.
before_start = None
after_stop = None
loses_end = None
# Accepted and without effect: nothing pairs on this air.
_SECURITY = ("addr_mode", "bond", "mitm", "io", "le_secure")


class UUID(bytes):
    """16, 32 or 128 bits, from an int, a dashed string, or little-endian bytes."""

    def __init__(self, value):
        if isinstance(value, int):
            if not 0 <= value <= 0xFFFF:
                raise ValueError("invalid UUID")
            value = struct.pack("<H", value)
        elif isinstance(value, str):
            value = bytes(reversed(bytes.fromhex(value.replace("-", ""))))
            if len(value) != 16:
                raise ValueError("invalid UUID")
        elif len(value) not in (2, 4, 16):
            raise ValueError("invalid UUID")
        super().__init__(value)

    def __hash__(self):
        return hash(bytes(self))

    def __repr__(self):
        text = bytes(reversed(bytes(self))).hex()
        if len(text) < 32:
            return "UUID(0x" + text + ")"
        return "UUID('" + "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])) + "')"


class _Wire:
    """Frames to and from the rig, through two buffers that are made once."""

    def __init__(self, address):
        host, port = address.split(":")
        self._socket = socket.socket()
        self._socket.connect(socket.getaddrinfo(host, int(port))[0][-1])
        self._socket.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._out = bytearray(640)
        self._header = bytearray(_FRAME_BYTES)
        self._in = bytearray(640)
        self.events = []

    def room(self, length):
        """The buffer in which a payload of this length starts at _FRAME_BYTES."""
        if _FRAME_BYTES + length > len(self._out):
            self._out = bytearray(_FRAME_BYTES + length)
        return self._out

    def post(self, opcode, word, length=0):
        struct.pack_into(_FRAME, self._out, 0, opcode, word, length)
        try:
            self._socket.write(self._out, _FRAME_BYTES + length)
        except OSError:
            raise SystemExit(_GONE) from None

    def call(self, opcode, word=0, length=0):
        """Send what is in the buffer; returns the length of the result, which starts `_in`."""
        self.post(opcode, word, length)
        while True:
            got, word, length = self._frame()
            if got == _REPLY:
                if word == errno.ENOTCONN:
                    raise OSError(_NOT_CONNECTED)
                if word:
                    raise OSError(word if word < 0x8000 else word - 0x10000)
                return length
            self._keep(got, word, length)

    def call_with(self, opcode, word, payload):
        length = len(payload)
        self.room(length)[_FRAME_BYTES : _FRAME_BYTES + length] = payload
        return self.call(opcode, word, length)

    def result(self, length):
        return bytes(memoryview(self._in)[:length])

    def listen(self, timeout_ms):
        """Keep the event that comes within this time, if any; returns whether one came."""
        for _ in self._poll.ipoll(timeout_ms):
            self._keep(*self._frame())
            return True
        return False

    def _keep(self, irq, word, length):
        self.events.append((irq, word, self.result(length)))

    def _frame(self):
        self._fill(self._header, _FRAME_BYTES)
        opcode, word, length = struct.unpack(_FRAME, self._header)
        if length > len(self._in):
            self._in = bytearray(length)
        if length:
            self._fill(self._in, length)
        return opcode, word, length

    def _fill(self, buffer, length):
        try:
            got = self._socket.readinto(buffer, length)
        except OSError:
            got = 0
        if got != length:
            raise SystemExit(_GONE)


_wire = None


def _connect():
    global _wire
    if _wire is None:
        address = os.getenv("TWITCHWATCH_AIR")
        if not address:
            raise RuntimeError("TWITCHWATCH_AIR is not set: there is no air to send into")
        _wire = _Wire(address)
        _wire.call_with(_HELLO, 0, _mac())
    return _wire


def _mac():
    return bytes.fromhex((os.getenv("TWITCHWATCH_MAC") or "24:0A:C4:00:00:01").replace(":", ""))


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
            wire = _connect()
            wire.call(_SWITCH, 1 if on else 0)
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
                _connect().call_with(_NAME, 0, _bytes(value))
                self._name = bytes(_bytes(value))
            elif name == "mtu":
                self._on().call(_MTU, value)
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
        self._on().call(_DISCONNECT, conn_handle)
        return True

    def gatts_register_services(self, services):
        wire = self._on()
        wire.call_with(_REGISTER, 0, _declaration(services))
        at = 0
        registered = []
        for _, characteristics in services:
            handles = []
            for characteristic in characteristics:
                for _ in range(1 + (len(characteristic[2]) if len(characteristic) > 2 else 0)):
                    handles.append(struct.unpack_from("<H", wire._in, at)[0])
                    at += 2
            registered.append(tuple(handles))
        return tuple(registered)

    def gatts_read(self, value_handle):
        wire = self._on()
        return wire.result(wire.call(_READ, value_handle))

    def gatts_write(self, value_handle, data, send_update=False):
        wire = self._on()
        data = _bytes(data)
        length = len(data)
        out = wire.room(1 + length)
        out[_FRAME_BYTES] = 1 if send_update else 0
        out[_FRAME_BYTES + 1 : _FRAME_BYTES + 1 + length] = data
        wire.call(_WRITE, value_handle, 1 + length)
        return length

    def gatts_notify(self, conn_handle, value_handle, data=None):
        self._send(conn_handle, value_handle, data, 0)

    def gatts_indicate(self, conn_handle, value_handle, data=None):
        self._send(conn_handle, value_handle, data, _INDICATE)

    def gatts_set_buffer(self, value_handle, length, append=False):
        self._on().call_with(_BUFFER, value_handle, struct.pack("<HB", length, 1 if append else 0))

    def _on(self):
        if not self._active:
            raise OSError(errno.ENODEV)
        return _wire

    def _configured(self, name):
        if name == "gap_name":
            return self._name
        if name == "mac":
            self._on()
            return (0, _mac())
        if name == "mtu":
            self._on()
            return self._mtu
        raise ValueError("unknown config param")

    def _advertise(self, interval_us, connectable):
        head = struct.pack("<IB", interval_us, len(self._data))
        _wire.call_with(_ADVERTISE, 1 if connectable else 0, head + self._data + self._response)

    def _send(self, conn_handle, value_handle, data, bits):
        wire = self._on()
        length = 3
        if data is not None:
            data = _bytes(data)
            bits |= _WITH_VALUE
            length += len(data)
        out = wire.room(length)
        struct.pack_into("<HB", out, _FRAME_BYTES, value_handle, bits)
        if data is not None:
            out[_FRAME_BYTES + 3 : _FRAME_BYTES + length] = data
        wire.call(_SEND, conn_handle, length)

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
            _wire.post(_ANSWER, int(result) if isinstance(result, int) else 0)

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
    events = _wire.events
    _wire.listen(0 if events else timeout_ms)
    while events:
        BLE._only._deliver(*events.pop(0))
        delivered += 1
        if not radio_on():
            break
        _wire.listen(0)
    return delivered


def report(message):
    """Send a small dict to the rig; without a rig it goes nowhere."""
    if os.getenv("TWITCHWATCH_AIR"):
        wire = _connect()
        payload = json.dumps(message).encode()
        wire.room(len(payload))[_FRAME_BYTES : _FRAME_BYTES + len(payload)] = payload
        wire.post(_REPORT, 0, len(payload))


def _bytes(data):
    return data.encode() if isinstance(data, str) else data


def _declaration(services):
    parts = [bytes([len(services)])]
    for uuid, characteristics in services:
        parts.append(_named(uuid) + bytes([len(characteristics)]))
        for characteristic in characteristics:
            descriptors = characteristic[2] if len(characteristic) > 2 else ()
            parts.append(_flagged(characteristic) + bytes([len(descriptors)]))
            for descriptor in descriptors:
                parts.append(_flagged(descriptor))
    return b"".join(parts)


def _flagged(declared):
    return _named(declared[0]) + struct.pack("<H", declared[1])


def _named(uuid):
    if not isinstance(uuid, UUID):
        raise ValueError("invalid UUID")
    return bytes([len(bytes(uuid))]) + bytes(uuid)
