"""The host's side of the link: bytes and times in, actions out, with neither transport nor database.

The driver carries out the actions in order: sends bytes, looks up where to resume, commits records. The
device gets an acknowledgement only after `committed`, so what it trims is on the host's disk.
"""

from .actions import Captured, Changed, Done, Fail, Identify, Send
from .batch import Batch
from .clock_sync import RETRY_S, TRIES, ClockSync
from .framing import FrameReader, encode_frame
from .host_handshake import HostHandshake, refusal
from .host_states import (
    DONE,
    FAILED,
    HANDSHAKE,
    HOST,
    IDENTIFYING,
    IDLE,
    ON_ASK,
    ON_CAUGHT_UP,
    ON_CHALLENGE,
    ON_GIVING_UP,
    ON_NONSENSE,
    ON_RECORDS,
    ON_REFUSED,
    ON_RESUME,
    ON_SETTLED,
    ON_SILENCE,
    ON_UNPAIRED,
    ON_WELCOME,
    PROVING,
    STREAMING,
)
from .messages import (
    ACK,
    ANCHOR,
    BYE,
    CAPTURED,
    CAUGHT_UP,
    CHALLENGE,
    CHANGE,
    CHANGED,
    DEVICE_SEALED,
    FETCH,
    HELLO,
    HOST_SEALED,
    IN_THE_CLEAR,
    LIVE,
    PING,
    PONG,
    PROVE,
    RECORDS,
    REFUSED,
    WELCOME,
    pack,
    unpack,
)
from .requests import NOT_DUE_S, Capturing, Changes

# About a hundred notifications of a night's records. More would be lost silently if a busy computer is slow
# to read them: Linux's socket holds some 150 (measured, kernel 6.1 and BlueZ 5.66).
WINDOW = 200
# A live link without anything new for this long is queried: it may be gone, or its last frames lost.
HEARTBEAT_S = 15.0
# A session without anything new ends after this time; twice what the silent tries take together.
PATIENCE_S = 60.0
# After this many requests without a single new record, the device contradicts itself.
STUCK = 20

MYPY = False
if MYPY:  # MicroPython has neither typing nor collections.abc.
    from collections.abc import Callable

    _Act = Callable[[float], list[tuple[object, ...]]]


class SyncEngine:
    """One session with one device."""

    def __init__(self, host_id: int, keys, aes_ctr, nonce: bytes, stay: bool = True) -> None:  # type: ignore[no-untyped-def]
        """`keys` maps a hardware id to the keys to try; `nonce`: 16 fresh random bytes.

        stay: keep a link that the device keeps open; otherwise end once everything is here.
        """
        self._stay = stay
        self._keys = keys
        self._handshake = HostHandshake(host_id, nonce, aes_ctr)
        self._reader = FrameReader()
        self.state = HANDSHAKE
        self.refetches = 0
        self.stale = 0
        self._live = False
        self._batch = Batch()
        self._committed = 0
        self._stream = 0
        self._heard_s = 0.0
        self._gained_s = 0.0
        self._tries = 0
        self._clock_sync = ClockSync()
        self._stuck = 0
        self._changes = Changes()
        self._capturing = Capturing()

    @property
    def expected(self) -> int:
        """The next seq."""
        return self._batch.expected

    @property
    def damaged_frames(self) -> int:
        """Frames that arrived damaged; their content was requested again."""
        return self._reader.damaged

    @property
    def refused_frames(self) -> int:
        """Frames that arrived complete, but forged, repeated or out of order."""
        opener = self._handshake.opener
        return 0 if opener is None else opener.refused

    def start(self, now_s: float) -> "list[tuple[object, ...]]":
        """The transport is connected."""
        self._heard_s = now_s
        self._gain(now_s)
        # The zero ends an incomplete frame that a killed host may have left on a cable.
        return [Send(b"\0" + encode_frame(HELLO, self._handshake.hello()))]

    def resume(self, from_seq: int, now_s: float) -> "list[tuple[object, ...]]":
        """Request what the device has from here on; nothing is acknowledged before it was compared."""
        if self.state != IDENTIFYING:
            return []
        self._go(ON_RESUME)
        return self._ping(now_s) + self._begin(from_seq, now_s)

    def start_over(self, from_seq: int, now_s: float) -> "list[tuple[object, ...]]":
        """Request the log again from here on: what arrived does not follow what is stored."""
        if self.state not in (STREAMING, IDLE):
            return []
        return self._begin(from_seq, now_s)

    def change(self, settings: "list[bytes]", now_s: float) -> "list[tuple[object, ...]]":
        """Request changes of settings, one after the other; each is a JSON object of names and values."""
        return self._ask_change(now_s) if self._changes.add(settings) else []

    def capture(self, on: bool, now_s: float) -> "list[tuple[object, ...]]":
        """Start or stop raw samples; while they arrive, the session stays."""
        self._capturing.on = on
        return self._ask_capture(now_s) + self._settle()

    def receive(self, data: bytes, now_s: float) -> "list[tuple[object, ...]]":
        """Take bytes from the device, in any pieces."""
        actions: list[tuple[object, ...]] = []
        # Part of a frame ends the silence too: a slow link needs seconds for a complete one.
        self._heard_s = now_s
        for kind, payload in self._reader.feed(data):
            if kind == DEVICE_SEALED and self._handshake.opener is not None:
                opened = self._handshake.opener.open(payload)
                if opened is None or opened[0] in IN_THE_CLEAR:
                    continue
                kind, payload = opened
            elif kind not in (CHALLENGE, REFUSED):
                # Any other unencrypted message cannot be from the device.
                continue
            message = unpack(kind, payload)
            if message is not None and self.state not in (DONE, FAILED):
                self._handle(kind, message[0], message[1], now_s, actions)
        return actions

    def committed(self, upto_seq: int, held_seq: int, now_s: float) -> "list[tuple[object, ...]]":
        """The database has taken what was handed over below `upto_seq`; acknowledge what it holds.

        held_seq: it has every record below, or knows that it is missing.
        """
        self._committed = upto_seq
        self._gain(now_s)
        return [self._say(ACK, pack(ACK, min(upto_seq, held_seq)))] + self._settle()

    def anchor(
        self, time_us: int, utc_us: int, uncertainty_us: int, now_s: float, zone: str = ""
    ) -> "list[tuple[object, ...]]":
        """Send the device the UTC of its time `time_us` and the name of the time zone; it logs both."""
        self._clock_sync.anchor(time_us, now_s)
        fields = pack(ANCHOR, time_us, utc_us, uncertainty_us)
        return [self._say(ANCHOR, fields + zone.encode())] + self._settle()

    def tick(self, now_s: float) -> "list[tuple[object, ...]]":
        """Time has passed: commit what waits, request again what has not arrived."""
        actions: list[tuple[object, ...]] = []
        if self.state == IDENTIFYING:
            return actions
        for due_s, act in self._timers():
            if self.state in (DONE, FAILED):
                break
            if now_s >= due_s:
                actions.extend(act(now_s))
        return actions

    def deadline_s(self) -> float:
        """The latest time at which `tick` must be called."""
        due_s = NOT_DUE_S
        for timer_s, _ in self._timers():
            due_s = min(due_s, timer_s)
        return due_s

    def _timers(self) -> "tuple[tuple[float, _Act], ...]":
        """When each is due, and what to do then."""
        return (
            (self._batch.due_s if self._batch.waiting else NOT_DUE_S, self._commit),
            (self._gained_s + PATIENCE_S, self._give_up),
            (self._changes.due_s, self._ask_change),
            (self._capturing.due_s, self._ask_capture),
            (self._clock_sync.due_s if self.state == IDLE else NOT_DUE_S, self._ping),
            (self._silence_due_s(), self._again),
        )

    def _silence_due_s(self) -> float:
        if self.state == IDLE:
            return self._gained_s + (HEARTBEAT_S if self._live else PATIENCE_S)
        return self._heard_s + RETRY_S * (self._tries + 1)

    def _handle(
        self,
        kind: int,
        fields: "tuple[int, ...]",
        tail: bytes,
        now_s: float,
        actions: "list[tuple[object, ...]]",
    ) -> None:
        if kind == CHALLENGE and self.state == HANDSHAKE:
            actions.extend(self._prove(fields[0], tail, now_s))
        elif kind == WELCOME and self.state == PROVING:
            actions.append(self._identify(fields, tail, now_s))
        elif kind == REFUSED:
            actions.append(self._fail(ON_REFUSED, *refusal(fields[0])))
        elif kind == PONG:
            timed = self._clock_sync.answered(fields[0], fields[1], now_s)
            if timed is not None:
                actions.append(timed)
        elif kind == RECORDS and self.state in (STREAMING, IDLE):
            self._take(fields, tail, now_s, actions)
        elif kind == CAUGHT_UP and self.state in (STREAMING, IDLE):
            if fields[0] != self._stream:
                self.stale += 1
            elif fields[1] > self.expected:
                actions.append(self._refetch(now_s))
            else:
                # The first CAUGHT_UP counts as progress; repeats do not.
                if self.state == STREAMING:
                    self._gain(now_s)
                self._go(ON_CAUGHT_UP)
                if self._batch.waiting:
                    actions.append(self._batch.commit())
                actions.extend(self._settle())
        elif kind == CHANGED and self._changes.answered(fields[0]):
            self._gain(now_s)
            actions.append(Changed(fields[1], tail.decode("utf-8", "replace")))
            actions.extend(self._ask_change(now_s) if self._changes else self._settle())
        elif kind == CAPTURED and self._capturing.on:
            self._gain(now_s)
            self._capturing.hear(now_s)
            actions.append(Captured(fields, tail))

    def _prove(self, protocol: int, said: bytes, now_s: float) -> "list[tuple[object, ...]]":
        if not self._handshake.hear(said):
            return []
        reason = self._handshake.objection(protocol, self._keys)
        if reason:
            return [self._fail(ON_UNPAIRED, reason, True)]
        self._go(ON_CHALLENGE)
        self._gain(now_s)
        return [Send(encode_frame(PROVE, self._handshake.proof))]

    def _identify(self, fields: "tuple[int, ...]", tail: bytes, now_s: float) -> "Identify | Fail":
        _, flags, log_id, boot_id, _, first_seq, next_seq, id_bytes = fields
        try:
            hardware_id, name = tail[:id_bytes].decode(), tail[id_bytes:].decode()
        except UnicodeError:
            return self._fail(ON_NONSENSE, "the device's name is not text")
        if first_seq > next_seq:
            return self._fail(ON_NONSENSE, "the device's log ends before it begins")
        self._batch.counted = next_seq
        self._go(ON_WELCOME)
        self._gain(now_s)
        self._live = self._stay and flags & LIVE == LIVE
        place = self._handshake.key_place
        return Identify(hardware_id, name, log_id, boot_id, first_seq, next_seq, self._live, place)

    def _take(
        self, fields: "tuple[int, ...]", data: bytes, now_s: float, actions: "list[tuple[object, ...]]"
    ) -> None:
        stream, from_seq, upto_seq = fields
        if stream != self._stream or from_seq < self.expected:
            self.stale += 1
            return
        if from_seq > self.expected:
            # A frame in between was lost.
            actions.append(self._refetch(now_s))
            return
        if upto_seq <= from_seq:
            self._batch.spoil()
            return
        taken = self._batch.take(upto_seq, data, now_s)
        if taken is None:
            actions.append(self._fail(ON_NONSENSE, "the device sends numbers beyond its own count"))
            return
        for record in taken:
            self._clock_sync.look(record)
        self._stuck = 0
        self._gain(now_s)
        self._go(ON_RECORDS)
        if self._batch.full:
            actions.append(self._batch.commit())

    def _go(self, event: str) -> None:
        self.state = HOST[self.state][event]

    def _fail(self, event: str, reason: str, unpaired: bool = False) -> Fail:
        self._go(event)
        return Fail(reason, unpaired)

    def _say(self, kind: int, *parts: bytes) -> Send:
        sealer = self._handshake.sealer
        assert sealer is not None
        return Send(encode_frame(HOST_SEALED, sealer.seal(kind, *parts)))

    def _gain(self, now_s: float) -> None:
        self._gained_s = now_s
        self._tries = 0

    def _settle(self) -> "list[tuple[object, ...]]":
        # A rendezvous ends once everything is on disk and the clocks are synchronised; a live link stays.
        if (
            self.state == IDLE
            and not self._live
            and not self._capturing.on
            and not self._changes
            and self._committed == self.expected
            and self._clock_sync.made
        ):
            bye = self._say(BYE)
            self._go(ON_SETTLED)
            return [bye, Done()]
        return []

    def _begin(self, from_seq: int, now_s: float) -> "list[tuple[object, ...]]":
        self._batch.begin(from_seq)
        self._committed = from_seq
        self._stuck = 0
        self._gain(now_s)
        return [self._fetch(now_s)]

    def _fetch(self, now_s: float) -> Send:
        self._stream = (self._stream + 1) & 255
        self._go(ON_ASK)
        self._heard_s = now_s
        return self._say(FETCH, pack(FETCH, self._stream, self.expected, WINDOW))

    def _refetch(self, now_s: float) -> "Send | Fail":
        self.refetches += 1
        self._stuck += 1
        if self._stuck >= STUCK:
            return self._fail(ON_NONSENSE, "the device announces records but does not send them")
        return self._fetch(now_s)

    def _ping(self, now_s: float) -> "list[tuple[object, ...]]":
        return [self._say(PING, pack(PING, self._clock_sync.ask(now_s)))]

    def _ask_capture(self, now_s: float) -> "list[tuple[object, ...]]":
        return [self._say(kind, payload) for kind, payload in self._capturing.ask(now_s)]

    def _ask_change(self, now_s: float) -> "list[tuple[object, ...]]":
        asked = self._changes.ask(now_s)
        return self._settle() if asked is None else [self._say(CHANGE, *asked)]

    def _commit(self, now_s: float) -> "list[tuple[object, ...]]":
        return [self._batch.commit()]

    def _give_up(self, now_s: float) -> "list[tuple[object, ...]]":
        return [self._fail(ON_GIVING_UP, "the device sends nothing new")]

    def _again(self, now_s: float) -> "list[tuple[object, ...]]":
        if self.state == IDLE:
            return [self._fetch(now_s)]
        self._tries += 1
        self._heard_s = now_s
        if self._tries >= TRIES:
            return [self._fail(ON_GIVING_UP, "the device stopped answering")]
        if self.state in (HANDSHAKE, PROVING):
            self._go(ON_SILENCE)
        if self.state == HANDSHAKE:
            return [Send(encode_frame(HELLO, self._handshake.hello()))]
        if self.state == PROVING:
            return [Send(encode_frame(PROVE, self._handshake.proof))]
        self.refetches += 1
        return [self._fetch(now_s)]
