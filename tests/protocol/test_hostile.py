"""Peers that lie, babble or fall silent: no exception, no record out, an end in bounded time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.protocol import messages as m
from shared.protocol import records, sync
from shared.protocol.framing import MAX_PAYLOAD_BYTES, MAX_STUFFED_BYTES, FrameReader, encode_frame
from shared.protocol.messages import LAYOUTS, pack, unpack
from shared.protocol.session import MAX_REPLIES, DeviceSession
from tests.protocol.wire import Chance, FlashLog

LETTER_BITS = {"B": 8, "H": 16, "I": 32, "Q": 64}
Answer = Callable[[int, tuple[int, ...], float], bytes]


def device(count: int = 20) -> tuple[DeviceSession, FlashLog]:
    log = FlashLog(lambda: 50.0, 0, 0)
    for i in range(count):
        log.append(records.MARK, (i,), b"", 10.0)
    anchored: list[tuple[int, ...]] = []
    return DeviceSession(log, ("id", "ring"), 1, lambda: 5, lambda *anchor: anchored.append(anchor)), log


def sent_by(session: DeviceSession, most: int = 200) -> list[tuple[int, bytes]]:
    frames = []
    reader = FrameReader()
    for _ in range(most):
        piece = session.next_piece(2000)
        if piece is None:
            break
        frames += reader.feed(bytes(piece))
        session.sent(len(piece))
    assert reader.damaged == 0
    return frames


def hello() -> bytes:
    return encode_frame(m.HELLO, pack(m.HELLO, m.PROTOCOL, 7))


def welcome(protocol: int = m.PROTOCOL, tail: bytes = b"idring", flags: int = 0) -> bytes:
    return encode_frame(m.WELCOME, pack(m.WELCOME, protocol, flags, 77, 1, 5, 0, 9, 2) + tail)


def random_field(chance: Chance, letter: str) -> int:
    top = 1 << LETTER_BITS[letter]
    return (0, 1, 9, 10, 20, 21, top - 1, chance.below(top), chance.below(30))[chance.below(9)]


def random_frame(chance: Chance, kinds: list[int]) -> bytes:
    """A sealed frame of random fields, of random bytes, of an unknown type; or no frame at all."""
    draw = chance.below(10)
    if draw == 0:
        return chance.take(chance.below(300)) + b"\0"
    if draw == 1:
        return encode_frame(chance.below(256), chance.take(chance.below(60)))
    kind = kinds[chance.below(len(kinds))]
    form = LAYOUTS[kind][1][1:]
    payload = pack(kind, *(random_field(chance, letter) for letter in form))
    frame = encode_frame(kind, payload + chance.take(chance.below(40)))
    if draw == 2:
        at = chance.below(len(frame))
        return frame[:at] + frame[at + 1 :]
    return frame


FROM_HOST = [kind for kind in LAYOUTS if kind < 0x80]
FROM_DEVICE = [kind for kind in LAYOUTS if kind >= 0x80]


class TestDevice:
    @pytest.mark.parametrize("greeted", [False, True])
    def test_random_hosts(self, greeted: bool) -> None:
        for seed in range(120):
            chance = Chance(seed)
            session, log = device()
            if greeted:
                session.receive(hello())
            kinds = FROM_HOST if greeted else [kind for kind in LAYOUTS if kind != m.HELLO]
            frames = []
            for _ in range(60):
                session.receive(random_frame(chance, kinds))
                assert len(session._replies) <= MAX_REPLIES
                assert len(session._reader._part) <= MAX_STUFFED_BYTES
                if chance.below(3) == 0:
                    frames += sent_by(session, 5)
                assert log.next_seq == 20
                assert log.first_seq <= 20
            for kind, payload in frames:
                message = unpack(kind, payload)
                assert message is not None
                assert greeted or kind == m.REFUSED
                if kind == m.RECORDS:
                    found, damaged = records.split(message[1])
                    assert damaged == 0
                    assert all(log.truth[records.seq_at(raw, 0)] == raw for raw in found)

    def test_a_stranger_gets_no_record_and_trims_nothing(self) -> None:
        session, log = device()
        for kind in FROM_HOST:
            if kind != m.HELLO:
                session.receive(encode_frame(kind, bytes(40)))
        session.receive(encode_frame(m.ACK, pack(m.ACK, 10)))
        assert {kind for kind, _ in sent_by(session)} == {m.REFUSED}
        assert log.first_seq == 0
        assert not session.finished
        assert not session.live_asked

    def test_another_protocol_is_refused(self) -> None:
        session, _ = device()
        session.receive(encode_frame(m.HELLO, pack(m.HELLO, m.PROTOCOL + 1, 7)))
        session.receive(encode_frame(m.FETCH, pack(m.FETCH, 1, 0, 100)))
        reasons = [payload[0] for _, payload in sent_by(session)]
        assert reasons == [m.OTHER_PROTOCOL, m.NOT_GREETED]

    def test_what_was_never_logged_cannot_be_acknowledged(self) -> None:
        session, log = device()
        session.receive(hello() + encode_frame(m.ACK, pack(m.ACK, 21)))
        assert log.first_seq == 0
        session.receive(encode_frame(m.ACK, pack(m.ACK, 2**32 - 1)))
        assert log.first_seq == 0
        session.receive(encode_frame(m.ACK, pack(m.ACK, 20)))
        assert log.first_seq == 20

    @pytest.mark.parametrize("from_seq", [20, 21, 2**32 - 1])
    def test_asking_beyond_the_end_is_answered_by_the_end(self, from_seq: int) -> None:
        session, _ = device()
        session.receive(hello() + encode_frame(m.FETCH, pack(m.FETCH, 3, from_seq, 100)))
        assert sent_by(session)[1:] == [(m.CAUGHT_UP, pack(m.CAUGHT_UP, 3, 20))]

    def test_a_window_of_nothing_gets_nothing(self) -> None:
        session, _ = device()
        session.receive(hello() + encode_frame(m.FETCH, pack(m.FETCH, 3, 0, 0)))
        assert [kind for kind, _ in sent_by(session)] == [m.WELCOME]

    def test_a_flood_of_questions_costs_eight_answers(self) -> None:
        session, _ = device()
        session.receive(hello() + encode_frame(m.PING, pack(m.PING, 1)) * 5000)
        assert len(sent_by(session)) == MAX_REPLIES

    def test_a_short_payload_is_no_message(self) -> None:
        for kind in FROM_HOST:
            session, log = device()
            session.receive(hello())
            sent_by(session)
            size = len(pack(kind, *([0] * (len(LAYOUTS[kind][1]) - 1))))
            for length in range(size):
                session.receive(encode_frame(kind, bytes(length)))
            assert sent_by(session) == []
            assert log.first_seq == 0

    def test_a_new_connection_forgets_half_a_frame_and_the_greeting(self) -> None:
        session, _ = device()
        session.receive(hello() + hello()[:9])
        session.open()
        session.receive(encode_frame(m.FETCH, pack(m.FETCH, 1, 0, 100)) + hello())
        assert [kind for kind, _ in sent_by(session)] == [m.REFUSED, m.WELCOME]

    def test_the_end_is_told_again_after_later_records(self) -> None:
        session, log = device()
        session.receive(hello() + encode_frame(m.FETCH, pack(m.FETCH, 3, 15, 100)))
        assert [kind for kind, _ in sent_by(session)] == [m.WELCOME, m.RECORDS, m.CAUGHT_UP]
        log.append(records.MARK, (1,))
        expected = (m.CAUGHT_UP, pack(m.CAUGHT_UP, 3, 21))
        assert sent_by(session) == [(m.RECORDS, pack(m.RECORDS, 3, 20, 21) + log.truth[20]), expected]

    def test_a_newer_host_may_say_more(self) -> None:
        session, _ = device()
        session.receive(encode_frame(m.HELLO, pack(m.HELLO, m.PROTOCOL, 7) + b"more"))
        session.receive(encode_frame(0x44, b"a question of a later day"))
        assert [kind for kind, _ in sent_by(session)] == [m.WELCOME]


class Meeting:
    """An engine, and a device that answers each message as `answer` likes and says `talk` every so often."""

    def __init__(self, answer: Answer, talk: Callable[[], bytes] | None = None, every_s: float = 1.0) -> None:
        self.engine = sync.SyncEngine(7)
        self.now_s = 100.0
        self.committed = 0
        self.reason = ""
        self._answer = answer
        self._talk = talk
        self._every_s = every_s
        self._reader = FrameReader()

    def run(self, limit_s: float) -> Meeting:
        arriving: list[bytes] = []
        next_talk_s = self.now_s
        self._perform(self.engine.start(self.now_s), arriving)
        while self.engine.state not in (sync.DONE, sync.FAILED):
            assert self.now_s < 100.0 + limit_s, "an engine without end"
            if arriving:
                self.now_s += 0.01
                self._perform(self.engine.receive(arriving.pop(0), self.now_s), arriving)
            elif self._talk is not None and next_talk_s <= self.engine.deadline_s():
                self.now_s = max(self.now_s, next_talk_s)
                next_talk_s += self._every_s
                arriving.append(self._talk())
            else:
                self.now_s = max(self.now_s, self.engine.deadline_s())
                self._perform(self.engine.tick(self.now_s), arriving)
            assert len(self.engine._reader._part) <= MAX_STUFFED_BYTES
            assert len(self.engine._batch) < sync.COMMIT_RECORDS + MAX_PAYLOAD_BYTES // records.OVERHEAD_BYTES
        return self

    def _perform(self, actions: list[tuple[object, ...]], arriving: list[bytes]) -> None:
        for action in actions:
            if isinstance(action, sync.Send):
                for kind, payload in self._reader.feed(action.data):
                    message = unpack(kind, payload)
                    assert message is not None
                    said = self._answer(kind, message[0], self.now_s)
                    if said:
                        arriving.append(said)
            elif isinstance(action, sync.Identify):
                self._perform(self.engine.resume(self.committed, self.now_s), arriving)
            elif isinstance(action, sync.Commit):
                assert action.from_seq == self.committed < action.upto_seq
                seqs = [records.seq_at(raw, 0) for raw in action.records]
                assert seqs == sorted(set(seqs))
                assert all(action.from_seq <= seq < action.upto_seq for seq in seqs)
                assert all(records.sealed_length(raw, 0) == len(raw) for raw in action.records)
                self.committed = action.upto_seq
                self._perform(self.engine.committed(action.upto_seq, self.now_s), arriving)
            elif isinstance(action, sync.Timed):
                utc_us = int(self.now_s * 1e6)
                anchored = self.engine.anchor(action.time_us, utc_us, action.uncertainty_us, self.now_s)
                self._perform(anchored, arriving)
            elif isinstance(action, sync.Fail):
                self.reason = action.reason


def records_frame(stream: int, from_seq: int, upto_seq: int, data: bytes = b"") -> bytes:
    return encode_frame(m.RECORDS, pack(m.RECORDS, stream, from_seq, upto_seq) + data)


def mark(seq: int) -> bytes:
    return records.encode(records.MARK, seq, 1, 5, (1,))


def greets(then: Callable[[tuple[int, ...]], bytes]) -> Answer:
    """A device that greets well, and answers FETCH with `then`."""

    def answer(kind: int, fields: tuple[int, ...], _now_s: float) -> bytes:
        if kind == m.HELLO:
            return welcome()
        return then(fields) if kind == m.FETCH else b""

    return answer


class TestHost:
    # The greeting's tries, then patience with what came last, then a few rounds of contradictions.
    SOON_S = 400.0

    def test_a_silent_device(self) -> None:
        meeting = Meeting(lambda *_: b"").run(31.0)
        assert meeting.reason == "the device stopped answering"

    @pytest.mark.parametrize(
        "then",
        [
            lambda fetch: records_frame(fetch[0], fetch[1], fetch[1]),
            lambda fetch: records_frame(fetch[0], fetch[1], max(0, fetch[1] - 1)),
            lambda fetch: records_frame(fetch[0] ^ 1, fetch[1], fetch[1] + 5),
            lambda fetch: records_frame(fetch[0], fetch[1] + 3, fetch[1] + 5),
            lambda fetch: encode_frame(m.CAUGHT_UP, pack(m.CAUGHT_UP, fetch[0], 2**32 - 1)),
            lambda fetch: encode_frame(m.CAUGHT_UP, pack(m.CAUGHT_UP, fetch[0] ^ 1, fetch[1])),
            lambda fetch: encode_frame(m.CAUGHT_UP, pack(m.CAUGHT_UP, fetch[0], fetch[1])),
            lambda _: encode_frame(m.PONG, pack(m.PONG, 99, 5)),
            lambda _: welcome(),
            lambda _: b"",
        ],
        ids=[
            "empty",
            "backwards",
            "other stream",
            "hole",
            "promises",
            "other end",
            "no pong",
            "pong",
            "welcome",
            "mute",
        ],
    )
    def test_a_device_that_answers_but_never_gets_on(self, then: Callable[[tuple[int, ...]], bytes]) -> None:
        meeting = Meeting(greets(then)).run(self.SOON_S)
        assert meeting.engine.state == sync.FAILED
        assert meeting.committed == 0

    @pytest.mark.parametrize("every_s", [0.3, 1.0, 1.9])
    def test_a_device_that_babbles(self, every_s: float) -> None:
        for talk in (b"\x55" * 40, b"\x55\0", records_frame(200, 0, 5), encode_frame(0x99, b"?"), welcome()):
            assert Meeting(lambda *_: b"", lambda talk=talk: talk, every_s).run(self.SOON_S).reason

    def test_records_out_of_their_range_are_damage_not_data(self) -> None:
        said = []

        def answer(kind: int, fields: tuple[int, ...], _now_s: float) -> bytes:
            if kind == m.HELLO:
                return welcome()
            if kind == m.PING:
                return encode_frame(m.PONG, pack(m.PONG, fields[0], 5))
            if kind == m.FETCH and not said:
                said.append(fields)
                # Out of order, twice, below, above, and one as it should be.
                data = mark(2) + mark(1) + mark(2) + mark(10) + mark(2**32 - 1) + mark(3)
                return records_frame(fields[0], 0, 10, data) + encode_frame(
                    m.CAUGHT_UP, pack(m.CAUGHT_UP, fields[0], 10)
                )
            return b""

        meeting = Meeting(answer).run(self.SOON_S)
        assert meeting.engine.state == sync.DONE
        assert meeting.committed == 10

    def test_promised_records_are_asked_for_at_once(self) -> None:
        asked_s = []

        def then(fetch: tuple[int, ...]) -> bytes:
            asked_s.append(meeting.now_s)
            return encode_frame(m.CAUGHT_UP, pack(m.CAUGHT_UP, fetch[0], 5))

        meeting = Meeting(greets(then))
        meeting.run(self.SOON_S)
        assert meeting.reason == "the device announces records that it does not send"
        assert len(asked_s) == sync.STUCK
        assert asked_s[-1] - asked_s[0] < 1.0

    def test_a_rendezvous_waits_for_the_disk(self) -> None:
        engine = sync.SyncEngine(7)
        engine.start(0.0)
        engine.receive(welcome(), 0.1)
        engine.resume(0, 0.1)
        pong = encode_frame(m.PONG, pack(m.PONG, 1, 5))
        end = encode_frame(m.CAUGHT_UP, pack(m.CAUGHT_UP, 1, 1))
        actions = engine.receive(pong + records_frame(1, 0, 1, mark(0)) + end, 0.2)
        assert [type(action) for action in actions] == [sync.Timed, sync.Commit]
        assert sync.Done() not in engine.anchor(5, 100000, 50000, 0.2)
        tied = records.encode(records.ANCHOR, 1, 1, 5, (100000, 50000))
        end = encode_frame(m.CAUGHT_UP, pack(m.CAUGHT_UP, 1, 2))
        actions = engine.receive(records_frame(1, 1, 2, tied) + end, 0.3)
        assert [type(action) for action in actions] == [sync.Commit]
        assert engine.state == sync.IDLE
        acknowledged = engine.committed(1, 0.8)
        assert acknowledged == [sync.Send(encode_frame(m.ACK, pack(m.ACK, 1)))]
        acknowledged = engine.committed(2, 0.9)
        assert acknowledged[0] == sync.Send(encode_frame(m.ACK, pack(m.ACK, 2)))
        assert acknowledged[-1] == sync.Done()

    def test_random_devices(self) -> None:
        ends = set()
        for seed in range(150):
            chance = Chance(seed)

            def answer(kind: int, fields: tuple[int, ...], _now_s: float, chance: Chance = chance) -> bytes:
                if kind == m.HELLO and chance.below(4):
                    return welcome()
                if kind == m.PING and chance.below(2):
                    return encode_frame(m.PONG, pack(m.PONG, fields[0], chance.below(2**30)))
                if kind == m.FETCH and chance.below(2):
                    upto_seq = fields[1] + chance.below(4)
                    data = b"".join(mark(seq) for seq in range(fields[1], upto_seq))
                    return records_frame(fields[0], fields[1], upto_seq, data)
                return random_frame(chance, FROM_DEVICE)

            meeting = Meeting(answer, lambda chance=chance: random_frame(chance, FROM_DEVICE), 0.7).run(
                4000.0
            )
            ends.add(meeting.reason)
        assert len(ends) > 2

    def test_a_name_that_is_no_text(self) -> None:
        meeting = Meeting(lambda *_: welcome(tail=b"\xff\xfe\xfd")).run(self.SOON_S)
        assert meeting.reason == "the device gives a name that is no text"

    def test_another_protocol_in_the_welcome(self) -> None:
        meeting = Meeting(lambda *_: welcome(protocol=9)).run(self.SOON_S)
        assert meeting.reason == "the device speaks protocol 9, this host 1"

    @pytest.mark.parametrize(
        ("reason", "word"), [(m.OTHER_PROTOCOL, "protocol version"), (m.NOT_GREETED, "anew")]
    )
    def test_a_refusal_says_why(self, reason: int, word: str) -> None:
        meeting = Meeting(lambda *_: encode_frame(m.REFUSED, pack(m.REFUSED, reason))).run(self.SOON_S)
        assert word in meeting.reason

    def test_after_the_end_nothing_matters(self) -> None:
        meeting = Meeting(lambda *_: b"").run(31.0)
        assert meeting.engine.receive(welcome(), 500.0) == []
        assert meeting.engine.tick(500.0) == []


def test_payloads_of_any_length_never_raise() -> None:
    chance = Chance(3)
    for kind in range(256):
        for length in range(48):
            message = unpack(kind, chance.take(length))
            layout = LAYOUTS.get(kind)
            assert (message is None) == (
                layout is None or length < len(pack(kind, *([0] * (len(layout[1]) - 1))))
            )
