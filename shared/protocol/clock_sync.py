"""Clock sync: the host asks the device for its time, and sends it the UTC of that moment."""

from .actions import Timed
from .records import ANCHOR, time_us_at

# Light-sleep clocks drift by seconds an hour: live sessions anchor every ten minutes.
ANCHOR_EVERY_S = 600.0
# A request without an answer is repeated after this time: a device that writes flash does not respond for
# some hundred ms.
RETRY_S = 2.0
TRIES = 5
NEVER_S = -1e9


class ClockSync:
    """Pings, anchors, and whether the device has logged the last one."""

    def __init__(self) -> None:
        self._token = 0
        self._asked_s = NEVER_S
        self._anchored_s = NEVER_S
        self._tying_us = -1
        self._tries = 0

    @property
    def made(self) -> bool:
        """Whether the clocks are synchronised, as far as this device allows."""
        return self._anchored_s > NEVER_S and (self._tying_us < 0 or self._tries >= TRIES)

    @property
    def due_s(self) -> float:
        """When to ask the device for its time."""
        if self._tying_us >= 0 and self._tries < TRIES:
            return self._asked_s + RETRY_S
        return max(self._anchored_s + ANCHOR_EVERY_S, self._asked_s + RETRY_S)

    def ask(self, now_s: float) -> int:
        """The token of the request."""
        self._token = (self._token + 1) & 0xFFFFFFFF
        self._asked_s = now_s
        return self._token

    def answered(self, token: int, time_us: int, now_s: float) -> "Timed | None":
        """The device has sent its time, read half-way through the round trip, to within half of it."""
        if self._asked_s <= NEVER_S or token != self._token:
            return None
        trip_s = now_s - self._asked_s
        self._token += 1
        return Timed(time_us, self._asked_s + trip_s / 2, int(trip_s * 500000) + 1)

    def anchor(self, time_us: int, now_s: float) -> None:
        """UTC has been sent to the device; a rendezvous waits for the resulting record."""
        self._anchored_s = now_s
        self._tying_us = time_us
        self._tries += 1

    def look(self, record: bytes) -> None:
        """Check whether this is that record."""
        if record[0] == ANCHOR and time_us_at(record, 0) == self._tying_us:
            self._tying_us = -1
            self._tries = 0
