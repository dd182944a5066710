"""If the computer's clock is set, stored times from which intervals are counted are shifted with it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from twitchwatch.clock.elapsed import SET_US, SetClock
from twitchwatch.store import Store


class MomentKeeper:
    """Shifts the stored times of one database, for the program that collects into it. Thread-safe.

    utc_us() is the time, elapsed_s() as `clock.elapsed` has it.
    """

    def __init__(self, store: Store, utc_us: Callable[[], int], elapsed_s: Callable[[], float]) -> None:
        self._store = store
        self._utc_us = utc_us
        self._elapsed_s = elapsed_s
        self._clock = SetClock(utc_us(), elapsed_s())
        self._by_us = 0
        self._one = Lock()

    def begin(self) -> None:
        """Call at the program's start. Raises the store's errors.

        A time in the future was stored before the clock was set back. By how much is unknown, so the newest
        is taken as the present. A clock that was set forward meanwhile looks as if time had passed.
        """
        now_us = self._utc_us()
        newest_us = self._store.moments.newest()
        if newest_us > now_us + SET_US:
            self._store.moments.move(now_us - newest_us, now_us)

    def follow(self) -> None:
        """Shift them if the clock was set since the last call.

        Raises the store's errors; the next call tries again.
        """
        with self._one:
            now_us = self._utc_us()
            self._by_us += self._clock.set_by(now_us, self._elapsed_s())
            if self._by_us:
                self._store.moments.move(self._by_us, now_us)
                self._by_us = 0
