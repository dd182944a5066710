"""`twitchwatch demo`: simulate a night in half a minute."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import default_database
from twitchwatch.terminal.output import write_json, write_line

if TYPE_CHECKING:
    from twitchwatch.sim.demo import Worn
    from twitchwatch.store import Store


@click.command("demo")
@click.option(
    "--hours",
    type=click.FloatRange(0.02, 24),
    default=8.0,
    show_default=True,
    help="Length of the modelled night.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the modelled night; the same seed gives the same night.",
)
@click.option(
    "--nights",
    type=click.IntRange(1, 366),
    default=1,
    show_default=True,
    help="If more than one: generate this many nights, a second or two each, and keep them.",
)
@click.option("--rising", is_flag=True, help="With --nights: twitches become more frequent.")
@click.option("--journal", is_flag=True, help="With --nights: with a journal of the evenings.")
@click.option(
    "--replay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Use this recording (CSV) instead.",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the records in this database; by default they are discarded.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object per line: events, then the night, then its findings.",
)
@click.option(
    "--remove",
    is_flag=True,
    help="Instead, remove all demo data from the database, and show how much there was.",
)
def command(
    hours: float,
    seed: int,
    nights: int,
    rising: bool,
    journal: bool,
    replay: Path | None,
    database: Path | None,
    as_json: bool,
    remove: bool,
) -> None:
    """Simulate one night: a virtual ring records, syncs over virtual air and reports it.

    The ring runs the real firmware in the real MicroPython. The night is modelled from published figures or,
    with --replay, read from your recording. From Bluetooth to database, only the radio waves are simulated.

    --nights generates weeks of nights to try trend, findings, triggers and report. They are kept in a
    separate database, demo.db next to that of your sensors, unless you give another with --database.

    With --database, the simulated ring is stored under the name demo; a second demo replaces the first night.
    """
    if remove:
        _remove(database or default_database())
        return
    if nights > 1:
        _month(database or default_database().with_name("demo.db"), nights, seed, rising, journal)
        return
    if rising or journal:
        raise click.UsageError("--rising and --journal are for several nights: add --nights 30.")
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from twitchwatch.archive.demo_data import remove_demo
    from twitchwatch.sim.demo import last_evening, wear_night
    from twitchwatch.store import Store

    columns = (
        TextColumn("Simulating the night"),
        BarColumn(),
        TextColumn("{task.fields[clock]}"),
        TimeElapsedColumn(),
    )
    started = last_evening()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="twitchwatch-demo-")))
        store = stack.enter_context(Store.open(database or folder / "demo.db"))
        remove_demo(store, int(started.timestamp()) * 1_000_000)
        with Progress(*columns, console=Console(stderr=True), disable=as_json, transient=True) as progress:
            bar = progress.add_task("night", total=None, clock=f"{started:%H:%M}")

            def move(virtual_s: float, length_s: float) -> None:
                at = started + timedelta(seconds=virtual_s)
                progress.update(bar, completed=min(virtual_s, length_s), total=length_s, clock=f"{at:%H:%M}")

            worn = wear_night(store, folder, started, replay or (seed, hours), move)
        _tell(store, worn, as_json)


def _month(database: Path, nights: int, seed: int, rising: bool, journal: bool) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from twitchwatch.sim.demo import last_evening
    from twitchwatch.sim.month import wear_month
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.wording.sensors import month_words

    with Store.open(database) as store, Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Making nights", total=nights)
        month = wear_month(
            store,
            last_evening(),
            nights,
            seed,
            rising=rising,
            journal=journal,
            on_night=lambda made: progress.update(bar, completed=made),
        )
    for words in month_words(str(database), month.nights, month.records):
        Page().say(words)


def _remove(database: Path) -> None:
    from twitchwatch.archive.demo_data import remove_demo
    from twitchwatch.store import Store
    from twitchwatch.wording.sensors import removed_words

    with Store.open_existing(database) as store:
        removed = remove_demo(store)
    write_line(removed_words(str(database), removed))


def _tell(store: Store, worn: Worn, as_json: bool) -> None:
    from twitchwatch.archive.keeping import keep
    from twitchwatch.archive.nights import Archive
    from twitchwatch.archive.selection import EVERY_NIGHT, chosen_nights
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.views.events import bare_events
    from twitchwatch.views.findings import flag_view
    from twitchwatch.views.nights import night_view

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
            write_json(night_view(one.night, one.rate))
        for flag in flags:
            write_json(flag_view(flag))
        return
    from twitchwatch.sim.ring import HEAP_KIB
    from twitchwatch.terminal.night_page import show_night
    from twitchwatch.terminal.page import Page

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
