"""`twitchwatch restore`: replace the database with a backup."""

from __future__ import annotations

import time
from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.terminal.output import write_text


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
def command(file: Path, database: Path) -> None:
    """Check the backup FILE, and replace the database with a copy of it.

    The current database is renamed, never overwritten. The command refuses to run while the daemon runs,
    and refuses a backup that is damaged or was made by a newer version. Later records are fetched again if
    the sensors still have them.
    """
    from twitchwatch.service.lock import only_one
    from twitchwatch.store.copies import restore

    with only_one(database):
        aside, found = restore(file, database, time.time_ns() // 1000)
    write_text(f"Restored {found.records:,} records from {file} to {database}.")
    if aside is not None:
        write_text(f"The previous database is now {aside}.")
