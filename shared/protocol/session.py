"""The device's side of the link: bytes and times in, bytes out; independent of radio and cable.

The transport requests the next piece and reports when it has been sent, so a slow link costs no memory: at
most one frame of records waits while another is being sent. Before a host is authenticated it gets nothing;
only its ACK allows the log to be trimmed.
"""

from .device_states import (
    AT_END,
    CHALLENGED,
    CLOSED,
    DEVICE,
    FINISHED,
    ON_ACK,
    ON_BYE,
    ON_DISPROOF,
    ON_END,
    ON_FETCH,
    ON_FULL,
    ON_HELLO,
    ON_NEWS,
    ON_PROOF,
    OPEN,
    SENDING,
)
from .framing import FrameReader, encode_frame
from .keys import NONCE_BYTES
from .messages import (
    ACK,
    ANCHOR,
    BYE,
    CAPTURE,
    CAPTURED,
    CAUGHT_UP,
    CHALLENGE,
    CHANGE,
    CHANGED,
    DEVICE_SEALED,
    FETCH,
    HELLO,
    HOST_SEALED,
    LIVE,
    MODE,
    NOT_PAIRED,
    NOT_PROVEN,
    OTHER_PROTOCOL,
    PING,
    PONG,
    PROTOCOL,
    PROVE,
    RECORDS,
    REFUSED,
    WELCOME,
    WRONG_PROOF,
    pack,
    unpack,
)
from .record_types import MAX_RECORD_BYTES

# If a host floods the device with requests, this many answers are queued; it has to repeat the rest.
MAX_REPLIES = 8
# This many frames of raw samples wait for the link, a second or two; further ones are dropped and counted.
MAX_CAPTURED = 4


class DeviceSession:
    """One device's end of the link, reused for every connection.

    `log` offers first_seq, next_seq, log_id, read(from_seq, limit) -> (bytes, upto_seq); `clock_us()` is
    device time; `handshake` authenticates the host. `owner` carries out its requests:
    keep_anchor(time_us, utc_us, uncertainty_us, zone), acknowledge(host_id, upto_seq),
    change(json) -> (result, words), listen(session): see `capturing`.
    """

    def __init__(self, log, identity, boot_id, clock_us, handshake, owner) -> None:  # type: ignore[no-untyped-def]
        self._log = log
        self._hardware_id, self.name = identity
        self._boot_id = boot_id
        self._clock_us = clock_us
        self._handshake = handshake
        self._owner = owner
        self._reader = FrameReader()
        self.host_id = 0
        self.live = False
        self.faults = 0
        self.open()

    def open(self) -> None:
        """A new connection begins; nothing of the last one remains."""
        self._reader.reset()
        self._handshake.close()
        self.state = CLOSED
        self._hello = b""
        self._nonce = b""
        self._challenge = b""
        self._pending = False
        self._due_us = 0
        self._refusal = 0
        self._out = b""
        self._out_at = 0
        self.live_asked = False
        self._forget()

    @property
    def damaged(self) -> int:
        """Frames that arrived damaged, since the start."""
        return self._reader.damaged

    @property
    def proven(self) -> bool:
        """A host is authenticated."""
        return self.state in OPEN

    @property
    def finished(self) -> bool:
        """The host has sent BYE."""
        return self.state == FINISHED

    def receive(self, data: bytes) -> None:
        """Take bytes from the host, in any pieces. A failure ends the session, and nothing else."""
        try:
            self._take(data)
        except Exception:  # noqa: BLE001
            self._fail()

    def _take(self, data: bytes) -> None:
        for kind, payload in self._reader.feed(data):
            message = unpack(kind, payload)
            if message is None:
                continue
            if kind == HELLO:
                self._answer_hello(payload, message[0], message[1])
            elif kind == PROVE:
                self._check(message[1])
            elif kind == HOST_SEALED and self.proven:
                opened = self._handshake.opener.open(payload)
                if opened is not None:
                    message = unpack(opened[0], opened[1])
                    if message is not None:
                        self._handle(opened[0], message[0], message[1])
            elif self.state == CLOSED and not self._pending:
                self._refusal = NOT_PROVEN

    def next_piece(self, limit: int) -> "memoryview | None":
        """Up to `limit` bytes to send now, or None. The same bytes come again until `sent` is called.

        A failure ends the session, and nothing else.
        """
        try:
            return self._piece(limit)
        except Exception:  # noqa: BLE001
            self._fail()
            return None

    def _piece(self, limit: int) -> "memoryview | None":
        # A piece is filled up from the next frame: a half-empty packet costs as much as a full one.
        while len(self._out) - self._out_at < limit:
            frame = self._next_frame()
            if not frame:
                break
            self._out = bytes(memoryview(self._out)[self._out_at :]) + frame
            self._out_at = 0
        if self._out_at >= len(self._out):
            return None
        return memoryview(self._out)[self._out_at : self._out_at + limit]

    def _fail(self) -> None:
        # No memory, or a flash that cannot be read: the host starts a new handshake and requests what it
        # lacks.
        self.faults += 1
        self.open()
        self._refusal = NOT_PROVEN

    def sent(self, count: int) -> None:
        """`count` bytes of the last piece are on their way."""
        self._out_at += count

    def captured(self, head: "tuple[int, ...]", samples: bytes) -> None:
        """Raw samples for the host that requested them; dropped if the link is too slow."""
        if self.capturing and len(self._captured) < MAX_CAPTURED:
            self._captured.append((head, samples))

    # the handshake

    def _answer_hello(self, hello: bytes, fields: "tuple[int, ...]", nonce: bytes) -> None:
        if fields[0] != PROTOCOL or len(nonce) < NONCE_BYTES:
            if not self.proven:
                self._refusal = OTHER_PROTOCOL
            return
        if self._hello == hello and self.state != CLOSED:
            # Repeated because an answer was lost: the same answer, or none once the host has gone further.
            self._pending = self.state == CHALLENGED
            return
        self._forget()
        self._handshake.close()
        self._go(ON_HELLO)
        self._hello = hello
        self.host_id = fields[1]
        self._nonce = nonce[:NONCE_BYTES]
        self._challenge = b""
        if not self._pending:
            self._pending = True
            now_us = self._clock_us()
            self._due_us = now_us + self._handshake.delay_us(now_us)

    def _check(self, said: bytes) -> None:
        if self.state == CHALLENGED and self._challenge:
            if self._handshake.admit(said):
                self._go(ON_PROOF)
                self._pending = False
                self._welcome()
            else:
                self._go(ON_DISPROOF)
                self._refusal = WRONG_PROOF
        elif self.proven:
            if self._handshake.admitted_by(said):
                self._welcome()
        elif self.state == CLOSED and not self._pending:
            self._refusal = NOT_PROVEN

    def _challenge_frame(self) -> bytes:
        """The answer to the pending HELLO, once it is due."""
        if self._clock_us() < self._due_us:
            return b""
        self._pending = False
        if not self._challenge:
            self._challenge = self._handshake.challenge(self.host_id, self._nonce)
        if self._challenge:
            return encode_frame(CHALLENGE, self._challenge)
        self._go(ON_DISPROOF)
        return encode_frame(REFUSED, pack(REFUSED, NOT_PAIRED))

    def _welcome(self) -> None:
        log = self._log
        identity = self._hardware_id.encode()
        flags = LIVE if self.live else 0
        fields = (PROTOCOL, flags, log.log_id, self._boot_id, self._clock_us())
        head = pack(WELCOME, *fields, log.first_seq, log.next_seq, len(identity))
        self._reply(WELCOME, head, identity, self.name.encode())

    # the session

    def _forget(self) -> None:
        self._stream = 0
        self._cursor = 0
        self._base = self._window = self._sent = 0
        self._replies: list[bytes] = []
        self._captured: list[tuple[tuple[int, ...], bytes]] = []
        self.capturing = False

    def _go(self, event: str) -> None:
        self.state = DEVICE[self.state].get(event, self.state)

    def _handle(self, kind: int, fields: "tuple[int, ...]", tail: bytes) -> None:
        if kind == FETCH:
            # A partly sent frame belongs to the old stream: finish it; the host will ignore it.
            self._stream, self._cursor, self._window = fields
            self._base = self._cursor
            self._go(ON_FETCH)
        elif kind == ACK:
            # A host cannot have what it was not sent.
            if fields[0] <= self._sent:
                self._owner.acknowledge(self.host_id, fields[0])
                self._base = max(self._base, fields[0])
                if self._cursor - self._base < self._window:
                    self._go(ON_ACK)
        elif kind == PING:
            self._reply(PONG, pack(PONG, fields[0], self._clock_us()))
        elif kind == ANCHOR:
            self._owner.keep_anchor(*fields, tail)
        elif kind == MODE:
            self.live_asked = fields[0] == 1
        elif kind == CHANGE:
            result, words = self._owner.change(tail)
            self._reply(CHANGED, pack(CHANGED, fields[0], result), words.encode())
        elif kind == CAPTURE:
            self.capturing = fields[0] == 1
            self._owner.listen(self)
        elif kind == BYE:
            self.live_asked = self.capturing = False
            self._go(ON_BYE)

    def _seal(self, kind: int, *parts: bytes) -> bytes:
        return encode_frame(DEVICE_SEALED, self._handshake.sealer.seal(kind, *parts))

    def _reply(self, kind: int, *parts: bytes) -> None:
        if len(self._replies) < MAX_REPLIES and not self._handshake.sealer.worn_out:
            self._replies.append(self._seal(kind, *parts))

    def _next_frame(self) -> bytes:
        if self._refusal:
            reason, self._refusal = self._refusal, 0
            return encode_frame(REFUSED, pack(REFUSED, reason))
        if self._pending:
            return self._challenge_frame()
        if self._replies:
            return self._replies.pop(0)
        if not self.proven:
            return b""
        if self._handshake.sealer.worn_out:
            self.state = CLOSED
            self._forget()
            return b""
        if self._captured:
            head, samples = self._captured.pop(0)
            return self._seal(CAPTURED, pack(CAPTURED, *head), samples)
        return self._next_records()

    def _next_records(self) -> bytes:
        log = self._log
        if self.state == AT_END and self._cursor < log.next_seq:
            self._go(ON_NEWS)
        if self.state != SENDING:
            return b""
        if self._cursor >= log.next_seq:
            self._go(ON_END)
            return self._seal(CAUGHT_UP, pack(CAUGHT_UP, self._stream, log.next_seq))
        if self._cursor - self._base >= self._window:
            self._go(ON_FULL)
            return b""
        data, upto_seq = log.read(self._cursor, MAX_RECORD_BYTES)
        if upto_seq == self._cursor:
            # The rest is not on flash yet.
            return b""
        head = pack(RECORDS, self._stream, self._cursor, upto_seq)
        self._cursor = self._sent = upto_seq
        return self._seal(RECORDS, head, data)
