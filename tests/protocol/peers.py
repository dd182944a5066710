"""One end of the link in the hands of a test: it holds the key, and says what it likes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.protocol.chance import Chance
from tests.protocol.ends import FlashLog
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.shared.protocol import actions, sync
from twitchwatch.shared.protocol import host_states as states
from twitchwatch.shared.protocol import messages as m
from twitchwatch.shared.protocol.device_handshake import DeviceHandshake
from twitchwatch.shared.protocol.framing import FrameReader, encode_frame
from twitchwatch.shared.protocol.host_handshake import HostHandshake
from twitchwatch.shared.protocol.messages import pack, unpack
from twitchwatch.shared.protocol.session import DeviceSession

HARDWARE_ID = "id"
HOST_ID = 7
KEY = bytes(range(16))
Frames = list[tuple[int, bytes]]


class KeyRing:
    """Hosts of a device: one key."""

    def __init__(self, key: bytes | None = KEY) -> None:
        self._key = key

    def key(self, host_id: int) -> bytes | None:
        return self._key if host_id == HOST_ID else None


class Owner:
    """What a session asks of the application, noted."""

    def __init__(self, log: FlashLog) -> None:
        self._log = log
        self.anchors: list[tuple[int | bytes, ...]] = []
        self.changes: list[bytes] = []

    def keep_anchor(self, *anchor: int | bytes) -> None:
        self.anchors.append(anchor)

    def acknowledge(self, _host_id: int, upto_seq: int) -> None:
        self._log.trim(upto_seq, upto_seq)

    def listen(self, session: DeviceSession) -> None:
        assert session.host_id == HOST_ID

    def change(self, text: bytes) -> tuple[int, str]:
        self.changes.append(text)
        return m.APPLIED, ""


class Device:
    """A session with a log of `count` marks, and its clock."""

    def __init__(self, count: int = 20, key: bytes | None = KEY, seed: int = 1) -> None:
        from twitchwatch.shared.protocol import records

        self.log = FlashLog(lambda: 50.0, 0, 0)
        for i in range(count):
            self.log.append(records.MARK, (i,), b"", 10.0)
        self.owner = Owner(self.log)
        self.now_us = 5
        handshake = DeviceHandshake(KeyRing(key), HARDWARE_ID.encode(), aes_ctr, Chance(seed).take)
        self.session = DeviceSession(
            self.log, (HARDWARE_ID, "ring"), 1, lambda: self.now_us, handshake, self.owner
        )

    def sent(self, most: int = 200) -> Frames:
        """Frames that it wants to send, as they are on the wire."""
        frames = []
        reader = FrameReader()
        for _ in range(most):
            piece = self.session.next_piece(3000)
            if piece is None:
                break
            frames += reader.feed(bytes(piece))
            self.session.sent(len(piece))
        assert reader.damaged == 0
        return frames


class Host:
    """A host that can authenticate to `device`, and then sends anything."""

    def __init__(self, device: Device, *, key: bytes = KEY, host_id: int = HOST_ID, seed: int = 2) -> None:
        self.device = device
        self.key = key
        self.host_handshake = HostHandshake(host_id, Chance(seed).take(16), aes_ctr)

    def hello(self) -> bytes:
        return encode_frame(m.HELLO, self.host_handshake.hello())

    def proof(self, challenge: bytes) -> bytes:
        """The PROVE that answers this CHALLENGE."""
        assert self.host_handshake.hear(challenge[1:])
        assert self.host_handshake.prove([self.key])
        return encode_frame(m.PROVE, self.host_handshake.proof)

    def authenticate(self) -> Host:
        self.device.session.receive(self.hello())
        ((kind, challenge),) = self.device.sent()
        assert kind == m.CHALLENGE
        self.device.session.receive(self.proof(challenge))
        ((kind, _),) = self.opened(self.device.sent())
        assert kind == m.WELCOME
        return self

    def frame(self, kind: int, payload: bytes = b"") -> bytes:
        assert self.host_handshake.sealer is not None
        return encode_frame(m.HOST_SEALED, self.host_handshake.sealer.seal(kind, payload))

    def say(self, kind: int, *fields: int, tail: bytes = b"") -> None:
        self.device.session.receive(self.frame(kind, pack(kind, *fields) + tail))

    def opened(self, frames: Sequence[tuple[int, bytes]]) -> Frames:
        assert self.host_handshake.opener is not None
        found = []
        for kind, payload in frames:
            assert kind == m.DEVICE_SEALED
            opened = self.host_handshake.opener.open(payload)
            assert opened is not None
            found.append(opened)
        return found

    def heard(self, most: int = 200) -> Frames:
        """What the device has said since, opened."""
        return self.opened(self.device.sent(most))


class Ring:
    """A device's end for an engine: authenticates like a device, then sends what the test makes it send."""

    def __init__(self, key: bytes = KEY, hardware_id: str = HARDWARE_ID) -> None:
        self.handshake = DeviceHandshake(KeyRing(key), hardware_id.encode(), aes_ctr, Chance(5).take)
        self._reader = FrameReader()

    def answer(self, data: bytes) -> tuple[bytes, list[tuple[int, tuple[int, ...], bytes]]]:
        """What to send back at once to a handshake, and the messages that came sealed."""
        back = b""
        messages = []
        for kind, payload in self._reader.feed(data):
            message = unpack(kind, payload)
            assert message is not None
            if kind == m.HELLO:
                challenge = self.handshake.challenge(message[0][1], message[1][:16])
                back += encode_frame(m.CHALLENGE, challenge)
            elif kind == m.PROVE:
                if self.handshake.sealer is None:
                    assert self.handshake.admit(message[1])
                messages.append((kind, message[0], message[1]))
            else:
                assert kind == m.HOST_SEALED
                assert self.handshake.opener is not None
                opened = self.handshake.opener.open(payload)
                assert opened is not None
                inner = unpack(*opened)
                assert inner is not None
                messages.append((opened[0], *inner))
        return back, messages

    def frame(self, kind: int, payload: bytes = b"") -> bytes:
        assert self.handshake.sealer is not None
        return encode_frame(m.DEVICE_SEALED, self.handshake.sealer.seal(kind, payload))


def authenticated() -> tuple[sync.SyncEngine, Ring]:
    """An engine that has proved itself to a ring."""
    engine, ring = sync.SyncEngine(HOST_ID, {HARDWARE_ID: [KEY]}, aes_ctr, bytes(16)), Ring()
    back, _ = ring.answer(engine.start(0.0)[0][0])  # type: ignore[arg-type]
    opened(ring, engine.receive(back, 0.0))
    assert engine.state == states.PROVING
    return engine, ring


def opened(ring: Ring, todo: list[tuple[object, ...]]) -> list[tuple[int, tuple[int, ...]]]:
    """The sealed messages that these actions send."""
    sent = [ring.answer(action.data)[1] for action in todo if isinstance(action, actions.Send)]
    return [(kind, fields) for messages in sent for kind, fields, _ in messages if kind != m.PROVE]
