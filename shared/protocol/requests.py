"""What a host requests from a device in addition to its records: changes of settings, and raw samples."""

from .clock_sync import RETRY_S, TRIES
from .messages import CAPTURE, CHANGE, MODE, pack

NOT_DUE_S = float("inf")


class Changes:
    """Settings changes that wait for their answers, requested one after the other."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._token = 0
        self._tries = 0
        self._asked_s = 0.0

    def __len__(self) -> int:
        """Unanswered changes."""
        return len(self._waiting)

    @property
    def due_s(self) -> float:
        """When the first one must be requested again."""
        return self._asked_s + RETRY_S if self._waiting else NOT_DUE_S

    def add(self, settings: "list[bytes]") -> bool:
        """Queue these too; returns whether the first of them is to be requested now."""
        idle = not self._waiting
        self._waiting.extend(settings)
        return idle and bool(settings)

    def ask(self, now_s: float) -> "tuple[bytes, bytes] | None":
        """The payload of the next CHANGE; None if all are abandoned after too many without an answer."""
        if self._tries >= TRIES:
            # The caller requests them again in the next session.
            self._waiting = []
            return None
        self._tries += 1
        self._asked_s = now_s
        return pack(CHANGE, self._token), self._waiting[0]

    def answered(self, token: int) -> bool:
        """A CHANGED with `token` has arrived: whether it answers the first one, which is then done."""
        if not self._waiting or token != self._token:
            return False
        self._waiting.pop(0)
        self._token = (self._token + 1) & 255
        self._tries = 0
        return True


class Capturing:
    """Raw samples: requested again as long as none arrive."""

    def __init__(self) -> None:
        self.on = False
        self._heard_s = 0.0

    @property
    def due_s(self) -> float:
        """When they must be requested again."""
        return self._heard_s + RETRY_S if self.on else NOT_DUE_S

    def ask(self, now_s: float) -> "tuple[tuple[int, bytes], ...]":
        """The messages that make the device start or stop, each with its payload."""
        self._heard_s = now_s
        return tuple((kind, pack(kind, int(self.on))) for kind in (MODE, CAPTURE))

    def hear(self, now_s: float) -> None:
        """Samples have arrived."""
        self._heard_s = now_s
