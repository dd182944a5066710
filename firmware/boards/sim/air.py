"""The wire to the rig, at TWITCHWATCH_AIR, in which the radio lives: frames both ways, and reports.

It is described in host/twitchwatch/sim/bridge.py.
"""

import errno
import json
import os
import select
import socket
import struct

from micropython import const

REPLY = const(0)
HELLO = const(1)
SWITCH = const(2)
NAME = const(3)
MTU = const(4)
ADVERTISE = const(5)
DISCONNECT = const(6)
REGISTER = const(7)
READ = const(8)
WRITE = const(9)
SEND = const(10)
BUFFER = const(11)
ANSWER = const(12)
REPORT = const(13)

_FRAME = "<BHH"
FRAME_BYTES = const(5)
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)

_GONE = "the virtual air is gone"
# Of a connection that is gone: newlib's ENOTCONN, cut to a signed byte (modbluetooth_nimble.c, v1.27.0).
_NOT_CONNECTED = const(-128)


class Wire:
    """Frames to and from the rig, through two buffers that are made once."""

    def __init__(self, address):
        host, port = address.split(":")
        self._socket = socket.socket()
        self._socket.connect(socket.getaddrinfo(host, int(port))[0][-1])
        self._socket.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._out = bytearray(640)
        self._header = bytearray(FRAME_BYTES)
        self._in = bytearray(640)
        self.events = []

    def room(self, length):
        """The buffer in which a payload of this length starts at FRAME_BYTES."""
        if FRAME_BYTES + length > len(self._out):
            self._out = bytearray(FRAME_BYTES + length)
        return self._out

    def post(self, opcode, word, length=0):
        struct.pack_into(_FRAME, self._out, 0, opcode, word, length)
        try:
            self._socket.write(self._out, FRAME_BYTES + length)
        except OSError:
            raise SystemExit(_GONE) from None

    def call(self, opcode, word=0, length=0):
        """Send what is in the buffer; returns the length of the result."""
        self.post(opcode, word, length)
        while True:
            got, word, length = self._frame()
            if got == REPLY:
                if word == errno.ENOTCONN:
                    raise OSError(_NOT_CONNECTED)
                if word:
                    raise OSError(word if word < 0x8000 else word - 0x10000)
                return length
            self._keep(got, word, length)

    def call_with(self, opcode, word, payload):
        length = len(payload)
        self.room(length)[FRAME_BYTES : FRAME_BYTES + length] = payload
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
        self._fill(self._header, FRAME_BYTES)
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


def connect():
    """The wire, laid when it is first asked for. Raises RuntimeError without a rig."""
    global _wire
    if _wire is None:
        address = os.getenv("TWITCHWATCH_AIR")
        if not address:
            raise RuntimeError("TWITCHWATCH_AIR is not set: there is no air to send into")
        _wire = Wire(address)
        _wire.call_with(HELLO, 0, mac())
    return _wire


def mac():
    """The board's Bluetooth address."""
    return bytes.fromhex((os.getenv("TWITCHWATCH_MAC") or "24:0A:C4:00:00:01").replace(":", ""))


def report(message):
    """Send a small dict to the rig; without a rig it goes nowhere."""
    if os.getenv("TWITCHWATCH_AIR"):
        wire = connect()
        payload = json.dumps(message).encode()
        wire.room(len(payload))[FRAME_BYTES : FRAME_BYTES + len(payload)] = payload
        wire.post(REPORT, 0, len(payload))
