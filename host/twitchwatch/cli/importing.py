"""`twitchwatch import`: recordings as nights of a device of their own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, recording_options
from twitchwatch.terminal.output import write_json, write_message, write_text
from twitchwatch.terminal.progress import ProgressLine

if TYPE_CHECKING:
    from twitchwatch.laboratory.examining import Terms


@click.command("import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1)
@click.option("--wearer", metavar="NAME", help="The wearer: a name, or a number in your study.")
@recording_options
@click.option("--remove", metavar="NAME", help="Instead, remove the recordings listed under this name.")
@database_option
@json_option
def command(
    files: tuple[Path, ...],
    wearer: str | None,
    terms: Terms,
    remove: str | None,
    database: Path,
    as_json: bool,
) -> int:
    """Add recordings to the nights in the database, as those of one wearer and site.

    FILES are recordings and folders, as for `twitchwatch detect`. Each combination of wearer and site is a
    separate device: `nights`, `events` and `flags` show it like a ring, but no baseline, journal or alert
    mixes its nights with those of a ring. Importing a file again changes nothing.

    A file that cannot be imported is reported and does not stop the others; the exit code is then 2.
    """
    from twitchwatch.laboratory.examining import Refused
    from twitchwatch.laboratory.files import named_files
    from twitchwatch.laboratory.nights import import_files, remove_imported, wearer_of
    from twitchwatch.store import Store
    from twitchwatch.wording.recording import imported_words, removed_words

    if remove is not None:
        if files or wearer is not None:
            raise click.UsageError("--remove imports nothing: give it without FILES and --wearer.")
        with Store.open_existing(database) as store:
            write_text(removed_words(*remove_imported(store, remove)))
        return 0
    if not files or wearer is None:
        raise click.UsageError("Name the recordings, and whose they are with --wearer.")
    whose, found = wearer_of(wearer, terms.site), named_files(files)
    code, progress = 0, ProgressLine("Importing", len(found))
    with Store.open(database) as store:
        now_utc_us = int(time.time()) * 1_000_000
        for one in import_files(
            store, found, terms, whose, now_utc_us, lambda number, file: progress.move(number, file.label)
        ):
            progress.clear()
            if isinstance(one, Refused):
                code = code or int(one.error.exit_code)
                write_message(f"twitchwatch: {one.error}")
            if as_json:
                write_json(one.view if isinstance(one, Refused) else one)
            elif not isinstance(one, Refused):
                write_text(imported_words(one))
    return code
