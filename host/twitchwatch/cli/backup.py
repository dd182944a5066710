"""`twitchwatch backup`: copy the database, and verify the copy."""

from __future__ import annotations

import time
from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.terminal.output import write_text


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@database_option
def command(folder: Path | None, database: Path) -> None:
    """Copy the database to FOLDER (default: the folder `backups` next to it), and verify the copy.

    The database may be in use: the copy has everything stored so far. A copy made by other means while the
    daemon runs lacks the newest records, which are in a separate file (`twitchwatch.db-wal`). The daemon
    makes a backup every day (`--backups` of `twitchwatch run`). Keys and alert settings are not part of it.
    """
    from twitchwatch.store.copies import back_up, folder_beside

    made = back_up(database, folder or folder_beside(database), time.time_ns() // 1000)
    write_text(f"Backup: {made.path}, {made.found.records:,} records, verified.")
