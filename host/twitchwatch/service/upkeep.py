"""Upkeep of the database by the daemon: a check and a backup at the start and once a day.

It runs in a separate thread, because a check of years of records takes seconds.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from twitchwatch.errors import TwitchwatchError
from twitchwatch.store import Store, damage
from twitchwatch.store.copies import StoppedError, back_up, backups, folder_beside, prune
from twitchwatch.wording.damage import lost_words

EVERY_S = 24 * 3600.0
KEPT = 7
# A daemon that is restarted does not make another one.
_SAME_DAY_S = 20 * 3600
# What is under way ends within milliseconds; a disk that hangs holds up nobody.
_STOP_WITHIN_S = 1.0
_log = logging.getLogger("twitchwatch")


@dataclass(frozen=True, slots=True)
class Keeping:
    """count: how many backups are kept; 0 makes none. folder: where they are, None: beside the database."""

    count: int = KEPT
    folder: Path | None = None


class Upkeep:
    """Checks the database, sets aside what is damaged, and makes a backup.

    utc_us: the present time.
    """

    def __init__(
        self,
        store: Store,
        utc_us: Callable[[], int],
        *,
        keeping: Keeping = Keeping(),
        every_s: float = EVERY_S,
    ) -> None:
        self._store = store
        self._keeping = keeping
        self._utc_us = utc_us
        self._every_s = every_s
        self._stopped = threading.Event()

    async def run(self) -> None:
        """Run at once and then every day, until cancelled; a check under way then ends within moments."""
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
                    working.join(_STOP_WITHIN_S)

    def _work(self, loop: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
        try:
            self.once()
        finally:
            loop.call_soon_threadsafe(done.set)

    def _back_up(self) -> None:
        database, now_utc_us = self._store.path, self._utc_us()
        folder = self._keeping.folder or folder_beside(database)
        made = [path.stat().st_mtime for path in backups(database, folder)]
        if not database.exists() or (made and abs(now_utc_us / 1e6 - made[-1]) < _SAME_DAY_S):
            return
        back_up(database, folder, now_utc_us, self._stopped.is_set)
        prune(database, folder, self._keeping.count)

    def once(self) -> None:
        """Check everything and repair what can be repaired; problems are logged."""
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
            if self._keeping.count:
                self._back_up()
        except StoppedError:
            return
        except (TwitchwatchError, OSError) as error:
            _log.warning("The daily check or backup failed. %s", error)
