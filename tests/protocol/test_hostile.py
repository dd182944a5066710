"""Peers that have the key but lie, babble or stop sending: no exception, an end in bounded time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.chance import Chance
from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY, Device, Host, Ring, authenticated, opened
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.shared.protocol import actions, batch, records, sync
from twitchwatch.shared.protocol import host_states as states
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol.framing import MAX_PAYLOAD_BYTES, MAX_STUFFED_BYTES, encode_frame
from twitchwatch.shared.protocol.messages import FORMS, pack, unpack
from twitchwatch.shared.protocol.session import MAX_REPLIES

pytestmark = pytest.mark.usefixtures("promptly")

LETTER_BITS = {"B": 8, "H": 16, "I": 32, "Q": 64}
Said = tuple[int, bytes]
Answer = Callable[[int, tuple[int, ...], float], list[Said]]

FROM_HOST = [kind for kind in FORMS if kind < 0x80 and kind not in m.IN_THE_CLEAR]
FROM_DEVICE = [kind for kind in FORMS if kind >= 0x80 and kind not in m.IN_THE_CLEAR]


def random_field(chance: Chance, letter: str) -> int:
    top = 1 << LETTER_BITS[letter]
    return (0, 1, 9, 10, 20, 21, top - 1, chance.below(top), chance.below(30))[chance.below(9)]


def random_message(chance: Chance, kinds: list[int]) -> Said:
    """A message of random fields, of random bytes, or of an unknown type."""
    if chance.below(10) == 0:
        return chance.below(256), chance.take(chance.below(60))
    kind = kinds[chance.below(len(kinds))]
    form = FORMS[kind][1:]
    payload = pack(kind, *(random_field(chance, letter) for letter in form))
    return kind, payload + chance.take(chance.below(40))


class TestDevice:
    def test_random_hosts(self) -> None:
        for seed in range(120):
            chance = Chance(seed)
            device = Device()
            host = Host(device).authenticate()
            log, session = device.log, device.session
            frames = []
            for _ in range(60):
                session.receive(host.frame(*random_message(chance, FROM_HOST)))
                assert len(session._replies) <= MAX_REPLIES
                assert len(session._reader._part) <= MAX_STUFFED_BYTES
                if chance.below(3) == 0:
                    frames += host.heard(5)
                assert log.next_seq == 20
                assert log.first_seq <= 20
            for kind, payload in frames:
                message = unpack(kind, payload)
                assert message is not None
                if kind == m.RECORDS:
                    found, damaged = records.split(message[1])
                    assert damaged == 0
                    assert all(log.truth[records.seq_at(raw, 0)] == raw for raw in found)

    def test_what_was_never_logged_cannot_be_acknowledged(self) -> None:
        device = Device()
        host = Host(device).authenticate()
        host.say(m.FETCH, 1, 0, 100)
        host.heard()
        for upto_seq, first_seq in ((21, 0), (2**32 - 1, 0), (20, 20)):
            host.say(m.ACK, upto_seq)
            assert device.log.first_seq == first_seq

    @given(
        st.lists(
            st.one_of(
                st.tuples(st.just(m.ACK), st.integers(0, 25) | st.integers(0, 2**32 - 1)),
                st.tuples(st.just(m.FETCH), st.just(1), st.integers(0, 25), st.integers(0, 20)),
                st.tuples(st.just(m.BYE)),
            ),
            max_size=20,
        )
    )
    def test_what_was_not_sent_cannot_be_acknowledged(self, said: list[tuple[int, ...]]) -> None:
        device = Device()
        host = Host(device).authenticate()
        sent = 0
        for message in said:
            host.say(*message)
            assert device.log.first_seq <= sent
            # A piece at a time: what follows may be said before all of the answer is sent.
            for kind, payload in host.heard(1):
                if kind == m.RECORDS:
                    sent = max(sent, unpack(kind, payload)[0][2])  # type: ignore[index]

    @pytest.mark.parametrize("from_seq", [20, 21, 2**32 - 1])
    def test_asking_beyond_the_end_is_answered_by_the_end(self, from_seq: int) -> None:
        host = Host(Device()).authenticate()
        host.say(m.FETCH, 3, from_seq, 100)
        assert host.heard() == [(m.CAUGHT_UP, pack(m.CAUGHT_UP, 3, 20))]

    def test_a_window_of_nothing_gets_nothing(self) -> None:
        host = Host(Device()).authenticate()
        host.say(m.FETCH, 3, 0, 0)
        assert host.heard() == []

    def test_a_flood_of_questions_costs_eight_answers(self) -> None:
        host = Host(Device()).authenticate()
        for _ in range(5000):
            host.say(m.PING, 1)
        assert len(host.heard()) == MAX_REPLIES

    def test_a_short_payload_is_no_message(self) -> None:
        for kind in FROM_HOST:
            device = Device()
            host = Host(device).authenticate()
            size = len(pack(kind, *([0] * (len(FORMS[kind]) - 1))))
            for length in range(size):
                device.session.receive(host.frame(kind, bytes(length)))
            assert host.heard() == []
            assert device.log.first_seq == 0

    def test_a_new_connection_forgets_half_a_frame_and_the_handshake(self) -> None:
        device = Device()
        host = Host(device).authenticate()
        device.session.receive(host.frame(m.PING, pack(m.PING, 1))[:9])
        device.session.open()
        device.session.receive(host.frame(m.FETCH, pack(m.FETCH, 1, 0, 100)))
        assert device.sent() == [(m.REFUSED, pack(m.REFUSED, m.NOT_PROVEN))]
        Host(device, seed=3).authenticate()

    def test_the_end_is_told_again_after_later_records(self) -> None:
        device = Device()
        host = Host(device).authenticate()
        host.say(m.FETCH, 3, 15, 100)
        assert [kind for kind, _ in host.heard()] == [m.RECORDS, m.CAUGHT_UP]
        device.log.append(records.MARK, (1,))
        expected = (m.CAUGHT_UP, pack(m.CAUGHT_UP, 3, 21))
        assert host.heard() == [(m.RECORDS, pack(m.RECORDS, 3, 20, 21) + device.log.truth[20]), expected]

    def test_a_newer_host_may_say_more(self) -> None:
        device = Device()
        host = Host(device)
        device.session.receive(encode_frame(m.HELLO, host.host_handshake.hello() + b"more"))
        assert [kind for kind, _ in device.sent()] == [m.CHALLENGE]
        host = Host(device).authenticate()
        device.session.receive(host.frame(0x44, b"a question of a later day"))
        assert host.heard() == []


class SyncSession:
    """An engine, and a device that answers each message as `answer` likes and says `talk` every so often."""

    def __init__(self, answer: Answer, talk: Callable[[], Said] | None = None, every_s: float = 1.0) -> None:
        self.engine = sync.SyncEngine(HOST_ID, {HARDWARE_ID: [KEY]}, aes_ctr, bytes(16))
        self.now_s = 100.0
        self.committed = 0
        self.reason = ""
        self.ring = Ring()
        self._answer = answer
        self._talk = talk
        self._every_s = every_s

    def run(self, limit_s: float) -> SyncSession:
        arriving: list[bytes] = []
        next_talk_s = self.now_s
        self._perform(self.engine.start(self.now_s), arriving)
        while self.engine.state not in (states.DONE, states.FAILED):
            assert self.now_s < 100.0 + limit_s, "an engine without end"
            if arriving:
                self.now_s += 0.01
                self._perform(self.engine.receive(arriving.pop(0), self.now_s), arriving)
            elif self._talk is not None and next_talk_s <= self.engine.deadline_s():
                self.now_s = max(self.now_s, next_talk_s)
                next_talk_s += self._every_s
                if self.ring.handshake.sealer is not None:
                    arriving.append(self.ring.frame(*self._talk()))
            else:
                self.now_s = max(self.now_s, self.engine.deadline_s())
                self._perform(self.engine.tick(self.now_s), arriving)
            assert len(self.engine._reader._part) <= MAX_STUFFED_BYTES
            assert (
                len(self.engine._batch) < batch.COMMIT_RECORDS + MAX_PAYLOAD_BYTES // records.OVERHEAD_BYTES
            )
        return self

    def _perform(self, asked: list[tuple[object, ...]], arriving: list[bytes]) -> None:
        todo = list(asked)
        while todo:
            action = todo.pop(0)
            if isinstance(action, actions.Send):
                back, messages = self.ring.answer(action.data)
                if back:
                    arriving.append(back)
                for kind, fields, _ in messages:
                    said = b"".join(self.ring.frame(*each) for each in self._answer(kind, fields, self.now_s))
                    if said:
                        arriving.append(said)
            elif isinstance(action, actions.Identify):
                todo += self.engine.resume(self.committed, self.now_s)
            elif isinstance(action, actions.Commit):
                assert action.from_seq == self.committed < action.upto_seq
                seqs = [records.seq_at(raw, 0) for raw in action.records]
                assert seqs == sorted(set(seqs))
                assert all(action.from_seq <= seq < action.upto_seq for seq in seqs)
                assert all(records.sealed_length(raw, 0) == len(raw) for raw in action.records)
                self.committed = action.upto_seq
                todo += self.engine.committed(action.upto_seq, action.upto_seq, self.now_s)
            elif isinstance(action, actions.Timed):
                utc_us = int(self.now_s * 1e6)
                todo += self.engine.anchor(action.time_us, utc_us, action.uncertainty_us, self.now_s)
            elif isinstance(action, actions.Fail):
                self.reason = action.reason


def welcome(tail: bytes = b"idring", flags: int = 0) -> Said:
    return m.WELCOME, pack(m.WELCOME, m.PROTOCOL, flags, 77, 1, 5, 0, 9, 2) + tail


def records_said(stream: int, from_seq: int, upto_seq: int, data: bytes = b"") -> Said:
    return m.RECORDS, pack(m.RECORDS, stream, from_seq, upto_seq) + data


def caught_up(stream: int, next_seq: int) -> Said:
    return m.CAUGHT_UP, pack(m.CAUGHT_UP, stream, next_seq)


def mark(seq: int) -> bytes:
    return records.encode(records.MARK, seq, 1, 5, (1,))


def mute(*_: object) -> list[Said]:
    return []


def answering(then: Callable[[tuple[int, ...]], list[Said]]) -> Answer:
    """A device that authenticates, and answers FETCH with `then`."""

    def answer(kind: int, fields: tuple[int, ...], _now_s: float) -> list[Said]:
        if kind == m.PROVE:
            return [welcome()]
        return then(fields) if kind == m.FETCH else []

    return answer


class TestHost:
    # The handshake's tries, then patience with what came last, then a few rounds of contradictions.
    SOON_S = 400.0

    def test_a_silent_device(self) -> None:
        sync_session = SyncSession(mute).run(40.0)
        assert sync_session.reason == "the device stopped answering"

    @pytest.mark.parametrize(
        "then",
        [
            lambda fetch: [records_said(fetch[0], fetch[1], fetch[1])],
            lambda fetch: [records_said(fetch[0], fetch[1], max(0, fetch[1] - 1))],
            lambda fetch: [records_said(fetch[0] ^ 1, fetch[1], fetch[1] + 5)],
            lambda fetch: [records_said(fetch[0], fetch[1] + 3, fetch[1] + 5)],
            lambda fetch: [caught_up(fetch[0], 2**32 - 1)],
            lambda fetch: [caught_up(fetch[0] ^ 1, fetch[1])],
            lambda fetch: [caught_up(fetch[0], fetch[1])],
            lambda _: [(m.PONG, pack(m.PONG, 99, 5))],
            lambda _: [welcome()],
            lambda _: [],
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
    def test_a_device_that_answers_but_never_gets_on(
        self, then: Callable[[tuple[int, ...]], list[Said]]
    ) -> None:
        sync_session = SyncSession(answering(then)).run(self.SOON_S)
        assert sync_session.engine.state == states.FAILED
        assert sync_session.committed == 0

    @pytest.mark.parametrize("every_s", [0.3, 1.0, 1.9])
    def test_a_device_that_babbles(self, every_s: float) -> None:
        for talk in ((0x55, b"\x55" * 40), (0x55, b""), records_said(200, 0, 5), (0x99, b"?"), welcome()):
            assert SyncSession(mute, lambda talk=talk: talk, every_s).run(self.SOON_S).reason

    def test_records_out_of_their_range_are_damage_not_data(self) -> None:
        said = []

        def answer(kind: int, fields: tuple[int, ...], _now_s: float) -> list[Said]:
            if kind == m.PROVE:
                return [welcome()]
            if kind == m.PING:
                return [(m.PONG, pack(m.PONG, fields[0], 5))]
            if kind == m.FETCH and not said:
                said.append(fields)
                # Out of order, twice, below, above, and one as it should be.
                data = mark(2) + mark(1) + mark(2) + mark(10) + mark(2**32 - 1) + mark(3)
                return [records_said(fields[0], 0, 9, data), caught_up(fields[0], 9)]
            return []

        sync_session = SyncSession(answer).run(self.SOON_S)
        assert sync_session.engine.state == states.DONE
        assert sync_session.committed == 9

    @pytest.mark.parametrize("upto_seq", [11, 12, 2**32 - 1])
    def test_a_range_beyond_the_own_count_is_not_believed(self, upto_seq: int) -> None:
        # WELCOME counted 9; the tenth has been logged since, and nothing that was never numbered is missing.
        data = b"".join(mark(seq) for seq in range(10))
        sync_session = SyncSession(answering(lambda fetch: [records_said(fetch[0], 0, upto_seq, data)]))
        sync_session.run(self.SOON_S)
        assert sync_session.reason == "the device sends numbers beyond its own count"
        assert sync_session.committed == 0

    def test_a_log_that_ends_before_it_begins(self) -> None:
        said = m.WELCOME, pack(m.WELCOME, m.PROTOCOL, 0, 77, 1, 5, 9, 8, 2) + b"idring"
        sync_session = SyncSession(lambda kind, *_: [said] if kind == m.PROVE else []).run(self.SOON_S)
        assert sync_session.reason == "the device's log ends before it begins"

    def test_promised_records_are_asked_for_at_once(self) -> None:
        asked_s = []

        def then(fetch: tuple[int, ...]) -> list[Said]:
            asked_s.append(sync_session.now_s)
            return [caught_up(fetch[0], 5)]

        sync_session = SyncSession(answering(then))
        sync_session.run(self.SOON_S)
        assert sync_session.reason == "the device announces records but does not send them"
        assert len(asked_s) == sync.STUCK
        assert asked_s[-1] - asked_s[0] < 1.0

    def test_a_rendezvous_waits_for_the_disk(self) -> None:
        engine, ring = authenticated()
        engine.receive(ring.frame(*welcome()), 0.1)
        opened(ring, engine.resume(0, 0.1))
        pong = m.PONG, pack(m.PONG, 1, 5)
        said = [pong, records_said(1, 0, 1, mark(0)), caught_up(1, 1)]
        todo = engine.receive(b"".join(ring.frame(*each) for each in said), 0.2)
        assert [type(action) for action in todo] == [actions.Timed, actions.Commit]
        assert actions.Done() not in engine.anchor(5, 100000, 50000, 0.2)
        tied = records.encode(records.ANCHOR, 1, 1, 5, (100000, 50000))
        said = [records_said(1, 1, 2, tied), caught_up(1, 2)]
        todo = engine.receive(b"".join(ring.frame(*each) for each in said), 0.3)
        assert [type(action) for action in todo] == [actions.Commit]
        assert engine.state == states.IDLE
        assert opened(ring, engine.committed(1, 1, 0.8)) == [(m.ACK, (1,))]
        todo = engine.committed(2, 2, 0.9)
        assert todo[-1] == actions.Done()
        assert opened(ring, todo) == [(m.ACK, (2,)), (m.BYE, ())]

    def test_random_devices(self) -> None:
        ends = set()
        for seed in range(150):
            chance = Chance(seed)

            def answer(
                kind: int, fields: tuple[int, ...], _now_s: float, chance: Chance = chance
            ) -> list[Said]:
                if kind == m.PROVE and chance.below(4):
                    return [welcome()]
                if kind == m.PING and chance.below(2):
                    return [(m.PONG, pack(m.PONG, fields[0], chance.below(2**30)))]
                if kind == m.FETCH and chance.below(2):
                    upto_seq = fields[1] + chance.below(4)
                    data = b"".join(mark(seq) for seq in range(fields[1], upto_seq))
                    return [records_said(fields[0], fields[1], upto_seq, data)]
                return [random_message(chance, FROM_DEVICE)]

            sync_session = SyncSession(answer, lambda chance=chance: random_message(chance, FROM_DEVICE), 0.7)
            ends.add(sync_session.run(4000.0).reason)
        assert len(ends) > 2

    def test_a_name_that_is_no_text(self) -> None:
        sync_session = SyncSession(lambda *_: [welcome(tail=b"\xff\xfe\xfd")]).run(self.SOON_S)
        assert sync_session.reason == "the device's name is not text"

    def test_after_the_end_nothing_matters(self) -> None:
        sync_session = SyncSession(mute).run(40.0)
        assert sync_session.engine.receive(sync_session.ring.frame(*welcome()), 500.0) == []
        assert sync_session.engine.tick(500.0) == []
        assert sync_session.engine.resume(5, 500.0) == []
