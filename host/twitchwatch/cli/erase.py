"""`twitchwatch erase`: delete nights, sensors or everything, so that nothing is left in the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, night_options, sensor_option
from twitchwatch.errors import UsageError

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice


@click.command("erase")
@night_options
@sensor_option
@click.option("--demo", is_flag=True, help="Everything that the simulated ring recorded.")
@click.option("--everything", is_flag=True, help="The whole database, with the journal.")
@click.option("--journal", is_flag=True, help="With nights: also these evenings of the journal.")
@click.option("--backups", is_flag=True, help="Delete all backups: with the rest, or on their own.")
@click.option(
    "--backup-folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where the backups are; by default `backups` next to the database.",
)
@click.option("--traces", is_flag=True, help="Finish an erasure that left traces in the file.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_option
@json_option
def command(
    choice: NightChoice,
    sensor: str | None,
    demo: bool,
    everything: bool,
    journal: bool,
    backups: bool,
    backup_folder: Path | None,
    traces: bool,
    yes: bool,
    database: Path,
    as_json: bool,
) -> None:
    """Erase nights, sensors, demo data, or everything.

    With dates, nights are erased, of one sensor or of all: what was measured, their annotations and
    findings. With only --sensor, everything about that sensor is erased. The file is rewritten, so that
    nothing can be recovered from it; a disk may still hold traces outside the file. It cannot be undone;
    the command asks before it starts. Stop the daemon first.
    """
    from twitchwatch.terminal.erasing import Wanted, erase

    if sum((not choice.everything, demo, everything, traces)) > 1 or (sensor and (everything or traces)):
        raise UsageError("Give dates, --sensor, --demo, --everything or --traces, not several of them.")
    if choice.everything and not (demo or everything or backups or traces or sensor is not None):
        raise UsageError("Say what to erase: --night DATE, --sensor NAME, --demo, --everything or --backups.")
    if journal and choice.everything:
        raise UsageError("--journal is for nights: add --night, --since or --until.")
    erase(
        Wanted(choice, sensor, demo=demo, everything=everything, journal=journal, traces=traces),
        database,
        backup_folder,
        backups=backups,
        yes=yes,
        as_json=as_json,
    )
