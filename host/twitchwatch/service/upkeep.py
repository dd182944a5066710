"""Upkeep of the database by the daemon: at its start and once a day, beside what it collects.

It runs in a thread of its own, since a check of years of records takes seconds.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from twitchwatch.errors import TwitchwatchError
from twitchwatch.store import Store, damage
from twitchwatch.wording.damage import lost_words

EVERY_S = 24 * 3600.0
_log = logging.getLogger("twitchwatch")


class Upkeep:
    """Checks the database, and sets aside what is damaged. utc_us: the present time."""

    def __init__(self, store: Store, utc_us: Callable[[], int], *, every_s: float = EVERY_S) -> None:
        self._store = store
        self._utc_us = utc_us
        self._every_s = every_s
        self._stopped = threading.Event()

    async def run(self) -> None:
        """Do it at once and again every day, until cancelled; a check under way then ends in a moment."""
        loop = asyncio.get_running_loop()
        while True:
            done = asyncio.Event()
            working = threading.Thread(target=self._work, args=(loop, done), daemon=True)
            working.start()
            try:
                await done.wait()
                await asyncio.sleep(self._every_s)
            finally:
                if not done.is_set():
                    self._stopped.set()
                    working.join()

    def _work(self, loop: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
        try:
            self.once()
        finally:
            loop.call_soon_threadsafe(done.set)

    def once(self) -> None:
        """Check everything, and put right what can be; what is wrong goes into the log."""
        try:
            found = self._store.care.examine_until(self._stopped.is_set)
            if found is None:
                return
            self._store.care.put_right(found, self._utc_us())
            damage.forget()
            if found.structure:
                _log.warning("The file %s is damaged: %s", self._store.path, found.structure[0])
            if lost := lost_words(found.lost):
                _log.warning("Damaged in the database: %s. `twitchwatch doctor` has a remedy.", lost)
        except TwitchwatchError as error:
            _log.warning("The database could not be checked. %s", error)
