"""One direction of a link on the virtual air, in which every packet takes air time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from bumble.controller import Connection
from bumble.link import LocalLink

PACKET_BYTES = 251
"""Largest LL data payload (Data Length Extension, Bluetooth Core Vol 6 Part B, 2.4.2.21)."""


class Lane:
    """One direction of a link: packets cross it one after another, each in its own time."""

    def __init__(self, gap_s: Callable[[], float], deliver: Callable[[bytes, int], None]) -> None:
        """gap_s gives the air time of a packet now; deliver takes a PDU and in how many packets it came."""
        self._gap_s = gap_s
        self._deliver = deliver
        self._crossing: deque[tuple[float, bytes, int]] = deque()
        self._free_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def send(self, pdu: bytes) -> None:
        """Send a PDU after those before it."""
        loop = asyncio.get_running_loop()
        packets = -(-len(pdu) // PACKET_BYTES)
        self._free_at = max(loop.time(), self._free_at) + self._gap_s() * packets
        self._crossing.append((self._free_at, pdu, packets))
        if self._timer is None:
            self._timer = loop.call_at(self._free_at, self._arrive)

    def close(self) -> None:
        """Lose what is in transit."""
        self._crossing.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arrive(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._crossing and self._crossing[0][0] <= loop.time():
            _, pdu, packets = self._crossing.popleft()
            self._deliver(pdu, packets)
        if self._crossing:
            self._timer = loop.call_at(self._crossing[0][0], self._arrive)


class Medium(LocalLink):
    """The interface that a controller needs from its air; the air overrides each method."""

    def lane(self, sender: Any, connection: Connection) -> Lane:
        """The lane from a sender to the other end of its link."""
        raise NotImplementedError

    def connect_fails(self) -> bool:
        """Whether this attempt to connect fails."""
        raise NotImplementedError

    def leave(self, controller: Any) -> None:
        """The controller's radio has lost power."""
        raise NotImplementedError
