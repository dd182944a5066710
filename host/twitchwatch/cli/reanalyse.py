"""`twitchwatch reanalyse`: derive every night and finding again, and show what changed."""

from __future__ import annotations

import time
from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option
from twitchwatch.terminal.output import write_json
from twitchwatch.terminal.progress import show_deriving


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
    from twitchwatch.terminal.findings_page import show_changes
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
        show_changes(Page(), changes, dry_run=dry_run)
