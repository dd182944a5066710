"""The device's session at the edges of its states: messages that arrive early, twice, or too often."""

from __future__ import annotations

import pytest

from tests.protocol.peers import HARDWARE_ID, HOST_ID, Device, Host
from twitchwatch.shared.protocol import device_states, records
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol.framing import encode_frame
from twitchwatch.shared.protocol.messages import pack, unpack

pytestmark = pytest.mark.usefixtures("promptly")


def delayed() -> tuple[Device, Host]:
    """A device that lets a host wait for its challenge, because many have failed."""
    device = Device()
    for _ in range(9):
        device.session._handshake.delay_us(device.now_us)
    host = Host(device)
    device.session.receive(host.hello())
    assert device.sent() == []
    return device, host


@pytest.mark.parametrize("kind", [m.PROVE, m.HOST_SEALED, m.WELCOME])
def test_what_comes_while_a_challenge_is_due_changes_nothing(kind):
    device, host = delayed()
    device.session.receive(encode_frame(kind, bytes(40)))
    assert device.sent() == []
    device.now_us += 4_000_000
    ((challenge_kind, challenge),) = device.sent()
    assert challenge_kind == m.CHALLENGE
    device.session.receive(host.proof(challenge))
    assert device.session.proven
    assert device.session.faults == 0


def test_a_challenge_is_not_sent_a_moment_before_it_is_due():
    device, _ = delayed()
    device.now_us += 4_000_000 - 1
    assert device.sent() == []
    device.now_us += 1
    assert [kind for kind, _ in device.sent()] == [m.CHALLENGE]


@pytest.mark.parametrize("kind", [m.HOST_SEALED, m.PROVE, m.WELCOME])
def test_what_comes_before_a_hello_is_refused_without_a_fault(kind):
    device = Device()
    device.session.receive(encode_frame(kind, bytes(40)))
    assert device.sent() == [(m.REFUSED, bytes([m.NOT_PROVEN]))]
    assert device.session.faults == 0


@pytest.mark.parametrize("kind", [m.CHALLENGE, m.REFUSED, m.WELCOME, m.DEVICE_SEALED, m.PROVE])
def test_words_in_the_clear_are_not_answered_in_a_session(kind):
    host = Host(Device()).authenticate()
    host.device.session.receive(encode_frame(kind, bytes(60)))
    assert host.device.sent() == []
    host.say(m.PING, 5)
    assert [kind for kind, _ in host.heard()] == [m.PONG]


def test_a_nonce_is_sixteen_bytes():
    device = Device()
    hello = pack(m.HELLO, m.PROTOCOL, HOST_ID)
    device.session.receive(encode_frame(m.HELLO, hello + bytes(15)))
    assert device.sent() == [(m.REFUSED, bytes([m.OTHER_PROTOCOL]))]
    device.session.receive(encode_frame(m.HELLO, hello + bytes(16)))
    assert [kind for kind, _ in device.sent()] == [m.CHALLENGE]


def test_another_hello_begins_another_handshake():
    device = Device()
    first, second = Host(device, seed=2), Host(device, seed=3)
    device.session.receive(first.hello())
    ((_, challenge),) = device.sent()
    stale = first.proof(challenge)
    device.session.receive(second.hello())
    ((_, challenge),) = device.sent()
    device.session.receive(second.proof(challenge))
    assert device.session.proven
    # The first one's proof is worth nothing any more.
    device.session.open()
    device.session.receive(second.hello())
    assert [kind for kind, _ in device.sent()] == [m.CHALLENGE]
    device.session.receive(stale)
    assert device.sent() == [(m.REFUSED, bytes([m.WRONG_PROOF]))]


def test_a_repeated_hello_gets_the_same_answer_until_the_host_has_gone_on():
    device = Device()
    host = Host(device)
    answers = []
    for _ in range(3):
        device.session.receive(host.hello())
        answers += device.sent()
    assert len(answers) == 3
    assert len(set(answers)) == 1
    device.session.receive(host.proof(answers[0][1]))
    assert len(host.heard()) == 1
    device.session.receive(host.hello())
    assert device.sent() == []
    assert device.session.proven
    # A new connection is a new handshake, with a nonce of its own.
    device.session.open()
    device.session.receive(host.hello())
    ((kind, challenge),) = device.sent()
    assert kind == m.CHALLENGE
    assert challenge != answers[0][1]


@pytest.mark.parametrize("live", [None, False, True])
def test_the_welcome_says_whose_log_it_is_and_how_far_it_goes(live):
    device = Device(count=9)
    # A ring does not stay connected unless its settings say so.
    if live is not None:
        device.session.live = live
    host = Host(device)
    device.session.receive(host.hello())
    ((_, challenge),) = device.sent()
    device.session.receive(host.proof(challenge))
    ((kind, payload),) = host.heard()
    fields, tail = unpack(kind, payload)
    assert fields[:7] == (m.PROTOCOL, m.LIVE if live else 0, 77, 1, device.now_us, 0, 9)
    assert (fields[7], tail) == (len(HARDWARE_ID), f"{HARDWARE_ID}ring".encode())


def test_what_a_host_says_reaches_the_application_as_it_was_said():
    device = Device()
    host = Host(device).authenticate()
    host.say(m.ANCHOR, 1, 2, 3, tail=b"Europe/Berlin")
    assert device.owner.anchors == [(1, 2, 3, b"Europe/Berlin")]
    host.say(m.CHANGE, 4, tail=b'{"name":"ring"}')
    assert device.owner.changes == [b'{"name":"ring"}']
    assert host.heard() == [(m.CHANGED, pack(m.CHANGED, 4, m.APPLIED))]


def test_modes_are_on_at_one_and_a_goodbye_ends_them():
    host = Host(Device()).authenticate()
    session = host.device.session
    for value in (1, 0, 1, 2):
        host.say(m.MODE, value)
        assert session.live_asked is (value == 1)
        host.say(m.CAPTURE, value)
        assert session.capturing is (value == 1)
    host.say(m.MODE, 1)
    host.say(m.CAPTURE, 1)
    assert session.finished is False
    host.say(m.BYE)
    assert session.finished is True
    assert session.state == device_states.FINISHED
    assert not session.live_asked
    assert not session.capturing
    assert not session.proven


def test_four_frames_of_raw_samples_wait_and_no_more():
    host = Host(Device()).authenticate()
    head = tuple(0 for _ in unpack(m.CAPTURED, bytes(60))[0])
    host.device.session.captured(head, b"none asked")
    assert host.heard() == []
    host.say(m.CAPTURE, 1)
    for i in range(9):
        host.device.session.captured(head, bytes([i]))
    heard = host.heard()
    assert [payload[-1] for _, payload in heard] == [0, 1, 2, 3]
    assert {kind for kind, _ in heard} == {m.CAPTURED}
    host.device.session.captured(head, b"\x09")
    assert len(host.heard()) == 1


def test_the_longest_record_goes_out_whole():
    device = Device(count=0)
    rest = records.MAX_RECORD_BYTES - len(records.encode(records.ANCHOR, 0, 1, 0, (0, 0)))
    device.log.append(records.ANCHOR, (0, 0), b"\x11" * rest)
    host = Host(device).authenticate()
    host.say(m.FETCH, 1, 0, 9)
    assert host.heard()[0] == (m.RECORDS, pack(m.RECORDS, 1, 0, 1) + device.log.truth[0])
    assert len(device.log.truth[0]) == 1024


def test_a_window_that_is_full_is_not_overrun_and_an_acknowledgement_opens_it():
    def spans(host: Host) -> list[tuple[int, int]]:
        return [unpack(kind, body)[0][1:3] for kind, body in host.heard() if kind == m.RECORDS]

    count = 200
    host = Host(Device(count=count)).authenticate()
    host.say(m.FETCH, 1, 0, count)
    frame = spans(host)[0][1]
    assert 1 < frame < count / 3
    host = Host(Device(count=count)).authenticate()
    host.say(m.FETCH, 1, 0, frame)
    assert spans(host) == [(0, frame)]
    # What is repeated or older opens nothing.
    host.say(m.ACK, 0)
    assert spans(host) == []
    host.say(m.ACK, frame)
    assert spans(host) == [(frame, 2 * frame)]
    assert host.device.log.first_seq == frame


def test_nothing_is_acknowledged_before_something_is_sent():
    host = Host(Device()).authenticate()
    host.say(m.ACK, 1)
    assert host.device.log.first_seq == 0


def test_damaged_frames_are_counted_and_cost_nothing_else():
    host = Host(Device()).authenticate()
    frame = bytearray(host.frame(m.PING, pack(m.PING, 1)))
    # A zero would make two frames of it.
    frame[5] = 1 if frame[5] != 1 else 2
    host.device.session.receive(bytes(frame))
    assert host.device.session.damaged == 1
    assert host.device.sent() == []
    assert host.device.session.proven


@pytest.mark.parametrize("limit", [1, 7, 20, 244])
def test_pieces_are_full_and_come_again_until_they_are_sent(limit):
    host = Host(Device(count=60)).authenticate()
    host.say(m.FETCH, 1, 0, 60)
    session = host.device.session
    sizes = []
    while (piece := session.next_piece(limit)) is not None:
        assert len(sizes) < 3000, "it never ends"
        assert bytes(session.next_piece(limit) or b"") == bytes(piece)
        sizes.append(len(piece))
        session.sent(len(piece))
    assert set(sizes[:-1]) == {limit}
    assert sizes[-1] <= limit


@pytest.mark.parametrize("kind", [m.PROVE, m.HOST_SEALED, m.WELCOME])
def test_after_a_goodbye_nothing_is_answered(kind):
    host = Host(Device()).authenticate()
    host.say(m.BYE)
    host.device.session.receive(encode_frame(kind, bytes(60)))
    assert host.device.sent() == []
    assert host.device.session.finished


@pytest.mark.parametrize("nonsense", [encode_frame(0x7F, b"what"), encode_frame(m.HELLO, b"")])
def test_a_message_behind_nonsense_in_one_piece_is_read(nonsense):
    device = Device()
    device.session.receive(nonsense + Host(device).hello())
    assert [kind for kind, _ in device.sent()] == [m.CHALLENGE]


def test_eight_answers_wait_and_no_more():
    host = Host(Device()).authenticate()
    for token in range(20):
        host.say(m.PING, token)
    assert [unpack(kind, payload)[0][0] for kind, payload in host.heard()] == list(range(8))
    host.say(m.PING, 20)
    assert len(host.heard()) == 1
