"""What is on this computer and at its ports: from it follows which steps are done."""

from __future__ import annotations

from pathlib import Path

from twitchwatch.alerts.settings import path_beside
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import ConfigurationError
from twitchwatch.flash.ports import candidates
from twitchwatch.journal.book import Wearer, read_entries, wearer
from twitchwatch.journal.entry import Entry
from twitchwatch.journal.fields import BY_NAME, reported
from twitchwatch.journal.tonight import now_and_tonight
from twitchwatch.link.keys import Keys
from twitchwatch.service import systems
from twitchwatch.service.lock import holder
from twitchwatch.setup.steps import Found
from twitchwatch.store import Store


def look(database: Path, log: Path, port: str | None) -> Found:
    """Look at the keys, the database, the service, the settings and the ports; nothing is changed.

    port: the only one to look at, or None for all. Raises the store's errors, and ConfigurationError if the
    keys cannot be read.
    """
    records, entries = 0, list[Entry]()
    if database.exists():
        with Store.open_existing(database) as store:
            records = sum(status.records for status in store.status() if status.device.worn)
            entries = read_entries(store, LOCAL)
    _, tonight = now_and_tonight()
    places = [str(entry.current["place"]) for entry in entries if entry.current.get("place")]
    return Found(
        boards=len(candidates(port)),
        sensors=len(Keys.beside(database).load()),
        records=records,
        place=places[-1] if places else None,
        wearer=_reported(wearer(entries)),
        evening=any(entry.night == tonight and _answered(entry) for entry in entries),
        collecting=_collecting(database, log),
        alerts=path_beside(database).exists(),
    )


def _reported(own: Wearer) -> str | None:
    noted = {"birth_year": own.birth_year, "sex": own.sex}
    return ", ".join(reported(name, value) for name, value in noted.items() if value is not None) or None


def _answered(entry: Entry) -> bool:
    """Whether an entry has an answer to the evening's questions, besides the place."""
    return any(
        BY_NAME[name].when == "evening" for name in entry.current if name in BY_NAME and name != "place"
    )


def _collecting(database: Path, log: Path) -> str | None:
    try:
        state = systems.this_system(log).state()
    except ConfigurationError:
        # Without the system's own tool there may still be a daemon, started by something else.
        state = None
    if state is not None and state.installed:
        return "the service is installed"
    pid = holder(database)
    return None if pid is None else f"process {pid} is collecting"
