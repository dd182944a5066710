"""Settings and raw samples are requested again until the device answers, and abandoned if it never does."""

from __future__ import annotations

import pytest

from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY, Ring
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol import sync
from twitchwatch.shared.protocol.actions import Changed, Send
from twitchwatch.shared.protocol.clock_sync import RETRY_S, TRIES

pytestmark = pytest.mark.usefixtures("promptly")

Said = list[tuple[int, tuple[int, ...], bytes]]


class Link:
    """A host's engine at a ring that has everything sent, on a link that the ring keeps up."""

    def __init__(self) -> None:
        self.engine = sync.SyncEngine(HOST_ID, {HARDWARE_ID: [KEY]}, aes_ctr, bytes(16))
        self.ring = Ring()
        self.now_s = 10.0
        self.actions: list[tuple[object, ...]] = []
        self.said(self.engine.start(self.now_s))
        welcome = m.pack(m.WELCOME, m.PROTOCOL, m.LIVE, 1, 1, 5, 0, 0, len(HARDWARE_ID))
        self.hear(m.WELCOME, welcome + HARDWARE_ID.encode())
        for kind, fields, _ in self.said(self.engine.resume(0, self.now_s)):
            if kind == m.PING:
                self.hear(m.PONG, m.pack(m.PONG, fields[0], 5))
            elif kind == m.FETCH:
                self.hear(m.CAUGHT_UP, m.pack(m.CAUGHT_UP, fields[0], 0))

    def said(self, actions: list[tuple[object, ...]]) -> Said:
        """The messages among these actions; what the ring answers to a handshake goes back at once."""
        messages: Said = []
        for action in actions:
            self.actions.append(action)
            if isinstance(action, Send):
                back, heard = self.ring.answer(action[0])
                messages += heard
                if back:
                    messages += self.said(self.engine.receive(back, self.now_s))
        return messages

    def hear(self, kind: int, payload: bytes) -> Said:
        return self.said(self.engine.receive(self.ring.frame(kind, payload), self.now_s))

    def wait(self) -> Said:
        self.now_s = self.engine.deadline_s()
        return self.said(self.engine.tick(self.now_s))


def changes_in(said: Said) -> list[tuple[tuple[int, ...], bytes]]:
    return [(fields, tail) for kind, fields, tail in said if kind == m.CHANGE]


def test_a_change_whose_answer_is_lost_is_asked_again_as_it_was() -> None:
    link = Link()
    first = changes_in(link.said(link.engine.change([b"a=1", b"b=2"], link.now_s)))
    asked_s = link.now_s
    again = changes_in(link.wait())
    assert link.now_s == asked_s + RETRY_S
    assert again == first == [((0,), b"a=1")]
    # One answer brings the next; the same answer once more brings nothing.
    answer = m.pack(m.CHANGED, 0, m.APPLIED)
    assert changes_in(link.hear(m.CHANGED, answer)) == [((1,), b"b=2")]
    assert changes_in(link.hear(m.CHANGED, answer)) == []
    assert sum(isinstance(action, Changed) for action in link.actions) == 1


def test_a_device_that_answers_no_change_is_left_alone() -> None:
    link = Link()
    asked = changes_in(link.said(link.engine.change([b"a=1"], link.now_s)))
    last_s = link.now_s + (TRIES + 1) * RETRY_S
    while link.now_s < last_s:
        asked += changes_in(link.wait())
    assert asked == [((0,), b"a=1")] * TRIES
    assert link.engine.state != sync.FAILED


@pytest.mark.parametrize("on", [True, False])
def test_raw_samples_that_do_not_come_are_asked_for_again(on: bool) -> None:
    link = Link()
    asked = link.said(link.engine.capture(on, link.now_s))
    assert [(kind, fields) for kind, fields, _ in asked] == [(m.MODE, (on,)), (m.CAPTURE, (on,))]
    again = [kind for kind, _, _ in link.wait()]
    assert (m.CAPTURE in again) == on


def test_raw_samples_that_come_are_not_asked_for_again() -> None:
    link = Link()
    link.engine.capture(True, link.now_s)
    link.now_s += RETRY_S - 0.5
    link.hear(m.CAPTURED, m.pack(m.CAPTURED, 0, 5, 104_000, 122_070, 0, 0))
    link.now_s += 1.0
    assert m.CAPTURE not in [kind for kind, _, _ in link.said(link.engine.tick(link.now_s))]
