"""The wire between simulated boards and their radios: frames over loopback TCP.

A frame is an opcode (u8), a word (u16), the length of what follows (u16), and that; all
little-endian. The board sends requests and waits for the reply (opcode 0, the word is an errno,
negative ones in two's complement); `answer` and `report` have no reply. An event is a frame whose
opcode is MicroPython's IRQ number and whose word is the connection handle. The board's side is
firmware/boards/sim/air.py.

| opcode | request | word | what follows |
| --- | --- | --- | --- |
| 1 | hello | | public address, 6 bytes as printed |
| 2 | switch | 1 on, 0 off | |
| 3 | name | | the GAP name |
| 4 | mtu | preferred MTU | |
| 5 | advertise | 1 connectable | interval in us (u32, 0 stops), length of data (u8), data, scan response |
| 6 | disconnect | connection | |
| 7 | register | | services, see `_services`; replies with the value handles |
| 8 | read | value handle | replies with the value |
| 9 | write | value handle | 1 to send an update (u8), value |
| 10 | send | connection | value handle (u16), bits 1 indicate and 2 a value follows (u8), value |
| 11 | buffer | value handle | size (u16), 1 to append (u8) |
| 12 | answer | status of the handler | |
| 13 | report | | JSON object for the rig |
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import struct
from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Any

from twitchwatch.sim.air import Air
from twitchwatch.sim.database import Declared
from twitchwatch.sim.radio import Radio

_log = logging.getLogger(__name__)

FRAME = struct.Struct("<BHH")
_REPLY = 0
_ADVERTISE = struct.Struct("<IB")
_SEND = struct.Struct("<HB")
_BUFFER = struct.Struct("<HB")

ReportSink = Callable[[dict[str, Any]], None]


class _Request(IntEnum):
    HELLO = 1
    SWITCH = 2
    NAME = 3
    MTU = 4
    ADVERTISE = 5
    DISCONNECT = 6
    REGISTER = 7
    READ = 8
    WRITE = 9
    SEND = 10
    BUFFER = 11
    ANSWER = 12
    REPORT = 13


class _Reader:
    """Takes fields off the front of a payload."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0

    def byte(self) -> int:
        return self.bytes(1)[0]

    def bytes(self, count: int) -> bytes:
        self._at += count
        return self._payload[self._at - count : self._at]


def _services(payload: bytes) -> list[tuple[bytes, list[Declared]]]:
    """Count, then each: UUID, count, then each characteristic: UUID, flags (u16), count, descriptors."""
    reader = _Reader(payload)

    def uuid() -> bytes:
        return reader.bytes(reader.byte())

    def declared(with_descriptors: bool) -> Declared:
        name, flags = uuid(), int.from_bytes(reader.bytes(2), "little")
        count = reader.byte() if with_descriptors else 0
        return Declared(name, flags, [declared(False) for _ in range(count)])

    return [(uuid(), [declared(True) for _ in range(reader.byte())]) for _ in range(reader.byte())]


class _Board(asyncio.Protocol):
    """One simulated board: its requests control its own radio."""

    def __init__(self, air: Air, on_report: ReportSink | None, boards: set[_Board]) -> None:
        self._air = air
        self._on_report = on_report
        self._boards = boards
        self._radio: Radio | None = None
        self._received = bytearray()
        self._working: asyncio.Task[None] | None = None
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._boards.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._working is None or self._working.done():
            self._end()
        else:  # Bumble's stack cannot be interrupted between a command and its answer
            self._working.add_done_callback(lambda _: self._end())

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= FRAME.size:
            opcode, word, length = FRAME.unpack_from(self._received)
            end = FRAME.size + length
            if len(self._received) < end:
                return
            payload = bytes(self._received[FRAME.size : end])
            del self._received[:end]
            self._take(opcode, word, payload)

    def _end(self) -> None:
        self._boards.discard(self)
        if self._radio is not None:
            self._radio.vanish()
        self.gone.set_result(None)

    def _take(self, opcode: int, word: int, payload: bytes) -> None:
        if opcode == _Request.ANSWER and self._radio is not None:
            self._radio.answer(word)
        elif opcode == _Request.REPORT:
            if self._on_report is not None:
                self._on_report(json.loads(payload))
        else:
            self._reply_to(opcode, word, payload)

    def _reply_to(self, opcode: int, word: int, payload: bytes) -> None:
        try:
            result = self._hello(payload) if self._radio is None else self._do(opcode, word, payload)
        except OSError as error:
            self._reply(error.errno or errno.EIO, b"")
        else:
            if isinstance(result, bytes):
                self._reply(0, result)
            else:
                self._working = asyncio.create_task(self._reply_later(result))

    async def _reply_later(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except OSError as error:
            self._reply(error.errno or errno.EIO, b"")
        else:
            self._reply(0, b"")

    def _reply(self, status: int, result: bytes) -> None:
        self._send(_REPLY, status & 0xFFFF, result)

    def _send(self, opcode: int, word: int, payload: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(FRAME.pack(opcode, word, len(payload)) + payload)

    def _hello(self, address: bytes) -> Coroutine[Any, Any, None]:
        self._radio = Radio(self._air, address.hex(":").upper(), self._send)
        return self._radio.power_on()

    def _do(self, opcode: int, word: int, payload: bytes) -> bytes | Coroutine[Any, Any, None]:
        radio = self._radio
        assert radio is not None
        match opcode:
            case _Request.SEND:
                handle, bits = _SEND.unpack_from(payload)
                radio.send(word, handle, payload[_SEND.size :] if bits & 2 else None, bool(bits & 1))
            case _Request.READ:
                return radio.read(word)
            case _Request.WRITE:
                radio.write(word, payload[1:], bool(payload[0]))
            case _Request.SWITCH:
                return radio.switch(bool(word))
            case _Request.NAME:
                radio.set_name(payload)
            case _Request.MTU:
                radio.set_mtu(word)
            case _Request.ADVERTISE:
                interval_us, length = _ADVERTISE.unpack_from(payload)
                data = payload[_ADVERTISE.size :]
                return radio.advertise(interval_us, data[:length], data[length:], bool(word))
            case _Request.DISCONNECT:
                return radio.disconnect(word)
            case _Request.REGISTER:
                handles = radio.register(_services(payload))
                return struct.pack(f"<{len(handles)}H", *handles)
            case _Request.BUFFER:
                size, append = _BUFFER.unpack(payload)
                radio.set_buffer(word, size, bool(append))
            case _:
                _log.error("unknown opcode %d from a simulated board", opcode)
                raise OSError(errno.EINVAL, "unknown opcode")
        return b""


class Bridge:
    """The address where simulated boards find the air; each connection is a board with its own radio."""

    def __init__(self, air: Air, on_report: ReportSink | None = None) -> None:
        self._air = air
        self._on_report = on_report
        self._boards: set[_Board] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen on a free loopback port and return it, for TWITCHWATCH_AIR="127.0.0.1:PORT"."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Board(self._air, self._on_report, self._boards), "127.0.0.1", 0
        )
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Take the air from every board (their processes end) and stop listening."""
        if self._server is not None:
            self._server.close()
            for board in list(self._boards):
                board.transport.close()
                await board.gone
            await self._server.wait_closed()
            self._server = None
