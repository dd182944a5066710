"""`twitchwatch flags`: what stands out, and `twitchwatch flags ack`: that it was seen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, night_options, sensor_option
from twitchwatch.cli.output import write_json, write_line
from twitchwatch.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twitchwatch.archive.selection import NightChoice
    from twitchwatch.cli.page import Page
    from twitchwatch.flags import Flag


@click.group("flags", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Show also what is resolved.")
@click.option("--check", is_flag=True, help="End with exit code 6 where a finding is new, for scripts.")
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
    """Say what stands out: tremor, twitching that becomes more or less frequent, nights without data.

    Each finding comes with its evidence, what it may mean, what to try, and when to see a doctor. That there
    are twitches at all is never one: everyone has them. A finding is new until it is acknowledged (`flags
    ack`), and resolved once what would take it back has come true.
    """
    if context.invoked_subcommand is not None:
        context.obj = database
        return Exit.OK
    from twitchwatch.archive.findings import derive
    from twitchwatch.archive.selection import chosen_devices, chosen_flags
    from twitchwatch.cli.page import Page
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.store import Store
    from twitchwatch.views.findings import flag_view
    from twitchwatch.wording.nights import NOTHING_YET

    with Store.open_existing(database) as store:
        wanted = None if sensor is None else {one.hardware_id for one in chosen_devices(store, sensor)}
        known = bool(store.devices())
        found = derive(store, LOCAL, int(time.time()) * 1_000_000)
    flags = [flag for flag in chosen_flags(found, choice, wanted) if everything or flag.state != "resolved"]
    if as_json:
        for flag in flags:
            write_json(flag_view(flag))
    elif not known and not flags:
        Page().say(NOTHING_YET)
    else:
        _show(Page(), flags)
    wanting = any(flag.state == "new" and flag.urgency != "note" for flag in flags)
    return Exit.ATTENTION if check and wanting else Exit.OK


@command.command("ack")
@click.argument("numbers", metavar="ID...", type=int, nargs=-1, required=True)
@click.option(
    "--database",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The database with your records; `flags --database` does as well.",
)
@click.pass_obj
def acknowledge(known: Path, numbers: tuple[int, ...], database: Path | None) -> None:
    """Note that you have seen these findings; they are new again only if they become more urgent.

    ID is the number that `twitchwatch flags` shows with each finding.
    """
    from twitchwatch.archive.keeping import acknowledge as note_seen
    from twitchwatch.flags.titles import title_of
    from twitchwatch.store import Store

    with Store.open_existing(database or known) as store:
        for number in numbers:
            row = note_seen(store, number, int(time.time()) * 1_000_000)
            write_line(f"Acknowledged: {number}, {title_of(row.kind, row.scope).lower()}.")


def _show(page: Page, flags: Sequence[Flag]) -> None:
    from twitchwatch.flags.titles import title_of
    from twitchwatch.wording.findings import evidence_of, state_of, when_of
    from twitchwatch.wording.units import NO_DIAGNOSIS

    found = [flag for flag in flags if flag.urgency != "note"]
    notes = [flag for flag in flags if flag.urgency == "note"]
    for flag in found:
        page.heading(f"{title_of(flag.kind, flag.scope)}: {when_of(flag)}, {flag.device}")
        page.say(flag.words, indent=2)
        for title, text in (
            ("May mean", flag.may_mean),
            ("To try", flag.to_try),
            ("See a doctor", flag.see_doctor),
            ("Evidence", evidence_of(flag)),
            ("Taken back by", flag.taken_back_by),
            ("State", state_of(flag)),
        ):
            if text:
                page.say(text, label=title, indent=2)
        page.gap()
    if not found:
        page.say("Nothing stands out. See `twitchwatch nights` for what was recorded.")
        page.gap()
    for flag in notes:
        page.heading(f"Good to know: {when_of(flag)}, {flag.device}")
        page.say(f"{flag.words} {flag.may_mean}", indent=2)
        page.say(f"{state_of(flag)}; `--json` has the figures.", label="State", indent=2)
        page.gap()
    page.say(NO_DIAGNOSIS)
