"""The link session over USB serial, alongside Python's prompt.

The board sends nothing before a complete frame of ours has arrived, so that someone who types there sees
only what MicroPython prints. Ctrl-C interrupts at any time: no byte of the stream is one.
"""

import select
import sys

from shared.protocol.cable import Unescape

# The port of the smallest board buffers 260 bytes.
_READ_BYTES = 256
_PIECE_BYTES = 256
# Pieces sent in one poll, so that sampling is never kept waiting by a fast host.
_BURST = 4
# A host that is there asks every 15 s (HEARTBEAT_S in sync.py).
_SILENT_US = 60000000


class Cable:
    """Carries `session` over stdin and stdout; `open` while a host is in one."""

    def __init__(self, session) -> None:  # type: ignore[no-untyped-def]
        self._session = session
        self._in = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)
        self._byte = bytearray(1)
        self._unescape = Unescape()
        self._heard_us = 0
        self._talking = False

    @property
    def open(self) -> bool:
        """A host has authenticated, and has sent something within the last minute."""
        return self._session.proven

    def poll(self, now_us: int) -> bool:
        """Move bytes both ways; True while there may be more to do at once."""
        session = self._session
        data = self._read()
        if data:
            self._heard_us = now_us
            session.receive(self._unescape.feed(data))
        elif self.open and now_us - self._heard_us > _SILENT_US:
            self.close()
        sent = False
        for _ in range(_BURST):
            piece = session.next_piece(_PIECE_BYTES)
            if piece is None:
                self._talking = False
                break
            if not self._talking:
                # What was printed since the last frame ends here.
                self._talking = True
                self._out.write(b"\0")
            self._out.write(piece)
            session.sent(len(piece))
            sent = True
        if session.finished:
            self.close()
        return sent or bool(data)

    def close(self) -> None:
        """The session is over; the next one starts with a handshake."""
        self._session.open()
        self._unescape.reset()

    def _read(self) -> bytes:
        data = bytearray()
        while len(data) < _READ_BYTES and self._ready():
            # Byte by byte: to ask for more than is there would wait for it.
            if not self._in.readinto(self._byte):
                # The simulator's cable may end; a board's does not.
                self._poll.unregister(sys.stdin)
                break
            data.append(self._byte[0])
        return bytes(data)

    def _ready(self) -> bool:
        for _, event in self._poll.ipoll(0):
            return bool(event & select.POLLIN)
        return False
