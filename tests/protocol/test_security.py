"""Nothing gets in without the key: no other computer, replay, forgery, downgrade or guess. The owner does."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol.chance import Chance
from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY, Device, Frames, Host, Ring
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.shared.protocol import actions, device_states, host_states, keys, records, seal, sync
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol.device_handshake import DELAYS_S
from twitchwatch.shared.protocol.framing import encode_frame
from twitchwatch.shared.protocol.messages import FORMS, pack

pytestmark = pytest.mark.usefixtures("promptly")

STRANGE_KEY = bytes(range(1, 17))
# Generous for any refusal, too little for a record, a setting or a count.
REFUSAL_BYTES = 1


def only_refused(frames: Frames, *reasons: int) -> bool:
    return all(kind == m.REFUSED and len(payload) == REFUSAL_BYTES for kind, payload in frames) and (
        not reasons or [payload[0] for _, payload in frames] == list(reasons)
    )


class TestUnpaired:
    def test_says_everything_in_the_clear(self) -> None:
        device = Device()
        for kind in FORMS:
            if kind != m.HELLO:
                device.session.receive(encode_frame(kind, bytes(60)))
                assert only_refused(device.sent())
        assert device.log.first_seq == 0
        assert not device.session.live_asked
        assert not device.session.capturing
        assert device.owner.changes == device.owner.anchors == []

    @pytest.mark.parametrize("host_id", [HOST_ID, HOST_ID + 1])
    def test_without_any_key_a_device_refuses(self, host_id: int) -> None:
        device = Device(key=None)
        device.session.receive(Host(device, host_id=host_id).hello())
        assert only_refused(device.sent(), m.NOT_PAIRED)
        assert not device.session.proven

    def test_an_unknown_host_is_refused(self) -> None:
        device = Device()
        device.session.receive(Host(device, host_id=HOST_ID + 1).hello())
        assert only_refused(device.sent(), m.NOT_PAIRED)

    def test_a_wrong_key_is_refused(self) -> None:
        device = Device()
        host = Host(device)
        device.session.receive(host.hello())
        ((_, challenge),) = device.sent()
        host.proof(challenge)
        for guess in (bytes(16), STRANGE_KEY, b"", bytes(40), challenge[1:17], challenge[17:33]):
            device.session.receive(encode_frame(m.PROVE, guess))
            assert only_refused(device.sent(), *([m.WRONG_PROOF] if guess == bytes(16) else []))
            assert not device.session.proven

    def test_older_and_newer_versions_are_refused(self) -> None:
        device = Device()
        for protocol in (0, 1, m.PROTOCOL + 1, 255):
            hello = pack(m.HELLO, protocol, HOST_ID) + bytes(16)
            device.session.receive(encode_frame(m.HELLO, hello))
            assert only_refused(device.sent(), m.OTHER_PROTOCOL)

    def test_a_downgrade_does_not_end_a_running_session(self) -> None:
        host = Host(Device()).authenticate()
        host.device.session.receive(encode_frame(m.HELLO, pack(m.HELLO, 1, HOST_ID)))
        host.say(m.PING, 5)
        assert [kind for kind, _ in host.heard()] == [m.PONG]


class TestFrames:
    def test_a_replay_in_the_session_is_refused(self) -> None:
        host = Host(Device()).authenticate()
        ack = host.frame(m.ACK, pack(m.ACK, 5))
        ping = host.frame(m.PING, pack(m.PING, 1))
        session = host.device.session
        session.receive(ping)
        session.receive(ack)
        assert host.device.log.first_seq == 0
        session.receive(ping)
        assert [kind for kind, _ in host.heard()] == [m.PONG]

    def test_a_recorded_session_is_of_no_use(self) -> None:
        device = Device()
        host = Host(device)
        device.session.receive(host.hello())
        ((_, challenge),) = device.sent()
        said = [host.hello(), host.proof(challenge), host.frame(m.FETCH, pack(m.FETCH, 1, 0, 99))]
        for frame in said[1:]:
            device.session.receive(frame)
        assert len(device.sent()) > 1
        device.session.open()
        for frame in said:
            device.session.receive(frame)
            device.now_us += 10_000_000
            assert {kind for kind, _ in device.sent()} <= {m.CHALLENGE, m.REFUSED}
        assert not device.session.proven

    def test_lost_frames_cost_nothing_but_themselves(self) -> None:
        host = Host(Device()).authenticate()
        for token in range(40):
            frame = host.frame(m.PING, pack(m.PING, token))
            if token % 3 == 0:
                host.device.session.receive(frame)
                assert [payload[:4] for _, payload in host.heard()] == [token.to_bytes(4, "little")]

    def test_a_device_s_own_words_are_not_taken_from_a_host(self) -> None:
        host = Host(Device()).authenticate()
        host.say(m.FETCH, 1, 0, 99)
        for kind, payload in host.device.sent():
            assert kind == m.DEVICE_SEALED
            host.device.session.receive(encode_frame(m.HOST_SEALED, payload))
        assert host.device.sent() == []

    @settings(max_examples=300)
    @given(st.integers(0, 2**31), st.integers(0, 400), st.integers(1, 255))
    def test_any_change_of_a_sealed_frame_is_refused(self, seed: int, at: int, flip: int) -> None:
        chance = Chance(seed)
        payload = chance.take(chance.below(120))
        sealer = seal.Sealer(m.HOST_SEALED, aes_ctr(KEY), KEY)
        opener = seal.Opener(m.HOST_SEALED, aes_ctr(KEY), KEY)
        sealed = sealer.seal(m.PING, payload)
        changed = bytearray(sealed)
        changed[at % len(changed)] ^= flip
        for forged in (bytes(changed), bytes(sealed[: at % len(sealed)]), bytes(sealed) + b"\0"):
            assert opener.open(forged) is None
        assert opener.refused == 3
        assert opener.open(bytes(sealed)) == (m.PING, payload)
        assert opener.open(bytes(sealed)) is None

    def test_a_used_up_counter_ends_the_session(self) -> None:
        host = Host(Device()).authenticate()
        sealer = host.device.session._handshake.sealer
        assert sealer is not None
        sealer._counter = seal.LAST_COUNTER
        host.say(m.PING, 1)
        assert len(host.heard()) == 1
        host.say(m.FETCH, 1, 0, 10)
        assert only_refused(host.device.sent(), m.NOT_PROVEN)
        assert host.device.session.state == device_states.CLOSED

    def test_no_two_sessions_share_a_key(self) -> None:
        device = Device()
        seen: set[bytes] = set()
        for seed in range(30):
            host = Host(device, seed=seed).authenticate()
            # The same message under the same counter.
            seen.add(host.frame(m.PING, pack(m.PING, 1)))
            device.session.open()
        assert len(seen) == 30


class TestPatience:
    """Guessing costs time, and the owner of the key gets in all the same."""

    def guess(self, device: Device, seed: int) -> None:
        device.session.open()
        device.session.receive(Host(device, seed=seed).hello())
        device.sent()
        device.session.receive(encode_frame(m.PROVE, bytes(16)))
        device.sent()

    def test_guesses_get_rarer(self) -> None:
        device = Device()
        challenges = 0
        for seed in range(10, 10_010):
            device.session.open()
            device.session.receive(Host(device, seed=seed).hello())
            challenges += sum(kind == m.CHALLENGE for kind, _ in device.sent())
            device.session.receive(encode_frame(m.PROVE, bytes(16)))
            device.sent()
            device.now_us += 10_000
        assert challenges <= 100 / DELAYS_S[-1] + len(DELAYS_S)

    def test_the_rightful_host_waits_at_most_so_long(self) -> None:
        device = Device()
        for seed in range(10, 200):
            self.guess(device, seed)
        device.session.open()
        host = Host(device)
        device.session.receive(host.hello())
        assert device.sent() == []
        waited_s = 0.0
        while not (said := device.sent()):
            device.now_us += 100_000
            waited_s += 0.1
            # Asking again does not put it off.
            device.session.receive(host.hello())
        assert waited_s <= DELAYS_S[-1] + 0.1
        device.session.receive(host.proof(said[0][1]))
        assert device.session.proven
        # And then the past is forgotten.
        device.session.open()
        Host(device, seed=4).authenticate()


class TestEngine:
    def engine(self, known: dict[str, list[bytes]]) -> sync.SyncEngine:
        return sync.SyncEngine(HOST_ID, known, aes_ctr, bytes(16))

    @pytest.mark.parametrize(
        ("known", "word"),
        [({}, "no key"), ({HARDWARE_ID: [STRANGE_KEY]}, "different keys"), ({"other": [KEY]}, "no key")],
    )
    def test_a_strange_device_is_left_at_once_and_learns_nothing(
        self, known: dict[str, list[bytes]], word: str
    ) -> None:
        engine, ring = self.engine(known), Ring()
        back, _ = ring.answer(engine.start(0.0)[0][0])  # type: ignore[arg-type]
        (fail,) = engine.receive(back, 0.1)
        assert isinstance(fail, actions.Fail)
        assert fail.unpaired
        assert word in fail.reason
        assert engine.state == host_states.FAILED

    def test_the_newer_key_is_tried_first_and_the_older_one_too(self) -> None:
        for place, known in ((0, [KEY, STRANGE_KEY]), (1, [STRANGE_KEY, KEY])):
            engine, ring = self.engine({HARDWARE_ID: known}), Ring()
            back, _ = ring.answer(engine.start(0.0)[0][0])  # type: ignore[arg-type]
            (prove,) = engine.receive(back, 0.1)
            ring.answer(prove[0])  # type: ignore[arg-type]
            fields = pack(m.WELCOME, m.PROTOCOL, 0, 77, 1, 5, 0, 9, 2)
            (identify,) = engine.receive(ring.frame(m.WELCOME, fields + b"idring"), 0.2)
            assert isinstance(identify, actions.Identify)
            assert identify.key_place == place

    @pytest.mark.parametrize("reason", [m.OTHER_PROTOCOL, m.NOT_PAIRED, m.WRONG_PROOF])
    def test_a_refusal_says_that_it_is_of_no_use_to_try_again(self, reason: int) -> None:
        engine = self.engine({HARDWARE_ID: [KEY]})
        engine.start(0.0)
        (fail,) = engine.receive(encode_frame(m.REFUSED, pack(m.REFUSED, reason)), 0.1)
        assert isinstance(fail, actions.Fail)
        assert fail.unpaired

    def test_nothing_in_the_clear_is_believed(self) -> None:
        engine = self.engine({HARDWARE_ID: [KEY]})
        engine.start(0.0)
        for kind in FORMS:
            if kind not in (m.CHALLENGE, m.REFUSED):
                assert engine.receive(encode_frame(kind, bytes(80)), 0.1) == []
        assert engine.state == host_states.HANDSHAKE

    def test_sealed_words_of_another_session_are_not_believed(self) -> None:
        old_engine, old = self.engine({HARDWARE_ID: [KEY]}), Ring()
        old.answer(old_engine.receive(old.answer(old_engine.start(0.0)[0][0])[0], 0.1)[0][0])  # type: ignore[arg-type]
        recorded = old.frame(m.WELCOME, pack(m.WELCOME, m.PROTOCOL, 0, 77, 1, 5, 0, 9, 2) + b"idring")
        engine, ring = sync.SyncEngine(HOST_ID, {HARDWARE_ID: [KEY]}, aes_ctr, bytes(15) + b"1"), Ring()
        engine.receive(ring.answer(engine.start(0.0)[0][0])[0], 0.1)  # type: ignore[arg-type]
        assert engine.state == host_states.PROVING
        assert engine.receive(recorded, 0.2) == []
        assert engine.refused_frames == 1


class TestPrimitives:
    """Against the standard library; the vectors of sealed.json come from `cryptography`."""

    @given(st.binary(max_size=100), st.lists(st.binary(max_size=100), max_size=4))
    def test_hmac(self, key: bytes, parts: list[bytes]) -> None:
        expected = hmac.new(key, b"".join(parts), hashlib.sha256).digest()
        assert keys.Hmac(key).digest(*parts) == expected

    @given(st.binary(max_size=40), st.binary(max_size=40))
    def test_same(self, one: bytes, other: bytes) -> None:
        assert keys.same(one, other) == (one == other)
        assert keys.same(one, bytes(one))

    def test_hkdf_of_rfc_5869(self) -> None:
        """Appendix A.1."""
        made = keys.hkdf(bytes([0x0B] * 22), bytes(range(13)), bytes(range(0xF0, 0xFA)), 42)
        assert made.hex() == (
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        )


def test_records_never_cross_in_the_clear() -> None:
    device = Device()
    host = Host(device).authenticate()
    host.say(m.FETCH, 1, 0, 99)
    wire = b"".join(payload for _, payload in device.sent())
    # Seven bytes in a row of any record, its CRC among them, would be no accident.
    for raw in device.log.truth.values():
        assert raw[:7] not in wire
        assert raw[-records.CRC_BYTES - 3 :] not in wire
