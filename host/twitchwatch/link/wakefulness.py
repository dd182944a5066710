"""Whether the computer has slept since it was last asked: two clocks tell, without I/O."""

from __future__ import annotations

import time
from collections.abc import Callable

# How often to ask. Short beside the 15 s for which a ring listens: after a night's suspend the link is looked
# after at once.
ASK_EVERY_S = 1.0
# A loaded computer delays a timer by a second or two; a suspend is longer than the pause between two asks.
SLEPT_S = 10.0


def suspended_clock() -> Callable[[], float]:
    """Seconds of a clock that goes on while the computer sleeps, where the system has one.

    Linux: CLOCK_BOOTTIME, which no setting of the time touches (clock_gettime(2)). Elsewhere UTC has to do:
    there a clock that is set by more than SLEPT_S looks like a sleep, and costs a reconnection.
    """
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    if boottime is not None:
        return lambda: time.clock_gettime(boottime)
    return time.time


class Wakefulness:
    """Compares the clock that stands still in a suspend with the one that does not."""

    def __init__(self, awake_s: float, elapsed_s: float) -> None:
        self._awake_s = awake_s
        self._elapsed_s = elapsed_s

    def slept_s(self, awake_s: float, elapsed_s: float) -> float:
        """Seconds slept since the last call, 0 where the computer was awake.

        awake_s: monotonic; Linux and macOS stop it in a suspend. elapsed_s: goes on. A monotonic clock that
        itself goes on, as on Windows, shows a sleep as a call that comes far too late.
        """
        awake, elapsed = awake_s - self._awake_s, elapsed_s - self._elapsed_s
        self._awake_s, self._elapsed_s = awake_s, elapsed_s
        slept = max(elapsed - awake, awake - ASK_EVERY_S)
        return slept if slept >= SLEPT_S else 0.0
