"""A failure inside a device's session ends that session; and how long unpaired computers block its owner."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol.peers import HOST_ID, Device, Host
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol import settings as device_settings
from twitchwatch.shared.protocol.device_handshake import DELAYS_S, FORGET_US
from twitchwatch.shared.protocol.framing import encode_frame

pytestmark = pytest.mark.usefixtures("promptly")

# A host that scans finds the device and is connected within this time (bench/air).
FINDING_S = 3.0
MIN_LISTEN_S = {row[0]: row[2] for row in device_settings.TABLE}["listen_s"]
FAILURES = [MemoryError("none left"), OSError(5), ValueError("damaged")]


def failing(error: Exception) -> Any:
    def fail(*_: object) -> None:
        raise error

    return fail


class TestFailures:
    @pytest.mark.parametrize("error", FAILURES, ids=repr)
    def test_a_log_that_cannot_be_read_ends_the_session_and_no_more(self, error: Exception) -> None:
        device = Device()
        host = Host(device).authenticate()
        read, device.log.read = device.log.read, failing(error)  # type: ignore[method-assign]
        host.say(m.FETCH, 1, 0, 99)
        assert device.sent() == []
        # At the next turn it says so.
        ((kind, payload),) = device.sent()
        assert (kind, payload[0]) == (m.REFUSED, m.NOT_PROVEN)
        assert not device.session.proven
        assert device.session.faults == 1
        device.log.read = read  # type: ignore[method-assign]
        again = Host(device, seed=3).authenticate()
        again.say(m.FETCH, 1, 0, 99)
        assert m.RECORDS in [kind for kind, _ in again.heard()]

    @pytest.mark.parametrize("error", FAILURES, ids=repr)
    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("change", (m.CHANGE, 1)),
            ("acknowledge", (m.ACK, 5)),
            ("keep_anchor", (m.ANCHOR, 1, 2, 3)),
            ("listen", (m.CAPTURE, 1)),
        ],
    )
    def test_an_application_that_cannot_do_what_is_asked_ends_the_session(
        self, error: Exception, asked: str, said: tuple[int, ...]
    ) -> None:
        device = Device()
        host = Host(device).authenticate()
        host.say(m.FETCH, 1, 0, 99)
        host.heard()
        setattr(device.owner, asked, failing(error))
        host.say(*said)
        ((kind, payload),) = device.sent()
        assert (kind, payload[0]) == (m.REFUSED, m.NOT_PROVEN)
        assert not device.session.capturing
        Host(device, seed=3).authenticate()


class TestPatience:
    @settings(max_examples=150)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(("hello", "guess", "unpaired", "other version", "garbage", "connects")),
                st.integers(0, 20_000),
            ),
            max_size=60,
        ),
        st.integers(0, 2_000),
    )
    def test_the_owner_is_in_before_the_shortest_listening_ends_whoever_came_before(
        self, history: list[tuple[str, int]], quiet_ms: int
    ) -> None:
        device = Device()
        for seed, (does, after_ms) in enumerate(history, 10):
            device.now_us += after_ms * 1000
            host = Host(device, seed=seed, host_id=HOST_ID + (does == "unpaired"))
            if does == "connects":
                device.session.open()
            elif does == "garbage":
                device.session.receive(bytes([seed % 256]) * 40)
            elif does == "other version":
                device.session.receive(encode_frame(m.HELLO, m.pack(m.HELLO, 1, HOST_ID) + bytes(16)))
            else:
                device.session.receive(host.hello())
                device.sent()
                if does == "guess":
                    device.session.receive(encode_frame(m.PROVE, bytes(16)))
            device.sent()
        device.now_us += quiet_ms * 1000
        # The radio opens; after a while the owner is connected.
        begun_us = device.now_us
        device.now_us += int(FINDING_S * 1e6)
        device.session.open()
        owner = Host(device)
        device.session.receive(owner.hello())
        while not (said := device.sent()):
            device.now_us += 100_000
        device.session.receive(owner.proof(said[0][1]))
        assert device.session.proven
        assert (device.now_us - begun_us) / 1e6 < MIN_LISTEN_S

    def test_failures_are_forgotten_one_a_minute(self) -> None:
        device = Device()
        handshake = device.session._handshake
        for _ in range(20):
            handshake.delay_us(0)
        assert handshake.delay_us(0) == DELAYS_S[-1] * 1e6
        assert handshake.delay_us(2 * FORGET_US) == DELAYS_S[-3] * 1e6
        assert handshake.delay_us(100 * FORGET_US) == 0
