"""Whether the computer has slept since the last check, from two clocks, without I/O."""

from __future__ import annotations

# How often to check. Short compared with the 15 s for which a ring listens: after a night's suspend the link
# is restored at once.
ASK_EVERY_S = 1.0
# A loaded computer delays a timer by a second or two; a suspend is longer than the pause between two checks.
SLEPT_S = 10.0


class Wakefulness:
    """Compares the clock that stops in a suspend with the one that does not."""

    def __init__(self, awake_s: float, elapsed_s: float) -> None:
        self._awake_s = awake_s
        self._elapsed_s = elapsed_s

    def slept_s(self, awake_s: float, elapsed_s: float) -> float:
        """Seconds slept since the last call, 0 if the computer was awake.

        awake_s: monotonic; Linux and macOS stop it in a suspend. elapsed_s: continues. If the monotonic
        clock also continues, as on Windows, a sleep appears as a call that comes far too late.
        """
        awake, elapsed = awake_s - self._awake_s, elapsed_s - self._elapsed_s
        self._awake_s, self._elapsed_s = awake_s, elapsed_s
        slept = max(elapsed - awake, awake - ASK_EVERY_S)
        return slept if slept >= SLEPT_S else 0.0
