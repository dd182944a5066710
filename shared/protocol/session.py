"""The device's side of the link: bytes and times in, bytes out; it knows neither radio nor cable.

The transport asks for the next piece and says when it has gone out, so a slow link costs no memory: at most
one frame of records is encoded at any time. Only an ACK lets the log trim.
"""

from shared.protocol.framing import FrameReader, encode_frame
from shared.protocol.messages import (
    ACK,
    ANCHOR,
    BYE,
    CAUGHT_UP,
    FETCH,
    HELLO,
    LIVE,
    MODE,
    NOT_GREETED,
    OTHER_PROTOCOL,
    PING,
    PONG,
    PROTOCOL,
    RECORDS,
    REFUSED,
    WELCOME,
    pack,
    unpack,
)
from shared.protocol.records import MAX_RECORD_BYTES

# A host that floods questions gets this many answers in memory; the rest it has to ask again.
MAX_REPLIES = 8


class DeviceSession:
    """One device's end of the link, reused for every connection.

    `log` offers first_seq, next_seq, log_id, read(from_seq, limit) -> (bytes, upto_seq) and trim(upto_seq);
    `clock_us()` is device time; `keep_anchor(time_us, utc_us, uncertainty_us)` logs an anchor.
    """

    def __init__(self, log, identity, boot_id, clock_us, keep_anchor) -> None:  # type: ignore[no-untyped-def]
        self._log = log
        self._hardware_id, self._name = identity
        self._boot_id = boot_id
        self._clock_us = clock_us
        self._keep_anchor = keep_anchor
        self._reader = FrameReader()
        self.live = False
        self.live_asked = False
        self.open()

    def open(self) -> None:
        """A new connection begins: nothing of the last one counts."""
        self._reader.reset()
        self._greeted = False
        self._stream = -1
        self._cursor = 0
        self._base = 0
        self._window = 0
        self._told = False
        self._replies: list[bytes] = []
        self._out = b""
        self._out_at = 0
        self.finished = False

    @property
    def damaged(self) -> int:
        """Frames that came in damaged, since the start."""
        return self._reader.damaged

    def receive(self, data: bytes) -> None:
        """Take bytes from the host, in any pieces."""
        for kind, payload in self._reader.feed(data):
            message = unpack(kind, payload)
            if message is not None:
                self._handle(kind, message[0])

    def next_piece(self, limit: int) -> "memoryview | None":
        """Up to `limit` bytes to send now, or None. The same bytes come again until `sent` is called."""
        if self._out_at >= len(self._out):
            self._out = self._next_frame()
            self._out_at = 0
            if not self._out:
                return None
        return memoryview(self._out)[self._out_at : self._out_at + limit]

    def sent(self, count: int) -> None:
        """`count` bytes of the last piece are on their way."""
        self._out_at += count

    def _handle(self, kind: int, fields: "tuple[int, ...]") -> None:
        if kind == HELLO:
            if fields[0] != PROTOCOL:
                self._reply(REFUSED, pack(REFUSED, OTHER_PROTOCOL))
                return
            self._greeted = True
            self._stream = -1
            self.finished = False
            flags = LIVE if self.live else 0
            identity = self._hardware_id.encode()
            log = self._log
            self._reply(
                WELCOME,
                pack(
                    WELCOME,
                    PROTOCOL,
                    flags,
                    log.log_id,
                    self._boot_id,
                    self._clock_us(),
                    log.first_seq,
                    log.next_seq,
                    len(identity),
                )
                + identity
                + self._name.encode(),
            )
        elif not self._greeted:
            self._reply(REFUSED, pack(REFUSED, NOT_GREETED))
        elif kind == FETCH:
            self._stream, self._cursor, self._window = fields
            self._base = self._cursor
            self._told = False
            # A frame half sent belongs to the old stream: let it end, the host will ignore it.
        elif kind == ACK:
            # A host cannot have what was never logged.
            if fields[0] <= self._log.next_seq:
                self._log.trim(fields[0])
                self._base = max(self._base, fields[0])
        elif kind == PING:
            self._reply(PONG, pack(PONG, fields[0], self._clock_us()))
        elif kind == ANCHOR:
            self._keep_anchor(*fields)
        elif kind == MODE:
            self.live_asked = fields[0] == 1
        elif kind == BYE:
            self.finished = True

    def _reply(self, kind: int, payload: bytes) -> None:
        if len(self._replies) < MAX_REPLIES:
            self._replies.append(encode_frame(kind, payload))

    def _next_frame(self) -> bytes:
        if self._replies:
            return self._replies.pop(0)
        if self._stream < 0:
            return b""
        log = self._log
        if self._cursor >= log.next_seq:
            if self._told:
                return b""
            self._told = True
            return encode_frame(CAUGHT_UP, pack(CAUGHT_UP, self._stream, log.next_seq))
        if self._cursor - self._base >= self._window:
            return b""
        data, upto_seq = log.read(self._cursor, MAX_RECORD_BYTES)
        head = pack(RECORDS, self._stream, self._cursor, upto_seq)
        self._cursor = upto_seq
        self._told = False
        return encode_frame(RECORDS, head + data)
