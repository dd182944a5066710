"""`twitchwatch restore`: put a backup in the place of the database."""

from __future__ import annotations

import time
from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.cli.output import write_text


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
def command(file: Path, database: Path) -> None:
    """Put a copy of the backup FILE in the place of the database, after checking it.

    The present database is renamed, never overwritten. It is refused while the daemon runs, and for a backup
    that is damaged or made by a newer version. What the sensors still have since then is fetched again.
    """
    from twitchwatch.service.lock import only_one
    from twitchwatch.store.copies import restore

    with only_one(database):
        aside, found = restore(file, database, time.time_ns() // 1000)
    write_text(f"Restored {found.records:,} records from {file} to {database}.")
    if aside is not None:
        write_text(f"The database of before is now {aside}.")
