"""The demo: simulated nights, with a progress bar, and their results."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from twitchwatch.archive.demo_data import remove_demo
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive
from twitchwatch.archive.selection import EVERY_NIGHT, chosen_nights
from twitchwatch.clock.zone import LOCAL
from twitchwatch.sim.demo import Worn, last_evening, wear_night
from twitchwatch.sim.month import wear_month
from twitchwatch.sim.ring import HEAP_KIB
from twitchwatch.store import Store
from twitchwatch.terminal.dashboard_page import ADDRESS, PORT, serve_dashboard
from twitchwatch.terminal.night_page import show_night
from twitchwatch.terminal.output import write_json
from twitchwatch.terminal.page import Page
from twitchwatch.terminal.progress import count_progress, night_progress
from twitchwatch.views.events import bare_events
from twitchwatch.views.findings import flag_view
from twitchwatch.wording.sensors import dashboard_words, month_words


def demonstrate_night(
    database: Path | None, source: Path | tuple[int, float], *, as_json: bool, at_once: bool = False
) -> None:
    """Simulate a night, print it, and keep it if a database is given.

    source: a recording, or seed and hours. as_json: print objects instead of a page. at_once: serve the
    dashboard of it; without a terminal nobody could end that, so then only the command is printed.
    """
    started = last_evening()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="twitchwatch-demo-")))
        store = stack.enter_context(Store.open(database or folder / "demo.db"))
        remove_demo(store, int(started.timestamp()) * 1_000_000)
        with night_progress(started, shown=not as_json) as move:
            worn = wear_night(store, folder, started, source, move)
        _show(store, worn, as_json=as_json)
        if not as_json:
            _to_dashboard(store.path, kept=database is not None, at_once=at_once)


def demonstrate_month(
    database: Path, nights: int, seed: int, *, rising: bool, journal: bool, at_once: bool = False
) -> None:
    """Make this many nights, keep them in this database, and print how to view them; as for a night."""
    with Store.open(database) as store, count_progress("Making nights", nights) as on_night:
        month = wear_month(
            store, last_evening(), nights, seed, rising=rising, journal=journal, on_night=on_night
        )
    for words in month_words(str(database), month.nights, month.records):
        Page().say(words)
    if at_once:
        _to_dashboard(database, kept=True, at_once=True)


def _to_dashboard(database: Path, *, kept: bool, at_once: bool) -> None:
    if at_once and sys.stdin.isatty() and sys.stdout.isatty():
        serve_dashboard(database, (), PORT, at_once=True)
    else:
        Page().say(dashboard_words(str(database) if kept else None, ADDRESS))


def _show(store: Store, worn: Worn, *, as_json: bool) -> None:
    archive = Archive(store, LOCAL)
    demos = [device for device in store.devices() if device.demo]
    nights = chosen_nights(archive.sensors(demos), EVERY_NIGHT)
    # The night is over once it was worn.
    end_us = max((one.night.end_utc_us for one in nights), default=0)
    flags = keep(store, LOCAL, end_us, archive=archive)
    if as_json:
        for one in nights:
            for event in bare_events(archive.whole(one.night)):
                write_json(event)
        for one in nights:
            write_json(one.view)
        for flag in flags:
            write_json(flag_view(flag))
        return
    page = Page()
    for one in nights:
        show_night(page, one, flags)
    sync_sessions = sum(sync_session.outcome == "complete" for sync_session in worn.sync_sessions)
    records = sum(sync_session.stored for sync_session in worn.sync_sessions)
    page.say(
        f"{records:,} records arrived in {sync_sessions} sync sessions over virtual air. The firmware used at"
        f" most {worn.heap_bytes // 2 // 1024} KiB of a {HEAP_KIB} KiB heap (counted in an ESP32's 4-byte"
        " words; 65 KiB of it is the simulator's own)."
    )
