"""`twitchwatch salvage`: save the readable part of a damaged database."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.terminal.output import write_text


@click.command("salvage")
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="The new file.")
@database_option
def command(target: Path | None, database: Path) -> int:
    """Copy the readable part of a damaged database to a new file, and report what is lost.

    The damaged file is not changed. Exits with 5 if something is lost; `twitchwatch restore FILE` replaces
    it with the new file.
    """
    from twitchwatch.errors import Exit
    from twitchwatch.service.lock import only_one
    from twitchwatch.store.salvage import salvage
    from twitchwatch.wording.damage import salvaged_words

    with only_one(database):
        saved = salvage(database, target or database.with_name(f"{database.stem}.salvaged.db"))
    for line in salvaged_words(saved.copied, saved.lost):
        write_text(line)
    write_text(f"To use it: `twitchwatch restore {saved.target}`")
    return int(Exit.INTEGRITY if saved.lost else Exit.OK)
