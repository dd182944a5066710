"""The host's side of the link: bytes and times in, actions out, with neither transport nor database.

The driver carries out the actions in order: sends bytes, looks up where to resume, commits records. Only
after `committed` does the device hear an acknowledgement, so what it trims is on the host's disk.
"""

from collections import namedtuple

from shared.protocol.framing import FrameReader, encode_frame
from shared.protocol.messages import (
    ACK,
    ANCHOR,
    BYE,
    CAUGHT_UP,
    FETCH,
    HELLO,
    LIVE,
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
from shared.protocol.records import ANCHOR as ANCHOR_RECORD
from shared.protocol.records import seq_at, split, time_us_at

Send = namedtuple("Send", ("data",))
# The driver answers with resume().
Identify = namedtuple(
    "Identify", ("hardware_id", "name", "log_id", "boot_id", "first_seq", "next_seq", "live")
)
# Everything the device has in [from_seq, upto_seq); the driver answers with committed().
Commit = namedtuple("Commit", ("records", "from_seq", "upto_seq", "damaged"))
# The device read time_us at host time at_s (monotonic), give or take; the driver answers with anchor().
Timed = namedtuple("Timed", ("time_us", "at_s", "uncertainty_us"))
Done = namedtuple("Done", ())
Fail = namedtuple("Fail", ("reason",))

GREETING = "greeting"
IDENTIFYING = "identifying"
STREAMING = "streaming"
IDLE = "idle"
DONE = "done"
FAILED = "failed"

# Two thousand records in flight keep the fastest link busy for the time of one commit.
WINDOW = 2000
# A commit waits for a full disk flush: this many records share one.
COMMIT_RECORDS = 256
# In live mode an event must be on disk within a second.
COMMIT_AFTER_S = 0.1
# A device that writes flash may be deaf for a few hundred ms.
RETRY_S = 2.0
TRIES = 5
# Light-sleep clocks drift by seconds an hour: live sessions anchor every ten minutes.
ANCHOR_EVERY_S = 600.0
# A live link that brings nothing new for this long is asked again: it may be gone, or its last words lost.
HEARTBEAT_S = 15.0
# Talk without anything new ends here; twice what the silent tries take together.
PATIENCE_S = 60.0
# So many questions without a single new record: the device contradicts itself.
STUCK = 20
NEVER_S = -1e9


class SyncEngine:
    """One session with one device."""

    def __init__(self, host_id: int) -> None:
        self._host_id = host_id
        self._reader = FrameReader()
        self.state = GREETING
        self.expected = 0
        self.refetches = 0
        self.stale = 0
        self._live = False
        self._from = 0
        self._batch: list[bytes] = []
        self._batch_damaged = 0
        self._batch_since_s = 0.0
        self._committed = 0
        self._stream = 0
        self._heard_s = 0.0
        self._gained_s = 0.0
        self._tries = 0
        self._ping_token = 0
        self._ping_s = NEVER_S
        self._anchored_s = NEVER_S
        self._tying_us = -1
        self._ties = 0
        self._stuck = 0

    @property
    def damaged_frames(self) -> int:
        """Frames that came in damaged; what they held was asked again."""
        return self._reader.damaged

    def start(self, now_s: float) -> "list[tuple[object, ...]]":
        """The transport is connected."""
        self._heard_s = now_s
        self._gain(now_s)
        # The zero ends half a frame that a killed host may have left on a cable.
        return [Send(b"\0" + encode_frame(HELLO, pack(HELLO, PROTOCOL, self._host_id)))]

    def resume(self, next_seq: int, now_s: float) -> "list[tuple[object, ...]]":
        """Everything below `next_seq` is committed: ask for the rest."""
        self.expected = self._from = self._committed = next_seq
        self.state = STREAMING
        self._gain(now_s)
        # The last acknowledgement may have been lost: said again, it lets the device trim.
        known = [Send(encode_frame(ACK, pack(ACK, next_seq)))] if next_seq else []
        return self._ping(now_s) + known + [self._fetch(now_s)]

    def receive(self, data: bytes, now_s: float) -> "list[tuple[object, ...]]":
        """Take bytes from the device, in any pieces."""
        actions: list[tuple[object, ...]] = []
        # Part of a frame breaks the silence too: a slow link needs seconds for a whole one.
        self._heard_s = now_s
        for kind, payload in self._reader.feed(data):
            message = unpack(kind, payload)
            if message is not None and self.state not in (DONE, FAILED):
                self._handle(kind, message[0], message[1], now_s, actions)
        return actions

    def committed(self, upto_seq: int, now_s: float) -> "list[tuple[object, ...]]":
        """The database has everything below `upto_seq` on disk: acknowledge it."""
        self._committed = upto_seq
        self._gain(now_s)
        return [Send(encode_frame(ACK, pack(ACK, upto_seq)))] + self._settle()

    def anchor(
        self, time_us: int, utc_us: int, uncertainty_us: int, now_s: float
    ) -> "list[tuple[object, ...]]":
        """Tell the device what UTC was at its time `time_us`; it logs that."""
        self._anchored_s = now_s
        # A rendezvous waits for the record that the device makes of it: so the last hours too are tied.
        self._tying_us = time_us
        self._ties += 1
        frame = encode_frame(ANCHOR, pack(ANCHOR, time_us, utc_us, uncertainty_us))
        return [Send(frame)] + self._settle()

    def tick(self, now_s: float) -> "list[tuple[object, ...]]":
        """Time has passed: commit what waits, ask again for what does not come."""
        actions: list[tuple[object, ...]] = []
        if self.state in (DONE, FAILED, IDENTIFYING):
            return actions
        if self._waiting() and now_s >= self._batch_since_s + COMMIT_AFTER_S:
            actions.append(self._commit())
        if now_s >= self._gained_s + PATIENCE_S:
            self.state = FAILED
            actions.append(Fail("the device talks, but brings nothing new"))
        elif self.state == IDLE:
            if now_s >= self._ping_due_s():
                actions.extend(self._ping(now_s))
            elif now_s >= self._silence_due_s():
                actions.append(self._fetch(now_s))
        elif now_s >= self._silence_due_s():
            if self.state == GREETING:
                actions.extend(
                    self._again(now_s, [Send(encode_frame(HELLO, pack(HELLO, PROTOCOL, self._host_id)))])
                )
            else:
                self.refetches += 1
                actions.extend(self._again(now_s, [self._fetch(now_s)]))
        return actions

    def deadline_s(self) -> float:
        """The latest time at which `tick` wants to be called."""
        if self._waiting():
            return self._batch_since_s + COMMIT_AFTER_S
        if self.state == IDLE:
            return min(self._silence_due_s(), self._ping_due_s())
        return min(self._silence_due_s(), self._gained_s + PATIENCE_S)

    # `tick` and `deadline_s` share these to the last bit: a timer that rounds differently would spin.

    def _silence_due_s(self) -> float:
        if self.state == IDLE:
            return self._gained_s + (HEARTBEAT_S if self._live else PATIENCE_S)
        return self._heard_s + RETRY_S * (self._tries + 1)

    def _ping_due_s(self) -> float:
        if self._tying_us >= 0 and self._ties < TRIES:
            return self._ping_s + RETRY_S
        return max(self._anchored_s + ANCHOR_EVERY_S, self._ping_s + RETRY_S)

    def _handle(
        self,
        kind: int,
        fields: "tuple[int, ...]",
        tail: bytes,
        now_s: float,
        actions: "list[tuple[object, ...]]",
    ) -> None:
        if kind == WELCOME and self.state == GREETING:
            protocol, flags, log_id, boot_id, _, first_seq, next_seq, id_bytes = fields
            try:
                hardware_id, name = tail[:id_bytes].decode(), tail[id_bytes:].decode()
            except UnicodeError:
                self.state = FAILED
                actions.append(Fail("the device gives a name that is no text"))
                return
            if protocol != PROTOCOL:
                self.state = FAILED
                actions.append(Fail(f"the device speaks protocol {protocol}, this host {PROTOCOL}"))
                return
            self.state = IDENTIFYING
            self._gain(now_s)
            self._live = flags & LIVE == LIVE
            actions.append(Identify(hardware_id, name, log_id, boot_id, first_seq, next_seq, self._live))
        elif kind == REFUSED:
            self.state = FAILED
            if fields[0] == OTHER_PROTOCOL:
                actions.append(Fail("the device refuses: it speaks another protocol version"))
            else:
                actions.append(Fail("the device does not know this session: it has started anew"))
        elif kind == PONG and self._ping_s > NEVER_S and fields[0] == self._ping_token:
            trip_s = now_s - self._ping_s
            self._ping_token += 1
            actions.append(Timed(fields[1], self._ping_s + trip_s / 2, int(trip_s * 500000) + 1))
        elif kind == RECORDS and self.state in (STREAMING, IDLE):
            self._take(fields, tail, now_s, actions)
        elif kind == CAUGHT_UP and self.state in (STREAMING, IDLE):
            if fields[0] != self._stream:
                self.stale += 1
            elif fields[1] > self.expected:
                actions.append(self._refetch(now_s))
            else:
                # Said once it is news; said over and over it is talk.
                if self.state == STREAMING:
                    self._gain(now_s)
                self.state = IDLE
                if self._waiting():
                    actions.append(self._commit())
                actions.extend(self._settle())

    def _take(
        self, fields: "tuple[int, ...]", data: bytes, now_s: float, actions: "list[tuple[object, ...]]"
    ) -> None:
        stream, from_seq, upto_seq = fields
        if stream != self._stream or from_seq < self.expected:
            self.stale += 1
            return
        if from_seq > self.expected:
            # A frame between was lost.
            actions.append(self._refetch(now_s))
            return
        if upto_seq <= from_seq:
            self._batch_damaged += 1
            return
        if not self._waiting():
            self._batch_since_s = now_s
        records, damaged = split(data)
        if damaged:
            self._batch_damaged += 1
        last = from_seq - 1
        for record in records:
            seq = seq_at(record, 0)
            if last < seq < upto_seq:
                self._batch.append(record)
                last = seq
                if record[0] == ANCHOR_RECORD and time_us_at(record, 0) == self._tying_us:
                    self._tying_us = -1
                    self._ties = 0
            else:
                self._batch_damaged += 1
        self.expected = upto_seq
        self._stuck = 0
        self._gain(now_s)
        self.state = STREAMING
        if len(self._batch) >= COMMIT_RECORDS:
            actions.append(self._commit())

    def _gain(self, now_s: float) -> None:
        self._gained_s = now_s
        self._tries = 0

    def _waiting(self) -> bool:
        return self.expected > self._from

    def _commit(self) -> Commit:
        commit = Commit(self._batch, self._from, self.expected, self._batch_damaged)
        self._batch = []
        self._batch_damaged = 0
        self._from = self.expected
        return commit

    def _settle(self) -> "list[tuple[object, ...]]":
        # A rendezvous ends once everything is on disk and the clocks are tied; a live link stays.
        if (
            self.state == IDLE
            and not self._live
            and self._committed == self.expected
            and self._anchored_s > NEVER_S
            and (self._tying_us < 0 or self._ties >= TRIES)
        ):
            self.state = DONE
            return [Send(encode_frame(BYE, b"")), Done()]
        return []

    def _fetch(self, now_s: float) -> Send:
        self._stream = (self._stream + 1) & 255
        self.state = STREAMING
        self._heard_s = now_s
        return Send(encode_frame(FETCH, pack(FETCH, self._stream, self.expected, WINDOW)))

    def _refetch(self, now_s: float) -> "Send | Fail":
        self.refetches += 1
        self._stuck += 1
        if self._stuck >= STUCK:
            self.state = FAILED
            return Fail("the device announces records that it does not send")
        return self._fetch(now_s)

    def _ping(self, now_s: float) -> "list[tuple[object, ...]]":
        self._ping_token = (self._ping_token + 1) & 0xFFFFFFFF
        self._ping_s = now_s
        return [Send(encode_frame(PING, pack(PING, self._ping_token)))]

    def _again(self, now_s: float, actions: "list[tuple[object, ...]]") -> "list[tuple[object, ...]]":
        self._tries += 1
        self._heard_s = now_s
        if self._tries >= TRIES:
            self.state = FAILED
            return [Fail("the device stopped answering")]
        return actions
