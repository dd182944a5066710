"""`twitchwatch reanalyse`: derive every night and finding again, and show what changed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option
from twitchwatch.terminal.output import show_deriving, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twitchwatch.archive.reanalysis import Change
    from twitchwatch.terminal.page import Page


@click.command("reanalyse")
@click.option("--dry-run", is_flag=True, help="Only show what would change; keep the earlier results.")
@database_option
@json_option
def command(database: Path, dry_run: bool, as_json: bool) -> None:
    """Derive every night and finding again from the records, and show what differs from before.

    Records are never rewritten, but their meaning can change with a better analysis or with late records.
    After an update, nights that the collector has already derived again are compared with the earlier
    version. Findings that you acknowledged stay acknowledged.
    """
    from twitchwatch.archive.reanalysis import reanalyse
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.findings import change_view

    with Store.open_existing(database) as store:
        changes = reanalyse(
            store, LOCAL, int(time.time()) * 1_000_000, keep=not dry_run, progress=show_deriving
        )
    if as_json:
        for change in changes:
            write_json(change_view(change.what, change.key, change.verb, change.differences))
    else:
        _show(Page(), changes, dry_run=dry_run)


def _show(page: Page, changes: Sequence[Change], *, dry_run: bool) -> None:
    from twitchwatch.wording.reanalysis import finding_row, night_row

    nights = [change for change in changes if change.what == "night"]
    findings = [change for change in changes if change.what == "finding"]
    if nights:
        page.table(
            ("Night", "Sensor", "", "What differs"),
            [night_row(change) for change in nights],
        )
        page.gap()
    if findings:
        page.table(
            ("Finding", "Since", "", "Now"),
            [finding_row(change) for change in findings],
        )
        page.gap()
    if not changes:
        page.say("Nothing changed.")
    elif dry_run:
        page.say("Nothing was saved. Without --dry-run, these results replace the earlier ones.")
