"""Nonces as the real ring and the real daemon draw them: an eavesdropper never sees one twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.air.house import FIRST, House, running
from twitchwatch.shared.protocol.framing import FrameReader
from twitchwatch.shared.protocol.keys import NONCE_BYTES
from twitchwatch.shared.protocol.messages import CHALLENGE, HELLO, unpack
from twitchwatch.sim.air import Air
from twitchwatch.sim.ring import paired

_VALUE_AT = 7
# Bluetooth Core 5.4, Vol 3 Part F, 3.4: notification, write request, write command.
_WITH_VALUE = (0x1B, 0x12, 0x52)


class Overheard(Air):
    """An air on which somebody listens: the nonces of all handshakes so far, by the message they came in."""

    def __init__(self) -> None:
        super().__init__(packet_gap_s=0.0)
        self.nonces: dict[int, set[bytes]] = {HELLO: set(), CHALLENGE: set()}
        self._readers: dict[object, FrameReader] = {}

    def send_acl_data(
        self, sender_controller: Any, destination_address: Any, transport: Any, data: bytes
    ) -> None:
        """Listen to what is sent, then send it."""
        if data[4] in _WITH_VALUE:
            reader = self._readers.setdefault(sender_controller, FrameReader())
            for kind, payload in reader.feed(data[_VALUE_AT:]):
                if kind in self.nonces:
                    _, tail = unpack(kind, payload)
                    self.nonces[kind].add(bytes(tail[:NONCE_BYTES]))
        super().send_acl_data(sender_controller, destination_address, transport, data)

    def taken(self) -> dict[int, set[bytes]]:
        """The nonces since the last call."""
        taken, self.nonces = self.nonces, {HELLO: set(), CHALLENGE: set()}
        return taken


@pytest.fixture
def air() -> Air:
    return Overheard()


async def test_each_session_has_nonces_of_its_own_on_either_side(house: House) -> None:
    air = house.air
    assert isinstance(air, Overheard)
    sessions: list[dict[int, set[bytes]]] = []

    async def session() -> None:
        before = house.kept(FIRST)
        await house.more_records(FIRST, than=before)
        sessions.append(air.taken())

    keys = paired(house.keys, 1, FIRST)
    async with house.ring(FIRST, keys=keys):
        # Two daemons, and a link that is lost under the second.
        async with running(house.daemon()):
            await session()
        async with running(house.daemon()):
            await session()
            air.drop_links()
            await session()
    # The ring starts again, with the same key.
    async with house.ring(FIRST, keys=keys), running(house.daemon()):
        await session()
    for kind in (HELLO, CHALLENGE):
        nonces = [nonce for one in sessions for nonce in one[kind]]
        assert all(one[kind] for one in sessions)
        assert len(set(nonces)) == len(nonces)
        assert all(len(nonce) == NONCE_BYTES and any(nonce) for nonce in nonces)
    house.check_nothing_lost()
