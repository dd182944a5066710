"""`twitchwatch flags`: show what stands out; `twitchwatch flags ack`: mark it as seen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, night_options, sensor_option
from twitchwatch.errors import Exit
from twitchwatch.terminal.output import show_deriving, write_json, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twitchwatch.archive.selection import NightChoice
    from twitchwatch.flags import Finding
    from twitchwatch.terminal.page import Page


@click.group("flags", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Also show resolved findings.")
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
    from twitchwatch.archive.selection import chosen_devices, chosen_flags
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.findings import flag_view
    from twitchwatch.wording.nights import NOTHING_YET

    with Store.open_existing(database) as store:
        wanted = None if sensor is None else {one.hardware_id for one in chosen_devices(store, sensor)}
        known = bool(store.devices())
        archive = Archive(store, LOCAL, progress=show_deriving)
        found = derive(store, LOCAL, int(time.time()) * 1_000_000, archive=archive)
    flags = [flag for flag in chosen_flags(found, choice, wanted) if everything or flag.state != "resolved"]
    if as_json:
        for flag in flags:
            write_json(flag_view(flag))
    elif not known and not flags:
        Page().say(NOTHING_YET)
    else:
        _list(Page(), flags)
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
        _show(Page(), flag, details=details)


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


def _list(page: Page, flags: Sequence[Finding]) -> None:
    from twitchwatch.wording.findings import acknowledged_line, by_urgency, title_line, what_matters
    from twitchwatch.wording.units import NO_DIAGNOSIS

    groups = by_urgency(flags)
    for heading, own in groups:
        page.heading(heading)
        for flag in own:
            page.entry("-" if flag.id is None else str(flag.id), title_line(flag), what_matters(flag))
        page.gap()
    if not any(flag.urgency != "note" for flag in flags):
        page.say("Nothing stands out. See `twitchwatch nights` for what was recorded.")
    if seen := acknowledged_line(flags):
        page.say(seen)
    numbered = [flag.id for _, own in groups for flag in own if flag.id is not None]
    if numbered:
        page.say(
            f"`twitchwatch flags show {numbered[0]}` shows number {numbered[0]} in full;"
            f" `twitchwatch flags ack {numbered[0]}` marks it as seen."
        )
    page.say(NO_DIAGNOSIS)


def _show(page: Page, flag: Finding, *, details: bool) -> None:
    from twitchwatch.wording.findings import detail_rows, evidence_rows, labelled, title_line
    from twitchwatch.wording.units import NO_DIAGNOSIS

    page.heading(title_line(flag))
    page.say(flag.words)
    page.gap()
    for label, said in labelled(flag):
        page.say(said, label=label)
    page.gap()
    page.heading("Evidence")
    page.table(("", ""), evidence_rows(flag))
    page.gap()
    if details:
        page.heading("Details")
        page.table(("", ""), detail_rows(flag))
        page.gap()
    page.say(NO_DIAGNOSIS)
