"""The host's end, message by message and second by second: what it says, when, and what answers do."""

from __future__ import annotations

import pytest

from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY, Ring
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.shared.protocol import host_states as states
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol import records, sync
from twitchwatch.shared.protocol.actions import Captured, Changed, Commit, Done, Fail, Identify, Send, Timed
from twitchwatch.shared.protocol.batch import COMMIT_AFTER_S, COMMIT_RECORDS
from twitchwatch.shared.protocol.framing import encode_frame
from twitchwatch.shared.protocol.requests import NOT_DUE_S

pytestmark = pytest.mark.usefixtures("promptly")

# No message is due after it: the last request of five without an answer.
SILENCE_S = [2.0, 6.0, 12.0, 20.0, 30.0]
COUNTED = 9


class Meeting:
    """An engine and a ring; each step returns what the engine asks for, and `said` what the ring got."""

    def __init__(self, now_s: float = 100.0, *, stay: bool = True) -> None:
        # Who does not say otherwise, stays.
        leaves = () if stay else (False,)
        self.engine = sync.SyncEngine(HOST_ID, {HARDWARE_ID: [KEY]}, aes_ctr, bytes(16), *leaves)
        self.ring = Ring()
        self.now_s = now_s
        self.said: list[tuple[int, tuple[int, ...], bytes]] = []
        self.stream = 0
        self.token = 0

    def heard(self, todo: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
        """Let the ring read what is sent; what it answers at once is kept in `back`."""
        self.back = b""
        for action in todo:
            if isinstance(action, Send):
                back, messages = self.ring.answer(action.data)
                self.back += back
                for kind, fields, tail in messages:
                    self.stream = fields[0] if kind == m.FETCH else self.stream
                    self.token = fields[0] if kind == m.PING else self.token
                    self.said.append((kind, fields, tail))
        return todo

    def start(self) -> list[tuple[object, ...]]:
        return self.heard(self.engine.start(self.now_s))

    def proven(self) -> Meeting:
        self.start()
        self.heard(self.engine.receive(self.back, self.now_s))
        assert self.engine.state == states.PROVING
        return self

    def welcomed(self, flags: int = 0) -> Identify:
        fields = m.pack(m.WELCOME, m.PROTOCOL, flags, 77, 3, 5, 0, COUNTED, len(HARDWARE_ID))
        (identify,) = self.hear((m.WELCOME, fields + HARDWARE_ID.encode() + b"ring"))
        assert isinstance(identify, Identify)
        return identify

    def streaming(self, flags: int = 0, from_seq: int = 0) -> Meeting:
        self.proven().welcomed(flags)
        self.heard(self.engine.resume(from_seq, self.now_s))
        assert self.engine.state == states.STREAMING
        return self

    def idle(self, flags: int = 0) -> Meeting:
        """Everything is here and committed, and the clocks are not tied yet."""
        self.streaming(flags, COUNTED)
        self.hear(self.caught_up(COUNTED))
        assert self.engine.state == states.IDLE
        return self

    def tied(self) -> list[tuple[object, ...]]:
        """The clocks are tied, and the record of it is here and committed."""
        self.hear(self.pong())
        self.heard(self.engine.anchor(5, 6, 7, self.now_s, "Europe/Berlin"))
        end = self.engine.expected + 1
        self.hear(self.records(end - 1, end, anchored(end - 1)), self.caught_up(end))
        assert self.engine.state == states.IDLE
        return self.heard(self.engine.committed(end, end, self.now_s))

    def hear(self, *messages: tuple[int, bytes]) -> list[tuple[object, ...]]:
        data = b"".join(self.ring.frame(*message) for message in messages)
        return self.heard(self.engine.receive(data, self.now_s))

    def tick(self, now_s: float) -> list[tuple[object, ...]]:
        self.now_s = now_s
        return self.heard(self.engine.tick(now_s))

    def records(self, from_seq: int, upto_seq: int, *data: bytes, stream: int = 0) -> tuple[int, bytes]:
        head = m.pack(m.RECORDS, self.stream + stream & 255, from_seq, upto_seq)
        return m.RECORDS, head + b"".join(data)

    def caught_up(self, next_seq: int, stream: int = 0) -> tuple[int, bytes]:
        return m.CAUGHT_UP, m.pack(m.CAUGHT_UP, self.stream + stream & 255, next_seq)

    def pong(self) -> tuple[int, bytes]:
        return m.PONG, m.pack(m.PONG, self.token, 7_000_000)

    def asked(self) -> list[tuple[float, list[tuple[object, ...]]]]:
        """What falls due from now on, and when after now, until the engine ends; never a moment earlier."""
        begin_s, found = self.now_s, []
        while self.engine.state not in (states.DONE, states.FAILED):
            due_s = self.engine.deadline_s()
            assert due_s > self.now_s, "the timer spins"
            assert self.engine.tick(due_s - 0.001) == []
            found.append((due_s - begin_s, self.tick(due_s)))
        return found


def mark(seq: int) -> bytes:
    return records.encode(records.MARK, seq, 3, 5, (1,))


def anchored(seq: int) -> bytes:
    return records.encode(records.ANCHOR, seq, 3, 5, (6, 7))


def kinds(meeting: Meeting) -> list[int]:
    said, meeting.said = meeting.said, []
    return [kind for kind, _, _ in said]


def test_who_does_not_answer_is_asked_ever_more_rarely_and_then_left() -> None:
    meeting = Meeting()
    first = meeting.start()
    times, todo = zip(*meeting.asked(), strict=True)
    assert list(times) == SILENCE_S
    # The zero ends what a killed host may have left on a cable; later there is none.
    assert [first[0][0]] * 4 == [b"\0" + again[0][0] for again in todo[:4]]
    assert todo[4] == [Fail("the device stopped answering", False)]


def test_a_proof_that_is_not_answered_is_said_again_as_it_was() -> None:
    meeting = Meeting().proven()
    times, todo = zip(*meeting.asked(), strict=True)
    assert list(times) == SILENCE_S
    assert kinds(meeting) == [m.PROVE] * 5
    assert len({again[0][0] for again in todo[:4]}) == 1


def test_records_that_do_not_come_are_asked_for_in_a_new_stream() -> None:
    meeting = Meeting().streaming()
    assert (meeting.stream, meeting.engine.refetches) == (1, 0)
    meeting.said = []
    fetched = [time_s for time_s, todo in meeting.asked() if isinstance(todo[0], Send)]
    assert fetched == SILENCE_S[:4]
    assert [said[:2] for said in meeting.said] == [
        (m.FETCH, (stream, 0, sync.WINDOW)) for stream in (2, 3, 4, 5)
    ]
    assert meeting.engine.refetches == 4


@pytest.mark.parametrize("flags", [0, m.LIVE])
def test_part_of_a_frame_ends_a_silence_and_a_record_begins_the_tries_anew(flags: int) -> None:
    meeting = Meeting().streaming(flags)
    meeting.tick(102.0)
    assert meeting.engine.deadline_s() == 106.0
    meeting.now_s = 105.0
    meeting.engine.receive(b"\x05", 105.0)
    assert meeting.engine.deadline_s() == 109.0
    meeting.engine.receive(b"\0", 105.0)
    meeting.hear(meeting.records(0, 1, mark(0)))
    meeting.tick(meeting.engine.deadline_s())
    assert meeting.engine.deadline_s() == 107.0


def test_a_live_link_is_asked_after_a_quarter_of_a_minute_and_left_if_it_is_gone() -> None:
    meeting = Meeting().idle(m.LIVE)
    meeting.tied()
    kinds(meeting)
    # Then as anybody who does not answer.
    times, todo = zip(*meeting.asked(), strict=True)
    assert list(times) == [sync.HEARTBEAT_S + time_s for time_s in [0.0, *SILENCE_S]]
    assert kinds(meeting) == [m.FETCH] * 5
    assert todo[-1] == [Fail("the device stopped answering", False)]


def test_who_talks_but_brings_nothing_is_left_after_a_minute() -> None:
    meeting = Meeting().streaming()
    begin_s = meeting.now_s
    for second in range(1, 60):
        meeting.now_s = begin_s + second
        # Repeated, of another stream, and of no meaning.
        meeting.hear(meeting.caught_up(0, stream=1), meeting.records(0, 1, mark(0), stream=1), (0x99, b"?"))
        assert meeting.tick(meeting.now_s) == []
    assert meeting.engine.stale == 2 * 59
    assert meeting.engine.deadline_s() == begin_s + sync.PATIENCE_S
    assert meeting.tick(begin_s + sync.PATIENCE_S) == [Fail("the device sends nothing new", False)]


def test_the_end_said_again_is_no_progress() -> None:
    meeting = Meeting().streaming(from_seq=COUNTED)
    meeting.hear(meeting.caught_up(COUNTED))
    begin_s = meeting.now_s
    meeting.now_s += 50.0
    assert meeting.hear(meeting.caught_up(COUNTED)) == []
    while meeting.engine.state == states.IDLE:
        meeting.tick(meeting.engine.deadline_s())
    assert meeting.now_s == begin_s + sync.PATIENCE_S


def test_nothing_is_due_while_the_database_is_asked() -> None:
    meeting = Meeting().proven()
    meeting.welcomed()
    assert meeting.tick(10_000.0) == []
    assert meeting.engine.state == states.IDENTIFYING


@pytest.mark.parametrize(
    ("stay", "flags", "live"), [(True, m.LIVE, True), (True, 0, False), (False, m.LIVE, False)]
)
def test_who_it_is_and_whether_the_link_stays(stay: bool, flags: int, live: bool) -> None:
    meeting = Meeting(stay=stay).proven()
    identify = meeting.welcomed(flags)
    assert identify == Identify(HARDWARE_ID, "ring", 77, 3, 0, COUNTED, live, 0)
    meeting.heard(meeting.engine.resume(COUNTED, meeting.now_s))
    meeting.hear(meeting.caught_up(COUNTED))
    meeting.now_s += 0.5
    (timed,) = meeting.hear(meeting.pong())
    assert timed == Timed(7_000_000, meeting.now_s - 0.25, 250_001)
    kinds(meeting)
    tied = anchored(COUNTED)
    meeting.heard(meeting.engine.anchor(5, 6, 7, meeting.now_s, "Europe/Berlin"))
    assert meeting.said == [(m.ANCHOR, (5, 6, 7), b"Europe/Berlin")]
    meeting.hear(meeting.records(COUNTED, COUNTED + 1, tied))
    (commit,) = meeting.hear(meeting.caught_up(COUNTED + 1))
    assert commit == Commit([tied], COUNTED, COUNTED + 1, 0)
    kinds(meeting)
    todo = meeting.heard(meeting.engine.committed(COUNTED + 1, COUNTED + 1, meeting.now_s))
    assert (Done() in todo) == (not live)
    assert kinds(meeting) == [m.ACK] + ([] if live else [m.BYE])
    assert meeting.engine.state == (states.IDLE if live else states.DONE)


def test_only_what_the_database_holds_is_acknowledged() -> None:
    meeting = Meeting().streaming()
    (commit,) = meeting.hear(meeting.records(0, 5, *map(mark, range(5)))) or meeting.tick(100.1)
    assert commit == Commit([mark(seq) for seq in range(5)], 0, 5, 0)
    kinds(meeting)
    for held_seq, acknowledged in ((3, 3), (5, 5), (9, 5)):
        meeting.heard(meeting.engine.committed(5, held_seq, meeting.now_s))
        assert meeting.said.pop()[:2] == (m.ACK, (acknowledged,))


def test_records_wait_a_tenth_of_a_second_for_others_and_a_full_commit_for_nothing() -> None:
    meeting = Meeting().streaming()
    meeting.engine._batch.counted = 10 * COMMIT_RECORDS
    assert meeting.hear(meeting.records(0, 1, mark(0))) == []
    meeting.now_s += 0.05
    assert meeting.hear(meeting.records(1, 2, mark(1))) == []
    assert meeting.engine.deadline_s() == 100.0 + COMMIT_AFTER_S
    (commit,) = meeting.tick(100.0 + COMMIT_AFTER_S)
    assert commit == Commit([mark(0), mark(1)], 0, 2, 0)
    assert meeting.engine.deadline_s() > 101.0
    at = 2
    while True:
        todo = meeting.hear(meeting.records(at, at + 1, mark(at)))
        at += 1
        if todo:
            break
    ((taken, from_seq, upto_seq, damaged),) = todo
    assert (from_seq, upto_seq, damaged) == (2, 2 + COMMIT_RECORDS, 0)
    assert len(taken) == COMMIT_RECORDS  # type: ignore[arg-type]


def test_a_hole_is_asked_for_at_once_and_what_is_old_or_of_another_stream_is_let_pass() -> None:
    meeting = Meeting().streaming()
    meeting.hear(meeting.records(0, 2, mark(0), mark(1)))
    kinds(meeting)
    assert meeting.hear(meeting.records(1, 3, mark(1), mark(2))) == []
    assert meeting.hear(meeting.records(2, 3, mark(2), stream=1)) == []
    assert (meeting.engine.stale, meeting.engine.refetches, meeting.engine.expected) == (2, 0, 2)
    stream = meeting.stream
    meeting.hear(meeting.records(3, 4, mark(3)))
    assert meeting.said == [(m.FETCH, (stream + 1, 2, sync.WINDOW), b"")]
    assert meeting.engine.refetches == 1
    # An end that promises more is a hole too.
    meeting.hear(meeting.caught_up(3))
    assert meeting.engine.refetches == 2
    assert meeting.engine.state == states.STREAMING
    assert meeting.engine.expected == 2


@pytest.mark.parametrize("anew", [False, True])
def test_contradictions_are_forgiven_as_long_as_records_come(anew: bool) -> None:
    meeting = Meeting().streaming()
    for seq in range(COUNTED):
        for _ in range(sync.STUCK - 1):
            assert isinstance(meeting.hear(meeting.caught_up(COUNTED + 1))[-1], Send)
        meeting.hear(meeting.records(seq, seq + 1, mark(seq)))
    for _ in range(sync.STUCK - 1):
        assert isinstance(meeting.hear(meeting.caught_up(COUNTED + 1))[-1], Send)
    if anew:
        # Requested from the begin, it may contradict itself as often again.
        meeting.heard(meeting.engine.start_over(0, meeting.now_s))
        for _ in range(sync.STUCK - 1):
            assert isinstance(meeting.hear(meeting.caught_up(COUNTED + 1))[-1], Send)
    (fail,) = meeting.hear(meeting.caught_up(COUNTED + 1))
    assert fail == Fail("the device announces records but does not send them", False)


def test_damage_within_records_is_counted_once_for_each() -> None:
    meeting = Meeting().streaming()
    broken = bytearray(mark(1))
    broken[-1] ^= 1
    meeting.hear(meeting.records(0, 3, mark(0), bytes(broken), mark(2)))
    # A range of nothing, one that is below, one that is beyond, and one twice.
    meeting.hear(meeting.records(3, 3))
    meeting.hear(meeting.records(3, 5, mark(2), mark(3), mark(3), mark(5), mark(4)))
    (commit,) = meeting.tick(100.0 + COMMIT_AFTER_S)
    assert commit == Commit([mark(0), mark(2), mark(3), mark(4)], 0, 5, 5)
    meeting.hear(meeting.records(5, 6, mark(5)))
    (commit,) = meeting.tick(meeting.now_s + COMMIT_AFTER_S)
    assert commit == Commit([mark(5)], 5, 6, 0)


def test_a_log_requested_again_begins_anew_and_only_while_it_is_read() -> None:
    meeting = Meeting()
    assert meeting.engine.start_over(0, 100.0) == []
    meeting.streaming(from_seq=5)
    meeting.hear(meeting.records(5, 7, mark(5), mark(6)))
    kinds(meeting)
    stream = meeting.stream
    meeting.heard(meeting.engine.start_over(2, meeting.now_s))
    assert meeting.said == [(m.FETCH, (stream + 1, 2, sync.WINDOW), b"")]
    meeting.hear(meeting.records(2, 3, mark(2)))
    (commit,) = meeting.tick(100.0 + COMMIT_AFTER_S)
    assert commit == Commit([mark(2)], 2, 3, 0)
    assert meeting.engine.resume(0, meeting.now_s) == []


def test_streams_are_numbered_round_and_round() -> None:
    meeting = Meeting().streaming()
    seen = [meeting.stream]
    for _ in range(260):
        meeting.heard(meeting.engine.start_over(0, meeting.now_s))
        seen.append(meeting.stream)
    assert seen == [number & 255 for number in range(1, 262)]


def test_what_was_damaged_or_refused_on_the_way_is_counted() -> None:
    meeting = Meeting()
    engine = meeting.engine
    assert (engine.damaged_frames, engine.refused_frames) == (0, 0)
    meeting.streaming()
    engine.receive(b"\x07\x07\x07\0", 100.0)
    assert engine.damaged_frames == 1
    frame = meeting.ring.frame(*meeting.records(0, 1, mark(0)))
    engine.receive(frame, 100.0)
    engine.receive(frame, 100.0)
    assert (engine.refused_frames, engine.expected) == (1, 1)


@pytest.mark.parametrize("sealed", [True, False])
def test_what_is_not_believed_costs_nothing_of_what_follows_in_the_same_piece(sealed: bool) -> None:
    meeting = Meeting().streaming()
    if sealed:
        strange = meeting.ring.frame(m.REFUSED, m.pack(m.REFUSED, m.NOT_PAIRED)) + bytes(3)
    else:
        strange = encode_frame(m.WELCOME, bytes(60)) + encode_frame(m.DEVICE_SEALED, bytes(60))
    meeting.engine.receive(strange + meeting.ring.frame(*meeting.records(0, 1, mark(0))), meeting.now_s)
    assert meeting.engine.expected == 1


def test_messages_of_the_handshake_mean_nothing_sealed() -> None:
    meeting = Meeting().proven()
    assert meeting.hear((m.REFUSED, m.pack(m.REFUSED, m.NOT_PAIRED))) == []
    assert meeting.engine.state == states.PROVING
    meeting.welcomed()


@pytest.mark.parametrize("kind", [m.CHALLENGE, m.WELCOME])
def test_a_handshake_is_held_once(kind: int) -> None:
    meeting = Meeting().streaming()
    if kind == m.WELCOME:
        fields = m.pack(m.WELCOME, m.PROTOCOL, 0, 78, 1, 5, 0, 99, 2)
        assert meeting.hear((kind, fields + b"idring")) == []
    else:
        assert meeting.engine.receive(encode_frame(kind, bytes(60)), meeting.now_s) == []
    assert meeting.engine.state == states.STREAMING
    assert meeting.engine._batch.counted == COUNTED


def test_a_refusal_ends_a_session_in_any_state() -> None:
    meeting = Meeting().streaming()
    refused = encode_frame(m.REFUSED, m.pack(m.REFUSED, m.NOT_PROVEN))
    (fail,) = meeting.engine.receive(refused, meeting.now_s)
    assert isinstance(fail, Fail)
    assert meeting.engine.state == states.FAILED
    # And nothing is said or due after it.
    assert meeting.engine.receive(refused, meeting.now_s) == []
    assert meeting.tick(10_000.0) == []


def test_changes_keep_a_meeting_until_they_are_answered() -> None:
    meeting = Meeting().idle()
    meeting.heard(meeting.engine.change([b"a=1", b"b=2"], meeting.now_s))
    # What is added waits for its turn.
    assert meeting.engine.change([b"c=3"], meeting.now_s) == []
    assert meeting.engine.change([], meeting.now_s) == []
    assert Done() not in meeting.tied()
    kinds(meeting)
    (changed, send) = meeting.hear((m.CHANGED, m.pack(m.CHANGED, 0, m.NOT_VALID) + b"too \xff big"))
    assert changed == Changed(m.NOT_VALID, "too \ufffd big")
    assert isinstance(send, Send)
    meeting.hear((m.CHANGED, m.pack(m.CHANGED, 1, m.APPLIED)))
    todo = meeting.hear((m.CHANGED, m.pack(m.CHANGED, 2, m.APPLIED)))
    assert [type(action) for action in todo] == [Changed, Send, Done]
    assert [(kind, tail) for kind, _, tail in meeting.said] == [
        (m.CHANGE, b"b=2"),
        (m.CHANGE, b"c=3"),
        (m.BYE, b""),
    ]


def test_raw_samples_keep_a_meeting_until_they_are_enough() -> None:
    meeting = Meeting().idle()
    meeting.heard(meeting.engine.capture(True, meeting.now_s))
    assert Done() not in meeting.tied()
    head = (0, 5, 104_000, 122_070, 0, 0)
    # They are progress, for longer than anybody is waited for without any.
    for _ in range(5):
        meeting.now_s += sync.PATIENCE_S / 4
        assert meeting.hear((m.CAPTURED, m.pack(m.CAPTURED, *head) + b"xyz")) == [Captured(head, b"xyz")]
        assert meeting.tick(meeting.now_s) == []
    assert meeting.engine.state == states.IDLE
    kinds(meeting)
    todo = meeting.heard(meeting.engine.capture(False, meeting.now_s))
    assert Done() in todo
    assert meeting.said == [(m.MODE, (0,), b""), (m.CAPTURE, (0,), b""), (m.BYE, (), b"")]
    assert meeting.hear((m.CAPTURED, m.pack(m.CAPTURED, *head) + b"xyz")) == []


def test_raw_samples_that_nobody_wants_are_let_pass() -> None:
    meeting = Meeting().idle()
    head = (0, 5, 104_000, 122_070, 0, 0)
    assert meeting.hear((m.CAPTURED, m.pack(m.CAPTURED, *head))) == []


def test_nothing_is_due_after_the_end() -> None:
    meeting = Meeting().idle()
    assert meeting.engine.deadline_s() < NOT_DUE_S
    assert meeting.tied()[-1] == Done()
    assert meeting.engine.state == states.DONE
    assert meeting.tick(10_000.0) == []
