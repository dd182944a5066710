"""`twitchwatch flags`: show what stands out; `twitchwatch flags ack`: mark it as seen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, night_options, sensor_option
from twitchwatch.errors import Exit
from twitchwatch.terminal.output import write_json, write_text
from twitchwatch.terminal.progress import show_deriving

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice


@click.group("flags", invoke_without_command=True)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also show resolved findings, and under a seal those that are not urgent.",
)
@click.option("--check", is_flag=True, help="Exit with 6 if a finding is new and not just a note.")
@night_options
@sensor_option
@database_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    choice: NightChoice,
    sensor: str | None,
    database: Path,
    everything: bool,
    as_json: bool,
    check: bool,
) -> int:
    """List what stands out, the most urgent first: one line each, with the sentence that matters most.

    `flags show` gives the details of one finding: evidence, what it may mean, what to try, when to see a
    doctor. Twitching by itself is never a finding: everyone twitches. A finding is new until you acknowledge
    it (`flags ack`), and resolved once the condition that ends it is met.
    """
    if context.invoked_subcommand is not None:
        context.obj = database
        return Exit.OK
    from twitchwatch.archive.findings import derive
    from twitchwatch.archive.nights import Archive
    from twitchwatch.archive.sealing import let_through, seal_of
    from twitchwatch.archive.selection import chosen_devices, chosen_flags
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.store import Store
    from twitchwatch.terminal.findings_page import list_findings
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.findings import flag_view
    from twitchwatch.wording.nights import NOTHING_YET

    with Store.open_existing(database) as store:
        wanted = None if sensor is None else {one.hardware_id for one in chosen_devices(store, sensor)}
        known = bool(store.devices())
        archive = Archive(store, LOCAL, progress=show_deriving)
        now_utc_us = int(time.time()) * 1_000_000
        found = derive(store, LOCAL, now_utc_us, archive=archive)
        sealed = None if everything else seal_of(store, now_utc_us)
    chosen = chosen_flags(let_through(found, sealed), choice, wanted)
    flags = [flag for flag in chosen if everything or flag.state != "resolved"]
    if as_json:
        for flag in flags:
            write_json(flag_view(flag))
    elif not known and not flags:
        Page().say(NOTHING_YET)
    else:
        list_findings(Page(), flags, sealed)
    wanting = any(flag.state == "new" and flag.urgency != "note" for flag in flags)
    return Exit.ATTENTION if check and wanting else Exit.OK


_database = click.option(
    "--database",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The database with your records; you can also give it as `flags --database`.",
)


@command.command("show")
@click.argument("number", metavar="ID", type=int)
@click.option("--details", is_flag=True, help="Also show the statistics, the records and the versions.")
@_database
@json_option
@click.pass_obj
def show(known: Path, number: int, details: bool, database: Path | None, as_json: bool) -> None:
    """Show one finding in full: evidence, what it may mean, what to try, when to see a doctor.

    ID is the number that `twitchwatch flags` shows with each finding.
    """
    from twitchwatch.archive.findings import derive
    from twitchwatch.archive.nights import Archive
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.errors import UsageError
    from twitchwatch.store import Store
    from twitchwatch.terminal.findings_page import show_finding
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.findings import flag_view

    with Store.open_existing(database or known) as store:
        archive = Archive(store, LOCAL, progress=show_deriving)
        found = derive(store, LOCAL, int(time.time()) * 1_000_000, archive=archive)
    flag = next((flag for flag in found if flag.id == number), None)
    if flag is None:
        raise UsageError(
            f"There is no finding {number}. `twitchwatch flags --all` lists them with their numbers."
        )
    if as_json:
        write_json(flag_view(flag))
    else:
        show_finding(Page(), flag, details=details)


@command.command("ack")
@click.argument("numbers", metavar="ID...", type=int, nargs=-1, required=True)
@_database
@click.pass_obj
def acknowledge(known: Path, numbers: tuple[int, ...], database: Path | None) -> None:
    """Mark these findings as seen; they are new again only if they become more urgent.

    ID is the number that `twitchwatch flags` shows with each finding.
    """
    from twitchwatch.archive.keeping import acknowledge as note_seen
    from twitchwatch.archive.keeping import keep
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.flags.titles import title_of
    from twitchwatch.store import Store
    from twitchwatch.wording.findings import lowered

    with Store.open_existing(database or known) as store:
        # A finding that the collector has not kept yet has no number in the database.
        keep(store, LOCAL, int(time.time()) * 1_000_000)
        for number in numbers:
            row = note_seen(store, number, int(time.time()) * 1_000_000)
            write_text(f"Acknowledged: {number}, {lowered(title_of(row.kind, row.scope))}.")
