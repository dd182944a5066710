"""What the two halves of the handshake do at their limits: lengths, delays, repetitions, refusals."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.chance import Chance
from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY, Device, Host, KeyRing
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.shared.protocol import keys, seal
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol.device_handshake import DeviceHandshake
from twitchwatch.shared.protocol.framing import encode_frame
from twitchwatch.shared.protocol.host_handshake import HostHandshake, refusal

pytestmark = pytest.mark.usefixtures("promptly")

MINUTE_US = 60_000_000
DELAYS_US = [0, 0, 250_000, 500_000, 1_000_000, 2_000_000, 4_000_000]


def device_half() -> DeviceHandshake:
    return DeviceHandshake(KeyRing(), HARDWARE_ID.encode(), aes_ctr, Chance(1).take)


class TestDelays:
    def test_two_are_free_then_each_waits_twice_as_long_up_to_four_seconds(self) -> None:
        half = device_half()
        assert [half.delay_us(5) for _ in range(9)] == [*DELAYS_US, 4_000_000, 4_000_000]

    @pytest.mark.parametrize("minutes", range(8))
    def test_each_minute_forgets_one_failure(self, minutes: int) -> None:
        half = device_half()
        for _ in range(20):
            half.delay_us(0)
        assert half.delay_us(minutes * MINUTE_US) == DELAYS_US[max(0, 6 - minutes)]
        # The time counts from the last one.
        assert half.delay_us(minutes * MINUTE_US) == DELAYS_US[min(6, max(0, 6 - minutes) + 1)]

    def test_a_minute_that_is_not_over_forgets_nothing(self) -> None:
        half = device_half()
        for _ in range(20):
            half.delay_us(0)
        assert half.delay_us(MINUTE_US - 1) == DELAYS_US[6]

    def test_a_success_forgets_all(self) -> None:
        half, host = device_half(), HostHandshake(HOST_ID, bytes(16), aes_ctr)
        for _ in range(6):
            half.delay_us(5)
        assert host.hear(half.challenge(HOST_ID, bytes(16))[1:])
        assert host.prove([KEY])
        assert half.admit(host.proof)
        assert [half.delay_us(5) for _ in range(7)] == DELAYS_US


class TestProofs:
    def test_a_proof_that_came_twice_is_welcomed_twice_and_no_other_is(self) -> None:
        device = Device()
        host = Host(device)
        device.session.receive(host.hello())
        ((_, challenge),) = device.sent()
        proof = host.proof(challenge)
        for _ in range(2):
            device.session.receive(proof)
            assert [kind for kind, _ in host.heard()] == [m.WELCOME]
        for wrong in (bytes(16), host.host_handshake.proof[:15], b""):
            device.session.receive(encode_frame(m.PROVE, wrong))
            assert device.sent() == []
        assert device.session.proven

    def test_without_a_challenge_there_is_nothing_to_prove(self) -> None:
        half = device_half()
        assert not half.admit(b"")
        assert not half.admitted_by(b"")
        half.challenge(HOST_ID, bytes(16))
        assert not half.admitted_by(half._expected)
        half.close()
        assert not half.admit(b"")

    def test_a_challenge_needs_an_identity_behind_nonce_and_proof(self) -> None:
        half = HostHandshake(HOST_ID, bytes(16), aes_ctr)
        assert not half.hear(bytes(32))
        assert half.hear(bytes(32) + b"i")
        assert half.hardware_id == b"i"

    def test_a_device_whose_id_is_no_text_or_of_another_protocol_is_not_accepted(self) -> None:
        half = HostHandshake(HOST_ID, bytes(16), aes_ctr)
        assert half.hear(bytes(32) + b"\xff\xfe")
        known = {"\ufffd\ufffd": [KEY], "": [KEY]}
        assert "text" in half.objection(m.PROTOCOL, known)
        for protocol in (m.PROTOCOL - 1, m.PROTOCOL + 1):
            assert str(protocol) in half.objection(protocol, known)

    def test_what_a_refusal_means(self) -> None:
        """Only a restart of the device is worth another try; so is what a newer one refuses for."""
        for reason, useless in ((m.OTHER_PROTOCOL, True), (m.NOT_PAIRED, True), (m.WRONG_PROOF, True)):
            assert refusal(reason)[1] is useless
        assert refusal(m.NOT_PROVEN) == refusal(200)
        assert refusal(m.NOT_PROVEN)[1] is False


class TestLimits:
    @pytest.mark.parametrize("length", [0, 63, 64, 65, 128])
    def test_keys_about_as_long_as_a_block(self, length: int) -> None:
        key = bytes(range(1, length + 1))
        assert keys.Hmac(key).digest(b"x") == hmac.new(key, b"x", hashlib.sha256).digest()

    @given(st.integers(1, 200))
    def test_hkdf_gives_as_many_bytes_as_asked_and_the_same_first_ones(self, length: int) -> None:
        made = keys.hkdf(KEY, b"salt", b"info", length)
        assert len(made) == length
        assert keys.hkdf(KEY, b"salt", b"info", 255)[:length] == made

    def test_the_last_counter_is_the_largest_that_the_head_can_say(self) -> None:
        sealer = seal.Sealer(m.HOST_SEALED, aes_ctr(KEY), KEY)
        sealer._counter = 2**32 - 1
        assert not sealer.worn_out
        opener = seal.Opener(m.HOST_SEALED, aes_ctr(KEY), KEY)
        assert opener.open(sealer.seal(m.BYE)) == (m.BYE, b"")
        assert sealer.worn_out

    def test_what_is_shorter_than_a_seal_is_refused(self) -> None:
        opener = seal.Opener(m.HOST_SEALED, aes_ctr(KEY), KEY)
        for length in range(seal.SEAL_BYTES):
            assert opener.open(bytes(length)) is None
        assert opener.refused == seal.SEAL_BYTES == 21
